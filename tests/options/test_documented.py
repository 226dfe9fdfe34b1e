"""Every documented option, with its documented default."""

import dataclasses

import pytest

from nephila.options import (
    DEFAULT_USER_AGENT,
    AdaptiveConfig,
    BrowserConfig,
    CacheMode,
    CrawlerRunConfig,
    DisplayMode,
    DomainMapperConfig,
    GeolocationConfig,
    HTTPCrawlerConfig,
    LinkPreviewConfig,
    LLMConfig,
    MatchMode,
    ProxyConfig,
    SeedingConfig,
    VirtualScrollConfig,
)
from nephila.options.links import SOCIAL_MEDIA_DOMAINS

RUN = {
    "word_count_threshold": 1,
    "extraction_strategy": None,
    "chunking_strategy": None,
    "markdown_generator": None,
    "only_text": False,
    "css_selector": None,
    "target_elements": [],
    "excluded_tags": [],
    "excluded_selector": "",
    "keep_data_attributes": False,
    "keep_attrs": [],
    "remove_forms": False,
    "prettiify": False,
    "parser_type": "lxml",
    "scraping_strategy": None,
    "proxy_config": None,
    "proxy_rotation_strategy": None,
    "proxy_session_id": None,
    "proxy_session_ttl": None,
    "proxy_session_auto_release": False,
    "locale": None,
    "timezone_id": None,
    "geolocation": None,
    "fetch_ssl_certificate": False,
    "cache_mode": CacheMode.BYPASS,
    "session_id": None,
    "bypass_cache": False,
    "disable_cache": False,
    "no_cache_read": False,
    "no_cache_write": False,
    "shared_data": None,
    "check_cache_freshness": False,
    "cache_validation_timeout": 10.0,
    "wait_until": "domcontentloaded",
    "page_timeout": 60000,
    "wait_for": None,
    "wait_for_timeout": None,
    "wait_for_images": False,
    "delay_before_return_html": 0.1,
    "mean_delay": 0.1,
    "max_range": 0.3,
    "semaphore_count": 5,
    "js_code": None,
    "js_code_before_wait": None,
    "c4a_script": None,
    "js_only": False,
    "ignore_body_visibility": True,
    "scan_full_page": False,
    "scroll_delay": 0.2,
    "max_scroll_steps": None,
    "process_iframes": False,
    "flatten_shadow_dom": False,
    "remove_overlay_elements": False,
    "remove_consent_popups": False,
    "simulate_user": False,
    "override_navigator": False,
    "magic": False,
    "adjust_viewport_to_content": False,
    "screenshot": False,
    "screenshot_wait_for": None,
    "screenshot_height_threshold": 10000,
    "force_viewport_screenshot": False,
    "pdf": False,
    "capture_mhtml": False,
    "image_description_min_word_threshold": 1,
    "image_score_threshold": 2,
    "table_score_threshold": 7,
    "table_extraction": None,
    "exclude_external_images": False,
    "exclude_all_images": False,
    "exclude_social_media_domains": list(SOCIAL_MEDIA_DOMAINS),
    "exclude_external_links": False,
    "exclude_social_media_links": False,
    "exclude_domains": [],
    "exclude_internal_links": False,
    "score_links": False,
    "preserve_https_for_internal_links": False,
    "verbose": True,
    "log_console": False,
    "capture_network_requests": False,
    "capture_console_messages": False,
    "method": "GET",
    "stream": False,
    "prefetch": False,
    "process_in_browser": False,
    "url": None,
    "base_url": None,
    "check_robots_txt": False,
    "user_agent": None,
    "user_agent_mode": None,
    "user_agent_generator_config": {},
    "deep_crawl_strategy": None,
    "link_preview_config": None,
    "virtual_scroll_config": None,
    "url_matcher": None,
    "match_mode": MatchMode.OR,
    "experimental": {},
    "max_retries": 0,
    "fallback_fetch_function": None,
    # Nephila's own
    "max_body_bytes": 50_000_000,
    "max_redirects": 20,
    "fetch_mode": None,
    "max_decoded_bytes": 100_000_000,
    "run_timeout": None,
}

