"""Every option of every config survives every way of copying it."""

import copy
import json
import pickle

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from nephila.options import (
    AdaptiveConfig,
    BrowserConfig,
    CrawlerRunConfig,
    DomainMapperConfig,
    GeolocationConfig,
    HTTPCrawlerConfig,
    LinkPreviewConfig,
    LLMConfig,
    ProxyConfig,
    SeedingConfig,
    VirtualScrollConfig,
)
from tests.options.strategies_for_tests import STRATEGIES, options_of

CONFIGS = [
    CrawlerRunConfig,
    BrowserConfig,
    HTTPCrawlerConfig,
    ProxyConfig,
    GeolocationConfig,
    VirtualScrollConfig,
    LinkPreviewConfig,
    LLMConfig,
    SeedingConfig,
    DomainMapperConfig,
    AdaptiveConfig,
]
slow_data = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.mark.parametrize("cls", CONFIGS)
@slow_data
@given(data=st.data())
def test_copies_of_every_kind_are_equal(cls, data):
    options = data.draw(options_of(cls, functions=True))
    config = cls(**options)
    for name in options.keys() - {"viewport_width", "viewport_height", "use_managed_browser"}:
        assert getattr(config, name) == options[name] or name == "ip", name
    assert config.clone() == config
    assert cls.from_kwargs(config.to_dict()) == config
    assert cls(**config.to_dict()) == config
    assert copy.copy(config) == config
    assert copy.deepcopy(config) == config
    assert pickle.loads(pickle.dumps(config)) == config


@pytest.mark.parametrize("cls", CONFIGS)
@slow_data
@given(data=st.data())
def test_dump_and_load_through_json_are_equal(cls, data):
    config = cls(**data.draw(options_of(cls)))
    dumped = config.dump()
    assert cls.load(json.loads(json.dumps(dumped)), types=STRATEGIES) == config
    assert dumped["type"] == cls.__name__


@pytest.mark.parametrize("cls", CONFIGS)
@slow_data
@given(data=st.data())
def test_clone_changes_what_it_is_told_and_nothing_else(cls, data):
    config, changes = cls(**data.draw(options_of(cls))), data.draw(options_of(cls))
    before = config.to_dict()
    twin = config.clone(**changes)
    assert config.to_dict() == before
    linked = {"viewport", "viewport_width", "viewport_height", "use_managed_browser", "server", "ip"}
    for name, value in before.items():
        if name not in linked:
            assert getattr(twin, name) == changes.get(name, value), name
