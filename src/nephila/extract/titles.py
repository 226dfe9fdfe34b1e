"""What a page is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from nephila.extract import json_ld
from nephila.models import JSONValue

_SEPARATORS = (
    "|-:/~<>*#,()\u2010\u2011\u2012\u2013\u2014\u2015\u00b7\u2022\u2027\u00ab\u00bb\u203a\u2039\u2192\u2190\u22c6"
)
_SEPARATOR = f"[{re.escape(_SEPARATORS)}]"
_BEGINS_WITH_SEPARATOR = re.compile(rf"\s*{_SEPARATOR}")
_ENDS_WITH_SEPARATOR = re.compile(rf"{_SEPARATOR}\s*\Z")
_EDGE = _SEPARATORS.replace("(", "").replace(")", "") + " "
_SPLIT = re.compile(rf"\s+{_SEPARATOR}+\s+|\s*[|\u00ab\u00bb]+\s*")
_SITE_TYPES = frozenset(
    {"WebSite", "Organization", "NewsMediaOrganization", "Corporation", "LocalBusiness", "OnlineStore"}
)
_NOT_LETTERS = re.compile(r"[\W_]+")


def page_title(document: str, shared: str, headings: Iterable[str], is_site: Callable[[str], bool]) -> str | None:
    """Choose the page's title.

    It is the text of `<title>`. The name of the site in front of or behind it goes only when the page itself shows
    that it is one: a heading or the Open Graph title says the rest alone, or the part is the declared name of the
    site or spells its host name. Without a `<title>` it is the Open Graph title, then the first heading.

    Args:
        document: The text of `<title>`.
        shared: `og:title`, or `twitter:title`.
        headings: The texts of the first `<h1>` elements.
        is_site: Whether a text is the name of the site.
    """
    titles = [heading for heading in headings if heading]
    if not document:
        return shared or next(iter(titles), None)
    best = ""
    for candidate in [*titles, shared]:
        if len(best) < len(candidate) < len(document) and not is_site(candidate) and _is_part(candidate, document):
            best = candidate
    if best:
        return best
    parts = _SPLIT.split(document)
    if len(parts) > 1:
        if is_site(parts[-1]):
            return document[: document.rindex(parts[-1])].strip(_EDGE) or document
        if is_site(parts[0]):
            return document[len(parts[0]) :].strip(_EDGE) or document
    return document


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


class SiteNames:
    """Tells whether a text is the name of the page's site: declared in the page, or spelled by its host name.

    Args:
        metas: The content of `<meta>` elements by lower-cased name.
        things: The JSON-LD objects of the page.
        host: The host name of the page's URL.
    """

    def __init__(self, metas: Mapping[str, str], things: Sequence[dict[str, JSONValue]], host: str) -> None:
        names: list[JSONValue] = [metas.get("og:site_name"), metas.get("application-name")]
        for thing in things:
            publisher = thing.get("publisher")
            if isinstance(publisher, dict):
                names.append(publisher.get("name"))
            if not _SITE_TYPES.isdisjoint(json_ld.types_of(thing)):
                names.append(thing.get("name"))
        self._names = {letters for name in names if isinstance(name, str) and (letters := _letters(name))}
        self._host = _letters(host.removeprefix("www."))

    def __call__(self, text: str) -> bool:
        """Whether `text` names the site; a text without a letter or digit says nothing and counts as one."""
        letters = _letters(text)
        return not letters or letters in self._names or (len(letters) > 2 and letters in self._host)


def _is_part(candidate: str, document: str) -> bool:
    """Whether `document` is `candidate` and something else, with a separator between them."""
    lowered, part = document.casefold(), candidate.casefold()
    if lowered.startswith(part):
        return _BEGINS_WITH_SEPARATOR.match(document, len(candidate)) is not None
    if lowered.endswith(part):
        return _ENDS_WITH_SEPARATOR.search(document, 0, len(document) - len(candidate)) is not None
    return False
