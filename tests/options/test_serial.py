import json

import pytest

from nephila.errors import ConfigError, UnknownOptionError
from nephila.options import (
    BrowserConfig,
    CacheMode,
    Config,
    CrawlerRunConfig,
    DisplayMode,
    GeolocationConfig,
    HTTPCrawlerConfig,
    LLMConfig,
    ProxyConfig,
    SeedingConfig,
)
from nephila.options.strategies import RelevantContentFilter
from tests.options.strategies_for_tests import (
    FixedChunks,
    KeepAll,
    OneRecord,
    PlainMarkdown,
    fetch_elsewhere,
    is_long,
)


def test_dump_has_type_and_what_differs_from_the_hard_defaults():
    config = CrawlerRunConfig(
        css_selector="main",
        cache_mode=CacheMode.DISABLED,
        excluded_tags=["nav"],
        experimental={"use_csp_nonce": True},
        geolocation=GeolocationConfig(1, 2),
        markdown_generator=PlainMarkdown(content_filter=KeepAll(user_query="x")),
        page_timeout=60_000,
    )
    assert config.dump() == {
        "type": "CrawlerRunConfig",
        "params": {
            "css_selector": "main",
            "cache_mode": {"type": "CacheMode", "params": "disabled"},
            "excluded_tags": ["nav"],
            "experimental": {"type": "dict", "value": {"use_csp_nonce": True}},
            "geolocation": {"type": "GeolocationConfig", "params": {"latitude": 1, "longitude": 2}},
            "markdown_generator": {
                "type": "PlainMarkdown",
                "params": {
                    "content_filter": {"type": "KeepAll", "params": {"user_query": "x"}},
                    "options": {"type": "dict", "value": {}},
                },
            },
        },
    }
    assert CrawlerRunConfig().dump() == {"type": "CrawlerRunConfig", "params": {}}


def test_every_kind_of_value_comes_back():
    config = HTTPCrawlerConfig(data=b"\x00\xff", json={"type": "x", "params": [1, {"value": None}]})
    assert HTTPCrawlerConfig.load(json.loads(json.dumps(config.dump()))) == config
    seeding = SeedingConfig(llm_config=LLMConfig(api_token="t"))
    assert SeedingConfig.load(seeding.dump()) == seeding


def test_load_takes_a_plain_dict_of_options_too():
    assert CrawlerRunConfig.load({"stream": True, "cache_mode": "disabled"}) == CrawlerRunConfig(
        stream=True, cache_mode=CacheMode.DISABLED
    )
    assert BrowserConfig.load({"proxy_config": {"server": "h:1"}}).proxy_config == ProxyConfig("http://h:1")


def test_a_plain_dict_with_a_key_named_type_stays_a_dict():
    data = {"type": "CrawlerRunConfig", "params": {"experimental": {"type": "CacheMode"}}}
    assert CrawlerRunConfig.load(data).experimental == {"type": "CacheMode"}


@pytest.mark.parametrize(
    ("options", "field", "reason"),
    [
        ({"url_matcher": is_long}, "CrawlerRunConfig.url_matcher", "it is a function"),
        ({"url_matcher": ["*", is_long]}, "CrawlerRunConfig.url_matcher", "it is a function"),
        ({"fallback_fetch_function": fetch_elsewhere}, "CrawlerRunConfig.fallback_fetch_function", "it is a function"),
        ({"shared_data": {"hook": is_long}}, "CrawlerRunConfig.shared_data", "it is a function"),
        ({"shared_data": {"object": {1, 2}}}, "CrawlerRunConfig.shared_data", "no way is known for a set"),
        ({"shared_data": {"object": {1: 2}}}, "CrawlerRunConfig.shared_data", "its key 1 is not a str"),
        ({"extraction_strategy": OneRecord({"f": is_long})}, "OneRecord.schema", "it is a function"),
    ],
)
def test_what_cannot_be_written_down_is_named(options, field, reason):
    with pytest.raises(ConfigError, match=f"{field} cannot be written down: {reason}"):
        CrawlerRunConfig(**options).dump()


class Elsewhere(KeepAll):
    def __init__(self, words=()):
        self.kept = list(words)


class Anything(KeepAll):
    def __init__(self, *words, size, **more):
        super().__init__()
        self.size = size


def test_a_strategy_without_the_attribute_says_what_to_do():
    config = CrawlerRunConfig(markdown_generator=PlainMarkdown(Elsewhere()))
    with pytest.raises(ConfigError, match="Elsewhere cannot be written down: it has no attribute 'words'"):
        config.dump()


