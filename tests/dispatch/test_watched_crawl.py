"""`crawler.stats` of real crawls."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from nephila import (
    AsyncWebCrawler,
    BaseDispatcher,
    CrawlResult,
    CrawlStats,
    Job,
    MemoryAdaptiveDispatcher,
    RateLimiter,
    Visit,
)
from tests.site.server import Site


class OneByOne(BaseDispatcher):
    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        async for job in jobs:
            yield await visit(job)


async def test_before_the_first_run() -> None:
    assert AsyncWebCrawler().stats == CrawlStats()


async def test_numbers_of_a_run(site: Site) -> None:
    urls = [site.url(f"/page/{number}") for number in range(8)] + [site.url("/status/404"), "not a url"]
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls, mean_delay=0, max_range=0, stream=False)
        stats = crawler.stats
    assert (stats.total, stats.accepted, stats.done, stats.failed) == (10, 10, 8, 2)
    assert stats.errors == {"http": 1, "invalid_url": 1}
    assert stats.statuses == {"404": 1}
    assert stats.bytes == sum(result.wire_bytes for result in results) > 0
    assert not stats.running
    assert stats.pages_per_second > 0
    assert stats.latency_p50 is not None
    assert 0 < stats.latency_p50 < stats.elapsed < 30
    assert stats.peak_memory is not None
    assert {host.host: (host.done, host.failed) for host in stats.hosts} == {
        f"127.0.0.1:{site.port}": (8, 1),
        "": (0, 1),
    }


async def test_while_it_runs(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        urls = [site.url(f"/page/{number}") for number in range(5)]
        done = []
        async for _ in crawler.arun_many(urls, mean_delay=0, max_range=0, stream=True):
            stats = crawler.stats
            done.append(stats.finished)
            assert stats.queued + stats.active + stats.retrying + stats.finished == stats.accepted
        assert done == sorted(done)
        assert done[-1] == 5
        assert crawler.stats.total == 5


async def test_with_a_dispatcher_that_knows_nothing_of_it(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        urls = [site.url("/page/1"), site.url("/status/500"), site.url("/page/2")]
        await crawler.arun_many(urls, dispatcher=OneByOne(), stream=False)
        stats = crawler.stats
    assert (stats.total, stats.done, stats.failed, stats.errors) == (3, 2, 1, {"http": 1})
    assert stats.latency_p99 is not None
    assert stats.memory is None
    assert not stats.running


async def test_a_host_that_limits(site: Site) -> None:
    site.serve("/busy", "Later", status=429)
    limiter = RateLimiter(base_delay=0.0, max_delay=0.05, max_retries=3)
    async with AsyncWebCrawler() as crawler:
        dispatcher = MemoryAdaptiveDispatcher(rate_limiter=limiter)
        await crawler.arun_many([site.url("/busy"), site.url("/page/1")], dispatcher=dispatcher, stream=False)
        stats = crawler.stats
    assert (stats.done, stats.failed, stats.retries) == (1, 1, 3)
    assert stats.statuses == {"429": 4}
    assert stats.wait_seconds > 0
    assert stats.advice() == [f"127.0.0.1:{site.port} answered 429 4 times: lower its concurrency or raise its delay."]


async def test_closing_the_crawler_cancels_what_is_left(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        urls = [site.url(f"/page/{number}") for number in range(12_000)]
        results = []
        async for result in crawler.arun_many(urls, stream=True):
            results.append(result)
            if len(results) == 1:
                await crawler.close()
        stats = crawler.stats
    assert not stats.running
    assert stats.accepted == stats.finished == len(results)
    assert stats.cancelled == stats.errors.get("cancelled")


async def test_each_run_has_its_own_numbers(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        for count in (3, 2):
            urls = (site.url(f"/page/{number}") for number in range(count))
            await crawler.arun_many(urls, mean_delay=0, max_range=0, stream=False)
            assert (crawler.stats.total, crawler.stats.done) == (None, count)
