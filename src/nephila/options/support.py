"""Options that are known but whose feature is not in this version: they are refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from nephila.errors import UnsupportedOptionError
from nephila.options.base import Config
from nephila.options.browser import BrowserConfig
from nephila.options.http import HTTPCrawlerConfig
from nephila.options.run import CrawlerRunConfig
from nephila.options.strategies import ContentScrapingStrategy

_BROWSER: Final = "is not built into the browser yet"
_LINK_PREVIEWS: Final = "previews of links are not built yet"
_ONE_READER: Final = "there is one parser, which follows the WHATWG standard"


def _with_reason(reason: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), reason)


RUN_UNSUPPORTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        **_with_reason("deep crawling is not built yet", "deep_crawl_strategy"),
        **_with_reason(_LINK_PREVIEWS, "link_preview_config"),
        **_with_reason(_ONE_READER, "parser_type"),
        **_with_reason(
            _BROWSER,
            """
            experimental
            """,
        ),
    }
)
"""The options of `CrawlerRunConfig` whose feature is missing, with the reason."""

BROWSER_UNSUPPORTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        **_with_reason(
            _BROWSER,
            """
            browser_mode sleep_on_close cdp_cleanup_on_close cdp_close_delay cache_cdp_connection
            enable_stealth
            """,
        ),
    }
)
"""The options of `BrowserConfig` whose feature is missing, with the reason."""

RUN_NEEDS_BROWSER: Final = (
    """
    locale timezone_id geolocation
    wait_until wait_for wait_for_timeout wait_for_images delay_before_return_html
    js_code js_code_before_wait c4a_script js_only ignore_body_visibility scan_full_page scroll_delay
    max_scroll_steps process_iframes flatten_shadow_dom remove_overlay_elements remove_consent_popups
    simulate_user override_navigator magic adjust_viewport_to_content virtual_scroll_config
    process_in_browser experimental
    screenshot screenshot_wait_for screenshot_height_threshold force_viewport_screenshot screenshot_selector
    screenshot_format screenshot_quality pdf capture_mhtml capture_accessibility capture_network_requests
    capture_network_bodies capture_console_messages capture_har capture_warc max_capture_bytes log_console
    """
).split()
"""The options of `CrawlerRunConfig` that only a browser can do."""

BROWSER_NEEDS_BROWSER: Final = (
    "cdp_url use_managed_browser use_persistent_context user_data_dir init_scripts enable_stealth accept_downloads"
).split()
"""The options of `BrowserConfig` that say a browser is wanted; the others say what it is like if there is one."""

HTTP_UNSUPPORTED: Final[Mapping[str, str]] = MappingProxyType({})
"""The options of `HTTPCrawlerConfig` whose feature is missing, with the reason."""


def require_supported(config: CrawlerRunConfig | BrowserConfig | HTTPCrawlerConfig) -> None:
    """Refuse a config that sets an option whose feature is not in this version.

    Costs a few microseconds when there is nothing to refuse.

    Raises:
        UnsupportedOptionError: Names every such option that differs from its default, with the reason.
    """
    table = _table(type(config))
    reasons = {name: table[name] for name in _set_options(config, table)}
    reasons.update(_partly_unsupported(config.__dict__))
    if reasons:
        raise UnsupportedOptionError(_sentence(type(config).__name__, reasons))


def needing_browser(run: CrawlerRunConfig, browser: BrowserConfig) -> list[str]:
    """The options that are set and that only a browser can do."""
    return [*_set_options(run, RUN_NEEDS_BROWSER), *_set_options(browser, BROWSER_NEEDS_BROWSER)]


def _set_options(config: Config, names: Iterable[str]) -> list[str]:
    """Those that are not as they are by default."""
    values, constants = config.__dict__, type(config)._plan.constants
    return [name for name in names if (values[name] != constants[name] if name in constants else values[name])]


def _partly_unsupported(values: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    """Yield the options of which only some values are supported."""
    scraping = values.get("scraping_strategy")
    if isinstance(scraping, ContentScrapingStrategy) and not scraping.is_built_in:
        yield "scraping_strategy", _ONE_READER


def _table(cls: type[Config]) -> Mapping[str, str]:
    if issubclass(cls, CrawlerRunConfig):
        return RUN_UNSUPPORTED
    return BROWSER_UNSUPPORTED if issubclass(cls, BrowserConfig) else HTTP_UNSUPPORTED


def _sentence(owner: str, reasons: Mapping[str, str]) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    listed = "; ".join(f"{', '.join(names)} ({reason})" for reason, names in by_reason.items())
    remove = "Remove it" if len(reasons) == 1 else "Remove them"
    return f"{owner} sets what this version cannot do: {listed}. {remove}, or go back to the default."
