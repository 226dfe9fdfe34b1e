"""Dispatchers that know nothing of observers are watched from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from nephila import BaseDispatcher, ConfigError, CrawlResult, DispatchResult, Job, SemaphoreDispatcher, Visit
from nephila.dispatch.statistics import RunStatistics
from tests.dispatch.counting import Count
from tests.dispatch.virtual_clock import run_virtually


class OneByOne(BaseDispatcher):
    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        async for job in jobs:
            yield await visit(job)


class Twice(BaseDispatcher):
    """Reads everything ahead and visits each URL again when the first visit failed."""

    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        for job in [job async for job in jobs]:
            result = await visit(job)
            if not result.success:
                result = await visit(job)
            yield result


class Hurried(BaseDispatcher):
    """Visits each URL twice at once, takes the first answer, and gives up visits that last."""

    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        async for job in jobs:
            tasks = [asyncio.ensure_future(visit(job)) for _ in range(2)]
            done, late = await asyncio.wait(tasks, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            for task in late:
                task.cancel()
            await asyncio.wait(tasks)
            yield done.pop().result() if done else await visit(job)


class Refusing(BaseDispatcher):
    """Answers every second URL itself."""

    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        async for job in jobs:
            if job.position % 2:
                yield CrawlResult(url=job.url, dispatch_result=DispatchResult("", job.position))
            else:
                yield await visit(job)


class Wrapped(SemaphoreDispatcher):
    """A built-in dispatcher with a `run` of its own."""

    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        async for result in super().run(jobs, visit):
            result.metadata["seen"] = True
            yield result


async def crawl(dispatcher: BaseDispatcher, urls: int, latency: float = 1.0) -> tuple[RunStatistics, list[CrawlResult]]:
    attempts: dict[int, int] = {}

    async def visit(job: Job) -> CrawlResult:
        await asyncio.sleep(latency if not attempts.get(job.position) else 1.0)
        attempts[job.position] = attempts.get(job.position, 0) + 1
        success = attempts[job.position] > 1 or job.position % 3 > 0
        return CrawlResult(url=job.url, success=success, dispatch_result=DispatchResult("", job.position))

    async def jobs() -> AsyncIterator[Job]:
        for position in range(urls):
            yield Job(position, f"http://a/{position}", "a", 0.0)

    statistics = RunStatistics(clock=asyncio.get_running_loop().time)
    observers = [statistics, Count(statistics.snapshot)]
    return statistics, [result async for result in dispatcher.run_watched(jobs(), visit, observers)]


@pytest.mark.parametrize(
    "dispatcher", [OneByOne(), Twice(), Hurried(), Refusing(), Wrapped()], ids=lambda d: type(d).__name__
)
def test_counts_add_up(dispatcher: BaseDispatcher) -> None:
    async def main() -> None:
        statistics, results = await crawl(dispatcher, 9)
        stats = statistics.snapshot()
        assert len(results) == 9
        assert stats.done == sum(result.success for result in results)
        assert stats.failed == 9 - stats.done
        assert not stats.running

    run_virtually(main())


def test_a_visit_that_was_given_up_is_not_counted_twice() -> None:
    async def main() -> None:
        statistics, results = await crawl(Hurried(), 3, latency=12.0)
        stats = statistics.snapshot()
        assert (len(results), stats.finished, stats.retries) == (3, 3, 0)

    run_virtually(main())


def test_a_second_visit_is_a_repetition() -> None:
    async def main() -> None:
        statistics, _ = await crawl(Twice(), 6)
        stats = statistics.snapshot()
        assert (stats.done, stats.retries) == (6, 2)
        assert stats.latency_p50 == pytest.approx(1.0, rel=0.03)
        assert stats.memory is None

    run_virtually(main())


def test_a_subclass_that_overrides_run_is_run_by_it() -> None:
    async def main() -> None:
        _, results = await crawl(Wrapped(), 3)
        assert all(result.metadata["seen"] for result in results)

    run_virtually(main())


def test_closing_early_cancels_what_is_left() -> None:
    async def main() -> None:
        statistics = RunStatistics(clock=asyncio.get_running_loop().time)

        async def visit(job: Job) -> CrawlResult:
            return CrawlResult(url=job.url, success=True, dispatch_result=DispatchResult("", job.position))

        async def jobs() -> AsyncIterator[Job]:
            for position in range(5):
                yield Job(position, "http://a/", "a", 0.0)

        stream = Twice().run_watched(jobs(), visit, [statistics, Count(statistics.snapshot)])
        async for _ in stream:
            break
        await stream.aclose()
        stats = statistics.snapshot()
        assert (stats.done, stats.failed, stats.cancelled, stats.running) == (1, 4, 4, False)

    run_virtually(main())


def test_a_monitor_has_to_be_one() -> None:
    with pytest.raises(ConfigError, match="monitor is a CrawlerMonitor, not a str"):
        OneByOne(monitor="yes")  # type: ignore[arg-type]
