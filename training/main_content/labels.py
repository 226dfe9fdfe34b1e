"""Which texts of a page its ground truth holds."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_GRAM = 3
_LONG = 5
"""Words from which a text is found by its n-grams, so that small differences do not hide it."""
_FOUND = 0.3
_MOST_PLACES = 60


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case."""
    return _WORD.findall(text.lower())


class _BestEnd:
    """A Fenwick tree of the best chain that ends before a place."""

    def __init__(self, size: int) -> None:
        self._best = [(0.0, -1)] * (size + 1)

    def up_to(self, place: int) -> tuple[float, int]:
        best = (0.0, -1)
        while place > 0:
            best = max(best, self._best[place])
            place -= place & -place
        return best

    def add(self, place: int, value: tuple[float, int]) -> None:
        while place < len(self._best):
            self._best[place] = max(self._best[place], value)
            place += place & -place


class _Alignment:
    """The texts of a page beside the words of its main content."""

    def __init__(self, texts: Sequence[str], truth: str) -> None:
        self.texts = [words_of(text) for text in texts]
        self.truth = words_of(truth)
        self.positions: dict[str, list[int]] = defaultdict(list)
        self.grams: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, word in enumerate(self.truth):
            self.positions[word].append(place)
        for place in range(len(self.truth) - _GRAM + 1):
            self.grams[tuple(self.truth[place : place + _GRAM])].append(place)
        self.covered = [False] * len(self.truth)
        found = [self._find(words) for words in self.texts]
        self.shares = [share for share, _ in found]
        self.places = [places for _, places in found]

    def _find(self, words: list[str]) -> tuple[float, list[int]]:
        """The share of a text that is in the truth, and where it may begin there."""
        if not words:
            return 0.0, []
        if len(words) < _LONG:
            places = [p for p in self.positions[words[0]] if self.truth[p : p + len(words)] == words]
            return float(bool(places)), places
        hits = [
            (place, self.grams[gram])
            for place in range(len(words) - _GRAM + 1)
            if (gram := tuple(words[place : place + _GRAM])) in self.grams
        ]
        share = len(hits) / (len(words) - _GRAM + 1)
        if share < _FOUND:
            return share, []
        return share, sorted({max(at - place, 0) for place, ats in hits[:6] for at in ats[:40]})

    def in_order(self) -> set[int]:
        """The texts of the heaviest chain that follows the truth's order."""
        ends = _BestEnd(len(self.truth) + 2)
        steps: list[tuple[int, int, int]] = []
        for text, words in enumerate(self.texts):
            new = []
            for place in self.places[text][:_MOST_PLACES]:
                weight, before = ends.up_to(place + 1)
                end = min(place + max(1, len(words) * 4 // 5), len(self.truth))
                steps.append((text, before, place))
                new.append((end + 1, (weight + self.shares[text] * len(words) - 0.02, len(steps) - 1)))
            for end, value in new:
                ends.add(end, value)
        chain = set()
        _, step = ends.up_to(len(self.truth) + 2)
        while step >= 0:
            text, step, place = steps[step]
            chain.add(text)
            self.cover(place, text)
        return chain

    def cover(self, place: int, text: int) -> None:
        end = min(len(self.truth), place + len(self.texts[text]))
        self.covered[place:end] = [True] * (end - place)

    def free_place(self, text: int) -> int | None:
        """A place of the text in the truth that no other text has taken."""
        length = len(self.texts[text])
        for place in self.places[text]:
            if sum(not taken for taken in self.covered[place : place + length]) >= 0.8 * length:
                return place
        return None


def label(texts: Sequence[str], truth: str) -> list[float]:
    """For each text of a page, how much of it belongs to the main content, 0 to 1.

    First the heaviest chain of texts in the order of the truth is taken, which tells the right one of several copies;
    then what is left of the truth is given to other texts that have it.
    """
    alignment = _Alignment(texts, truth)
    chain = alignment.in_order()
    labels = [alignment.shares[text] if text in chain else 0.0 for text in range(len(texts))]
    left = [text for text in range(len(texts)) if text not in chain and alignment.places[text]]
    for text in sorted(left, key=lambda text: -len(alignment.texts[text])):
        near = sum(text + step in chain for step in (-3, -2, -1, 1, 2, 3)) >= 3
        place = alignment.free_place(text)
        if place is not None and (len(alignment.texts[text]) >= 4 or near):
            labels[text] = alignment.shares[text]
            alignment.cover(place, text)
    _add_reordered(alignment, labels)
    return labels


def _add_reordered(alignment: _Alignment, labels: list[float]) -> None:
    """Texts whose words the truth has in another order."""
    left = Counter(alignment.truth)
    for words, share in zip(alignment.texts, labels, strict=True):
        if share >= 0.5:
            left.subtract(words)
    for text, words in enumerate(alignment.texts):
        if labels[text] < 0.5 and len(words) >= 3 and alignment.shares[text] > 0.2:
            share = sum(left[word] > 0 for word in set(words)) / len(set(words))
            if share >= 0.85:
                labels[text] = share
                left.subtract(words)


def label_by_phrases(texts: Sequence[str], wanted: Sequence[str], unwanted: Sequence[str]) -> list[float]:
    """The same from phrases alone; -1 for texts that none of them tells about."""
    labels = [-1.0] * len(texts)
    lines = [" ".join(text.split()) for text in texts]
    for phrases, value in ((wanted, 1.0), (unwanted, 0.0)):
        for phrase in filter(None, (" ".join(phrase.split()) for phrase in phrases)):
            holders = [place for place, line in enumerate(lines) if phrase in line]
            if len(holders) == 1 or not value:
                for place in holders:
                    labels[place] = value if labels[place] < 0 else -1.0
    return labels
