import dataclasses
import statistics
import time

import pytest

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.extract.scraping_strategies import PDFContentScrapingStrategy
from nephila.options import BasicAuth, BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig, require_supported
from nephila.options.support import BROWSER_UNSUPPORTED, HTTP_UNSUPPORTED, RUN_UNSUPPORTED
from tests.options.strategies_for_tests import (
    FirstLinks,
    FixedChunks,
    NoTables,
    OneRecord,
    OtherScraping,
    PlainMarkdown,
    SameProxy,
    fetch_elsewhere,
)

RUN_SUPPORTED = {
    "word_count_threshold": 5,
    "only_text": True,
    "css_selector": "main",
    "target_elements": ["p"],
    "excluded_tags": ["nav"],
    "excluded_selector": ".ad",
    "keep_data_attributes": True,
    "keep_attrs": ["id"],
    "remove_forms": True,
    "prettiify": True,
    "hidden_text": "keep",
    "markdown_generator": PlainMarkdown(),
    "prefetch": True,
    "base_url": "https://a.example/",
    "exclude_external_links": True,
    "exclude_internal_links": True,
    "exclude_social_media_links": True,
    "exclude_social_media_domains": [],
    "exclude_domains": ["b.example"],
    "preserve_https_for_internal_links": True,
    "score_links": True,
    "exclude_all_images": True,
    "exclude_external_images": True,
    "image_description_min_word_threshold": 3,
    "image_score_threshold": 3,
    "table_score_threshold": 3,
    "table_extraction": NoTables(),
    "max_decoded_bytes": 1,
    "pdf_max_pages": 1,
    "fetch_ssl_certificate": True,
    "scraping_strategy": PDFContentScrapingStrategy(),
    "method": "POST",
    "page_timeout": 1,
    "user_agent": "me",
    "proxy_config": "https://h:1",
    "user_agent_generator_config": {"os": "linux"},
    "proxy_rotation_strategy": SameProxy(),
    "proxy_session_id": "a",
    "proxy_session_ttl": 3,
    "proxy_session_auto_release": True,
    "session_id": "a",
    "shared_data": {"a": 1},
    "user_agent_mode": "random",
    "max_retries": 2,
    "fallback_fetch_function": fetch_elsewhere,
    "max_body_bytes": 1,
    "check_robots_txt": True,
    "max_crawl_delay": 1,
    "obey_robots_meta": True,
    "max_redirects": 1,
    "max_decoded_ratio": 1,
    "follow_meta_refresh": False,
    "max_url_length": 1,
    "max_header_bytes": 1,
    "max_headers": 1,
    "min_speed": 1,
    "min_speed_window": 1,
    "allow_private_addresses": False,
    "allowed_addresses": ["10.0.0.0/8"],
    "allowed_schemes": ["https"],
    "url": "https://a.example/",
    "url_matcher": "*",
    "match_mode": "and",
    "stream": True,
    "mean_delay": 1,
    "max_range": 1,
    "semaphore_count": 1,
    "run_timeout": 1,
    "verbose": False,
    "cache_mode": "enabled",
    "cache_ttl": 60,
    "check_cache_freshness": True,
    "cache_validation_timeout": 3,
    "cache_max_bytes": 1,
    "bypass_cache": False,
    "disable_cache": False,
    "no_cache_read": False,
    "no_cache_write": False,
    "fetch_mode": "browser",
    "locale": "de-DE",
    "timezone_id": "Europe/Berlin",
    "geolocation": {"latitude": 1, "longitude": 2},
    "wait_until": "load",
    "wait_for": "css:a",
    "wait_for_timeout": 5,
    "wait_for_images": True,
    "delay_before_return_html": 1,
    "js_code": "1",
    "js_code_before_wait": "1",
    "ignore_body_visibility": False,
    "process_in_browser": True,
}

RUN_OTHER = {
    "extraction_strategy": OneRecord({}),
    "chunking_strategy": FixedChunks(),
    "deep_crawl_strategy": FirstLinks(1),
    "link_preview_config": {},
    "parser_type": "html5lib",
    "c4a_script": "RELOAD",
    "js_only": True,
    "scan_full_page": True,
    "scroll_delay": 1,
    "max_scroll_steps": 3,
    "process_iframes": True,
    "flatten_shadow_dom": True,
    "remove_overlay_elements": True,
    "remove_consent_popups": True,
    "simulate_user": True,
    "override_navigator": True,
    "magic": True,
    "adjust_viewport_to_content": True,
    "virtual_scroll_config": {"container_selector": "a"},
    "experimental": {"use_csp_nonce": True},
    "screenshot": True,
    "screenshot_wait_for": 1,
    "screenshot_height_threshold": 1,
    "force_viewport_screenshot": True,
    "pdf": True,
    "capture_mhtml": True,
    "capture_network_requests": True,
    "capture_console_messages": True,
    "log_console": True,
}

