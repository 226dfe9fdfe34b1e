"""Content that a page has in its JSON-LD only."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape, unescape

from nephila.extract.main_content.page_features import PageHints
from nephila.extract.main_content.scanner import Page, scan
from nephila.models import JSONValue

_TEXT_NAMES = ("articleBody", "text", "description")
_TYPES = frozenset({
    "product", "productgroup", "article", "newsarticle", "blogposting", "discussionforumposting", "question", "answer",
    "qapage", "recipe", "jobposting", "course", "event",
})  # fmt: skip
_FEWEST_WORDS = 8
_MOST_CHARACTERS = 200_000
_PROBE = 5
"""Words by which a text is looked for in the page, at three places."""


def missing_html(page: Page, hints: PageHints) -> str:
    """Paragraphs of what the page's JSON-LD tells of its subject and its own text does not hold.

    Texts of products, articles, posts, recipes, job offers, courses and events count, each once, in their order.
    """
    told = [text for thing in hints.objects if (text := _text_of(thing))]
    if not told:
        return ""
    words = " ".join(page.texts).lower().split()
    known = " ".join(words)
    paragraphs = []
    left = _MOST_CHARACTERS
    for text in told:
        pieces = text.lower().split()
        if len(pieces) < _FEWEST_WORDS or left <= 0:
            continue
        starts = (0, len(pieces) // 2, len(pieces) - _PROBE)
        if any(" ".join(pieces[start : start + _PROBE]) in known for start in starts):
            continue
        paragraphs += [f"<p>{escape(line, quote=False)}</p>" for line in text[:left].splitlines() if line.strip()]
        left -= len(text)
        known += " " + " ".join(pieces)
    return "".join(paragraphs)


def _text_of(thing: Mapping[str, JSONValue]) -> str:
    """The longest way in which a JSON-LD object tells its text, without markup."""
    names = thing.get("@type")
    kinds = {name.lower() for name in (names if isinstance(names, list) else [names]) if isinstance(name, str)}
    if kinds.isdisjoint(_TYPES):
        return ""
    texts = [value for name in _TEXT_NAMES if isinstance(value := thing.get(name), str)]
    text = unescape(max(texts, key=len, default=""))
    if "<" in text:
        text = "\n".join(scan(text).texts)
    return text.strip()
