"""Who wrote a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import turbohtml

from nephila.extract import json_ld
from nephila.extract.bylines import marked_names
from nephila.extract.nearby import Surroundings
from nephila.extract.signatures import named_beside_date, signed_by
from nephila.models import JSONValue

_NAMES = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "dc.creator",
    "dcterms.creator",
    "dc:creator",
    "citation_author",
    "bepress_citation_author",
    "byl",
    "og:author",
    "og:article:author",
    "shareaholic:article_author_name",
)
"""Names of `<meta>` elements that carry an author, the surest first."""

_LABELS = frozenset(
    {"written by", "author", "by", "geschrieben von", "verfasst von", "autor", "escrito por", "écrit par", "auteur"}
    | {"scritto da", "autore", "geschreven door", "skriven av", "skrevet af", "napisane przez", "автор", "作者"}
)
"""What `twitter:label1` says when `twitter:data1` is the author; WordPress plugins write it in the site's language."""

_BY = re.compile(
    r"\A(?:(?:(?:view |see |show )?(?:all )?(?:posts|articles|more)|written|posted|published|words|story|text|"
    r"alles|(?:alle )?(?:artikel|beiträge)|eingestellt|veröffentlicht|geschrieben|verfasst|interview|"
    r"autor(?:in)?)\s*:?\s+)?"
    r"(?:by|von|par|por|di|door)\b[:\s]+",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(r"https?://|www\.|[@{}<>=]|\A\W*\Z|\A\d+\Z")
_HEADINGS = frozenset(
    {"author", "authors", "about", "about the author", "autor", "autorin", "guest", "share", "follow"}
)
_LONGEST = 120
_LONGEST_IN_TEXT = 60
_MOST = 10


def author_of(
    metas: Mapping[str, str],
    things: Sequence[dict[str, JSONValue]],
    tree: turbohtml.Document | None,
    around: Surroundings,
    is_site: Callable[[str], bool],
) -> str | None:
    """The names of the page's authors, joined by comma and space.

    JSON-LD comes first, then `<meta>`, then who signs near the headline, then what the text marks. A name that is only
    the site's own gives way to a later one that is not.

    Args:
        metas: The content of `<meta>` elements by lower-cased name.
        things: The JSON-LD objects of the page.
        tree: The page; None to leave its text alone.
        around: The text around its headline.
        is_site: Whether a text is the name of the site.
    """
    fallback: list[str] = []
    for names in _sources(metas, things, tree, around):
        people = [name for name in names if not is_site(name)]
        if people:
            return ", ".join(people)
        fallback = fallback or names
    return ", ".join(fallback) or None


def _sources(
    metas: Mapping[str, str],
    things: Sequence[dict[str, JSONValue]],
    tree: turbohtml.Document | None,
    around: Surroundings,
) -> Iterator[list[str]]:
    yield _of_things(things)
    yield _of_metas(metas)
    if tree is not None:
        yield _first_name(signed_by(*around.lines))
        yield _first_name(marked_names(tree))
        yield _first_name(named_beside_date(*around.lines))


def _clean(text: str) -> str:
    """The name in `text`, or an empty string when it holds none."""
    if len(text) > 4 * _LONGEST:
        return ""
    name = _BY.sub("", " ".join(text.split()), count=1).strip(" ,;:|-\u2013\u2014\u00b7\u2022")
    return "" if len(name) > _LONGEST or _NOT_A_NAME.search(name) or len(name) < 2 else name


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    for name in names:
        if name:
            seen.setdefault(name.casefold(), name)
    return list(seen.values())[:_MOST]


def _of_things(things: Sequence[dict[str, JSONValue]]) -> list[str]:
    by_id = {name: thing for thing in things if isinstance(name := thing.get("@id"), str)}
    for thing in things:
        if json_ld.is_article(thing) or "WebPage" in json_ld.types_of(thing):
            names = _distinct([_clean(name) for name in _names_in(thing.get("author"), by_id)])
            if names:
                return names
    return []


def _names_in(value: JSONValue, by_id: Mapping[str, dict[str, JSONValue]]) -> list[str]:
    """The names an `author` property gives: a string, an object, a reference to one, or a list of those."""
    names: list[str] = []
    for person in value[: 2 * _MOST] if isinstance(value, list) else [value]:
        if isinstance(person, dict):
            name = person.get("name")
            if name is None and isinstance(reference := person.get("@id"), str) and reference in by_id:
                name = by_id[reference].get("name")
        else:
            name = person
        for part in name[:_MOST] if isinstance(name, list) else [name]:
            if isinstance(part, str):
                names.append(part)
    return names


def _of_metas(metas: Mapping[str, str]) -> list[str]:
    for name in _NAMES:
        if name in metas and (cleaned := _clean(metas[name])):
            return [cleaned]
    for number in ("1", "2"):
        if metas.get(f"twitter:label{number}", "").strip().casefold() in _LABELS:
            cleaned = _clean(metas.get(f"twitter:data{number}", ""))
            if cleaned:
                return [cleaned]
    return []


def _first_name(texts: Iterable[str]) -> list[str]:
    for text in texts:
        name = _clean(text)
        if name and len(name) <= _LONGEST_IN_TEXT and name.casefold() not in _HEADINGS:
            return [name]
    return []