BROWSER = {
    "browser_type": "chromium",
    "headless": True,
    "browser_mode": "dedicated",
    "use_managed_browser": False,
    "cdp_url": None,
    "browser_context_id": None,
    "target_id": None,
    "cdp_cleanup_on_close": False,
    "cdp_close_delay": 1.0,
    "cache_cdp_connection": False,
    "create_isolated_context": False,
    "use_persistent_context": False,
    "user_data_dir": None,
    "chrome_channel": "chromium",
    "channel": "chromium",
    "proxy": None,
    "proxy_config": None,
    "viewport_width": 1080,
    "viewport_height": 600,
    "viewport": None,
    "device_scale_factor": 1.0,
    "accept_downloads": False,
    "downloads_path": None,
    "storage_state": None,
    "ignore_https_errors": False,  # safe by default
    "java_script_enabled": True,
    "sleep_on_close": False,
    "verbose": True,
    "cookies": [],
    "headers": {},
    "user_agent": DEFAULT_USER_AGENT,  # honest by default
    "user_agent_mode": "",
    "user_agent_generator_config": {},
    "text_mode": False,
    "light_mode": False,
    "extra_args": [],
    "debugging_port": 9222,
    "host": "localhost",
    "enable_stealth": False,
    "avoid_ads": False,
    "avoid_css": False,
    "init_scripts": [],
    "memory_saving_mode": False,
    "max_pages_before_recycle": 0,
    "fetch_mode": "auto",
}

HTTP = {
    "method": "GET",
    "headers": {},
    "data": None,
    "json": None,
    "follow_redirects": True,
    "verify_ssl": True,
    "downloads_path": None,
}

LLM = {
    "provider": "openai/gpt-4o",
    "api_token": None,
    "base_url": None,
    "temperature": None,
    "max_tokens": None,
    "top_p": None,
    "frequency_penalty": None,
    "presence_penalty": None,
    "stop": None,
    "n": None,
    "backoff_base_delay": 2,
    "backoff_max_attempts": 3,
    "backoff_exponential_factor": 2,
    "provenance": None,
}

PREVIEW = {
    "include_internal": True,
    "include_external": False,
    "include_patterns": None,
    "exclude_patterns": None,
    "concurrency": 10,
    "timeout": 5,
    "max_links": 100,
    "query": None,
    "score_threshold": None,
    "verbose": False,
}

SEEDING = {
    "source": "sitemap+cc",
    "pattern": "*",
    "live_check": False,
    "extract_head": False,
    "max_urls": -1,
    "concurrency": 1000,
    "hits_per_sec": 5,
    "force": False,
    "base_directory": None,
    "llm_config": None,
    "verbose": None,
    "query": None,
    "score_threshold": None,
    "scoring_method": "bm25",
    "filter_nonsense_urls": True,
    "cache_ttl_hours": 24,
    "validate_sitemap_lastmod": True,
}

MAPPER = {
    "source": "sitemap+cc+crt+probe",
    "max_urls": -1,
    "concurrency": 50,
    "hits_per_sec": 10,
    "force": False,
    "extract_head": True,
    "filter_nonsense_urls": True,
    "soft_404_detection": True,
    "query": None,
    "score_threshold": None,
    "scoring_method": "bm25",
    "probe_paths": None,
    "common_subdomains": None,
    "include_subdomains": True,
    "source_timeout": 30.0,
    "use_browser_for_homepage": False,
    "verbose": None,
    "cache_ttl_hours": 24,
    "base_directory": None,
    "dns_timeout": 3.0,
    "http_timeout": 10.0,
}

