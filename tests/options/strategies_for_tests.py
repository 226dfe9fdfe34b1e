"""Strategies of a caller, and hypothesis strategies for every option."""

import types
from collections.abc import Callable
from enum import Enum
from typing import Annotated, Union, get_args, get_origin

from hypothesis import strategies as st

from nephila.options import (
    BasicAuth,
    BearerAuth,
    ClientCertificate,
    GeolocationConfig,
    LinkPreviewConfig,
    LLMConfig,
    ProxyConfig,
    VirtualScrollConfig,
)
from nephila.options.rules import Between, ConvertedBy, OneOf, Retired
from nephila.options.strategies import (
    ChunkingStrategy,
    ContentScrapingStrategy,
    DeepCrawlStrategy,
    ExtractionStrategy,
    MarkdownGenerationStrategy,
    ProxyRotationStrategy,
    RelevantContentFilter,
    TableExtractionStrategy,
)


class SameDump:
    """Equal when the parameters are."""

    def __eq__(self, other):
        return type(other) is type(self) and other.dump_params() == self.dump_params()

    __hash__ = None


class KeepAll(SameDump, RelevantContentFilter):
    def filter_content(self, html, min_word_threshold=None):
        return [html]


class PlainMarkdown(SameDump, MarkdownGenerationStrategy):
    def generate_markdown(
        self, input_html, base_url="", html2text_options=None, options=None, content_filter=None, citations=True
    ):
        raise NotImplementedError


class FixedChunks(SameDump, ChunkingStrategy):
    def __init__(self, size=100):
        self.size = size

    def chunk(self, text):
        return [text]


class NoTables(SameDump, TableExtractionStrategy):
    def extract_tables(self, html):
        return []


class OneRecord(SameDump, ExtractionStrategy):
    def __init__(self, schema, input_format="html"):
        super().__init__(input_format)
        self.schema = schema

    def extract(self, url, html):
        return [{}]


class OtherScraping(SameDump, ContentScrapingStrategy):
    pass


class FirstLinks(SameDump, DeepCrawlStrategy):
    def __init__(self, max_depth):
        self.max_depth = max_depth


class SameProxy(SameDump, ProxyRotationStrategy):
    def add_proxies(self, proxies):
        pass

    async def get_next_proxy(self):
        return None


STRATEGIES = (KeepAll, PlainMarkdown, FixedChunks, NoTables, OneRecord, OtherScraping, FirstLinks, SameProxy)


def is_long(url):
    return len(url) > 100


async def fetch_elsewhere(url):
    return None


text = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(text | st.just("type") | st.just("params"), inner, max_size=2)
    ),
    max_leaves=4,
)
proxies = st.builds(
    ProxyConfig,
    server=st.sampled_from(["http://a.example:80", "https://b.example", "socks5://[::1]:1080"]),
    username=st.none() | text,
    password=st.none() | text,
    ip=st.none() | st.just("192.0.2.1"),
)
OBJECTS = {
    GeolocationConfig: st.builds(GeolocationConfig, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 9)),
    VirtualScrollConfig: st.builds(
        VirtualScrollConfig, container_selector=text, scroll_by=st.just("page_height") | st.integers(1, 99)
    ),
    LinkPreviewConfig: st.builds(LinkPreviewConfig, include_external=st.booleans(), query=st.none() | text),
    LLMConfig: st.builds(LLMConfig, api_token=st.none() | text, temperature=st.none() | st.floats(0, 2)),
    MarkdownGenerationStrategy: st.builds(
        PlainMarkdown,
        content_filter=st.none() | st.builds(KeepAll, user_query=st.none() | text, verbose=st.booleans()),
        options=st.dictionaries(text, json_values, max_size=2),
        content_source=text,
    ),
    ChunkingStrategy: st.builds(FixedChunks, size=st.integers(1, 200)),
    TableExtractionStrategy: st.builds(NoTables),
    ExtractionStrategy: st.builds(OneRecord, schema=st.dictionaries(text, json_values, max_size=2)),
    ContentScrapingStrategy: st.builds(OtherScraping),
    DeepCrawlStrategy: st.builds(FirstLinks, max_depth=st.integers(0, 3)),
    ProxyRotationStrategy: st.builds(SameProxy),
}
BY_NAME = {
    "method": st.sampled_from(["GET", "POST", "HEAD"]),
    "exclude_social_media_domains": st.lists(text, max_size=2),
    "proxy": st.none(),  # becomes proxy_config, with a warning: has tests of its own
    "viewport": st.none() | st.fixed_dictionaries({"width": st.integers(1, 4000), "height": st.integers(1, 4000)}),
    # builtin does not go with enable_stealth
    "browser_mode": st.sampled_from(["dedicated", "docker", "custom", "cdp"]),
    "allowed_addresses": st.lists(st.sampled_from(["10.0.0.0/8", "[::1]:80", "a.example:8080"]), max_size=2),
    "allowed_schemes": st.none() | st.just(["https"]),
    "server": st.just("http://proxy.example:80"),
    "auth": st.dictionaries(
        st.sampled_from(["https://a.example", "http://b.example:8080"]),
        st.builds(BasicAuth, username=st.just("user"), password=text) | st.builds(BearerAuth, token=st.just("t0ken")),
    ),
    "client_cert": st.dictionaries(
        st.sampled_from(["*", "https://a.example"]), st.builds(ClientCertificate, cert=text, password=st.none() | text)
    ),
}


