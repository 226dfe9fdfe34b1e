"""The numbers by which kinds of pages are told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nephila.extract.main_content.features import Columns, log_of, share
from nephila.extract.main_content.names import NAMES
from nephila.models import JSONValue
from nephila.net import url as urls

_COUNTED = ("p li article h1 h2 h3 td pre form button section dl table blockquote figure details main ul th").split()
_SCHEMA_TYPES = (
    "article newsarticle blogposting product offer aggregateoffer itemlist collectionpage discussionforumposting "
    "qapage question faqpage techarticle service localbusiness organization webpage breadcrumblist website review "
    "aggregaterating event jobposting recipe searchresultspage productgroup person comment softwareapplication course"
).split()
_OG_TYPES = "article website product blog profile forum".split()
_PATH_WORDS = (
    "blog news article forum forums thread threads topic community questions question viewtopic showthread t "
    "discussion product products p dp item shop collections collection category categories c docs doc "
    "documentation api reference guide guides manual tutorial tutorials help support "
    "services service solutions "
    "about jobs events list listing directory search tag best top post posts wiki html php aspx learn "
    "features pricing courses programs recipes reviews"
).split()
_HOST_STARTS = "docs developer forum community shop blog help support news store answers learn".split()

PAGE_FEATURES = (
    "words texts links prose priced ended heads price_count prose_words longest longest5 longest20 date_share deep "
    "authored dated".split()
    + [f"<{tag}>" for tag in _COUNTED]
    + [f".{name}" for name in NAMES]
    + [f"schema:{name}" for name in _SCHEMA_TYPES]
    + [f"og:{name}" for name in (*_OG_TYPES, "none")]
    + [f"/{word}" for word in _PATH_WORDS]
    + [f"{start}." for start in _HOST_STARTS]
    + ["root", "path_depth", "path_length", "path_digits", "path_dashes", "query"]
)
_MOST_OBJECTS = 2_000
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class PageHints:
    """What is known of a page beside its content."""

    url: str = ""
    title: str = ""
    description: str = ""
    og_type: str = ""
    authored: bool = False
    dated: bool = False
    objects: tuple[Mapping[str, JSONValue], ...] = ()
    """All JSON-LD objects of the page, nested ones too."""

    @classmethod
    def of(cls, metadata: Mapping[str, JSONValue], url: str) -> PageHints:
        """From what `read_metadata` found."""
        return cls(
            url=url,
            title=_text(metadata.get("title")),
            description=_text(metadata.get("description")),
            og_type=_text(metadata.get("og:type")).lower(),
            authored=metadata.get("author") is not None,
            dated="published_date" in metadata,
            objects=tuple(_objects(metadata.get("jsonld"))),
        )

    def schema_types(self) -> set[str]:
        """The schema.org types of the objects, in lower case."""
        types: set[str] = set()
        for thing in self.objects:
            names = thing.get("@type")
            for name in names if isinstance(names, list) else [names]:
                if isinstance(name, str):
                    types.add(name.rpartition("/")[2].lower())
        return types


def _text(value: JSONValue) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: JSONValue) -> Iterator[Mapping[str, JSONValue]]:
    """The first objects in a JSON value, outer ones first."""
    waiting: list[JSONValue] = [value]
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        thing = waiting.pop()
        if isinstance(thing, dict):
            yield thing
            waiting.extend(inner for inner in reversed(thing.values()) if isinstance(inner, dict | list))
        elif isinstance(thing, list):
            waiting.extend(inner for inner in reversed(thing) if isinstance(inner, dict | list))


def page_row(columns: Columns, hints: PageHints) -> list[int]:
    """The values of `PAGE_FEATURES`."""
    page = columns.page
    count, words = max(columns.count, 1), columns.words[-1]
    own_words = [size - linked for size, linked in zip(page.words, page.links, strict=True)]
    longest = sorted(own_words, reverse=True)[:20]
    tags = Counter(page.tags)
    names = [0] * len(NAMES)
    for bits, number in Counter(page.names).items():
        for place in range(bits.bit_length()):
            if bits >> place & 1:
                names[place] += number
    schema_types = hints.schema_types()
    return [
        log_of(words),
        log_of(count),
        share(columns.links[-1], words),
        share(columns.prose[-1], words),
        share(columns.priced[-1], count),
        share(columns.ended[-1], count),
        share(columns.heads[-1], count),
        log_of(columns.priced[-1]),
        log_of(columns.prose[-1]),
        share(sum(longest[:1]), words),
        share(sum(longest[:5]), words),
        share(sum(longest), words),
        share(columns.dated[-1], count),
        max(columns.columns["depth"], default=0),
        int(hints.authored),
        int(hints.dated),
        *[log_of(tags[tag]) for tag in _COUNTED],
        *[share(number, len(page.names)) for number in names],
        *[int(name in schema_types) for name in _SCHEMA_TYPES],
        *[int(hints.og_type == name) for name in (*_OG_TYPES, "")],
        *_url_row(hints.url),
    ]


def _url_row(url: str) -> list[int]:
    address = url.partition("://")[2].lower()
    host, _, path = address.partition("/")
    path, _, query = path.partition("?")
    words = set(_WORD.findall(path[: urls.MAX_URL_LENGTH]))
    digits = sum(map(str.isdigit, path))
    return [
        *[int(word in words) for word in _PATH_WORDS],
        *[int(host.startswith((f"{start}.", f"www.{start}."))) for start in _HOST_STARTS],
        int(not path.strip("/")),
        min(path.count("/"), 254),
        min(len(path), 254),
        min(digits, 254),
        min(path.count("-"), 254),
        int(bool(query)),
    ]
