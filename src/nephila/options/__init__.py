"""What the user says: one small dataclass per concern, joined in the configs."""

from nephila.errors import UntrustedConfigError
from nephila.options.adaptive import AdaptiveConfig
from nephila.options.auth import AuthOptions, BasicAuth, BearerAuth, ClientCertificate
from nephila.options.base import Config
from nephila.options.browser import BrowserConfig
from nephila.options.cache import CacheOptions
from nephila.options.capture import CaptureOptions
from nephila.options.content import ContentOptions
from nephila.options.debug import DebugOptions
from nephila.options.deep import DeepCrawlOptions
from nephila.options.enums import CacheMode, DisplayMode, MatchMode, Provenance
from nephila.options.extraction import ExtractionOptions
from nephila.options.geolocation import GeolocationConfig
from nephila.options.http import HTTPCrawlerConfig
from nephila.options.identity import DEFAULT_USER_AGENT, IdentityOptions
from nephila.options.link_preview import LinkPreviewConfig, LinkPreviewOptions
from nephila.options.links import LinkOptions
from nephila.options.llm import LLMConfig
from nephila.options.matching import MatchingOptions, select_config
from nephila.options.media import MediaOptions
from nephila.options.network import NetworkOptions
from nephila.options.pacing import PacingOptions
from nephila.options.page import PageOptions
from nephila.options.parsing import ParsingOptions
from nephila.options.proxy import ProxyConfig
from nephila.options.reading import ReadingOptions, reading_options
from nephila.options.run import CrawlerRunConfig
from nephila.options.seeding import DomainMapperConfig, SeedingConfig
from nephila.options.session import SessionOptions
from nephila.options.support import needing_browser, require_supported
from nephila.options.virtual_scroll import VirtualScrollConfig
from nephila.options.wait import WaitOptions

__all__ = [
    "DEFAULT_USER_AGENT",
    "AdaptiveConfig",
    "AuthOptions",
    "BasicAuth",
    "BearerAuth",
    "BrowserConfig",
    "CacheMode",
    "CacheOptions",
    "CaptureOptions",
    "ClientCertificate",
    "Config",
    "ContentOptions",
    "CrawlerRunConfig",
    "DebugOptions",
    "DeepCrawlOptions",
    "DisplayMode",
    "DomainMapperConfig",
    "ExtractionOptions",
    "GeolocationConfig",
    "HTTPCrawlerConfig",
    "IdentityOptions",
    "LLMConfig",
    "LinkOptions",
    "LinkPreviewConfig",
    "LinkPreviewOptions",
    "MatchMode",
    "MatchingOptions",
    "MediaOptions",
    "NetworkOptions",
    "PacingOptions",
    "PageOptions",
    "ParsingOptions",
    "Provenance",
    "ProxyConfig",
    "ReadingOptions",
    "SeedingConfig",
    "SessionOptions",
    "UntrustedConfigError",
    "VirtualScrollConfig",
    "WaitOptions",
    "needing_browser",
    "reading_options",
    "require_supported",
    "select_config",
]
