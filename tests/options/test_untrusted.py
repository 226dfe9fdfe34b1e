import pytest

from nephila.errors import UnknownOptionError, UntrustedConfigError
from nephila.options import BrowserConfig, CrawlerRunConfig, LLMConfig, Provenance, ProxyConfig
from tests.options.strategies_for_tests import FixedChunks

UNTRUSTED = Provenance.UNTRUSTED

FORBIDDEN_RUN = {
    "js_code": "alert(1)",
    "js_code_before_wait": "alert(1)",
    "c4a_script": "EVAL `1`",
    "js_only": True,
    "session_id": "a",
    "shared_data": {},
    "proxy_config": {"server": "h:1"},
    "proxy_session_id": "a",
    "deep_crawl_strategy": None,
    "extraction_strategy": None,
    "scraping_strategy": None,
    "proxy_rotation_strategy": None,
    "fallback_fetch_function": None,
    "experimental": {},
    "process_in_browser": True,
    "method": "POST",
    "user_agent_generator_config": {},
}
FORBIDDEN_BROWSER = {
    "cdp_url": "ws://a",
    "extra_args": [],
    "init_scripts": [],
    "proxy": "a:1",
    "proxy_config": {"server": "a:1"},
    "cookies": [],
    "headers": {},
    "storage_state": "/etc/passwd",
    "user_data_dir": "/",
    "downloads_path": "/",
    "accept_downloads": True,
    "ignore_https_errors": True,
    "use_managed_browser": True,
    "browser_mode": "cdp",
    "debugging_port": 1,
    "host": "a",
}


@pytest.mark.parametrize(
    ("cls", "name", "value"),
    [(CrawlerRunConfig, *item) for item in FORBIDDEN_RUN.items()]
    + [(BrowserConfig, *item) for item in FORBIDDEN_BROWSER.items()],
)
def test_forbidden_options_are_refused_by_name(cls, name, value):
    for data in ({name: value}, {"type": cls.__name__, "params": {name: value}}):
        with pytest.raises(UntrustedConfigError, match=f"{cls.__name__}: an untrusted config must not set {name}"):
            cls.load(data, provenance=UNTRUSTED)


@pytest.mark.parametrize(
    "params",
    [
        {"type": "LLMConfig", "params": {"api_token": "env:HOME"}},
        {"type": "ProxyConfig", "params": {"server": "h:1"}},
        {"type": "FixedChunks", "params": {}},
        {"type": "Provenance", "params": "trusted"},
    ],
)
def test_types_outside_the_list_are_refused_wherever_they_are(params):
    with pytest.raises(UntrustedConfigError, match=f"must not hold a {params['type']}"):
        CrawlerRunConfig.load({"chunking_strategy": params}, provenance=UNTRUSTED, types=[FixedChunks])


@pytest.mark.parametrize("cls", [LLMConfig, ProxyConfig])
def test_configs_outside_the_list_are_refused(cls):
    with pytest.raises(UntrustedConfigError, match=f"must not hold a {cls.__name__}"):
        cls.load({}, provenance=UNTRUSTED)


@pytest.mark.parametrize("wait_for", ["js:() => true", "() => true", "#main", ["css:a"]])
def test_wait_for_runs_no_script(wait_for):
    with pytest.raises(UntrustedConfigError, match="wait_for must start with 'css:'"):
        CrawlerRunConfig.load({"wait_for": wait_for}, provenance=UNTRUSTED)
    assert CrawlerRunConfig.load({"wait_for": "css:#main"}, provenance=UNTRUSTED).wait_for == "css:#main"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"page_timeout": 3_600_000}, {"page_timeout": 60_000}),
        ({"page_timeout": 5000}, {"page_timeout": 5000}),
        ({"wait_for_timeout": 90_000}, {"wait_for_timeout": 60_000}),
        ({"wait_for_timeout": None}, {"wait_for_timeout": None}),
        ({"max_scroll_steps": 5000}, {"max_scroll_steps": 1000}),
        ({"max_body_bytes": 10**12}, {"max_body_bytes": 50_000_000}),
        ({"max_decoded_bytes": 10**12}, {"max_decoded_bytes": 100_000_000}),
        ({"max_redirects": 1000}, {"max_redirects": 20}),
        ({"max_decoded_ratio": 10**6}, {"max_decoded_ratio": 200}),
        ({"max_header_bytes": 10**9}, {"max_header_bytes": 262_144}),
        ({"min_speed": 0}, {"min_speed": 64}),
        ({"semaphore_count": 10_000}, {"semaphore_count": 20}),
    ],
)
def test_costly_options_are_lowered_to_their_limits(given, kept):
    config = CrawlerRunConfig.load(given, provenance=UNTRUSTED)
    assert config == CrawlerRunConfig(**kept)


def test_the_window_has_limits():
    config = BrowserConfig.load({"viewport": {"width": 100_000, "height": 50}}, provenance="untrusted")
    assert (config.viewport_width, config.viewport_height) == (4000, 50)
    assert config.viewport == {"width": 4000, "height": 50}
    assert BrowserConfig.load({"viewport_height": 9999}, provenance=UNTRUSTED).viewport_height == 4000


def test_nested_configs_have_limits():
    data = {
        "virtual_scroll_config": {
            "type": "VirtualScrollConfig",
            "params": {"container_selector": "a", "scroll_count": 10**6},
        }
    }
    assert CrawlerRunConfig.load(data, provenance=UNTRUSTED).virtual_scroll_config.scroll_count == 1000
    plain = {"virtual_scroll_config": {"container_selector": "a", "scroll_count": 10**6}}
    assert CrawlerRunConfig.load(plain, provenance=UNTRUSTED).virtual_scroll_config.scroll_count == 1000


def test_allowed_options_pass():
    options = {"css_selector": "main", "cache_mode": {"type": "CacheMode", "params": "disabled"}, "stream": True}
    config = CrawlerRunConfig.load({"type": "CrawlerRunConfig", "params": options}, provenance=UNTRUSTED)
    assert config == CrawlerRunConfig(css_selector="main", cache_mode="disabled", stream=True)


def test_unknown_options_are_still_unknown():
    with pytest.raises(UnknownOptionError, match="Did you mean 'stream'"):
        CrawlerRunConfig.load({"straem": True}, provenance=UNTRUSTED)


def test_trusted_data_has_no_limits():
    assert CrawlerRunConfig.load({"page_timeout": 3_600_000, "js_code": "1"}).page_timeout == 3_600_000
