import statistics
import subprocess
import sys
import time

import pytest

from nephila.errors import ConfigError, UnknownOptionError
from nephila.options import (
    BrowserConfig,
    CacheMode,
    Config,
    ContentOptions,
    CrawlerRunConfig,
    GeolocationConfig,
    LinkPreviewConfig,
    MatchingOptions,
    MatchMode,
    NetworkOptions,
    ProxyConfig,
    ReadingOptions,
    VirtualScrollConfig,
    reading_options,
)
from tests.options.strategies_for_tests import FixedChunks, KeepAll, PlainMarkdown

UNKNOWN = [
    lambda: CrawlerRunConfig(css_selectr="main"),
    lambda: CrawlerRunConfig().clone(css_selectr="main"),
    lambda: CrawlerRunConfig.from_kwargs({"css_selectr": "main"}),
    lambda: CrawlerRunConfig.load({"css_selectr": "main"}),
    lambda: CrawlerRunConfig.load({"type": "CrawlerRunConfig", "params": {"css_selectr": "main"}}),
    lambda: CrawlerRunConfig.set_defaults(css_selectr="main"),
]


@pytest.mark.parametrize("build", UNKNOWN)
def test_an_unknown_option_names_the_class_and_the_nearest_option(build):
    with pytest.raises(
        UnknownOptionError, match=r"CrawlerRunConfig has no option 'css_selectr'\. Did you mean 'css_selector'\?"
    ):
        build()


def test_every_unknown_option_is_named():
    with pytest.raises(UnknownOptionError, match=r"'stremm'.*'stream'.*'qqqqqqqq'\.$"):
        CrawlerRunConfig(stremm=True, qqqqqqqq=1)


def test_an_unknown_option_of_a_nested_config_names_that_config():
    with pytest.raises(UnknownOptionError, match="VirtualScrollConfig has no option 'scroll_cuont'"):
        CrawlerRunConfig(virtual_scroll_config={"container_selector": "#a", "scroll_cuont": 3})


