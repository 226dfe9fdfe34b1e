"""What a config that somebody else wrote may say.

Such a config comes with a network request. It must not run code, reach another machine than the page's, read or write
files, use secrets, share state with other callers, or cost without limit. So the options it may set are listed here,
all others are refused by name, and the costly ones are lowered to a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nephila.errors import UntrustedConfigError
from nephila.options.base import Config

UNTRUSTED_TYPES: Final = frozenset(
    {
        "BM25ContentFilter",
        "BrowserConfig",
        "CacheMode",
        "CrawlerRunConfig",
        "DefaultMarkdownGenerator",
        "DefaultTableExtraction",
        "GeolocationConfig",
        "LinkPreviewConfig",
        "HiddenText",
        "MainContentFilter",
        "MatchMode",
        "NoTableExtraction",
        "PruningContentFilter",
        "RegexChunking",
        "VirtualScrollConfig",
    }
)
"""The types an untrusted config may name."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RUN_OPTIONS: Final = _names(
    """
    word_count_threshold only_text css_selector target_elements excluded_tags excluded_selector keep_data_attributes
    keep_attrs remove_forms prettiify hidden_text markdown_generator prefetch base_url parser_type
    exclude_external_links exclude_internal_links exclude_social_media_links exclude_social_media_domains
    exclude_domains preserve_https_for_internal_links score_links link_preview_config
    exclude_all_images exclude_external_images image_description_min_word_threshold image_score_threshold
    table_score_threshold table_extraction chunking_strategy max_decoded_bytes max_decoded_ratio pdf_max_pages
    page_timeout user_agent user_agent_mode check_robots_txt max_crawl_delay obey_robots_meta
    fetch_ssl_certificate max_retries max_body_bytes
    max_redirects follow_meta_refresh max_url_length max_header_bytes max_headers min_speed min_speed_window
    locale timezone_id geolocation
    cache_mode cache_ttl check_cache_freshness cache_validation_timeout
    bypass_cache disable_cache no_cache_read no_cache_write
    mean_delay max_range semaphore_count stream run_timeout url url_matcher match_mode
    wait_until wait_for wait_for_timeout wait_for_images delay_before_return_html
    ignore_body_visibility scan_full_page scroll_delay max_scroll_steps process_iframes flatten_shadow_dom
    remove_overlay_elements remove_consent_popups simulate_user override_navigator magic adjust_viewport_to_content
    virtual_scroll_config
    screenshot screenshot_wait_for screenshot_height_threshold force_viewport_screenshot screenshot_selector
    screenshot_format screenshot_quality pdf capture_mhtml capture_accessibility capture_network_requests
    capture_network_bodies capture_console_messages capture_har capture_warc max_capture_bytes verbose log_console
    """
)

_BROWSER_OPTIONS: Final = _names(
    """
    browser_type headless viewport_width viewport_height viewport device_scale_factor java_script_enabled
    user_agent user_agent_mode text_mode light_mode avoid_ads avoid_css memory_saving_mode enable_stealth verbose
    """
)

_OPTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"CrawlerRunConfig": _RUN_OPTIONS, "BrowserConfig": _BROWSER_OPTIONS}
)

_LIMITS: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = MappingProxyType(
    {
        "CrawlerRunConfig": {
            "page_timeout": (1, 60_000),
            "wait_for_timeout": (1, 60_000),
            "max_scroll_steps": (0, 1000),
            "cache_validation_timeout": (0.001, 60),
            "delay_before_return_html": (0, 60),
            "screenshot_wait_for": (0, 60),
            "scroll_delay": (0, 10),
            "semaphore_count": (1, 20),
            "max_retries": (0, 5),
            "max_redirects": (0, 20),
            "max_body_bytes": (1, 50_000_000),
            "max_decoded_bytes": (1, 100_000_000),
            "max_capture_bytes": (1, 50_000_000),
            "pdf_max_pages": (1, 2000),
            "max_decoded_ratio": (1, 200),
            "max_url_length": (1, 8192),
            "max_header_bytes": (1, 262_144),
            "max_headers": (1, 1000),
            "min_speed": (64, 2**63),
            "min_speed_window": (0.05, 30),
        },
        "BrowserConfig": {
            "viewport_width": (1, 4000),
            "viewport_height": (1, 4000),
            "device_scale_factor": (0.01, 4),
        },
        "VirtualScrollConfig": {"scroll_count": (1, 1000), "wait_after_scroll": (0, 10)},
        "LinkPreviewConfig": {"max_links": (1, 100), "concurrency": (1, 10), "timeout": (0.001, 60)},
    }
)


def check_type(name: str) -> None:
    """Refuse a type that an untrusted config may not name.

    Raises:
        UntrustedConfigError: It may not.
    """
    if name not in UNTRUSTED_TYPES:
        raise UntrustedConfigError(f"An untrusted config must not hold a {name}.")


def check_options(cls: type[Config], options: Mapping[str, object]) -> None:
    """Refuse options that an untrusted config may not set; names that do not exist are left to the constructor.

    Raises:
        UntrustedConfigError: One of them is set.
    """
    check_type(cls.__name__)
    allowed = _OPTIONS.get(cls.__name__)
    if allowed is not None:
        refused = [name for name in options if name in cls._plan.names and name not in allowed]
        if refused:
            raise UntrustedConfigError(f"{cls.__name__}: an untrusted config must not set {', '.join(refused)}.")
    wait_for = options.get("wait_for")
    if wait_for is not None and not str(wait_for).startswith("css:"):
        raise UntrustedConfigError(
            f"{cls.__name__}: in an untrusted config, wait_for must start with 'css:'; scripts are not run."
        )


def apply_limits(config: Config) -> None:
    """Bring numbers of an untrusted config, and of the configs it holds, within their limits.

    Raises:
        UntrustedConfigError: It holds a config of a type that an untrusted config may not hold.
    """
    for nested in config.__dict__.values():
        if isinstance(nested, Config):  # one that was written as a plain dict has not been looked at before
            check_type(type(nested).__name__)
            apply_limits(nested)
    changed: dict[str, object] = {}
    for option, (lowest, highest) in _LIMITS.get(type(config).__name__, {}).items():
        value = getattr(config, option)
        if value is not None and not lowest <= value <= highest:
            changed[option] = min(max(value, lowest), highest)
    config._apply(changed)
