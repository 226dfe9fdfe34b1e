"""Everything that can be said about one visit."""

from __future__ import annotations

from nephila.options.cache import CacheOptions
from nephila.options.capture import CaptureOptions
from nephila.options.debug import DebugOptions
from nephila.options.deep import DeepCrawlOptions
from nephila.options.defaults import ConfigWithDefaults
from nephila.options.extraction import ExtractionOptions
from nephila.options.identity import IdentityOptions
from nephila.options.link_preview import LinkPreviewOptions
from nephila.options.matching import MatchingOptions
from nephila.options.network import NetworkOptions
from nephila.options.pacing import PacingOptions
from nephila.options.page import PageOptions
from nephila.options.parsing import ParsingOptions
from nephila.options.reading import ReadingOptions
from nephila.options.session import SessionOptions
from nephila.options.wait import WaitOptions


class CrawlerRunConfig(
    ConfigWithDefaults,
    ReadingOptions,
    ParsingOptions,
    ExtractionOptions,
    NetworkOptions,
    IdentityOptions,
    CacheOptions,
    SessionOptions,
    PacingOptions,
    MatchingOptions,
    WaitOptions,
    PageOptions,
    CaptureOptions,
    LinkPreviewOptions,
    DeepCrawlOptions,
    DebugOptions,
):
    """What to do with a page: every option of the concerns it inherits, as flat keywords.

    Each option is described with its concern: `ContentOptions`, `LinkOptions` and `MediaOptions` (what is read),
    `NetworkOptions`, `CacheOptions` and `PacingOptions` (how it is fetched), `MatchingOptions` (which URLs it is for),
    and so on. The crawler never changes a config it is given.

    Example:
        >>> config = CrawlerRunConfig(css_selector="main", page_timeout=10_000)
        >>> config.clone(stream=True)
        CrawlerRunConfig(stream=True, page_timeout=10000, css_selector='main')

    Raises:
        UnknownOptionError: There is no option of that name; the sentence names the nearest one.
        ConfigError: A value cannot be used; the sentence says what can.
    """
