"""Choosing the texts of a page that are its main content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nephila.extract.main_content.features import HEADINGS, Columns
from nephila.extract.main_content.model import PAGE_TYPES, Model, load_model
from nephila.extract.main_content.page_features import PageHints, page_row
from nephila.extract.main_content.rebuild import rebuild
from nephila.extract.main_content.scanner import Page, scan
from nephila.extract.main_content.told import missing_html

PAGE_NUMBERS = 9
"""The first of the page's numbers, which the model of the texts knows too."""
_DOCUMENTATION = PAGE_TYPES.index("documentation")
_LENIENCE = 0.8
"""By what the odds a text needs are multiplied; the sum of chances is a little less than what is really there."""
_COPY_WORDS = 4
"""Words from which a text that was there before is a copy, made for another size of screen as a rule."""
_TOLD_KINDS = frozenset({"product", "article", "forum", "listing"})
_MOST_WORDS_TO_ADD_TO = 600
"""Pages with more words have what their JSON-LD tells, in other words."""
_CONFIDENCE_IN_TOLD = 0.5
_MOST_CELLS = 60
_CELL_WORDS = 60
"""Cells with more words are parts of a layout."""


@dataclass(frozen=True, slots=True)
class MainContent:
    """The main content of a page.

    Attributes:
        html: Its HTML; empty only for a page without text.
        page_type: One of `PAGE_TYPES`.
        confidence: From 0 to 1, the F1 over words that is expected of it.
    """

    html: str
    page_type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller asks for beside the main content as such.

    Attributes:
        page_type: The kind of page; None means to find out.
        strictness: By what the odds a text needs are multiplied.
        fewest_words: Texts with fewer are left out.
    """

    page_type: str | None = None
    strictness: float = 1.0
    fewest_words: int = 0


_NO_WISHES = Wishes()


def find_main_content(
    html: str, hints: PageHints, wishes: Wishes = _NO_WISHES, model: Model | None = None
) -> MainContent:
    """Find the main content of a page.

    Args:
        html: The page's body as a serialiser writes it, cleaned of scripts and the like.
        hints: What else is known of the page.
        wishes: What the caller asks for.
        model: Instead of the one that comes with the package.
    """
    page = scan(html)
    if not page.texts:
        told = missing_html(page, hints)
        if told:
            return MainContent(told, wishes.page_type or PAGE_TYPES[0], _CONFIDENCE_IN_TOLD)
        return MainContent("", wishes.page_type or PAGE_TYPES[0], 0.0)
    model = model or load_model()
    columns = Columns(page)
    row = page_row(columns, hints)
    kinds = model.page_type.probabilities(row)
    if wishes.page_type is not None:
        kinds = [float(kind == wishes.page_type) for kind in PAGE_TYPES]
    constants = [*row[:PAGE_NUMBERS], *[round(200 * kind) for kind in kinds]]
    chances = model.content.probabilities(columns.columns, constants, columns.count)
    if kinds[_DOCUMENTATION] < 0.5:
        _drop_copies(page, chances)
    least, confidence = threshold(page, chances)
    odds = _LENIENCE * wishes.strictness * least / max(1 - least, 1e-6)
    kept = [chance >= odds * (1 - chance) for chance in chances]
    _keep_rows(page, kept)
    if wishes.fewest_words > 1:
        kept = [stays and not _is_short(page, place, wishes) for place, stays in enumerate(kept)]
    if not any(kept):
        best = max(range(len(chances)), key=chances.__getitem__)
        kept[best] = True
    kind = PAGE_TYPES[max(range(len(kinds)), key=kinds.__getitem__)]
    found = rebuild(page, kept)
    if kind in _TOLD_KINDS and columns.words[-1] < _MOST_WORDS_TO_ADD_TO:
        found += missing_html(page, hints)
    return MainContent(found, kind, confidence)


def _drop_copies(page: Page, chances: list[float]) -> None:
    """Take away all chances of texts that were there before."""
    seen: set[str] = set()
    for place, text in enumerate(page.texts):
        if page.words[place] >= _COPY_WORDS and page.tags[page.places[place]] not in ("td", "th", "pre"):
            if text in seen:
                chances[place] = 0.0
            seen.add(text)


def _is_short(page: Page, place: int, wishes: Wishes) -> bool:
    tag = page.tags[page.places[place]]
    return page.words[place] < wishes.fewest_words and tag not in HEADINGS and tag not in ("td", "th")


def _keep_rows(page: Page, kept: list[bool]) -> None:
    """Let the cells of a row of values stay or go together, as most of its words do."""
    if "tr" not in page.tags:
        return
    for tag, first, end in zip(page.tags, page.firsts, page.ends, strict=True):
        if tag != "tr" or not 1 < end - first <= _MOST_CELLS:
            continue
        words = page.words[first:end]
        if max(words) <= _CELL_WORDS:
            staying = sum(length for length, stays in zip(words, kept[first:end], strict=True) if stays)
            kept[first:end] = [2 * staying > sum(words)] * (end - first)


def threshold(page: Page, chances: Sequence[float]) -> tuple[float, float]:
    """The chance from which texts stay so that the expected F1 over words is highest, and that F1.

    For chances p and lengths w it is about 2 * sum(p * w, kept) / (sum(w, kept) + sum(p * w, all)), and the best set of
    each size is that of the highest chances (Lewis, "Evaluating and optimizing autonomous text classification
    systems", SIGIR 1995).
    """
    words = page.words
    order = sorted(range(len(words)), key=chances.__getitem__, reverse=True)
    whole = sum(chance * length for chance, length in zip(chances, words, strict=True)) or 1.0
    best, least, right, size = 0.0, chances[order[0]], 0.0, 0
    for place in order:
        right += chances[place] * words[place]
        size += words[place]
        score = 2 * right / (size + whole)
        if score > best:
            best, least = score, chances[place]
    return least, min(best, 1.0)