def test_a_strategy_is_dumped_by_its_constructors_parameters():
    assert FixedChunks().dump_params() == {}
    assert FixedChunks(7).dump_params() == {"size": 7}
    assert Anything("a", "b", size=3, more=4).dump_params() == {"size": 3}
    assert RelevantContentFilter.dump_params(KeepAll("q", verbose=True)) == {"user_query": "q", "verbose": True}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"chunking_strategy": {"type": "FixedChunks", "params": {}}}, "type 'FixedChunks' is not known"),
        ({"css_selector": {"type": "os.system", "params": "ls"}}, "type 'os.system' is not known"),
        ({"css_selector": {"type": "set", "value": []}}, "type 'set' is not known"),
        ({"cache_mode": {"type": "CacheMode", "params": "x"}}, "'x' is no CacheMode"),
        ({"cache_mode": {"type": "DisplayMode", "params": "DETAILED"}}, "cache_mode must be a CacheMode"),
        ({"type": "CrawlerRunConfig", "params": {"page_timeout": -1}}, "page_timeout must be an int of at least 1"),
        ({"type": "CrawlerRunConfig", "params": [1]}, "params of CrawlerRunConfig are not a JSON object"),
        ({"type": "CrawlerRunConfig"}, "has a type but no params"),
        ({"type": "BrowserConfig", "params": {}}, "holds a BrowserConfig, not a CrawlerRunConfig"),
        ({"type": "CacheMode", "params": "bypass"}, "holds a CacheMode, not a CrawlerRunConfig"),
        ({"experimental": {"type": "dict", "value": 3}}, "does not hold a JSON object"),
        ({"experimental": {"type": "bytes", "value": "!"}}, "bytes that are not base64"),
        ({1: 2}, "does not hold a JSON object"),
        (["stream"], "loaded from a dict, not from a list"),
    ],
)
def test_data_that_cannot_be_loaded_says_why(data, sentence):
    with pytest.raises(ConfigError, match=sentence):
        CrawlerRunConfig.load(data)


def test_params_a_strategy_does_not_take_are_refused():
    chunks = {"type": "FixedChunks", "params": {"length": 3}}
    with pytest.raises(ConfigError, match=r"params of FixedChunks do not fit: .*'length'"):
        CrawlerRunConfig.load({"chunking_strategy": chunks}, types=[FixedChunks])


def test_nested_configs_name_their_unknown_options():
    with pytest.raises(
        UnknownOptionError, match=r"GeolocationConfig has no option 'lattitude'\. Did you mean 'latitude'"
    ):
        CrawlerRunConfig.load({"geolocation": {"type": "GeolocationConfig", "params": {"lattitude": 1}}})


def test_types_can_be_given_by_class_or_by_name():
    data = {"chunking_strategy": {"type": "FixedChunks", "params": {"size": 3}}}
    for types in ([FixedChunks], {"FixedChunks": FixedChunks}):
        assert CrawlerRunConfig.load(data, types=types).chunking_strategy == FixedChunks(3)


def test_nobody_can_take_the_place_of_the_options_own_types():
    class CacheModeThief(FixedChunks):
        pass

    data = {"cache_mode": {"type": "CacheMode", "params": "disabled"}}
    assert CrawlerRunConfig.load(data, types={"CacheMode": CacheModeThief}).cache_mode is CacheMode.DISABLED


def test_registered_types_are_known_and_looked_up_late(monkeypatch):
    monkeypatch.setattr(Config, "_registered", ())
    looked_up = []

    class Late(dict):
        def __getitem__(self, name):
            looked_up.append(name)
            return FixedChunks

    late = Late(FixedChunks=None)
    CrawlerRunConfig.register_types(late)
    BrowserConfig.register_types(late)
    assert len(Config._registered) == 1
    assert looked_up == []
    loaded = CrawlerRunConfig.load({"chunking_strategy": {"type": "FixedChunks", "params": {"size": 9}}})
    assert loaded.chunking_strategy == FixedChunks(9)
    assert looked_up == ["FixedChunks"]


def test_deep_data_is_refused_before_it_overflows():
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ConfigError, match="nests deeper than 100 levels"):
        CrawlerRunConfig.load({"experimental": {"a": deep}})
    loop: list[object] = []
    loop.append(loop)
    config = CrawlerRunConfig()
    config.shared_data = {"a": loop}
    with pytest.raises(ConfigError, match="shared_data nests deeper than 100 levels"):
        config.dump()


def test_other_enums_are_loaded_where_they_fit():
    data = {"experimental": {"type": "dict", "value": {"display": {"type": "DisplayMode", "params": "DETAILED"}}}}
    assert CrawlerRunConfig.load(data).experimental == {"display": DisplayMode.DETAILED}
