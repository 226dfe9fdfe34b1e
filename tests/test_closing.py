"""However a crawl ends, every URL that was taken has a result and nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from nephila import AsyncWebCrawler, CrawlerRunConfig, CrawlResult, ErrorCode, SemaphoreDispatcher
from tests.site.server import Site
from tests.waiting import children, until

FAST = CrawlerRunConfig(mean_delay=0, max_range=0, semaphore_count=10)


@pytest.fixture(autouse=True)
async def nothing_stays_behind(site: Site) -> AsyncIterator[None]:
    """No task, no process, no request under way after the test."""
    before = asyncio.all_tasks()
    yield
    await until(lambda: not asyncio.all_tasks() - before - {asyncio.current_task()}, 3)
    await until(lambda: site.active == 0, 3)
    assert children() == []


def slow(site: Site, count: int) -> list[str]:
    return [site.url(f"/slow?ms=60000&token={number}") for number in range(count)]


def quick(site: Site, count: int) -> list[str]:
    return [site.url(f"/echo?token={number}") for number in range(count)]


async def in_time(seconds: float, work: Callable[[], object]) -> None:
    started = time.monotonic()
    await work()  # type: ignore[misc]
    assert time.monotonic() - started < seconds


async def test_closing_while_a_stream_runs(site: Site) -> None:
    taken: list[str] = []

    def urls() -> Iterator[str]:
        for url in [*quick(site, 5), *slow(site, 500)]:
            taken.append(url)
            yield url

    crawler = AsyncWebCrawler()
    seen: list[CrawlResult] = []

    async def consume() -> None:
        async for result in crawler.arun_many(urls(), config=FAST, stream=True):
            seen.append(result)

    consumer = asyncio.create_task(consume())
    await until(lambda: site.active == 10)
    await in_time(1, crawler.close)
    await asyncio.wait_for(consumer, 1)
    assert Counter(result.url for result in seen) == Counter(taken)
    assert len(taken) < 100
    outcomes = Counter(result.error_code for result in seen)
    assert outcomes == {None: 5, ErrorCode.CANCELLED: len(taken) - 5}
    assert all((result.error_message or ".").endswith(".") for result in seen)
    assert not crawler.ready


async def test_closing_in_the_body_of_the_loop(site: Site) -> None:
    seen = []
    async with AsyncWebCrawler() as crawler:
        async for result in crawler.arun_many([*quick(site, 1), *slow(site, 8)], config=FAST, stream=True):
            seen.append(result)
            if len(seen) == 1:
                await in_time(1, crawler.close)
                assert asyncio.all_tasks() == {asyncio.current_task()} or site.active == 0
    assert len(seen) == 9
    assert seen[0].success
    assert {result.error_code for result in seen[1:]} == {ErrorCode.CANCELLED}


async def test_closing_a_batch(site: Site) -> None:
    crawler = AsyncWebCrawler()
    batch = asyncio.ensure_future(asyncio.gather(crawler.arun_many([*slow(site, 3), *quick(site, 2)], config=FAST)))
    await until(lambda: site.request_count == 5)
    await asyncio.sleep(0.1)
    await crawler.close()
    (results,) = await asyncio.wait_for(batch, 1)
    assert [result.error_code for result in results] == [ErrorCode.CANCELLED] * 3 + [None] * 2
    assert [result.dispatch_result.position for result in results if result.dispatch_result] == list(range(5))


@pytest.mark.parametrize("dispatcher", [None, SemaphoreDispatcher(2)])
async def test_closing_does_not_wait_for_the_pace_of_hosts(site: Site, dispatcher: SemaphoreDispatcher | None) -> None:
    crawler = AsyncWebCrawler()
    config = CrawlerRunConfig(mean_delay=30)
    path = slow if dispatcher else quick
    batch = asyncio.ensure_future(
        asyncio.gather(crawler.arun_many(path(site, 20), config=config, dispatcher=dispatcher))
    )
    await until(lambda: site.request_count)
    await asyncio.sleep(0.05)
    await in_time(1, crawler.close)
    (results,) = await asyncio.wait_for(batch, 1)
    assert [result.url for result in results] == path(site, 20)
    assert sum(result.success for result in results) <= 1


async def test_closing_does_not_wait_for_the_input(site: Site) -> None:
    ended = False

    async def urls() -> AsyncIterator[str]:
        nonlocal ended
        yield site.url("/page/1")
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    async with AsyncWebCrawler() as crawler:
        stream = crawler.arun_many(urls(), config=FAST, stream=True)
        assert (await anext(stream)).success
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.05)
        await in_time(1, crawler.close)
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(waiting, 1)
    assert ended


async def test_leaving_the_loop(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        async for result in await crawler.arun_many([*quick(site, 1), *slow(site, 50)], config=FAST, stream=True):
            assert result.success
            break
        await until(lambda: site.active == 0, 1)
        assert (await crawler.arun(site.url("/page/1"))).success


async def test_leaving_the_loop_while_the_stream_is_kept(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        stream = await crawler.arun_many([*quick(site, 1), *slow(site, 50)], config=FAST, stream=True)
        async for _ in stream:
            break
        started = time.monotonic()
    assert time.monotonic() - started < 1
    left = [result async for result in stream]
    assert {result.error_code for result in left} <= {ErrorCode.CANCELLED}


async def test_closing_the_stream(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        async with crawler.arun_many([*quick(site, 1), *slow(site, 50)], config=FAST, stream=True) as stream:
            assert (await anext(stream)).success
        await until(lambda: site.active == 0, 1)
        unused = crawler.arun_many(slow(site, 1), config=FAST, stream=True)
        await unused.aclose()
        crawler.arun_many(slow(site, 1), config=FAST)
    assert site.request_count < 20


async def test_exception_in_the_body_of_the_loop(site: Site) -> None:
    with pytest.raises(RuntimeError, match="enough"):
        async with AsyncWebCrawler() as crawler:
            async for _ in crawler.arun_many([*quick(site, 1), *slow(site, 50)], config=FAST, stream=True):
                raise RuntimeError("enough")


async def test_cancelling_a_batch(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(crawler.arun_many(slow(site, 100), config=FAST), 0.3)
        await until(lambda: site.active == 0, 1)
        assert (await crawler.arun(site.url("/page/1"))).success


async def test_cancelling_a_visit(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        visit = asyncio.create_task(crawler.arun(site.url("/silent")))
        await until(lambda: site.active)
        visit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visit
        await until(lambda: site.active == 0, 1)


async def test_closing_ends_single_visits(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        visits = [crawler.arun(url) for url in slow(site, 5)]
        # One that is waiting between two attempts.
        visits.append(crawler.arun(site.url("/status/503"), max_retries=50))
        running = asyncio.gather(*visits)
        await until(lambda: site.request_count >= 6)
        await in_time(1, crawler.close)
        results = await asyncio.wait_for(running, 1)
        assert [result.error_code for result in results] == [ErrorCode.CANCELLED] * 6
        assert (await crawler.arun(site.url("/page/1"))).success


async def test_closing_is_complete_though_it_is_cancelled(site: Site) -> None:
    crawler = AsyncWebCrawler()
    visits = asyncio.gather(*(crawler.arun(url) for url in slow(site, 3)))
    await until(lambda: site.active == 3)
    closing = asyncio.create_task(crawler.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert [result.error_code for result in await asyncio.wait_for(visits, 2)] == [ErrorCode.CANCELLED] * 3


async def test_closing_from_the_callers_own_function(site: Site) -> None:
    crawler = AsyncWebCrawler()

    async def close_it(url: str) -> str | None:
        await crawler.close()
        return "<p>too late</p>"

    result = await asyncio.wait_for(crawler.arun(site.url("/status/500"), fallback_fetch_function=close_it), 2)
    assert result.error_code is ErrorCode.CANCELLED


async def test_function_that_refuses_to_be_cancelled_does_not_hold_up_closing(site: Site) -> None:
    async def stubborn(url: str) -> str | None:
        for _ in range(40):
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue
        return None

    crawler = AsyncWebCrawler()
    visit = asyncio.create_task(crawler.arun(site.url("/status/500"), fallback_fetch_function=stubborn))
    await until(lambda: site.request_count)
    await asyncio.sleep(0.05)
    await in_time(1, crawler.close)
    assert (await visit).error_code is not None


async def test_closing_with_a_stopped_worker_and_no_thread_left(site: Site) -> None:
    big = [f"raw:<p>{number}" + "<p>x</p>" * 80_000 for number in range(4)]
    crawler = AsyncWebCrawler()
    assert all(result.success for result in await crawler.arun_many(big, config=FAST))
    for worker in children():
        worker.send_signal(signal.SIGSTOP)
    loop = asyncio.get_running_loop()
    # The caller's own work may hold every thread of the loop's pool.
    hold = [loop.run_in_executor(None, time.sleep, 1.5) for _ in range(2 * (os.cpu_count() or 1) + 8)]
    reading = asyncio.gather(*(crawler.arun(url) for url in big))
    await asyncio.sleep(0.1)
    await in_time(1, crawler.close)
    assert children() == []
    assert {result.error_code for result in await reading} == {ErrorCode.CANCELLED}
    await asyncio.gather(*hold)


async def test_opened_and_closed_at_once() -> None:
    for pause in (0, 0, 0.01, 0.03, 0.06, 0.1):
        crawler = AsyncWebCrawler()
        stream = crawler.arun_many(["raw:<p>x</p>"] * 10, config=FAST, stream=True)
        await anext(stream)
        await asyncio.sleep(pause)
        await crawler.close()
        assert children() == []
        await stream.aclose()