ADAPTIVE = {
    "confidence_threshold": 0.7,
    "max_depth": 5,
    "max_pages": 20,
    "top_k_links": 3,
    "min_gain_threshold": 0.1,
    "strategy": "statistical",
    "saturation_threshold": 0.8,
    "consistency_threshold": 0.7,
    "coverage_weight": 0.4,
    "consistency_weight": 0.3,
    "saturation_weight": 0.3,
    "relevance_weight": 0.5,
    "novelty_weight": 0.3,
    "authority_weight": 0.2,
    "save_state": False,
    "state_path": None,
    "embedding_model": "sentence-transformers/all-MiniLM-L6-v2",
    "embedding_llm_config": None,
    "query_llm_config": None,
    "n_query_variations": 10,
    "coverage_threshold": 0.85,
    "alpha_shape_alpha": 0.5,
    "embedding_min_confidence_threshold": 0.1,
    "embedding_coverage_radius": 0.2,
    "embedding_k_exp": 1.0,
    "embedding_nearest_weight": 0.7,
    "embedding_top_k_weight": 0.3,
    "embedding_overlap_threshold": 0.85,
    "link_preview_timeout": 5.0,
    "embedding_min_relative_improvement": 0.1,
    "embedding_validation_min_score": 0.3,
    "embedding_quality_min_confidence": 0.7,
    "embedding_quality_max_confidence": 0.95,
    "embedding_quality_scale_factor": 0.833,
}

TABLES = [
    (CrawlerRunConfig, (), RUN),
    (BrowserConfig, (), BROWSER),
    (HTTPCrawlerConfig, (), HTTP),
    (LLMConfig, (), LLM),
    (ProxyConfig, ("http://p:1",), {"server": "http://p:1", "username": None, "password": None, "ip": "p"}),
    (GeolocationConfig, (1.5, 2.5), {"latitude": 1.5, "longitude": 2.5, "accuracy": 0.0}),
    (
        VirtualScrollConfig,
        ("#list",),
        {
            "container_selector": "#list",
            "scroll_count": 10,
            "scroll_by": "container_height",
            "wait_after_scroll": 0.5,
        },
    ),
    (LinkPreviewConfig, (), PREVIEW),
    (SeedingConfig, (), SEEDING),
    (DomainMapperConfig, (), MAPPER),
    (AdaptiveConfig, (), ADAPTIVE),
]


@pytest.mark.parametrize(("cls", "args", "documented"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_has_every_documented_option_with_its_default_and_no_other(cls, args, documented):
    assert cls(*args).to_dict() == documented
    assert {option.name for option in dataclasses.fields(cls)} == documented.keys()


@pytest.mark.parametrize(("cls", "args", "documented"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_accepts_every_documented_default_as_keyword(cls, args, documented):
    assert cls(**documented) == cls(*args)


def test_counts_the_documented_options_of_a_run():
    assert len(RUN) - 5 == 99


def test_enums_have_the_documented_values():
    assert {mode.name: mode.value for mode in CacheMode} == {
        "ENABLED": "enabled",
        "DISABLED": "disabled",
        "READ_ONLY": "read_only",
        "WRITE_ONLY": "write_only",
        "BYPASS": "bypass",
    }
    assert {mode.name: mode.value for mode in MatchMode} == {"OR": "or", "AND": "and"}
    assert {mode.name for mode in DisplayMode} == {"DETAILED", "AGGREGATED"}


@pytest.mark.parametrize(("cls", "args", "documented"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_describes_every_option(cls, args, documented):
    described = "\n".join(base.__doc__ or "" for base in cls.__mro__)
    missing = [name for name in documented if f"\n        {name}: " not in described]
    assert missing == []


def test_none_stands_for_the_documented_default_of_lists_dicts_and_selectors():
    config = CrawlerRunConfig(
        target_elements=None,
        excluded_tags=None,
        excluded_selector=None,
        keep_attrs=None,
        exclude_domains=None,
        exclude_social_media_domains=None,
        experimental=None,
    )
    assert config == CrawlerRunConfig()
    assert CrawlerRunConfig(cache_mode=None).cache_mode is CacheMode.ENABLED
    assert BrowserConfig(headers=None, cookies=None, extra_args=None, init_scripts=None) == BrowserConfig()
    assert LLMConfig(backoff_base_delay=None, backoff_max_attempts=None) == LLMConfig()
