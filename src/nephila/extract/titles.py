"""What a page is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from nephila.extract import json_ld
from nephila.extract.headings import Heading
from nephila.models import JSONValue

_MARKS = "|\\-:/~<>*#,\u2010-\u2015\u00b7\u2022\u2027\u00ab\u00bb\u203a\u2039\u2192\u2190\u22c6\u2502"
_SEPARATOR = re.compile(rf"\s+[{_MARKS}]+\s+|\s*[|\u00ab\u00bb\u2502\u01c0]+\s*")
"""What stands between the title of a page and the name of its site or section."""
_EDGE = " |-\u2010\u2011\u2012\u2013\u2014\u2015\u00b7\u2022:\u00ab\u00bb/\u203a\u2039\u2192\u2190\u22c6~<>*#,"
_NOT_LETTERS = re.compile(r"[\W_]+")
_SITE_TYPES = frozenset(
    {"WebSite", "Organization", "NewsMediaOrganization", "Corporation", "LocalBusiness", "OnlineStore"}
)
_LONGEST = 300
"""Characters of a candidate."""
_MOST_HEADINGS = 5

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "covered": 2.81,
        "site, front page": 2.14,
        "first part": 1.62,
        "inside an h1": 1.60,
        "open graph": 1.37,
        "inside the document's": 1.33,
        "h1": 1.27,
        "document, front page": 1.20,
        "headline": 1.17,
        "h1 of an article": 1.04,
        "first h2": 0.93,
        "first h1": 0.77,
        "only h1": 0.75,
        "begins the document's": 0.65,
        "in main": 0.54,
        "two words": 0.44,
        "second h1": 0.23,
        "three or four words": 0.23,
        "five to nine words": 0.22,
        "all but the last part": 0.02,
        "ten to twenty words": -0.14,
        "more words": -0.16,
        "twitter": -0.22,
        "aside": -0.51,
        "one word": -0.60,
        "document": -0.69,
        "last part": -0.74,
        "with site": -1.55,
        "site": -1.64,
        "all but the first part": -2.29,
        "logo": -2.32,
    }
)
"""How much each feature of a candidate says that it is the title: the coefficients of a conditional logit (one right
choice among the candidates of a page), fitted by `training/titles.py`."""


@dataclass(frozen=True, slots=True)
class TitleSources:
    """Where the title of a page may be found.

    Attributes:
        document: The text of `<title>`.
        open_graph: `og:title`.
        twitter: `twitter:title`.
        headings: The first headings.
        headlines: What JSON-LD calls the article.
        is_article: Whether the page says that it is one.
        is_front_page: Whether its URL has no path.
    """

    document: str = ""
    open_graph: str = ""
    twitter: str = ""
    headings: Sequence[Heading] = ()
    headlines: Sequence[str] = ()
    is_article: bool = False
    is_front_page: bool = False


@dataclass(slots=True)
class Candidate:
    """One text that may be the title, with all places that say it.

    Attributes:
        text: As it was first found.
        features: What speaks for or against it; the names are those of `WEIGHTS`.
    """

    text: str
    features: set[str] = field(default_factory=set)
    covered: float = 0.0
    """Part of the words of `<title>` that it has."""

    def score(self) -> float:
        """How well it does as the title, beside the others of its page."""
        return WEIGHTS["covered"] * self.covered + sum(map(WEIGHTS.__getitem__, self.features))


def page_title(sources: TitleSources, is_site: Callable[[str], bool]) -> str | None:
    """Choose the page's title: the headline a reader sees, without the name of the site or the section around it.

    Args:
        sources: Where it may be found.
        is_site: Whether a text is the name of the site.
    """
    found = candidates(sources, is_site)
    if not found:
        return sources.document or sources.open_graph or None
    return max(found, key=Candidate.score).text


def candidates(sources: TitleSources, is_site: Callable[[str], bool]) -> list[Candidate]:
    """All texts that may be the title, with their features; texts that differ in punctuation or case only are one."""
    found: dict[str, Candidate] = {}
    for text, *places in _texts(sources):
        text = text.strip(_EDGE)
        words = _words(text)
        if words and len(text) <= _LONGEST:
            found.setdefault(words, Candidate(text)).features.update(places)
    document = _words(sources.document)
    of_document = set(document.split())
    first_level = {_words(heading.text) for heading in sources.headings if heading.is_first_level}
    site_parts = [words for words, candidate in found.items() if is_site(candidate.text)]
    for words, candidate in found.items():
        features, each = candidate.features, words.split()
        features.add(_length(len(each)))
        candidate.covered = len(of_document.intersection(each)) / len(of_document) if of_document else 0.5
        if document.startswith(words):
            features.add("begins the document's")
        elif words in document:
            features.add("inside the document's")
        if any(words.startswith(f"{name} ") or words.endswith(f" {name}") for name in site_parts):
            features.add("with site")
        if is_site(candidate.text):
            features.add("site")
            if sources.is_front_page:
                features.add("site, front page")
        if sources.is_front_page and "document" in features:
            features.add("document, front page")
        if any(words != heading and words in heading for heading in first_level):
            features.add("inside an h1")
        if sources.is_article and "h1" in features:
            features.add("h1 of an article")
    return list(found.values())


def _texts(sources: TitleSources) -> Iterator[tuple[str, ...]]:
    """Yield each text with the features of the place it was found in."""
    first_level = [heading for heading in sources.headings if heading.is_first_level][:_MOST_HEADINGS]
    alone = len({_words(heading.text) for heading in first_level}) == 1
    for position, heading in enumerate(first_level):
        order = ("first h1", "second h1")[position : position + 1]
        yield (heading.text, "h1", *order, *(("only h1",) if alone else ()), *_place(heading))
    second = next((heading for heading in sources.headings if not heading.is_first_level), None)
    if second is not None:
        yield (second.text, "first h2", *_place(second))
    yield sources.open_graph, "open graph"
    yield sources.twitter, "twitter"
    for headline in sources.headlines[:2]:
        yield headline, "headline"
    document = sources.document
    yield document, "document"
    gaps = [match.span() for match in _SEPARATOR.finditer(document[: 4 * _LONGEST])]
    if gaps:
        yield document[: gaps[0][0]], "first part"
        yield document[gaps[-1][1] :], "last part"
    if len(gaps) > 1:
        yield document[: gaps[-1][0]], "all but the last part"
        yield document[gaps[0][1] :], "all but the first part"


def _place(heading: Heading) -> Iterator[str]:
    if heading.in_main:
        yield "in main"
    if heading.is_aside:
        yield "aside"
    if heading.is_logo:
        yield "logo"


def _length(words: int) -> str:
    if words < 3:
        return "one word" if words == 1 else "two words"
    if words < 10:
        return "three or four words" if words < 5 else "five to nine words"
    return "ten to twenty words" if words <= 20 else "more words"


def _words(text: str) -> str:
    """The words of a text, without case and punctuation."""
    return _NOT_LETTERS.sub(" ", text).casefold().strip()


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
        self._known: dict[str, bool] = {}

    def __call__(self, text: str) -> bool:
        """Whether `text` names the site; a text without a letter or digit says nothing and counts as one."""
        known = self._known.get(text)
        if known is None:
            letters = _letters(text)
            known = not letters or letters in self._names or (len(letters) > 2 and letters in self._host)
            self._known[text] = known
        return known


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()
