"""Whole runs in virtual time: what must hold for every order of events."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from nephila import CrawlResult, ErrorCode, HostLimits, Job, MemoryAdaptiveDispatcher, RateLimiter, SemaphoreDispatcher
from nephila.dispatch.base import BaseDispatcher
from nephila.models import Headers
from tests.dispatch.virtual_clock import run_virtually

pytestmark = pytest.mark.usefixtures("memory_read_at_once")


@dataclass
class World:
    """Hosts that answer after a while, as the dispatcher under test sees them."""

    latency: dict[str, float] = field(default_factory=dict)
    answers: dict[str, list[tuple[int, str | None] | ErrorCode]] = field(default_factory=dict)
    """For each URL what its first visits give: a status and a Retry-After header, or an error; 200 afterwards."""
    starts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    visits: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    holds: list[tuple[str, float, float]] = field(default_factory=list)
    active_at: Counter[str] = field(default_factory=Counter)
    peaks: Counter[str] = field(default_factory=Counter)
    active: int = 0
    peak: int = 0
    taken_in: int = 0

    async def visit(self, job: Job) -> CrawlResult:
        self.active += 1
        self.peak = max(self.peak, self.active)
        self.active_at[job.host] += 1
        self.peaks[job.host] = max(self.peaks[job.host], self.active_at[job.host])
        self.visits[job.url] += 1
        self.starts[job.host].append(asyncio.get_running_loop().time())
        try:
            await asyncio.sleep(self.latency.get(job.host, 0.1))
        finally:
            self.active -= 1
            self.active_at[job.host] -= 1
        answers = self.answers.get(job.url, [])
        answer = answers.pop(0) if answers else (200, None)
        if isinstance(answer, ErrorCode):
            return CrawlResult(url=job.url, error_code=answer)
        status, retry_after = answer
        result = CrawlResult(url=job.url, success=status == 200, status_code=status)
        if status != 200:
            result.error_code = ErrorCode.HTTP
        if retry_after is not None:
            result.response_headers = Headers({"retry-after": retry_after})
            if retry_after not in ("0", "soon") and job.host:
                now = asyncio.get_running_loop().time()
                self.holds.append((job.host, now, now + float(retry_after)))
                self.held[job.url] += job.holds < 10
        return result

    async def jobs(self, urls: Iterable[tuple[str, str]]) -> AsyncIterator[Job]:
        for position, (host, url) in enumerate(urls):
            self.taken_in += 1
            yield Job(position, url, host, 0.0)

    async def crawl(
        self, dispatcher: BaseDispatcher, urls: Iterable[tuple[str, str]], leave_after: int | None = None
    ) -> list[CrawlResult]:
        """The results; with `leave_after`, only so many."""
        results: list[CrawlResult] = []
        if leave_after == 0:
            return results
        async with aclosing(dispatcher.run(self.jobs(urls), self.visit)) as run:
            async for result in run:
                results.append(result)
                if len(results) == leave_after:
                    break
        return results


def urls_of(host: str, count: int) -> list[tuple[str, str]]:
    return [(host, f"http://{host}/{number}") for number in range(count)]


hosts = st.sampled_from(["a", "b", "c", "d", ""])
answers = st.one_of(
    st.tuples(st.sampled_from([429, 503]), st.sampled_from([None, "0", "2", "7.5", "soon"])),
    st.sampled_from([ErrorCode.TIMEOUT, ErrorCode.CONNECT, ErrorCode.CONNECTION_LOST, ErrorCode.DNS]),
    st.just((404, None)),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    urls=st.lists(hosts, max_size=60),
    permits=st.integers(1, 7),
    limits=st.fixed_dictionaries(
        {
            host: st.builds(HostLimits, st.sampled_from([None, 0.0, 0.05, 1.0]), st.sampled_from([None, 1, 2, 5]))
            for host in "abc"
        }
    ),
    latency=st.dictionaries(hosts, st.sampled_from([0.0, 0.01, 0.5, 30.0])),
    failing=st.lists(st.tuples(st.integers(0, 59), answers, st.integers(1, 20)), max_size=10),
    adaptive=st.booleans(),
    runs=st.integers(1, 2),
    leave_after=st.one_of(st.none(), st.integers(0, 30)),
)
def test_one_result_per_url_within_every_limit(
    urls: list[str],
    permits: int,
    limits: dict[str, HostLimits],
    latency: dict[str, float],
    failing: list[tuple[int, tuple[int, str | None] | ErrorCode, int]],
    adaptive: bool,
    runs: int,
    leave_after: int | None,
) -> None:
    given_urls = [(host, f"http://{host}/{position}") for position, host in enumerate(urls)]
    world = World(latency=latency)
    for position, answer, times in failing:
        if position < len(given_urls):
            world.answers[given_urls[position][1]] = [answer] * times
    limiter = RateLimiter((0, 0), max_retries=3, per_host=limits, max_per_host=3, adaptive=adaptive)
    dispatcher = SemaphoreDispatcher(permits, rate_limiter=limiter)
    parts = [given_urls[number::runs] for number in range(runs)]

    async def crawl() -> list[CrawlResult]:
        first = world.crawl(dispatcher, parts[0], leave_after)
        crawled = await asyncio.gather(first, *(world.crawl(dispatcher, part) for part in parts[1:]))
        return [result for results in crawled for result in results]

    results = run_virtually(crawl())

    counts = Counter(result.url for result in results)
    if leave_after is None:
        assert counts == Counter(url for _, url in given_urls)
    else:
        assert max(counts.values(), default=1) == 1
        assert counts.keys() >= {url for part in parts[1:] for _, url in part}
    assert world.peak <= permits
    assert (world.active, dispatcher._permits.free) == (0, permits)
    assert all(pace.active == 0 for pace in limiter._hosts.values())
    # At most 3 retries, and for local input none; being held back by Retry-After is counted apart.
    for url, visits in world.visits.items():
        assert visits <= 4 + world.held[url] <= 4 + 10
    for host, starts in world.starts.items():
        allowed = limits.get(host, HostLimits())
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        assert not host or all(gap >= (allowed.delay or 0) - 1e-9 for gap in gaps)
        assert not host or world.peaks[host] <= (allowed.concurrency or 3)
    for host, since, until in world.holds:
        assert not any(since + 1e-9 < start < until - 1e-9 for start in world.starts[host])
    for result in results:
        assert result.dispatch_result is not None
        assert result.dispatch_result.attempts == world.visits[result.url]
        assert len(result.dispatch_result.retry_reasons) == world.visits[result.url] - 1


def test_a_waiting_host_takes_nothing_from_the_others() -> None:
    world = World(latency={"slow": 0.1} | {f"fast{number}": 0.1 for number in range(10)})
    dispatcher = SemaphoreDispatcher(10, rate_limiter=RateLimiter((0, 0)))
    limiter = dispatcher.rate_limiter
    assert limiter is not None

    async def crawl() -> float:
        loop = asyncio.get_running_loop()
        limiter.hold("slow", loop.time() + 50.0)
        mixed = [*urls_of("slow", 1000), *(url for number in range(10) for url in urls_of(f"fast{number}", 20))]
        fast_done = 0.0
        async for result in dispatcher.run(world.jobs(mixed), world.visit):
            if "fast" in result.url:
                fast_done = loop.time()
        return fast_done

    # 200 fast URLs at 10 at once and 0.1 s each take 2 s alone.
    assert run_virtually(crawl()) <= 2.2


def test_retry_after_holds_back_the_whole_host_and_the_url_succeeds_later() -> None:
    world = World(answers={"http://a/0": [(429, "3")]}, latency={"a": 0.01, "b": 0.01})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0)))

    results = run_virtually(world.crawl(dispatcher, [*urls_of("a", 3), *urls_of("b", 3)]))

    assert all(result.success for result in results)
    assert world.starts["a"][1] - world.starts["a"][0] >= 3.0
    assert max(world.starts["b"]) < 1.0
    retried = next(result for result in results if result.url == "http://a/0")
    assert retried.dispatch_result is not None
    assert retried.dispatch_result.attempts == 2
    assert retried.dispatch_result.wait_time >= 3.0


def test_a_limit_that_never_ends_becomes_the_result() -> None:
    world = World(answers={"http://a/0": [(503, None)] * 100})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_delay=2, max_retries=2))

    (result,) = run_virtually(world.crawl(dispatcher, urls_of("a", 1)))

    assert (result.status_code, result.success) == (503, False)
    assert world.visits["http://a/0"] == 3


def test_a_pause_longer_than_max_retry_after_is_not_waited_for() -> None:
    world = World(answers={"http://a/0": [(429, "86400")]})
    dispatcher = SemaphoreDispatcher(1, rate_limiter=RateLimiter((0, 0), max_retry_after=5))

    (result,) = run_virtually(world.crawl(dispatcher, urls_of("a", 1)))

    assert result.status_code == 429
    assert world.visits["http://a/0"] == 1


def test_the_input_is_read_only_as_fast_as_it_is_crawled() -> None:
    world = World(latency={"": 1.0})
    dispatcher = SemaphoreDispatcher(3)

    async def crawl() -> None:
        finished = 0
        async for _ in dispatcher.run(world.jobs(("", f"u{number}") for number in range(1_000)), world.visit):
            finished += 1
            assert world.taken_in <= finished + 3 + 3 + 4
            await asyncio.sleep(5)
            if finished == 20:
                break

    run_virtually(crawl())


def test_two_runs_share_the_limits_of_their_dispatcher() -> None:
    world = World(latency={"a": 1.0, "b": 1.0})
    dispatcher = SemaphoreDispatcher(4)

    async def crawl() -> list[list[CrawlResult]]:
        return await asyncio.gather(
            world.crawl(dispatcher, urls_of("a", 20)), world.crawl(dispatcher, urls_of("b", 20))
        )

    first, second = run_virtually(crawl())
    assert (len(first), len(second)) == (20, 20)
    assert world.peak <= 4


def test_leaving_the_loop_cancels_what_is_under_way() -> None:
    world = World(latency={"a": 100.0, "b": 0.1})
    dispatcher = SemaphoreDispatcher(5)

    async def crawl() -> float:
        run = dispatcher.run(world.jobs([*urls_of("a", 3), *urls_of("b", 1)]), world.visit)
        async for _ in run:
            break
        await run.aclose()
        assert world.active == 0
        return asyncio.get_running_loop().time()

    assert run_virtually(crawl()) < 1.0


def test_an_error_in_the_input_is_raised_after_the_results_before_it() -> None:
    world = World()

    async def broken() -> AsyncIterator[Job]:
        yield Job(0, "http://a/0", "a", 0.0)
        raise RuntimeError("the file ended in the middle")

    async def crawl() -> list[CrawlResult]:
        results = []
        with pytest.raises(RuntimeError, match="in the middle"):
            async for result in SemaphoreDispatcher(5).run(broken(), world.visit):
                results.append(result)
        return results

    assert [result.url for result in run_virtually(crawl())] == ["http://a/0"]


def test_memory_pressure_lowers_and_raises_the_permits() -> None:
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=16, check_interval=1.0)
    limits = []
    for second, percent in enumerate([50, 91, 91, 91, 96, 91, 87, 80, 80, 80, 80, 80, 80, 80, 80, 80]):
        dispatcher._look(percent, float(second * 10))
        limits.append(dispatcher._permits.limit)
    assert limits[:5] == [16, 12, 9, 7, 1]
    assert min(limits) == 1
    assert limits[6] == limits[5]
    assert limits[-1] == 16
