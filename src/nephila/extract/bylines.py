"""Elements that mark an author or a date in the page's own text."""

from __future__ import annotations

import re
from itertools import islice

import turbohtml

_NAMES = '[itemprop=author], [rel=author], a[href*="/author/"], [class*=author], [class*=byline]'
_DATES = "[itemprop=datePublished], [class*=date], [class*=publish]"
_MOST = 300
"""Elements that are looked at."""
_LONGEST = 200
"""Characters of a text that can be a name or a date."""

_NAME_CLASS = re.compile(r"(?:author|byline)[-_]*(?:name|link|fn|title)|(?:\A|[-_])(?:authors?|byline)\Z", re.I)
_DATE_CLASS = re.compile(r"(?:\A|[-_])(?:date|published|pubdate|posted(?:-on)?|dateline|datetime)(?:\Z|[-_])", re.I)


def marked_names(tree: turbohtml.Document) -> list[str]:
    """Texts that may be the author's name, the surest first."""
    found: list[tuple[int, str]] = []
    for element in islice(tree.select(_NAMES), _MOST):
        if element.attr("itemprop") == "author":
            name = element.find(attrs={"itemprop": "name"})
            _add(found, 0 if name else 1, name or element)
        elif "author" in (element.attr("rel") or "").split():
            _add(found, 2, element)
        elif element.tag == "a" and "/author/" in (element.attr("href") or ""):
            _add(found, 3, element)
        elif any(map(_NAME_CLASS.search, _classes(element))):
            _add(found, 4, element.find("a") or element)
    return [text for _, text in sorted(found, key=_rank)]


def marked_dates(tree: turbohtml.Document) -> list[str]:
    """Texts that may be the date of publication, the surest first."""
    found: list[tuple[int, str]] = []
    for element in islice(tree.select(_DATES), _MOST):
        if element.attr("itemprop") == "datePublished":
            _add(found, 0, element)
        elif any(map(_DATE_CLASS.search, _classes(element))):
            _add(found, 1, element)
    return [text for _, text in sorted(found, key=_rank)]


def _classes(element: turbohtml.Element) -> list[str]:
    return (element.attr("class") or "").split()[:20]


def _add(found: list[tuple[int, str]], rank: int, element: turbohtml.Element) -> None:
    text = (element.attr("content") or element.attr("datetime") or element.text).strip()
    if text and len(text) <= _LONGEST:
        found.append((rank, text))


def _rank(entry: tuple[int, str]) -> int:
    return entry[0]
