from __future__ import annotations

import pytest

from nephila import CrawlerRunConfig, ProxyConfig
from nephila.errors import ConfigError
from nephila.net.proxy_rotation import RoundRobinProxyStrategy
from nephila.options.strategies import ProxyOutcome

GOOD = ProxyOutcome(True, 200, 0.5)
BAD = ProxyOutcome(False, None, 0.1, "It could not be reached.")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def strategy_of(clock: Clock, *names: str, **options: object) -> RoundRobinProxyStrategy:
    strategy = RoundRobinProxyStrategy([f"http://{name}:1" for name in names], **options)  # type: ignore[arg-type]
    strategy._clock = clock
    return strategy


async def next_of(strategy: RoundRobinProxyStrategy) -> str:
    proxy = await strategy.get_next_proxy()
    assert proxy is not None and proxy.ip is not None
    return proxy.ip


def fail(strategy: RoundRobinProxyStrategy, name: str, times: int = 1) -> None:
    for _ in range(times):
        strategy.record(ProxyConfig(f"http://{name}:1"), BAD)


async def test_one_after_the_other(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", "b")
    strategy.add_proxies(["http://c:1", "http://a:1"])
    assert [await next_of(strategy) for _ in range(5)] == ["a", "b", "c", "a", "b"]
    assert [proxy.ip for proxy in strategy.proxies] == ["a", "b", "c"]


async def test_ejection_probe_and_return(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", "b", eject_after=2, cool_down=10)
    fail(strategy, "a")
    strategy.record(ProxyConfig("http://a:1"), GOOD)
    fail(strategy, "a")
    assert [await next_of(strategy) for _ in range(2)] == ["a", "b"]  # Not twice in a row.
    fail(strategy, "a")
    assert [await next_of(strategy) for _ in range(3)] == ["b", "b", "b"]
    assert strategy.statistics()[0].ejected_until == 1010
    fail(strategy, "a", 5)  # Tries that were under way.
    assert strategy.statistics()[0].ejected_until == 1010
    clock.now = 1010
    assert sorted([await next_of(strategy) for _ in range(4)]) == ["a", "b", "b", "b"]  # One probe only.
    fail(strategy, "a")
    assert strategy.statistics()[0].ejected_until == 1030  # Twice as long.
    clock.now = 1030
    assert "a" in [await next_of(strategy) for _ in range(2)]
    strategy.record(ProxyConfig("http://a:1"), GOOD)
    statistics = strategy.statistics()[0]
    assert (statistics.ejected_until, statistics.successes, statistics.failures) == (None, 2, 9)
    assert statistics.reason == BAD.reason
    assert {await next_of(strategy) for _ in range(2)} == {"a", "b"}


async def test_a_probe_nobody_reports_on_is_made_again(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", "b", eject_after=1, cool_down=10)
    fail(strategy, "a")
    for clock.now in (1010, 1020, 1030):
        assert [await next_of(strategy) for _ in range(3)].count("a") == 1


async def test_the_pause_grows_to_its_limit(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", "b", eject_after=1, cool_down=10, max_cool_down=60)
    fail(strategy, "a")
    pauses = []
    for _ in range(5):
        until = strategy.statistics()[0].ejected_until
        assert until is not None
        pauses.append(until - clock.now)
        clock.now = until
        while await next_of(strategy) != "a":
            pass
        fail(strategy, "a")
    assert pauses == [10, 20, 40, 60, 60]


async def test_when_all_are_ejected_the_first_to_return_is_taken(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", "b", eject_after=1)
    fail(strategy, "b")
    clock.now += 1
    fail(strategy, "a")
    assert await next_of(strategy) == "b"


async def test_sessions(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", "b", "c", eject_after=1)
    first = await strategy.get_proxy_for_session("one")
    assert first is await strategy.get_proxy_for_session("one") is strategy.get_session_proxy("one")
    short = await strategy.get_proxy_for_session("two", 5)
    assert short is not None and short is not first
    assert set(strategy.get_active_sessions()) == {"one", "two"}
    clock.now += 5
    assert strategy.get_session_proxy("two") is None and set(strategy.get_active_sessions()) == {"one"}
    assert (await strategy.cleanup_expired_sessions(), await strategy.cleanup_expired_sessions()) == (1, 0)
    await strategy.release_session("one")
    assert strategy.get_session_proxy("one") is None
    again = await strategy.get_proxy_for_session("one")
    assert again is not None
    strategy.record(again, BAD)
    assert await strategy.get_proxy_for_session("one") is not again


async def test_blocked_statuses(clock: Clock) -> None:
    strategy = strategy_of(clock, "a", blocked_statuses=[403])
    for status in (403, 404):
        strategy.record(ProxyConfig("http://a:1"), ProxyOutcome(True, status, 1))
    strategy.record(ProxyConfig("http://a:1"), ProxyOutcome(None, None, 1))
    strategy.record(ProxyConfig("http://stranger:1"), GOOD)
    (statistics,) = strategy.statistics()
    assert (statistics.failures, statistics.successes, statistics.reason) == (1, 1, "status 403")


async def test_no_proxies(clock: Clock) -> None:
    strategy = RoundRobinProxyStrategy()
    assert await strategy.get_next_proxy() is None
    assert await strategy.get_proxy_for_session("a") is None
    assert strategy.statistics() == []


def test_users_of_one_server_are_proxies_of_their_own_and_never_shown() -> None:
    strategy = RoundRobinProxyStrategy(["http://one:secret@p:1", "http://two:secret@p:1"])
    assert [each.server for each in strategy.statistics()] == ["http://p:1"] * 2
    assert "secret" not in repr(strategy.statistics())
    config = CrawlerRunConfig(proxy_rotation_strategy=strategy)
    loaded = CrawlerRunConfig.load(config.dump(), types=[RoundRobinProxyStrategy]).proxy_rotation_strategy
    assert isinstance(loaded, RoundRobinProxyStrategy) and loaded.proxies == strategy.proxies


@pytest.mark.parametrize("options", [{"eject_after": 0}, {"cool_down": 0}, {"cool_down": 9, "max_cool_down": 8}])
def test_numbers_out_of_range(options: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        RoundRobinProxyStrategy([], **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        RoundRobinProxyStrategy([7])  # type: ignore[list-item]
