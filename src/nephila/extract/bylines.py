"""Elements that mark an author or a date in the page's own text."""

from __future__ import annotations

import re
from itertools import islice

import turbohtml

_NAMES = '[itemprop=author], [rel=author], a[href*="/author/"], [class*=author], [class*=byline]'
_DATES = "[itemprop=datePublished], [class*=date], [class*=publish]"
_MOST = 300
"""Elements that are looked at."""
_MOST_TEXT = 1_000_000
"""Characters of text that are looked at, since elements of a hostile page may hold each other's."""
_LONGEST = 200
"""Characters of a text that can be a name or a date."""

_NAME_CLASS = re.compile(r"(?:author|byline)[-_]*(?:name|link|fn|title)|(?:\A|[-_])(?:authors?|byline)\Z", re.I)
_DATE_CLASS = re.compile(r"(?:\A|[-_])(?:date|published|pubdate|posted(?:-on)?|dateline|datetime)(?:\Z|[-_])", re.I)


def marked_names(tree: turbohtml.Document) -> list[str]:
    """Texts that may be the author's name, the surest first."""
    found = _Found()
    for element in islice(tree.select(_NAMES), _MOST):
        if element.attr("itemprop") == "author":
            name = element.find(attrs={"itemprop": "name"})
            found.add(0 if name else 1, name or element)
        elif "author" in (element.attr("rel") or "").split():
            found.add(2, element)
        elif element.tag == "a" and "/author/" in (element.attr("href") or ""):
            found.add(3, element)
        elif any(map(_NAME_CLASS.search, _classes(element))):
            found.add(4, element.find("a") or element)
    return found.texts()


def marked_dates(tree: turbohtml.Document) -> list[str]:
    """Texts that may be the date of publication, the surest first."""
    found = _Found()
    for element in islice(tree.select(_DATES), _MOST):
        if element.attr("itemprop") == "datePublished":
            found.add(0, element)
        elif any(map(_DATE_CLASS.search, _classes(element))):
            found.add(1, element)
    return found.texts()


def _classes(element: turbohtml.Element) -> list[str]:
    return (element.attr("class") or "").split()[:20]


class _Found:
    """Short texts with the rank of what marks them, the lowest being the surest."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, str]] = []
        self._left = _MOST_TEXT

    def add(self, rank: int, element: turbohtml.Element) -> None:
        """Take the element's text if it is short."""
        text = element.attr("content") or element.attr("datetime")
        if text is None:
            text = element.text if self._left > 0 else ""
            self._left -= len(text)
        text = text.strip()
        if text and len(text) <= _LONGEST:
            self._entries.append((rank, text))

    def texts(self) -> list[str]:
        """Return the texts, the surest first, else in document order."""
        return [text for _, text in sorted(self._entries, key=lambda entry: entry[0])]
