"""Cutting a text where its topic changes: TextTiling (Hearst, Computational Linguistics 23(1), 1997), kept small."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from itertools import pairwise

from nephila.errors import ConfigError
from nephila.extract.bm25 import ENGLISH_STOP_WORDS
from nephila.extract.sentences import sentence_ends
from nephila.options.strategies import ChunkingStrategy

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]{2,}")
_SEQUENCE = 20
"""Words of a token sequence (the paper's w)."""
_NEAR = 400
"""Characters that a paragraph's end may be away from where the words change; further, a sentence's end is taken."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_BLOCK = 6
"""Token sequences that are compared on each side of a gap (the paper's k)."""


class TopicSegmentationChunking(ChunkingStrategy):
    """Cuts a text where the words it uses change.

    The similarity of the words on both sides is taken every 20 words; the deepest valleys become cuts, at the nearest
    end of a paragraph or sentence. A text shorter than 80 words is one piece.

    Args:
        num_keywords: Keywords that `chunk_with_topics` gives for a piece, 1 or more.

    Raises:
        ConfigError: `num_keywords` is below 1.
    """

    def __init__(self, num_keywords: int = 3) -> None:
        if num_keywords < 1:
            raise ConfigError(f"num_keywords is 1 or more, not {num_keywords}.")
        self.num_keywords = num_keywords

    def chunk(self, text: str) -> list[str]:
        """Return the pieces in their order, without the white space around them."""
        cuts = [0, *_cuts(text), len(text)]
        pieces = [text[start:end].strip() for start, end in pairwise(cuts)]
        return [piece for piece in pieces if piece]

    def extract_keywords(self, text: str) -> list[str]:
        """Return the words of `text` that occur most, in lower case, English stop words left out."""
        counts = Counter(word for word, _ in _words(text))
        return [word for word, _ in counts.most_common(self.num_keywords)]

    def chunk_with_topics(self, text: str) -> list[tuple[str, list[str]]]:
        """Return each piece with its keywords."""
        return [(piece, self.extract_keywords(piece)) for piece in self.chunk(text)]


def _words(text: str) -> list[tuple[str, int]]:
    """The words that say something, with their positions."""
    found = ((match.group().lower(), match.start()) for match in _WORD.finditer(text))
    return [(word, position) for word, position in found if word not in ENGLISH_STOP_WORDS]


def _cuts(text: str) -> list[int]:
    """Positions in `text` where the topic changes."""
    words = _words(text)
    sequences = [words[start : start + _SEQUENCE] for start in range(0, len(words), _SEQUENCE)]
    if len(sequences) < 4:
        return []
    counts = [Counter(word for word, _ in sequence) for sequence in sequences]
    similarities = [_similarity(counts, gap) for gap in range(1, len(counts))]
    depths = _depths(similarities)
    mean = sum(depths) / len(depths)
    deviation = math.sqrt(sum((depth - mean) ** 2 for depth in depths) / len(depths))
    threshold = mean + deviation / 2
    paragraphs = [match.end() for match in _BLANK_LINE.finditer(text)]
    sentences = sentence_ends(text)
    cuts: list[int] = []
    for number, depth in enumerate(depths):
        around = depths[max(0, number - 2) : number + 3]
        if depth <= threshold or depth <= 0 or depth < max(around):
            continue
        wanted = sequences[number + 1][0][1]
        cut = _nearest(paragraphs, wanted)
        if cut is None or abs(cut - wanted) > _NEAR:
            cut = _nearest(sentences, wanted)
        if cut is not None and cut < len(text) and (not cuts or cut > cuts[-1]):
            cuts.append(cut)
    return cuts


def _nearest(positions: list[int], wanted: int) -> int | None:
    """The one of the sorted `positions` that is nearest to `wanted`."""
    place = bisect_left(positions, wanted)
    return min(positions[max(0, place - 1) : place + 1], key=lambda position: abs(position - wanted), default=None)


def _similarity(counts: list[Counter[str]], gap: int) -> float:
    """The cosine of the words before and after a gap."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for count in counts[max(0, gap - _BLOCK) : gap]:
        before.update(count)
    for count in counts[gap : gap + _BLOCK]:
        after.update(count)
    norm = math.sqrt(sum(value * value for value in before.values()) * sum(value * value for value in after.values()))
    return sum(value * after[word] for word, value in before.items()) / norm if norm else 0.0


def _depths(similarities: list[float]) -> list[float]:
    """How deep each gap lies below the peaks on both sides (the paper's depth score)."""
    rising = similarities[:]
    for number in range(1, len(similarities)):
        if similarities[number - 1] >= similarities[number]:
            rising[number] = rising[number - 1]
    falling = similarities[:]
    for number in range(len(similarities) - 2, -1, -1):
        if similarities[number + 1] >= similarities[number]:
            falling[number] = falling[number + 1]
    return [left + right - 2 * own for left, right, own in zip(rising, falling, similarities, strict=True)]