def values_of(name, hint, functions):
    """Return values an option accepts; with `functions`, functions too."""
    if name in BY_NAME:
        return BY_NAME[name]
    if name == "proxy_config":
        return st.none() | proxies | st.lists(st.none() | proxies, min_size=1, max_size=2)
    if name == "source":
        return st.sampled_from(["sitemap", "cc", "sitemap+cc"])
    return _by_hint(hint, functions)


def _by_hint(hint, functions):
    origin = get_origin(hint)
    if origin is Annotated:
        return _by_markers(*get_args(hint), functions=functions)
    if origin in (Union, types.UnionType):
        branches = [_by_hint(branch, functions) for branch in get_args(hint)]
        return st.one_of(*[branch for branch in branches if branch is not None])
    if origin is Callable or origin is get_origin(Callable[[], None]):
        return st.sampled_from([is_long, fetch_elsewhere]) if functions else None
    if origin is list:
        return st.lists(_by_hint(get_args(hint)[0], functions), max_size=2)
    if origin is dict:
        return st.dictionaries(text, _by_hint(get_args(hint)[1], functions), max_size=2)
    if hint in OBJECTS:
        return OBJECTS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    plain = {
        bool: st.booleans(),
        int: st.integers(-99, 99),
        float: st.floats(0, 1, allow_nan=False) | st.integers(0, 9),
        str: text,
        bytes: st.binary(max_size=4),
        object: json_values,
        type(None): st.none(),
    }
    return plain[hint]


def _by_markers(base, *markers, functions):
    for marker in markers:
        if isinstance(marker, Retired):
            return st.just(False)
        if isinstance(marker, OneOf):
            return st.sampled_from(marker.values)
        if isinstance(marker, Between):
            highest = min(marker.maximum, marker.minimum + 100_000)
            if base is int:
                return st.integers(int(marker.minimum), int(highest))
            return st.floats(marker.minimum, highest, allow_nan=False)
        if isinstance(marker, ConvertedBy):
            raise AssertionError(f"no values for {base}: add them by name")
    return _by_hint(base, functions)


@st.composite
def options_of(draw, cls, functions=False):
    """Draw a dict of some options of a config class with values they accept."""
    single = {"proxy_config": st.none() | proxies} if cls.__name__ == "BrowserConfig" else {}
    given = {}
    for name, hint in cls._plan.hints.items():
        if name in cls._plan.required or draw(st.booleans()):
            given[name] = draw(single[name] if name in single else values_of(name, hint, functions))
    if cls is LinkPreviewConfig:
        given["include_internal"] = True
    return given
