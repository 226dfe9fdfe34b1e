"""What this version cannot do is refused by name, whatever it is; everything else is not."""

import statistics
import time

import pytest

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.options import BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig, require_supported
from nephila.options.support import BROWSER_UNSUPPORTED, HTTP_UNSUPPORTED, RUN_UNSUPPORTED
from tests.options.strategies_for_tests import FirstLinks, OtherScraping

OTHER_VALUES = {
    "deep_crawl_strategy": FirstLinks(1),
    "link_preview_config": {},
    "parser_type": "html5lib",
    "virtual_scroll_config": {"container_selector": "main"},
    "viewport": {"width": 1, "height": 1},
    "extra_args": ["--a"],
    "init_scripts": ["1"],
    "browser_type": "firefox",
    "browser_mode": "docker",
    "experimental": {"a": 1},
    "max_scroll_steps": 3,
    "screenshot_wait_for": 1.0,
}
"""Where a value that is not the default cannot be guessed from it."""

REFUSED = [
    *((CrawlerRunConfig, name) for name in RUN_UNSUPPORTED),
    *((BrowserConfig, name) for name in BROWSER_UNSUPPORTED),
    *((HTTPCrawlerConfig, name) for name in HTTP_UNSUPPORTED),
]


def other_value(cls, name):
    default = getattr(cls(), name)
    guess = {bool: lambda value: not value, int: lambda value: value + 1, float: lambda value: value + 1}
    return OTHER_VALUES[name] if name in OTHER_VALUES else guess.get(type(default), lambda _: "other")(default)


@pytest.mark.parametrize("cls", [CrawlerRunConfig, BrowserConfig, HTTPCrawlerConfig])
def test_the_defaults_are_supported(cls):
    require_supported(cls())


@pytest.mark.parametrize(("cls", "name"), REFUSED)
def test_every_option_in_the_tables_is_refused_by_name(cls, name):
    with pytest.raises(UnsupportedOptionError, match=rf"{cls.__name__} sets .*: {name} \(.*\)\. Remove it"):
        require_supported(cls(**{name: other_value(cls, name)}))
    require_supported(cls(**{name: getattr(cls(), name)}))


@pytest.mark.parametrize(
    "options",
    [
        {"css_selector": "main", "excluded_tags": ["nav"], "hidden_text": "keep"},
        {"method": "POST", "page_timeout": 1, "user_agent": "me", "session_id": "a", "shared_data": {"a": 1}},
        {"cache_mode": "enabled", "check_robots_txt": True},
        {"proxy_config": "http://user:secret@h:1"},
        {"proxy_config": [None]},
        {"proxy_config": ["http://h:1", None, "https://h:2"]},
        {"proxy_config": "socks4a://h:1"},
        {"proxy_config": "socks5h://h:1"},
    ],
    ids=str,
)
def test_what_is_built_is_not_refused(options):
    require_supported(CrawlerRunConfig(**options))


def test_another_reader_is_refused():
    with pytest.raises(UnsupportedOptionError, match="scraping_strategy"):
        require_supported(CrawlerRunConfig(scraping_strategy=OtherScraping()))


def test_all_of_them_are_named_in_one_sentence():
    config = CrawlerRunConfig(deep_crawl_strategy=FirstLinks(1), parser_type="html5lib")
    with pytest.raises(ConfigError) as caught:
        require_supported(config)
    assert str(caught.value) == (
        "CrawlerRunConfig sets what this version cannot do: deep_crawl_strategy (deep crawling is not built yet); "
        "parser_type (there is one parser, which follows the WHATWG standard). Remove them, or go back to the default."
    )


def test_assigned_attributes_are_seen():
    config = CrawlerRunConfig()
    config.parser_type = "html5lib"
    with pytest.raises(UnsupportedOptionError, match="parser_type"):
        require_supported(config)


def test_it_costs_microseconds():
    config = CrawlerRunConfig()

    def seconds():
        start = time.perf_counter()
        require_supported(config)
        return time.perf_counter() - start

    assert statistics.median(seconds() for _ in range(500)) < 100e-6
