import pytest

from nephila.errors import ConfigError
from nephila.options import AdaptiveConfig


def test_a_group_of_weights_weighs_something():
    config = AdaptiveConfig(coverage_weight=0, consistency_weight=0, saturation_weight=1)
    config.validate()
    config.saturation_weight = 0
    with pytest.raises(ConfigError, match="one of coverage_weight, consistency_weight, saturation_weight"):
        config.validate()


@pytest.mark.parametrize("options", [{"confidence_threshold": 1.1}, {"strategy": "guess"}, {"max_pages": 0}])
def test_refuses_what_cannot_be(options):
    with pytest.raises(ConfigError, match=f"AdaptiveConfig: {next(iter(options))} must be"):
        AdaptiveConfig(**options)
