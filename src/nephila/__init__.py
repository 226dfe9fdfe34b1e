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
    from nephila.browser_profiler import (
        BrowserProfiler as BrowserProfiler,
    )
    from nephila.browser_strategy import (
        AsyncPlaywrightCrawlerStrategy as AsyncPlaywrightCrawlerStrategy,
    )
    from nephila.c4a.compiler import (
        c4a_compile as c4a_compile,
        c4a_compile_file as c4a_compile_file,
        c4a_validate as c4a_validate,
    )
    from nephila.c4a.results import (
        CompilationResult as CompilationResult,
        ErrorDetail as ErrorDetail,
        ValidationResult as ValidationResult,
    )
    from nephila.certificate import (
        SSLCertificate as SSLCertificate,
    )
    from nephila.crawler import (
        AsyncWebCrawler as AsyncWebCrawler,
        AsyncWebCrawler as Crawler,
    )
    from nephila.dispatch.base import (
        BaseDispatcher as BaseDispatcher,
        Visit as Visit,
    )
    from nephila.dispatch.crawl_stats import (
        CrawlStats as CrawlStats,
        HostStats as HostStats,
    )
    from nephila.dispatch.dispatchers import (
        MemoryAdaptiveDispatcher as MemoryAdaptiveDispatcher,
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
        RunObserver as RunObserver,
    )
    from nephila.dispatch.rate_limiter import (
        RateLimiter as RateLimiter,
    )
    from nephila.errors import (
        ConfigError as ConfigError,
        CrawlerClosedError as CrawlerClosedError,
        ErrorCode as ErrorCode,
        MemoryPressureError as MemoryPressureError,
        NephilaError as NephilaError,
        UnknownOptionError as UnknownOptionError,
        UnsupportedOptionError as UnsupportedOptionError,
        UntrustedConfigError as UntrustedConfigError,
    )
    from nephila.extract.bm25 import (
        BM25ContentFilter as BM25ContentFilter,
    )
    from nephila.extract.chunking import (
        FixedLengthWordChunking as FixedLengthWordChunking,
        IdentityChunking as IdentityChunking,
        OverlappingWindowChunking as OverlappingWindowChunking,
        RegexChunking as RegexChunking,
        SlidingWindowChunking as SlidingWindowChunking,
    )
    from nephila.extract.chunks import (
        Chunk as Chunk,
        MarkdownChunker as MarkdownChunker,
    )
    from nephila.extract.language_models import (
        TokenUsage as TokenUsage,
    )
    from nephila.extract.llm_filter import (
        LLMContentFilter as LLMContentFilter,
    )
    from nephila.extract.main_content import (
        MainContentFilter as MainContentFilter,
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
    from nephila.extract.sentences import (
        NlpSentenceChunking as NlpSentenceChunking,
    )
    from nephila.extract.structured.regex import (
        RegexExtractionStrategy as RegexExtractionStrategy,
    )
    from nephila.extract.structured.strategies import (
        JsonCssExtractionStrategy as JsonCssExtractionStrategy,
        JsonLxmlExtractionStrategy as JsonLxmlExtractionStrategy,
        JsonXPathExtractionStrategy as JsonXPathExtractionStrategy,
        NoExtractionStrategy as NoExtractionStrategy,
    )
    from nephila.extract.tables import (
        DefaultTableExtraction as DefaultTableExtraction,
        NoTableExtraction as NoTableExtraction,
    )
    from nephila.extract.topics import (
        TopicSegmentationChunking as TopicSegmentationChunking,
    )
    from nephila.handlers import (
        ResultSink as ResultSink,
    )
    from nephila.http_strategy import (
        AsyncHTTPCrawlerStrategy as AsyncHTTPCrawlerStrategy,
    )
    from nephila.many import (
        Crawl as Crawl,
        ResultList as ResultList,
        Results as Results,
        ResultStream as ResultStream,
    )
    from nephila.models import (
        DispatchResult as DispatchResult,
        Headers as Headers,
        Link as Link,
        Links as Links,
        MarkdownGenerationResult as MarkdownGenerationResult,
        Media as Media,
        MediaItem as MediaItem,
        Redirect as Redirect,
        Table as Table,
    )
    from nephila.net.hooks import (
        Hooks as Hooks,
        OutgoingRequest as OutgoingRequest,
    )
    from nephila.net.proxy_rotation import (
        ProxyStatistics as ProxyStatistics,
        RoundRobinProxyStrategy as RoundRobinProxyStrategy,
    )
    from nephila.options import (
        AdaptiveConfig as AdaptiveConfig,
        BasicAuth as BasicAuth,
        BearerAuth as BearerAuth,
        BrowserConfig as BrowserConfig,
        CacheMode as CacheMode,
        ClientCertificate as ClientCertificate,
        CrawlerRunConfig as CrawlerRunConfig,
        DisplayMode as DisplayMode,
        DomainMapperConfig as DomainMapperConfig,
        GeolocationConfig as GeolocationConfig,
        HiddenText as HiddenText,
        HTTPCrawlerConfig as HTTPCrawlerConfig,
        LinkPreviewConfig as LinkPreviewConfig,
        LLMConfig as LLMConfig,
        MatchMode as MatchMode,
        Provenance as Provenance,
        ProxyConfig as ProxyConfig,
        SeedingConfig as SeedingConfig,
        VirtualScrollConfig as VirtualScrollConfig,
    )
    from nephila.options.strategies import (
        ChunkingStrategy as ChunkingStrategy,
        ContentScrapingStrategy as ContentScrapingStrategy,
        ExtractionStrategy as ExtractionStrategy,
        MarkdownGenerationStrategy as MarkdownGenerationStrategy,
        ProxyOutcome as ProxyOutcome,
        ProxyRotationStrategy as ProxyRotationStrategy,
        RelevantContentFilter as RelevantContentFilter,
        TableExtractionStrategy as TableExtractionStrategy,
    )
    from nephila.result import (
        CrawlResult as CrawlResult,
        StringCompatibleMarkdown as StringCompatibleMarkdown,
    )
    from nephila.sinks import (
        JsonLinesSink as JsonLinesSink,
        MarkdownFolderSink as MarkdownFolderSink,
    )
    from nephila.tables import (
        table_to_csv as table_to_csv,
        table_to_pandas as table_to_pandas,
        table_to_polars as table_to_polars,
        table_to_records as table_to_records,
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
    "BrowserProfiler",
    "CacheMode",
    "Chunk",
    "ChunkingStrategy",
    "ClientCertificate",
    "CompilationResult",
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
    "ErrorDetail",
    "ExtractionStrategy",
    "FixedLengthWordChunking",
    "GeolocationConfig",
    "HTTPCrawlerConfig",
    "Headers",
    "HiddenText",
    "Hooks",
    "HostLimits",
    "HostStats",
    "IdentityChunking",
    "Job",
    "JsonCssExtractionStrategy",
    "JsonLinesSink",
    "JsonLxmlExtractionStrategy",
    "JsonXPathExtractionStrategy",
    "LLMConfig",
    "LLMContentFilter",
    "Link",
    "LinkPreviewConfig",
    "Links",
    "MainContentFilter",
    "MarkdownChunker",
    "MarkdownFolderSink",
    "MarkdownGenerationResult",
    "MarkdownGenerationStrategy",
    "MatchMode",
    "Media",
    "MediaItem",
    "MemoryAdaptiveDispatcher",
    "MemoryPressureError",
    "NephilaError",
    "NlpSentenceChunking",
    "NoExtractionStrategy",
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
    "RegexExtractionStrategy",
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
    "TokenUsage",
    "TopicSegmentationChunking",
    "UnknownOptionError",
    "UnsupportedOptionError",
    "UntrustedConfigError",
    "ValidationResult",
    "VirtualScrollConfig",
    "Visit",
    "__version__",
    "c4a_compile",
    "c4a_compile_file",
    "c4a_validate",
    "table_to_csv",
    "table_to_pandas",
    "table_to_polars",
    "table_to_records",
]

_HOMES = {
    "nephila.browser_profiler": ("BrowserProfiler",),
    "nephila.browser_strategy": ("AsyncPlaywrightCrawlerStrategy",),
    "nephila.c4a.compiler": (
        "c4a_compile",
        "c4a_compile_file",
        "c4a_validate",
    ),
    "nephila.c4a.results": (
        "CompilationResult",
        "ErrorDetail",
        "ValidationResult",
    ),
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
    "nephila.dispatch.host_limits": ("HostLimits",),
    "nephila.dispatch.job": ("Job",),
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
    "nephila.extract.chunks": (
        "Chunk",
        "MarkdownChunker",
    ),
    "nephila.extract.language_models": ("TokenUsage",),
    "nephila.extract.llm_filter": ("LLMContentFilter",),
    "nephila.extract.main_content": ("MainContentFilter",),
    "nephila.extract.markdown": ("DefaultMarkdownGenerator",),
    "nephila.extract.pruning": ("PruningContentFilter",),
    "nephila.extract.scraping_strategies": ("PDFContentScrapingStrategy",),
    "nephila.extract.sentences": ("NlpSentenceChunking",),
    "nephila.extract.structured.regex": ("RegexExtractionStrategy",),
    "nephila.extract.structured.strategies": (
        "JsonCssExtractionStrategy",
        "JsonLxmlExtractionStrategy",
        "JsonXPathExtractionStrategy",
        "NoExtractionStrategy",
    ),
    "nephila.extract.tables": (
        "DefaultTableExtraction",
        "NoTableExtraction",
    ),
    "nephila.extract.topics": ("TopicSegmentationChunking",),
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
        "HiddenText",
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
    "nephila.tables": (
        "table_to_csv",
        "table_to_pandas",
        "table_to_polars",
        "table_to_records",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_HOMES_OF_STRATEGIES = ("nephila.extract.", "nephila.net.proxy_rotation")
_OTHER_NAMES = {"Crawler": "AsyncWebCrawler"}
_NOT_BUILT = frozenset(
    """
    AdaptiveCrawler AsyncLogger AsyncUrlSeeder BFSDeepCrawlStrategy BestFirstCrawlingStrategy BrowserAdapter
    CosineStrategy CrawlerHub DFSDeepCrawlStrategy DomainMapper FilterChain LLMExtractionStrategy LLMTableExtraction
    LXMLWebScrapingStrategy LinkPreview PlaywrightAdapter UndetectedAdapter WebScrapingStrategy
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
