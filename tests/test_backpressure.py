"""Memory of whole runs: flat whatever the number of pages, their size and the patience of the consumer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest

from nephila import AsyncWebCrawler, CrawlResult, DefaultMarkdownGenerator, Job, RateLimiter, SemaphoreDispatcher
from nephila.dispatch.buffer import ResultBuffer
from nephila.dispatch.memory import process_tree_megabytes
from nephila.result import CrawlResult as Result
from tests.site.server import Site

MB = 1_000_000


def own_megabytes() -> float:
    return psutil.Process().memory_info().rss / MB


def sized(size: int) -> Result:
    return Result(url="a:1", success=True, body=b"x" * size)


async def test_a_slow_consumer_of_large_pages_keeps_memory_flat(site: Site) -> None:
    page = b"<html><body>" + b"<p>" + b"The golden orb-weaver spins. " * 35_000 + b"</p>"
    url = site.serve("/large", page)
    taken = 0

    def urls() -> Iterator[str]:
        for number in range(100_000):
            yield f"{url}?{number}"

    peak = start = 0.0
    async with AsyncWebCrawler() as crawler:
        # Without a bound in bytes a hundred results of more than three megabytes would wait.
        dispatcher = SemaphoreDispatcher(100, max_session_permit=100)
        async with crawler.arun_many(urls(), dispatcher=dispatcher, stream=True) as stream:
            start = own_megabytes()
            async for result in stream:
                assert result.success
                taken += 1
                if taken > 120:
                    await asyncio.sleep(0.03)
                    peak = max(peak, own_megabytes())
                if taken == 220:
                    break
    # Pages before they are read are in it, too.
    assert peak - start < 330, (start, peak)
    assert site.request_count < taken + 100


def test_what_a_result_holds_is_counted_without_unpacking(site: Site) -> None:
    async def crawl() -> CrawlResult:
        async with AsyncWebCrawler() as crawler:
            plain = DefaultMarkdownGenerator(content_filter=None)
            return await crawler.arun(site.url("/big?kb=300"), markdown_generator=plain)

    result = asyncio.run(crawl())
    held = result.held_bytes()
    assert callable(result.__dict__["_html"]) and callable(result.__dict__["_body"])
    # The body as sent, the clean HTML and the Markdown, each about as large as the page.
    assert 750_000 < held < 1_300_000
    assert len(result.html) > 290_000
    assert result.held_bytes() > held + 250_000


async def buffer_used_to(size: int, max_bytes: int) -> ResultBuffer:
    """An empty buffer that has seen many results of this size."""
    buffer = ResultBuffer(max_bytes)
    for _ in range(200):
        buffer.put(sized(size))
        await buffer.take()
    assert (len(buffer), buffer.held_bytes) == (0, 0)
    return buffer


async def test_the_buffer_is_bounded_in_number_and_bytes() -> None:
    buffer = await buffer_used_to(2 * MB, max_bytes=11 * MB)
    assert buffer.room(permits=4, under_way=0) == 4
    assert buffer.room(permits=100, under_way=0) == 5
    assert buffer.room(permits=100, under_way=5) == 0
    for _ in range(3):
        buffer.put(sized(2 * MB))
    assert (len(buffer), buffer.held_bytes // MB) == (3, 6)
    assert buffer.room(permits=100, under_way=0) == 2
    assert buffer.room(permits=100, under_way=2) == 0
    assert buffer.room(permits=3, under_way=0) == 0
    buffer.end()
    for _ in range(3):
        assert await buffer.take() is not None
    assert buffer.held_bytes == 0
    assert await buffer.take() is None


async def test_a_page_larger_than_the_buffer_does_not_stop_the_run() -> None:
    buffer = await buffer_used_to(5 * MB, max_bytes=1 * MB)
    assert buffer.room(permits=10, under_way=0) == 1
    assert buffer.room(permits=10, under_way=1) <= 0
    buffer.put(sized(5 * MB))
    assert buffer.room(permits=10, under_way=0) <= 0


async def test_a_consumer_that_waits_lets_more_be_under_way() -> None:
    buffer = await buffer_used_to(1 * MB, max_bytes=5 * MB)
    waiting = asyncio.create_task(buffer.take())
    await asyncio.sleep(0)
    assert buffer.room(permits=100, under_way=5) == 14
    buffer.put(sized(1 * MB))
    await waiting
    assert buffer.room(permits=100, under_way=5) <= 0


async def test_a_run_holds_as_many_bytes_as_it_may() -> None:
    """What was read and not taken stays within the bound, for a fast consumer that becomes a slow one."""
    size = 2 * MB
    visited = 0

    async def visit(job: Job) -> CrawlResult:
        nonlocal visited
        visited += 1
        await asyncio.sleep(0.001)
        return Result(url=job.url, success=True, body=b"x" * size)

    async def jobs() -> AsyncIterator[Job]:
        for position in range(10_000):
            yield Job(position, f"a:{position}", "", 0.0)

    run = SemaphoreDispatcher(500, max_session_permit=500).run(jobs(), visit)
    taken = 0
    most_while_fast = most_while_slow = 0
    async for _ in run:
        taken += 1
        if 500 < taken <= 1000:
            most_while_fast = max(most_while_fast, visited - taken)
        elif taken > 1000:
            await asyncio.sleep(0.003)
            if taken > 1200:
                most_while_slow = max(most_while_slow, visited - taken)
        if taken == 1300:
            break
    await run.aclose()
    assert most_while_fast <= 4 * 64 * MB // size + 2
    assert 20 < most_while_slow <= 64 * MB // size + 2


@pytest.mark.slow
async def test_a_hundred_thousand_urls_in_the_memory_of_two_thousand(site: Site) -> None:
    """A stream from a generator, with a sink-like handler; memory of the whole process tree."""
    count = 100_000
    given = 0
    samples: list[float] = []

    def urls() -> Iterator[str]:
        for number in range(count):
            yield site.url(f"/page/{number % 1000}?{number}") if number % 16 == 0 else f"raw:<p>page {number}</p>"

    def handler(_result: CrawlResult) -> None:
        nonlocal given
        given += 1

    positions = 0
    async with AsyncWebCrawler() as crawler:
        async for result in crawler.arun_many(
            urls(),
            dispatcher=SemaphoreDispatcher(20, rate_limiter=RateLimiter(0)),
            stream=True,
            on_result=handler,
            verbose=False,
        ):
            assert result.success, result
            assert result.dispatch_result is not None
            positions += result.dispatch_result.position
            if given % 1000 == 0:
                samples.append(process_tree_megabytes())
    assert given == count
    assert positions == count * (count - 1) // 2
    # All that follows against the first thousands: what grows by the URL would show.
    assert max(samples[8:]) - max(samples[2:6]) < 40, samples
