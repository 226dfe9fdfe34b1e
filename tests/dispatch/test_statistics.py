from __future__ import annotations

import asyncio
import json
import random
import time
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from nephila import CrawlResult, ErrorCode, Job, MemoryAdaptiveDispatcher, RateLimiter
from nephila.dispatch.statistics import RunStatistics
from nephila.models import MarkdownGenerationResult
from nephila.result import StringCompatibleMarkdown
from tests.dispatch.counting import Count
from tests.dispatch.virtual_clock import run_virtually


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def page(success: bool = True, status: int | None = 200, code: ErrorCode | None = None, text: str = "x") -> CrawlResult:
    result = CrawlResult(url="", success=success, status_code=status, error_code=code)
    result.content_type = "text/html"
    result.markdown = StringCompatibleMarkdown(MarkdownGenerationResult(text))
    result.wire_bytes = 100
    return result


def failure(code: ErrorCode = ErrorCode.HTTP, status: int | None = 500) -> CrawlResult:
    return page(False, status, code, "")


def crawl_one(
    statistics: RunStatistics, clock: Clock, result: CrawlResult, seconds: float = 0.1, host: str = "a"
) -> None:
    job = Job(0, f"http://{host}/", host, clock.now)
    statistics.accepted(job)
    job.attempts, job.started_at = 1, clock.now
    statistics.began(job)
    clock.now += seconds
    statistics.finished(job, result)


ANSWERS = (200, 200, 200, 404, 429, 503, None)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    urls=st.integers(0, 60),
    permits=st.integers(1, 8),
    stop_after=st.one_of(st.none(), st.integers(0, 30)),
)
def test_counts_add_up_at_every_step(seed: int, urls: int, permits: int, stop_after: int | None) -> None:
    chance = random.Random(seed)

    async def visit(job: Job) -> CrawlResult:
        await asyncio.sleep(chance.choice([0.0, 0.01, 0.5, 20.0]))
        status = chance.choice(ANSWERS)
        return page() if status == 200 else failure(ErrorCode.HTTP if status else ErrorCode.TIMEOUT, status)

    async def jobs() -> AsyncIterator[Job]:
        for position in range(urls):
            await asyncio.sleep(chance.choice([0.0, 0.0, 0.3]))
            host = chance.choice("abcd")
            yield Job(position, f"http://{host}/{position}", host, 0.0)

    async def main() -> None:
        statistics = RunStatistics(urls, asyncio.get_running_loop().time)
        count = Count(statistics.snapshot)
        dispatcher = MemoryAdaptiveDispatcher(
            max_session_permit=permits,
            check_interval=30.0,
            rate_limiter=RateLimiter((0.0, 0.2), max_delay=5.0, max_retries=2),
        )
        stream = dispatcher.run_watched(jobs(), visit, [statistics, count])
        results = 0
        async for _ in stream:
            results += 1
            if results == stop_after:
                break
        await stream.aclose()
        stats = statistics.snapshot()
        assert not stats.running
        assert stats.queued == stats.active == stats.retrying == 0
        assert count.steps > 3 * results
        if stop_after is None or results < stop_after:
            assert (stats.finished, stats.cancelled, results) == (urls, 0, urls)

    run_virtually(main())


def test_what_is_left_of_a_run_cut_short_was_cancelled() -> None:
    async def visit(job: Job) -> CrawlResult:
        await asyncio.sleep(job.position)
        return page()

    async def jobs() -> AsyncIterator[Job]:
        for position in range(10):
            yield Job(position, "http://a/", "a", 0.0)

    async def main() -> None:
        statistics = RunStatistics(10, asyncio.get_running_loop().time)
        stream = MemoryAdaptiveDispatcher(max_session_permit=3).run_watched(jobs(), visit, [statistics])
        async for _ in stream:
            break
        await stream.aclose()
        stats = statistics.snapshot()
        assert stats.done >= 1
        assert stats.cancelled == stats.failed == stats.accepted - stats.done > 0
        assert stats.errors == {"cancelled": stats.cancelled}
        assert stats.eta is None

    run_virtually(main())


def test_a_run_that_never_began_has_ended() -> None:
    async def main() -> None:
        statistics = RunStatistics()

        async def visit(job: Job) -> CrawlResult:
            return page()

        async def jobs() -> AsyncIterator[Job]:
            yield Job(0, "http://a/", "a", 0.0)

        stream = MemoryAdaptiveDispatcher().run_watched(jobs(), visit, [statistics])
        step = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
        await stream.aclose()
        assert not statistics.snapshot().running

    asyncio.run(main())


