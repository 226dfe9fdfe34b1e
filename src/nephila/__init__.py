"""Nephila turns URLs into clean, truthful content: Markdown, links, media, tables and metadata.

    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun("https://example.com")
        print(result.markdown)

Importing the package is cheap: every name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nephila._version import __version__

if TYPE_CHECKING:
    from nephila.browser_strategy import (
        AsyncPlaywrightCrawlerStrategy as AsyncPlaywrightCrawlerStrategy,
    )
    from nephila.certificate import (
        SSLCertificate as SSLCertificate,
    )
    from nephila.crawler import (
        AsyncWebCrawler as AsyncWebCrawler,
    )
    from nephila.crawler import (
        AsyncWebCrawler as Crawler,
    )
    from nephila.dispatch.base import (
        BaseDispatcher as BaseDispatcher,
    )
    from nephila.dispatch.base import (
        Visit as Visit,
    )
    from nephila.dispatch.crawl_stats import (
        CrawlStats as CrawlStats,
    )
    from nephila.dispatch.crawl_stats import (
        HostStats as HostStats,
    )
    from nephila.dispatch.dispatchers import (
        MemoryAdaptiveDispatcher as MemoryAdaptiveDispatcher,
    )
    from nephila.dispatch.dispatchers import (
        SemaphoreDispatcher as SemaphoreDispatcher,
    )
    from nephila.dispatch.host_limits import (
        HostLimits as HostLimits,
    )
    from nephila.dispatch.job import (
        Job as Job,
    )
    from nephila.dispatch.monitor import (
        CrawlerMonitor as CrawlerMonitor,
    )
    from nephila.dispatch.observer import (
        RunMonitor as RunMonitor,
    )
    from nephila.dispatch.observer import (
        RunObserver as RunObserver,
    )
    from nephila.dispatch.rate_limiter import (
        RateLimiter as RateLimiter,
    )
    from nephila.errors import (
        ConfigError as ConfigError,
    )
    from nephila.errors import (
        CrawlerClosedError as CrawlerClosedError,
    )
    from nephila.errors import (
        ErrorCode as ErrorCode,
    )
    from nephila.errors import (
        MemoryPressureError as MemoryPressureError,
    )
    from nephila.errors import (
        NephilaError as NephilaError,
    )
    from nephila.errors import (
        UnknownOptionError as UnknownOptionError,
    )
    from nephila.errors import (
        UnsupportedOptionError as UnsupportedOptionError,
    )
    from nephila.errors import (
        UntrustedConfigError as UntrustedConfigError,
    )
    from nephila.extract.bm25 import (
        BM25ContentFilter as BM25ContentFilter,
    )
    from nephila.extract.chunking import (
        FixedLengthWordChunking as FixedLengthWordChunking,
    )
    from nephila.extract.chunking import (
        IdentityChunking as IdentityChunking,
    )
    from nephila.extract.chunking import (
        OverlappingWindowChunking as OverlappingWindowChunking,
    )
    from nephila.extract.chunking import (
        RegexChunking as RegexChunking,
    )
    from nephila.extract.chunking import (
        SlidingWindowChunking as SlidingWindowChunking,
    )
    from nephila.extract.markdown import (
        DefaultMarkdownGenerator as DefaultMarkdownGenerator,
    )
    from nephila.extract.pruning import (
        PruningContentFilter as PruningContentFilter,
    )
    from nephila.extract.scraping_strategies import (
        PDFContentScrapingStrategy as PDFContentScrapingStrategy,
    )
    from nephila.extract.tables import (
        DefaultTableExtraction as DefaultTableExtraction,
    )
    from nephila.extract.tables import (
        NoTableExtraction as NoTableExtraction,
    )
    from nephila.handlers import (
        ResultSink as ResultSink,
    )
    from nephila.http_strategy import (
        AsyncHTTPCrawlerStrategy as AsyncHTTPCrawlerStrategy,
    )
    from nephila.many import (
        Crawl as Crawl,
    )
    from nephila.many import (
        ResultList as ResultList,
    )
    from nephila.many import (
        Results as Results,
    )
    from nephila.many import (
        ResultStream as ResultStream,
    )
    from nephila.models import (
        DispatchResult as DispatchResult,
    )
    from nephila.models import (
        Headers as Headers,
    )
    from nephila.models import (
        Link as Link,
    )
    from nephila.models import (
        Links as Links,
    )
    from nephila.models import (
        MarkdownGenerationResult as MarkdownGenerationResult,
    )
    from nephila.models import (
        Media as Media,
    )
    from nephila.models import (
        MediaItem as MediaItem,
    )
    from nephila.models import (
        Redirect as Redirect,
    )
    from nephila.models import (
        Table as Table,
    )
    from nephila.net.hooks import (
        Hooks as Hooks,
    )
    from nephila.net.hooks import (
        OutgoingRequest as OutgoingRequest,
    )
    from nephila.net.proxy_rotation import (
        ProxyStatistics as ProxyStatistics,
    )
    from nephila.net.proxy_rotation import (
        RoundRobinProxyStrategy as RoundRobinProxyStrategy,
    )
    from nephila.options import (
        AdaptiveConfig as AdaptiveConfig,
    )
    from nephila.options import (
        BasicAuth as BasicAuth,
    )
    from nephila.options import (
        BearerAuth as BearerAuth,
    )
    from nephila.options import (
        BrowserConfig as BrowserConfig,
    )
    from nephila.options import (
        CacheMode as CacheMode,
    )
    from nephila.options import (
        ClientCertificate as ClientCertificate,
    )
    from nephila.options import (
        CrawlerRunConfig as CrawlerRunConfig,
    )
    from nephila.options import (
        DisplayMode as DisplayMode,
    )
    from nephila.options import (
        DomainMapperConfig as DomainMapperConfig,
    )
    from nephila.options import (
        GeolocationConfig as GeolocationConfig,
    )
    from nephila.options import (
        HTTPCrawlerConfig as HTTPCrawlerConfig,
    )
    from nephila.options import (
        LinkPreviewConfig as LinkPreviewConfig,
    )
    from nephila.options import (
        LLMConfig as LLMConfig,
    )
    from nephila.options import (
        MatchMode as MatchMode,
    )
    from nephila.options import (
        Provenance as Provenance,
    )
    from nephila.options import (
        ProxyConfig as ProxyConfig,
    )
    from nephila.options import (
        SeedingConfig as SeedingConfig,
    )
    from nephila.options import (
        VirtualScrollConfig as VirtualScrollConfig,
    )
    from nephila.options.strategies import (
        ChunkingStrategy as ChunkingStrategy,
    )
    from nephila.options.strategies import (
        ContentScrapingStrategy as ContentScrapingStrategy,
    )
    from nephila.options.strategies import (
        ExtractionStrategy as ExtractionStrategy,
    )
    from nephila.options.strategies import (
        MarkdownGenerationStrategy as MarkdownGenerationStrategy,
    )
    from nephila.options.strategies import (
        ProxyOutcome as ProxyOutcome,
    )
    from nephila.options.strategies import (
        ProxyRotationStrategy as ProxyRotationStrategy,
    )
    from nephila.options.strategies import (
        RelevantContentFilter as RelevantContentFilter,
    )
    from nephila.options.strategies import (
        TableExtractionStrategy as TableExtractionStrategy,
    )
    from nephila.result import (
        CrawlResult as CrawlResult,
    )
    from nephila.result import (
        StringCompatibleMarkdown as StringCompatibleMarkdown,
    )
    from nephila.sinks import (
        JsonLinesSink as JsonLinesSink,
    )
    from nephila.sinks import (
        MarkdownFolderSink as MarkdownFolderSink,
    )

__all__ = [
    "AdaptiveConfig",
    "AsyncHTTPCrawlerStrategy",
    "AsyncPlaywrightCrawlerStrategy",
    "AsyncWebCrawler",
    "BM25ContentFilter",
    "BaseDispatcher",
    "BasicAuth",
    "BearerAuth",
    "BrowserConfig",
    "CacheMode",
    "ChunkingStrategy",
    "ClientCertificate",
    "ConfigError",
    "ContentScrapingStrategy",
    "Crawl",
    "CrawlResult",
    "CrawlStats",
    "Crawler",
    "CrawlerClosedError",
    "CrawlerMonitor",
    "CrawlerRunConfig",
    "DefaultMarkdownGenerator",
    "DefaultTableExtraction",
    "DispatchResult",
    "DisplayMode",
    "DomainMapperConfig",
    "ErrorCode",
    "ExtractionStrategy",
    "FixedLengthWordChunking",
    "GeolocationConfig",
    "HTTPCrawlerConfig",
    "Headers",
    "Hooks",
    "HostLimits",
    "HostStats",
    "IdentityChunking",
    "Job",
    "JsonLinesSink",
    "LLMConfig",
    "Link",
    "LinkPreviewConfig",
    "Links",
    "MarkdownFolderSink",
    "MarkdownGenerationResult",
    "MarkdownGenerationStrategy",
    "MatchMode",
    "Media",
    "MediaItem",
    "MemoryAdaptiveDispatcher",
    "MemoryPressureError",
    "NephilaError",
    "NoTableExtraction",
    "OutgoingRequest",
    "OverlappingWindowChunking",
    "PDFContentScrapingStrategy",
    "Provenance",
    "ProxyConfig",
    "ProxyOutcome",
    "ProxyRotationStrategy",
    "ProxyStatistics",
    "PruningContentFilter",
    "RateLimiter",
    "Redirect",
    "RegexChunking",
    "RelevantContentFilter",
    "ResultList",
    "ResultSink",
    "ResultStream",
    "Results",
    "RoundRobinProxyStrategy",
    "RunMonitor",
    "RunObserver",
    "SSLCertificate",
    "SeedingConfig",
    "SemaphoreDispatcher",
    "SlidingWindowChunking",
    "StringCompatibleMarkdown",
    "Table",
    "TableExtractionStrategy",
    "UnknownOptionError",
    "UnsupportedOptionError",
    "UntrustedConfigError",
    "VirtualScrollConfig",
    "Visit",
    "__version__",
]

_HOMES = {
    "nephila.browser_strategy": ("AsyncPlaywrightCrawlerStrategy",),
    "nephila.certificate": ("SSLCertificate",),
    "nephila.crawler": ("AsyncWebCrawler",),
    "nephila.dispatch.base": (
        "BaseDispatcher",
        "Visit",
    ),
    "nephila.dispatch.crawl_stats": (
        "CrawlStats",
        "HostStats",
    ),
    "nephila.dispatch.dispatchers": (
        "MemoryAdaptiveDispatcher",
        "SemaphoreDispatcher",
    ),
    "nephila.dispatch.job": ("Job",),
    "nephila.dispatch.host_limits": ("HostLimits",),
    "nephila.dispatch.monitor": ("CrawlerMonitor",),
    "nephila.dispatch.observer": (
        "RunMonitor",
        "RunObserver",
    ),
    "nephila.dispatch.rate_limiter": ("RateLimiter",),
    "nephila.errors": (
        "ConfigError",
        "CrawlerClosedError",
        "ErrorCode",
        "MemoryPressureError",
        "NephilaError",
        "UnknownOptionError",
        "UnsupportedOptionError",
        "UntrustedConfigError",
    ),
    "nephila.extract.bm25": ("BM25ContentFilter",),
    "nephila.extract.chunking": (
        "FixedLengthWordChunking",
        "IdentityChunking",
        "OverlappingWindowChunking",
        "RegexChunking",
        "SlidingWindowChunking",
    ),
    "nephila.extract.markdown": ("DefaultMarkdownGenerator",),
    "nephila.extract.pruning": ("PruningContentFilter",),
    "nephila.extract.scraping_strategies": ("PDFContentScrapingStrategy",),
    "nephila.extract.tables": (
        "DefaultTableExtraction",
        "NoTableExtraction",
    ),
    "nephila.handlers": ("ResultSink",),
    "nephila.http_strategy": ("AsyncHTTPCrawlerStrategy",),
    "nephila.many": (
        "Crawl",
        "ResultList",
        "ResultStream",
        "Results",
    ),
    "nephila.models": (
        "DispatchResult",
        "Headers",
        "Link",
        "Links",
        "MarkdownGenerationResult",
        "Media",
        "MediaItem",
        "Redirect",
        "Table",
    ),
    "nephila.net.hooks": (
        "Hooks",
        "OutgoingRequest",
    ),
    "nephila.net.proxy_rotation": (
        "ProxyStatistics",
        "RoundRobinProxyStrategy",
    ),
    "nephila.options": (
        "AdaptiveConfig",
        "BasicAuth",
        "BearerAuth",
        "BrowserConfig",
        "CacheMode",
        "ClientCertificate",
        "CrawlerRunConfig",
        "DisplayMode",
        "DomainMapperConfig",
        "GeolocationConfig",
        "HTTPCrawlerConfig",
        "LLMConfig",
        "LinkPreviewConfig",
        "MatchMode",
        "Provenance",
        "ProxyConfig",
        "SeedingConfig",
        "VirtualScrollConfig",
    ),
    "nephila.options.strategies": (
        "ChunkingStrategy",
        "ContentScrapingStrategy",
        "ExtractionStrategy",
        "MarkdownGenerationStrategy",
        "ProxyOutcome",
        "ProxyRotationStrategy",
        "RelevantContentFilter",
        "TableExtractionStrategy",
    ),
    "nephila.result": (
        "CrawlResult",
        "StringCompatibleMarkdown",
    ),
    "nephila.sinks": (
        "JsonLinesSink",
        "MarkdownFolderSink",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_HOMES_OF_STRATEGIES = ("nephila.extract.", "nephila.net.proxy_rotation")
_OTHER_NAMES = {"Crawler": "AsyncWebCrawler"}
_NOT_BUILT = frozenset(
    """
    AdaptiveCrawler AsyncLogger AsyncUrlSeeder BFSDeepCrawlStrategy BestFirstCrawlingStrategy BrowserAdapter
    BrowserProfiler CosineStrategy CrawlerHub DFSDeepCrawlStrategy DomainMapper FilterChain
    JsonCssExtractionStrategy JsonLxmlExtractionStrategy JsonXPathExtractionStrategy LLMContentFilter
    LLMExtractionStrategy LLMTableExtraction LXMLWebScrapingStrategy LinkPreview PDFCrawlerStrategy PlaywrightAdapter
    RegexExtractionStrategy UndetectedAdapter WebScrapingStrategy
    c4a_compile c4a_compile_file c4a_validate
    """.split()
)
"""Well-known names of features that this version does not have."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    own_name = _OTHER_NAMES.get(name, name)
    home = _HOME_OF.get(own_name)
    if home is None:
        if name in _NOT_BUILT:
            # Not an AttributeError: `from nephila import ...` would replace its sentence by its own.
            raise ImportError(f"{name} is not built in this version of nephila.")
        raise AttributeError(f"module 'nephila' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(home), own_name)
    if home == "nephila.options":
        # So that a config that was dumped with the package's own strategies can be loaded again.
        value_home = importlib.import_module("nephila.options.base")
        value_home.Config.register_types(_Strategies())
    return value


class _Strategies(Mapping[str, type]):
    """The public classes a serialised config may name, imported when they are looked up."""

    def __getitem__(self, name: str) -> type:
        if not _HOME_OF.get(name, "").startswith(_HOMES_OF_STRATEGIES):
            raise KeyError(name)
        strategy: type = getattr(importlib.import_module(_HOME_OF[name]), name)
        return strategy

    def __iter__(self) -> Iterator[str]:
        return (name for name, home in _HOME_OF.items() if home.startswith(_HOMES_OF_STRATEGIES))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Strategies)

    __hash__ = None  # type: ignore[assignment]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
