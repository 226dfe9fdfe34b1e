from __future__ import annotations

import datetime
import random
import re

import pytest

from nephila.errors import ConfigError
from nephila.net.user_agents import Agent, AgentGenerator, _brands

TODAY = datetime.date(2026, 6, 1)


def agents(count: int = 200, **config: object) -> list[Agent]:
    generator, chance = AgentGenerator(config, TODAY), random.Random(1)
    return [generator.generate(chance) for _ in range(count)]


def test_header_fields_agree_with_each_other() -> None:
    for agent in agents(os=["windows", "macos", "linux", "android"]):
        headers = agent.headers_for("https://example.com/")
        version = re.search(r"(?:Chrome|Firefox)/(\d+)", agent.user_agent)
        assert version is not None and 145 <= int(version[1]) <= 150
        assert headers["Accept-Language"].startswith("en-US")
        if "Firefox" in agent.user_agent:
            assert f"rv:{version[1]}.0" in agent.user_agent and "sec-ch-ua" not in headers
            continue
        assert f'"Chromium";v="{version[1]}"' in headers["sec-ch-ua"]
        assert ("Edg" in agent.user_agent) == ("Microsoft Edge" in headers["sec-ch-ua"])
        assert ("Mobile" in agent.user_agent) == (headers["sec-ch-ua-mobile"] == "?1")
        token = {"Windows": "Windows NT", "macOS": "Mac OS X", "Linux": "X11; Linux", "Android": "Android"}
        assert token[headers["sec-ch-ua-platform"].strip('"')] in agent.user_agent
        assert not {name for name in agent.headers_for("http://example.com/") if name.startswith("sec-ch")}


def test_known_brand_lists() -> None:
    assert _brands("Google Chrome", 131) == '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"'
    assert _brands("Google Chrome", 120) == '"Not_A Brand";v="8", "Chromium";v="120", "Google Chrome";v="120"'


def test_choices_are_kept() -> None:
    assert all(
        "Firefox" in agent.user_agent and "Linux" in agent.user_agent
        for agent in agents(browsers="Firefox", os=["linux"])
    )
    assert all("Android" in agent.user_agent for agent in agents(platforms="mobile"))
    assert all("Mobile" not in agent.user_agent for agent in agents())
    assert {agent.user_agent for agent in agents(min_version=999, fallback="me/1")} == {"me/1"}
    assert len({agent.user_agent for agent in agents()}) > 10


def test_versions_follow_the_calendar() -> None:
    def newest(year: int) -> int:
        generator = AgentGenerator({"browsers": "chrome"}, datetime.date(year, 1, 1))
        found = [re.search(r"Chrome/(\d+)", generator.generate(random.Random(n)).user_agent) for n in range(30)]
        return max(int(match[1]) for match in found if match)

    assert newest(2025) - newest(2024) in (11, 12)
    assert newest(2024) == 120 and newest(2026) == 144


@pytest.mark.parametrize(
    "config",
    [{"browser": "chrome"}, {"browsers": "netscape"}, {"os": [1]}, {"min_version": "x"}, {"pct_threshold": 1.0},
     {"min_version": 999}, {"os": "android", "platforms": "desktop"}, {"fallback": 1}],
)  # fmt: skip
def test_what_cannot_be(config: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="user_agent_generator_config"):
        AgentGenerator(config, TODAY)
