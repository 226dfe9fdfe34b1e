"""What is tried again, how often and when, in virtual time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from nephila import ConfigError, ErrorCode, HostLimits, RateLimiter, SemaphoreDispatcher
from nephila.dispatch.rate_limiter import RETRY_ON
from nephila.judge import RETRY_ERRORS
from tests.dispatch.test_run import World, urls_of
from tests.dispatch.virtual_clock import run_virtually

pytestmark = pytest.mark.usefixtures("memory_read_at_once")


@pytest.mark.parametrize("error", list(ErrorCode))
def test_attempts_are_bounded_for_every_kind_of_failure(error: ErrorCode) -> None:
    world = World(answers={"http://a/0": [error] * 100})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_retries=2))

    (result,) = run_virtually(world.crawl(dispatcher, urls_of("a", 1)))

    assert result.error_code is error
    assert world.visits["http://a/0"] == (3 if error in RETRY_ON else 1)


@pytest.mark.parametrize("error", sorted(RETRY_ERRORS))
def test_what_is_tried_again_can_be_chosen(error: ErrorCode) -> None:
    world = World(answers={"http://a/0": [error] * 100, "http://a/1": [(429, None)] * 100})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_retries=1, retry_on=[error]))
    run_virtually(world.crawl(dispatcher, urls_of("a", 2)))
    assert set(world.visits.values()) == {2}


def test_a_failure_that_stays_is_no_choice() -> None:
    with pytest.raises(ConfigError, match="tls does not go away by trying again"):
        RateLimiter(retry_on=["timeout", "tls"])


@pytest.mark.parametrize(
    "wrong",
    [{"base_delay": (2, 1)}, {"base_delay": -1}, {"max_retries": -1}, {"max_delay": -1}, {"max_per_host": 0},
     {"max_retry_after": -1}, {"per_host": {"https://a.example/": HostLimits()}}],
)  # fmt: skip
def test_values_that_cannot_be_used(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        RateLimiter(**wrong)  # type: ignore[arg-type]


def test_rests_grow_and_are_drawn_from_the_whole_range(monkeypatch: pytest.MonkeyPatch) -> None:
    ranges: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        ranges.append((low, high))
        return high

    monkeypatch.setattr("random.uniform", uniform)
    world = World(answers={"http://a/0": [ErrorCode.TIMEOUT] * 6}, latency={"a": 0.0})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter(0, max_delay=10, max_retries=6))
    (result,) = run_virtually(world.crawl(dispatcher, urls_of("a", 1)))

    assert ranges == [(0, 1.0), (0, 2.0), (0, 4.0), (0, 8.0), (0, 10.0), (0, 10.0)]
    waits = [later - earlier for earlier, later in pairwise(world.starts["a"])]
    assert waits == pytest.approx([1, 2, 4, 8, 10, 10])
    assert result.success
    assert result.dispatch_result is not None
    assert result.dispatch_result.retry_reasons[:2] == ["timeout, waited 1.0 s", "timeout, waited 2.0 s"]


def test_a_url_that_rests_holds_up_no_other_of_its_host() -> None:
    world = World(answers={"http://a/0": [ErrorCode.TIMEOUT] * 4}, latency={"a": 0.01})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_retries=4))

    async def crawl() -> list[float]:
        loop = asyncio.get_running_loop()
        ends = []
        async for result in dispatcher.run(world.jobs(urls_of("a", 50)), world.visit):
            if result.url != "http://a/0":
                ends.append(loop.time())
        return ends

    # 49 of them in 0.01 s each, and at most 4 attempts of the other between them.
    assert max(run_virtually(crawl())) < 0.6


def test_retry_after_is_no_retry_but_bounded() -> None:
    world = World(answers={"http://a/0": [(429, "2")] * 3 + [(429, None)], "http://b/0": [(503, "1")] * 100})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_retries=1))

    results = run_virtually(world.crawl(dispatcher, [*urls_of("a", 1), *urls_of("b", 1)]))

    assert {result.url: result.success for result in results} == {"http://a/0": True, "http://b/0": False}
    assert world.visits == {"http://a/0": 5, "http://b/0": 11}
    reasons = next(result.dispatch_result for result in results if result.success)
    assert reasons is not None
    assert reasons.retry_reasons[0] == "429 Too Many Requests, Retry-After 2 s, waited 2.0 s"


def test_without_retries_not_even_retry_after_leads_to_one() -> None:
    world = World(answers={"http://a/0": [(429, "3")]}, latency={"a": 0.01})
    dispatcher = SemaphoreDispatcher(5, rate_limiter=RateLimiter((0, 0), max_retries=0))
    results = run_virtually(world.crawl(dispatcher, [*urls_of("a", 1), *urls_of("a", 20)]))
    assert len(results) == 21
    assert world.visits["http://a/0"] == 2
    # The host is spared all the same.
    assert min(start for start in world.starts["a"] if start > 0.01) >= 3.0


def test_the_list_of_reasons_is_bounded() -> None:
    world = World(answers={"http://a/0": [ErrorCode.CONNECT] * 60})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_delay=1, max_retries=100))
    (result,) = run_virtually(world.crawl(dispatcher, urls_of("a", 1)))
    assert result.dispatch_result is not None
    assert (result.dispatch_result.attempts, len(result.dispatch_result.retry_reasons)) == (61, 20)


def test_many_limited_at_once_slow_the_host_down_once() -> None:
    limiter = RateLimiter((1, 1), max_delay=60)

    async def answer() -> float:
        for _ in range(20):
            limiter.finished("a", 429, ErrorCode.HTTP, 0.0, 1.0)
        return limiter._hosts["a"].delay

    assert 1.5 <= run_virtually(answer()) <= 2.5


def test_limits_of_hosts_are_found_with_and_without_port() -> None:
    limiter = RateLimiter(
        (0, 0), per_host={"Bücher.example": HostLimits(delay=2), "b.example:81": HostLimits(concurrency=3)}
    )
    assert limiter._new_pace("xn--bcher-kva.example").base == (2.0, 2.0)
    assert limiter._new_pace("xn--bcher-kva.example:8080").base == (2.0, 2.0)
    assert limiter._new_pace("b.example:81").concurrency == 3
    assert limiter._new_pace("b.example").concurrency == 0


def test_two_runs_share_the_limit_of_a_host_and_wake_each_other() -> None:
    world = World(latency={"a": 1.0})
    dispatcher = SemaphoreDispatcher(10, rate_limiter=RateLimiter((0, 0), max_per_host=2))

    async def crawl() -> float:
        await asyncio.gather(*(world.crawl(dispatcher, urls_of("a", 10)) for _ in range(3)))
        return asyncio.get_running_loop().time()

    assert run_virtually(crawl()) == pytest.approx(15.0)
    assert world.peaks["a"] == 2


def test_one_slow_host_with_many_urls_leaves_the_others_their_speed() -> None:
    fast = [url for number in range(50) for url in urls_of(f"fast{number}", 100)]
    slow = urls_of("slow", 1000)

    async def fast_done(urls: list[tuple[str, str]]) -> float:
        world = World(latency=dict.fromkeys({host for host, _ in urls}, 0.05))
        limits = {"slow": HostLimits(delay=10)}
        dispatcher = SemaphoreDispatcher(20, rate_limiter=RateLimiter(0.1, per_host=limits))
        done, left = 0.0, len(fast)
        async for result in dispatcher.run(world.jobs(urls), world.visit):
            left -= "fast" in result.url
            if not left:
                done = asyncio.get_running_loop().time()
                break
        return done

    alone = run_virtually(fast_done(fast))
    beside = run_virtually(fast_done([*slow, *fast]))
    assert beside <= alone / 0.9