REFUSED = [
    ({"page_timeout": "fast"}, "page_timeout must be an int of at least 1, not 'fast'"),
    ({"page_timeout": 0}, "page_timeout must be an int of at least 1, not 0"),
    ({"page_timeout": True}, "page_timeout must be an int of at least 1, not True"),
    ({"page_timeout": 1.5}, "page_timeout must be an int"),
    ({"page_timeout": None}, "page_timeout must be an int"),
    ({"mean_delay": -0.1}, "mean_delay must be a finite number of at least 0, not -0.1"),
    ({"mean_delay": float("nan")}, "mean_delay must be a finite number"),
    ({"max_range": float("inf")}, "max_range must be a finite number"),
    ({"semaphore_count": 0}, "semaphore_count must be an int of at least 1"),
    ({"max_retries": -1}, "max_retries must be an int of at least 0"),
    ({"max_body_bytes": 0}, "max_body_bytes must be an int of at least 1"),
    ({"stream": "yes"}, "stream must be True or False, not 'yes'"),
    ({"stream": 1}, "stream must be True or False, not 1"),
    ({"excluded_tags": "nav"}, r"excluded_tags must be a list \(a str each\), not 'nav'; write excluded_tags=\[...\]"),
    ({"excluded_tags": [1]}, "excluded_tags must be a list"),
    ({"exclude_social_media_domains": "x.com"}, "exclude_social_media_domains must be a list"),
    ({"css_selector": ["main"]}, "css_selector must be a str or None, not a list"),
    ({"cache_mode": "sometimes"}, "cache_mode must be a CacheMode .*'bypass'.* not 'sometimes'"),
    ({"match_mode": "xor"}, "match_mode must be a MatchMode"),
    ({"wait_until": "later"}, "wait_until must be one of 'commit', 'domcontentloaded', 'load', 'networkidle'"),
    ({"method": "GET /"}, "method must be an HTTP method"),
    ({"url_matcher": 7}, "url_matcher must be a str or a callable or a list"),
    ({"url_matcher": ["*", 7]}, "url_matcher must be"),
    (
        {"markdown_generator": FixedChunks()},
        "markdown_generator must be a MarkdownGenerationStrategy object or None, not a FixedChunks",
    ),
    (
        {"markdown_generator": {"type": "X", "params": {}}},
        r"a serialised config is read by CrawlerRunConfig.load\(...\)",
    ),
    ({"extraction_strategy": KeepAll()}, "extraction_strategy must be an ExtractionStrategy object"),
    ({"chunking_strategy": PlainMarkdown()}, "chunking_strategy must be a ChunkingStrategy object"),
    ({"deep_crawl_strategy": "bfs"}, "deep_crawl_strategy must be a DeepCrawlStrategy object"),
    ({"proxy_rotation_strategy": [1]}, "proxy_rotation_strategy must be a ProxyRotationStrategy object"),
    ({"table_extraction": FixedChunks}, "table_extraction must be a TableExtractionStrategy object"),
    ({"scraping_strategy": 1}, "scraping_strategy must be a ContentScrapingStrategy object"),
    ({"fallback_fetch_function": "fetch"}, "fallback_fetch_function must be a callable or None"),
    ({"geolocation": (1, 2)}, "geolocation must be a GeolocationConfig or a dict of its options or None"),
    (
        {"geolocation": {"latitude": 91, "longitude": 0}},
        "GeolocationConfig: latitude must be a finite number from -90 to 90",
    ),
    ({"geolocation": {"latitude": 1}}, "GeolocationConfig needs longitude"),
    ({"link_preview_config": {"concurrency": 0}}, "LinkPreviewConfig: concurrency must be"),
    ({"user_agent_generator_config": {1: 2}}, "user_agent_generator_config must be a dict"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_a_value_that_cannot_be_used_is_refused_with_what_can(options, sentence):
    with pytest.raises(ConfigError, match=sentence) as caught:
        CrawlerRunConfig(**options)
    assert str(caught.value).endswith((".", "?"))
    with pytest.raises(ConfigError, match=sentence):
        CrawlerRunConfig().clone(**options)


@pytest.mark.parametrize(
    ("flag", "mode"),
    [
        ("bypass_cache", "BYPASS"),
        ("disable_cache", "DISABLED"),
        ("no_cache_read", "WRITE_ONLY"),
        ("no_cache_write", "READ_ONLY"),
    ],
)
def test_a_retired_cache_flag_names_the_mode_to_use(flag, mode):
    assert CrawlerRunConfig(**{flag: False}) == CrawlerRunConfig()
    with pytest.raises(ConfigError, match=f"{flag} must be False .*cache_mode=CacheMode.{mode} "):
        CrawlerRunConfig(**{flag: True})


@pytest.mark.parametrize("text", ["bypass", "BYPASS", "Bypass"])
def test_enums_are_accepted_as_text(text):
    assert CrawlerRunConfig(cache_mode=text).cache_mode is CacheMode.BYPASS
    assert CrawlerRunConfig(match_mode="AND").match_mode is MatchMode.AND


def test_a_method_is_kept_in_capitals_and_a_whole_float_becomes_an_int():
    config = CrawlerRunConfig(method="post", page_timeout=5000.0)
    assert config.method == "POST"
    assert config.page_timeout == 5000
    assert type(config.page_timeout) is int


def test_nested_configs_are_accepted_as_dicts_and_as_objects():
    place = GeolocationConfig(48.1, 11.6)
    config = CrawlerRunConfig(
        geolocation={"latitude": 48.1, "longitude": 11.6},
        virtual_scroll_config={"container_selector": "#feed"},
        link_preview_config={"max_links": 3},
        proxy_config={"server": "http://p.example:8080"},
    )
    assert config.geolocation == place
    assert CrawlerRunConfig(geolocation=place).geolocation is place
    assert config.virtual_scroll_config == VirtualScrollConfig("#feed")
    assert config.link_preview_config == LinkPreviewConfig(max_links=3)
    assert config.proxy_config == ProxyConfig("http://p.example:8080")


def test_link_preview_needs_one_kind_of_links():
    with pytest.raises(ConfigError, match="include_internal or include_external"):
        LinkPreviewConfig(include_internal=False)


def test_options_can_be_given_by_position_where_the_order_is_plain():
    assert GeolocationConfig(1, 2, accuracy=3) == GeolocationConfig(latitude=1, longitude=2, accuracy=3)
    with pytest.raises(ConfigError, match="latitude is given twice"):
        GeolocationConfig(1, latitude=2)
    with pytest.raises(ConfigError, match="takes the options latitude, longitude, accuracy by position; 4 values"):
        GeolocationConfig(1, 2, 3, 4)
    with pytest.raises(ConfigError, match="CrawlerRunConfig takes options by keyword only"):
        CrawlerRunConfig(1)


def test_from_kwargs_wants_a_dict():
    with pytest.raises(ConfigError, match="not from a list"):
        CrawlerRunConfig.from_kwargs(["stream"])


def test_no_two_configs_share_a_list_or_dict():
    tags = ["nav"]
    first, second = CrawlerRunConfig(excluded_tags=tags), CrawlerRunConfig()
    tags.append("footer")
    second.exclude_domains.append("a.example")
    twin = first.clone()
    twin.excluded_tags.append("aside")
    first.to_dict()["excluded_tags"].append("main")
    assert first.excluded_tags == ["nav"]
    assert CrawlerRunConfig().exclude_domains == []


def test_a_clone_has_its_own_nested_configs():
    config = CrawlerRunConfig(geolocation=GeolocationConfig(1, 2))
    config.clone().geolocation.latitude = 50
    assert config.geolocation.latitude == 1


def test_attributes_are_plain_and_validate_checks_them_later():
    config = CrawlerRunConfig()
    config.page_timeout = -1
    assert config.page_timeout == -1
    with pytest.raises(ConfigError, match="page_timeout must be"):
        config.validate()
    config.page_timeout = 10
    config.validate()
    with pytest.raises(AttributeError):
        _ = config.no_such_option


def test_repr_shows_what_differs_from_the_defaults():
    assert repr(CrawlerRunConfig()) == "CrawlerRunConfig()"
    assert repr(CrawlerRunConfig(page_timeout=5, stream=True)) == "CrawlerRunConfig(stream=True, page_timeout=5)"


def test_configs_compare_by_class_and_value():
    assert CrawlerRunConfig(stream=True) == CrawlerRunConfig(stream=True)
    assert CrawlerRunConfig() != CrawlerRunConfig(stream=True)
    assert ContentOptions() != MatchingOptions()
    with pytest.raises(TypeError, match="unhashable"):
        hash(CrawlerRunConfig())


def test_a_config_is_each_of_its_concerns():
    config = CrawlerRunConfig(css_selector="main", max_redirects=3)
    assert isinstance(config, ReadingOptions)
    assert isinstance(config, NetworkOptions)
    part = reading_options(config)
    assert type(part) is ReadingOptions
    assert part == ReadingOptions(css_selector="main")
    assert not hasattr(part, "max_redirects")


def test_a_subclass_adds_options_of_its_own():
    class ShopConfig(CrawlerRunConfig):
        """A config of a caller.

        Attributes:
            currency: Three letters.
        """

        currency: str = "EUR"

    config = ShopConfig(currency="CHF", stream=True)
    assert (config.currency, config.stream, config.page_timeout) == ("CHF", True, 60_000)
    assert ShopConfig.load(config.dump()) == config
    with pytest.raises(ConfigError, match="ShopConfig: currency must be a str"):
        ShopConfig(currency=1)


def test_building_a_config_costs_microseconds():
    def seconds(build):
        start = time.perf_counter()
        build()
        return time.perf_counter() - start

    def build():
        return CrawlerRunConfig(css_selector="main", page_timeout=5000, stream=True, cache_mode=CacheMode.BYPASS)

    build()
    assert statistics.median(seconds(build) for _ in range(500)) < 200e-6
    assert statistics.median(seconds(BrowserConfig) for _ in range(500)) < 200e-6


def test_importing_the_options_imports_nothing_heavy():
    code = (
        "import sys, nephila.options\n"
        "heavy = {'aiohttp', 'turbohtml', 'pydantic', 'msgspec', 'asyncio', 'nephila.models', 'nephila.net'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_config_is_a_config():
    assert issubclass(CrawlerRunConfig, Config)
    assert issubclass(ContentOptions, Config)
