"""A content filter that keeps the blocks of a page which answer a query."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import log

import turbohtml

from nephila.errors import ConfigError
from nephila.extract.text_blocks import Block, is_data_table, measure
from nephila.options.strategies import RelevantContentFilter

_TAG_WEIGHTS = {
    "h1": 5.0,
    "h2": 4.0,
    "h3": 3.0,
    "strong": 2.0,
    "b": 1.5,
    "em": 1.5,
    "blockquote": 2.0,
    "code": 2.0,
    "pre": 1.5,
    "th": 1.5,
}
_TERM_SATURATION = 1.5
_LENGTH_WEIGHT = 0.75
_NEVER_CONTENT = "script, style, iframe, template"
_LONG_PARAGRAPH = 150
"""Characters from which on a paragraph can stand for a query."""
_LONGEST_QUERY = 2_000

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+")
"""Scripts written without spaces between words."""
_STOP_WORDS = (
    "a about above after again all also am an and any are as at be because been before being below between both "
    "but by can could did do does doing down during each few for from further had has have having he her here "
    "hers him his how i if in into is it its just me more most my no nor not now of off on once only or other "
    "our out over own same she should so some such than that the their them then there these they this those "
    "through to too under until up very was we were what when where which while who whom why will with would you "
    "your"
)
ENGLISH_STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(slots=True)
class _Chunk:
    html: str
    text: str
    weight: float


class BM25ContentFilter(RelevantContentFilter):
    """Keeps the blocks whose Okapi BM25 score for a query, times a weight for their tag, reaches a threshold.

    The score is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with
    k1 = 1.5, b = 0.75 and the inverse document frequency kept positive by adding one inside its logarithm. Blocks
    are paragraphs, headings, list items, data tables and the like; text that occurs twice is returned once. A page
    without a block that answers the query gives no blocks.

    Args:
        user_query: What the reader looks for. None takes the page's title, first heading, description and keywords,
            or its first long paragraph if it has none of them.
        bm25_threshold: The score a block needs.
        language: The stemmer's language, such as `english` or `german`. English stop words are left out of the query;
            in other languages frequent words weigh little by themselves.
        use_stemming: Compare the stems of words (Snowball) rather than the words.

    Raises:
        ConfigError: There is no stemmer for `language`.
    """

    def __init__(
        self,
        user_query: str | None = None,
        bm25_threshold: float = 1.0,
        language: str = "english",
        use_stemming: bool = True,
    ) -> None:
        super().__init__(user_query)
        self.bm25_threshold = bm25_threshold
        self.language = language
        self.use_stemming = use_stemming
        if use_stemming:
            _stemmer(language)

    def filter_content(self, html: str, min_word_threshold: int | None = None) -> list[str]:
        """Return the HTML of the blocks that answer the query, in document order.

        Args:
            html: A page or a part of one.
            min_word_threshold: Blocks with fewer words are left out.
        """
        return self.filter_tree(turbohtml.parse(html), min_word_threshold)

    def filter_tree(self, root: turbohtml.Node, min_word_threshold: int | None = None) -> list[str]:
        """Do the same with a tree that is already there; scripts and styles are removed from it."""
        query = self.user_query or _query_of(root)
        body = root.find("body") or root
        for element in body.select(_NEVER_CONTENT):
            element.decompose()
        chunks = _distinct(_chunks(measure(body)), min_word_threshold or 0)
        scores = self._scores(query, [chunk.text for chunk in chunks])
        return [
            chunk.html
            for chunk, score in zip(chunks, scores, strict=True)
            if score * chunk.weight >= self.bm25_threshold and score > 0
        ]

    def _scores(self, query: str, texts: list[str]) -> list[float]:
        """The BM25 score of every text."""
        documents = [Counter(_tokens(text)) for text in texts]
        terms = [token for token in _tokens(query[:_LONGEST_QUERY]) if not self._is_stop_word(token)]
        if self.use_stemming:
            stem = _stemmer(self.language)
            wanted = {stem(term) for term in terms}
            documents = self._stemmed(documents, wanted, stem)
        else:
            wanted = set(terms)
        lengths = [document.total() for document in documents]
        mean = sum(lengths) / max(len(lengths), 1) or 1.0
        found = Counter(term for document in documents for term in wanted.intersection(document))
        rarity = {term: log(1 + (len(texts) - count + 0.5) / (count + 0.5)) for term, count in found.items()}
        scores: list[float] = []
        for document, length in zip(documents, lengths, strict=True):
            penalty = _TERM_SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / mean)
            matches = ((term, document[term]) for term in wanted.intersection(document))
            scores.append(
                sum(rarity[term] * count * (_TERM_SATURATION + 1) / (count + penalty) for term, count in matches)
            )
        return scores

    def _is_stop_word(self, token: str) -> bool:
        return self.language == "english" and token in ENGLISH_STOP_WORDS

    def _stemmed(
        self, documents: list[Counter[str]], wanted: set[str], stem: Callable[[str], str]
    ) -> list[Counter[str]]:
        """The documents with every word that may match replaced by its stem."""
        initials = {term[:1] for term in wanted}
        # The English stemmer never changes a word's first letter, so most words need not be stemmed.
        skip_others = self.language == "english"
        stems: dict[str, str] = {}
        stemmed: list[Counter[str]] = []
        for document in documents:
            counts: Counter[str] = Counter()
            for word, count in document.items():
                if skip_others and word[:1] not in initials:
                    counts[word] += count
                    continue
                if word not in stems:
                    stems[word] = stem(word)
                counts[stems[word]] += count
            stemmed.append(counts)
        return stemmed


def _stemmer(language: str) -> Callable[[str], str]:
    # A tenth of a second that only those who rank by a query should pay.
    import snowballstemmer  # type: ignore[import-untyped]

    try:
        stem: Callable[[str], str] = snowballstemmer.stemmer(language).stemWord
    except KeyError:
        known = ", ".join(sorted(snowballstemmer.algorithms()))
        raise ConfigError(f"There is no stemmer for {language!r}. There are: {known}.") from None
    return stem


def _tokens(text: str) -> Iterator[str]:
    """The words of `text` in lower case; text of a script without spaces gives its pairs of characters."""
    for match in _WORD.finditer(text.casefold()):
        word = match[0][:64]
        if word.isascii() or not _UNSPACED.search(word) or len(word) == 1:
            yield word
        else:
            yield from map("".join, zip(match[0], match[0][1:], strict=False))


def _query_of(tree: turbohtml.Node) -> str:
    """What the page says it is about."""
    parts: list[str] = []
    for element in islice(tree.iter_elements(("title", "h1", "meta")), 200):
        if element.tag != "meta":
            parts.append(element.text)
        elif (element.attr("name") or "").lower() in ("description", "keywords"):
            parts.append(element.attr("content") or "")
    query = " ".join(" ".join(parts).split())
    if query:
        return query
    texts = (paragraph.text for paragraph in tree.iter_elements("p"))
    return next((text for text in texts if len(text) > _LONG_PARAGRAPH), "")


def _chunks(top: Block) -> Iterator[_Chunk]:
    """What is ranked, in document order: the innermost blocks, and runs of text that stand between blocks."""
    waiting: list[tuple[Block | list[turbohtml.Node], float]] = [(top, 1.0)]
    while waiting:
        part, weight = waiting.pop()
        if isinstance(part, list):
            yield _Chunk("".join(node.html for node in part), " ".join(node.text for node in part), weight)
            continue
        weight = max(weight, _TAG_WEIGHTS.get(part.tag, 1.0))
        if not part.words:
            continue
        if part is top or (part.blocks and part.tag != "pre" and not (part.tag == "table" and is_data_table(part))):
            waiting.extend((inner, weight) for inner in reversed(list(_parts(part))))
        else:
            element = part.element
            yield _Chunk(element.html, element.to_text(), max(weight, _inline_weight(element)))


def _parts(block: Block) -> Iterator[Block | list[turbohtml.Node]]:
    """The blocks in `block`, and the runs of inline nodes between them."""
    inner = {part.element: part for part in block.blocks}
    wrappers: set[turbohtml.Node] = set()
    for part in block.blocks:
        parent = part.element.parent
        while parent is not None and parent != block.element and parent not in wrappers:
            wrappers.add(parent)
            parent = parent.parent
    run: list[turbohtml.Node] = []
    nodes = list(reversed(block.element.children))
    while nodes:
        node = nodes.pop()
        if node in inner or node in wrappers:
            if run:
                yield run
                run = []
            if node in inner:
                yield inner[node]
            else:
                nodes.extend(reversed(node.children))
        elif run or node.text.strip():
            run.append(node)
    if run:
        yield run


def _inline_weight(element: turbohtml.Node) -> float:
    """The weight of the inline element that makes up the whole block, such as a paragraph in bold."""
    children = [child for child in islice(element.children, 8) if child.text.strip()]
    if len(children) == 1 and isinstance(children[0], turbohtml.Element):
        return _TAG_WEIGHTS.get(children[0].tag, 1.0)
    return 1.0


def _distinct(chunks: Iterator[_Chunk], fewest_words: int) -> list[_Chunk]:
    """The chunks that say something new, in at least so many words."""
    seen: set[str] = set()
    kept: list[_Chunk] = []
    for chunk in chunks:
        words = chunk.text.split()
        text = " ".join(words)
        if words and len(words) >= fewest_words and text not in seen:
            seen.add(text)
            kept.append(chunk)
    return kept