def test_rates_and_the_time_left() -> None:
    clock = Clock()
    statistics = RunStatistics(1000, clock)
    for _ in range(100):
        crawl_one(statistics, clock, page(), 1.0)
    for _ in range(200):
        crawl_one(statistics, clock, page(), 0.1)
    stats = statistics.snapshot()
    assert stats.elapsed == pytest.approx(120)
    assert stats.pages_per_second == pytest.approx(300 / 120)
    assert stats.recent_pages_per_second == pytest.approx(10, rel=0.15)
    assert stats.eta == pytest.approx(700 / stats.recent_pages_per_second)
    assert stats.bytes == 300 * 100
    clock.now += 60
    assert statistics.snapshot().recent_pages_per_second == 0
    assert statistics.snapshot().eta is None
    statistics.ended()
    clock.now += 60
    assert statistics.snapshot().elapsed == pytest.approx(180)


def test_percentiles_of_a_run() -> None:
    clock = Clock()
    statistics = RunStatistics(clock=clock)
    for number in range(1, 101):
        crawl_one(statistics, clock, page(), number / 100)
    stats = statistics.snapshot()
    assert stats.latency_p50 == pytest.approx(0.50, rel=0.026)
    assert stats.latency_p90 == pytest.approx(0.90, rel=0.026)
    assert stats.latency_p99 == pytest.approx(0.99, rel=0.026)


def test_errors_by_code_and_by_host() -> None:
    clock = Clock()
    statistics = RunStatistics(clock=clock)
    crawl_one(statistics, clock, page())
    crawl_one(statistics, clock, failure(ErrorCode.HTTP, 404), host="b")
    crawl_one(statistics, clock, failure(ErrorCode.DNS, None), host="c", seconds=0.5)
    job = Job(9, "http://b/", "b", clock.now, attempts=1, waited=2.5)
    statistics.accepted(job)
    statistics.began(job)
    statistics.repeated(job, failure(ErrorCode.HTTP, 429))
    job.attempts = 2
    statistics.began(job)
    statistics.finished(job, page())
    stats = statistics.snapshot()
    assert stats.errors == {"http": 1, "dns": 1}
    assert stats.statuses == {"404": 1, "429": 1}
    by_name = {host.host: host for host in stats.hosts}
    assert by_name["b"].errors == {"http": 2}
    assert (by_name["b"].done, by_name["b"].failed, by_name["b"].retries, by_name["b"].visits) == (1, 1, 1, 3)
    assert by_name["c"].mean_latency == pytest.approx(0.5)
    assert stats.hosts[0].host == "b"
    assert (stats.wait_seconds, stats.longest_wait, stats.retries) == (2.5, 2.5, 1)
    json.dumps(stats.model_dump())


@pytest.mark.parametrize(
    ("result", "textless"),
    [
        (page(text=" \n"), 1),
        (page(text=""), 1),
        (page(text="x"), 0),
        (failure(), 0),
    ],
)
def test_pages_without_text(result: CrawlResult, textless: int) -> None:
    statistics = RunStatistics(clock=(clock := Clock()))
    crawl_one(statistics, clock, result)
    assert statistics.snapshot().textless == textless


def test_a_page_is_not_textless_when_it_is_no_page_or_an_option_chose_nothing() -> None:
    statistics = RunStatistics(clock=(clock := Clock()))
    image, chosen = page(text=""), page(text="")
    image.content_type = "image/png"
    chosen.warnings = ["css_selector found nothing."]
    crawl_one(statistics, clock, image)
    crawl_one(statistics, clock, chosen)
    assert statistics.snapshot().textless == 0


def test_memory_and_permits() -> None:
    statistics = RunStatistics()
    assert statistics.snapshot().memory is None
    for memory, permits in ((100.0, 20), (400.0, 5), (200.0, 10)):
        statistics.measured(memory, permits)
    stats = statistics.snapshot()
    assert (stats.memory, stats.peak_memory) == (200.0, 400.0)
    assert (stats.permits, stats.fewest_permits, stats.most_permits) == (10, 5, 20)


def simulate(statistics: RunStatistics, jobs: int, hosts: int) -> None:
    good, bad = page(), failure()
    for position in range(jobs):
        job = Job(position, "http://host/", f"host{position % hosts}", 0.0, attempts=1, started_at=time.monotonic())
        statistics.accepted(job)
        statistics.began(job)
        statistics.finished(job, bad if position % 10 == 0 else good)


def test_memory_does_not_grow_with_urls_and_hosts() -> None:
    tracemalloc.start()
    try:
        statistics = RunStatistics()
        simulate(statistics, 100_000, 50_000)
        assert tracemalloc.get_traced_memory()[0] < 4_000_000
    finally:
        tracemalloc.stop()
    stats = statistics.snapshot()
    assert stats.done == 90_000
    assert len(stats.hosts) == 1_000
    assert stats.other_hosts is not None
    assert stats.other_hosts.done + sum(host.done for host in stats.hosts) == 90_000


def test_cost_of_one_url() -> None:
    statistics = RunStatistics()
    simulate(RunStatistics(), 2_000, 100)
    begin = time.process_time()
    simulate(statistics, 20_000, 10_000)
    # About 5 microseconds, half of it for making the jobs; the bound leaves room for a slow, busy machine.
    assert (time.process_time() - begin) / 20_000 < 40e-6
