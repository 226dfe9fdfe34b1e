import pytest

import nephila
from nephila.errors import ConfigError
from nephila.options import DEFAULT_USER_AGENT, BrowserConfig


def test_the_default_user_agent_names_this_program():
    assert BrowserConfig().user_agent == DEFAULT_USER_AGENT
    assert f"Mozilla/5.0 (compatible; Nephila/{nephila.__version__})" == DEFAULT_USER_AGENT


def test_viewport_sets_width_and_height():
    config = BrowserConfig(viewport={"width": 800, "height": 400}, viewport_width=3)
    assert (config.viewport_width, config.viewport_height) == (800, 400)
    narrow = config.clone(viewport_width=500)
    assert narrow.viewport == {"width": 500, "height": 400}
    assert BrowserConfig.load(narrow.dump()) == narrow


@pytest.mark.parametrize("viewport", [{"width": 800}, {}, {"width": 800, "height": 400, "depth": 1}])
def test_a_viewport_has_width_and_height(viewport):
    with pytest.raises(ConfigError, match="viewport must be a dict with width and height"):
        BrowserConfig(viewport=viewport)


@pytest.mark.parametrize("viewport", [{"width": "800", "height": 400}, {"width": 0, "height": 400}, [800, 400]])
def test_a_viewport_has_sizes(viewport):
    with pytest.raises(ConfigError, match="viewport must be a dict of str to an int of at least 1"):
        BrowserConfig(viewport=viewport)


def test_a_persistent_context_is_a_managed_browser():
    assert BrowserConfig(use_persistent_context=True).use_managed_browser is True
    assert BrowserConfig().clone(use_persistent_context=True).use_managed_browser is True


def test_stealth_does_not_go_with_the_builtin_browser():
    with pytest.raises(ConfigError, match="enable_stealth"):
        BrowserConfig(enable_stealth=True, browser_mode="builtin")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"browser_type": "chrome"}, "browser_type must be one of 'chromium', 'firefox', 'webkit', not 'chrome'"),
        ({"debugging_port": 70_000}, "debugging_port must be an int from 1 to 65535"),
        ({"headers": {"Accept": 1}}, "headers must be a dict of str to a str, not a dict"),
        ({"cookies": {"a": "b"}}, "cookies must be a list"),
        ({"viewport_width": 0}, "viewport_width must be an int of at least 1"),
    ],
)
def test_refuses_what_cannot_be(options, sentence):
    with pytest.raises(ConfigError, match=sentence):
        BrowserConfig(**options)