BROWSER_SUPPORTED = {
    "headers": {"Accept": "*/*"},
    "cookies": [{"name": "a", "value": "b", "url": "https://a.example/"}],
    "user_agent": "me",
    "proxy": None,
    "proxy_config": "socks5h://h:1",
    "user_agent_mode": "random",
    "user_agent_generator_config": {"os": "linux"},
    "storage_state": {"cookies": []},
    "ignore_https_errors": True,
    "verbose": False,
    "fetch_mode": "browser",
    "browser_type": "firefox",
    "headless": False,
    "use_managed_browser": True,
    "chrome_channel": "chrome",
    "channel": "chrome",
    "extra_args": ["--a"],
    "debugging_port": 1,
    "host": "127.0.0.1",
    "cdp_url": "http://127.0.0.1:1",
    "browser_context_id": "a",
    "target_id": "a",
    "create_isolated_context": True,
    "use_persistent_context": True,
    "user_data_dir": "a",
    "viewport_width": 1,
    "viewport_height": 1,
    "viewport": {"width": 1, "height": 1},
    "device_scale_factor": 2.0,
    "java_script_enabled": False,
    "text_mode": True,
    "light_mode": True,
    "avoid_ads": True,
    "avoid_css": True,
    "init_scripts": ["1"],
    "memory_saving_mode": True,
    "max_pages_before_recycle": 1,
}

HTTP_SUPPORTED = {
    "method": "POST",
    "headers": {"Accept": "*/*"},
    "data": {"a": "b"},
    "json": {},
    "follow_redirects": False,
    "verify_ssl": False,
    "downloads_path": "files",
    "impersonate": "chrome",
    "auth": {"https://a.example": BasicAuth("user", "secret")},
    "client_cert": "client.pem",
}


@pytest.mark.parametrize(
    ("cls", "supported", "table"),
    [
        (CrawlerRunConfig, RUN_SUPPORTED, RUN_UNSUPPORTED),
        (BrowserConfig, BROWSER_SUPPORTED, BROWSER_UNSUPPORTED),
        (HTTPCrawlerConfig, HTTP_SUPPORTED, HTTP_UNSUPPORTED),
    ],
)
def test_every_option_is_either_supported_or_has_a_reason(cls, supported, table):
    assert supported.keys() | table.keys() == {option.name for option in dataclasses.fields(cls)}
    assert not supported.keys() & table.keys()
    require_supported(cls())
    for name, value in supported.items():
        require_supported(cls(**{name: value}))


def test_every_option_in_the_table_is_refused_by_name():
    assert RUN_OTHER.keys() == RUN_UNSUPPORTED.keys()
    for name, value in RUN_OTHER.items():
        with pytest.raises(UnsupportedOptionError, match=rf"CrawlerRunConfig sets .*: {name} \(.*\)\. Remove it"):
            require_supported(CrawlerRunConfig(**{name: value}))
        require_supported(CrawlerRunConfig(**{name: getattr(CrawlerRunConfig(), name)}))


@pytest.mark.parametrize("name", BROWSER_UNSUPPORTED)
def test_every_browser_option_is_refused_by_name(name):
    other = {"browser_type": "firefox", "browser_mode": "docker"}
    samples = {bool: lambda v: not v, str: lambda v: "other", int: lambda v: v + 1, float: lambda v: v + 1}
    default = getattr(BrowserConfig(), name)
    by_name = {
        "viewport": {"width": 1, "height": 1},
        "extra_args": ["--a"],
        "init_scripts": ["1"],
        **other,
    }
    value = by_name.get(name) or samples.get(type(default), lambda v: "other")(default)
    with pytest.raises(UnsupportedOptionError, match=rf"\b{name}\b"):
        require_supported(BrowserConfig(**{name: value}))


def test_another_reader_is_refused():
    with pytest.raises(UnsupportedOptionError, match="scraping_strategy"):
        require_supported(CrawlerRunConfig(scraping_strategy=OtherScraping()))


def test_all_of_them_are_named_in_one_sentence():
    config = CrawlerRunConfig(screenshot=True, pdf=True, extraction_strategy=OneRecord({}))
    with pytest.raises(ConfigError) as caught:
        require_supported(config)
    assert str(caught.value) == (
        "CrawlerRunConfig sets what this version cannot do: extraction_strategy (extraction is not built yet); "
        "screenshot, pdf (is not built into the browser yet). Remove them, or go back to the default."
    )


@pytest.mark.parametrize(
    "proxies", ["http://user:secret@h:1", [None], ["http://h:1", None, "https://h:2"], "socks4a://h:1", "socks5h://h:1"]
)
def test_every_kind_of_proxy_is_supported(proxies):
    require_supported(CrawlerRunConfig(proxy_config=proxies))


def test_assigned_attributes_are_seen():
    config = CrawlerRunConfig()
    config.magic = True
    with pytest.raises(UnsupportedOptionError, match="magic"):
        require_supported(config)


def test_it_costs_microseconds():
    config = CrawlerRunConfig()

    def seconds():
        start = time.perf_counter()
        require_supported(config)
        return time.perf_counter() - start

    assert statistics.median(seconds() for _ in range(500)) < 100e-6
