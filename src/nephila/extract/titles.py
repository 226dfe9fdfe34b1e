"""What a page is called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

_SEPARATOR = r"[|\-\u2010-\u2015\u00b7\u2022\u2027:\u00ab\u00bb/~<>\u203a\u2039\u2192\u2190\u22c6*#,()\u2013]"
_BEGINS_WITH_SEPARATOR = re.compile(rf"\s*{_SEPARATOR}")
_ENDS_WITH_SEPARATOR = re.compile(rf"{_SEPARATOR}\s*\Z")
_SPLIT = re.compile(rf"\s+{_SEPARATOR}+\s+|\s*[|\u00ab\u00bb]+\s*")
_NOT_LETTERS = re.compile(r"[\W_]+")


def page_title(document: str, shared: str, headings: Iterable[str], site_name: str, host: str) -> str | None:
    """Choose the page's title.

    It is the text of `<title>`. The name of the site in front of or behind it goes only when the page itself shows
    that it is one: a heading or the Open Graph title says the rest alone, or the part is the declared name of the
    site or spells its host name. Without a `<title>` it is the Open Graph title, then the first heading.

    Args:
        document: The text of `<title>`.
        shared: `og:title`, or `twitter:title`.
        headings: The texts of the first `<h1>` elements.
        site_name: `og:site_name`.
        host: The host name of the page's URL.
    """
    titles = [heading for heading in headings if heading]
    if not document:
        return shared or next(iter(titles), None)
    is_site = partial(_is_site_name, site_name=_letters(site_name), host=_letters(host.removeprefix("www.")))
    best = ""
    for candidate in [*titles, shared]:
        if len(best) < len(candidate) < len(document) and not is_site(candidate) and _is_part(candidate, document):
            best = candidate
    if best:
        return best
    parts = _SPLIT.split(document)
    if len(parts) > 1:
        if is_site(parts[-1]):
            return document[: document.rindex(parts[-1])].rstrip().rstrip("|-–—·•:«»/~<>›").rstrip() or document
        if is_site(parts[0]):
            return document[len(parts[0]) :].lstrip().lstrip("|-–—·•:«»/~<>›").lstrip() or document
    return document


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


def _is_site_name(text: str, site_name: str, host: str) -> bool:
    letters = _letters(text)
    if not letters:
        return True
    return letters == site_name or (len(letters) > 2 and letters in host)


def _is_part(candidate: str, document: str) -> bool:
    """Whether `document` is `candidate` and something else, with a separator between them."""
    lowered, part = document.casefold(), candidate.casefold()
    if lowered.startswith(part):
        return _BEGINS_WITH_SEPARATOR.match(document, len(candidate)) is not None
    if lowered.endswith(part):
        return _ENDS_WITH_SEPARATOR.search(document, 0, len(document) - len(candidate)) is not None
    return False
