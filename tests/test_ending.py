"""Every way a run can end: it is over within five seconds, nothing is lost and nothing stays behind."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, CrawlResult, ErrorCode, RateLimiter, SemaphoreDispatcher
from nephila.sinks import JsonLinesSink
from tests.leaks import nothing_left_behind
from tests.site.server import Site
from tests.waiting import until

PERMITS = 10


def hanging(site: Site) -> Iterator[str]:
    """Six pages that come, then for ever those that do not."""
    for number in range(6):
        yield site.url(f"/page/{number + 1}")
    number = 0
    while True:
        number += 1
        yield site.url(f"/slow?ms=60000&{number}")
        yield site.url(f"/drip?{number}")


class Kept:
    """A sink that tells what became of it."""

    def __init__(self) -> None:
        self.results: list[CrawlResult] = []
        self.opened = 0
        self.closed = 0

    async def open(self) -> None:
        self.opened += 1

    async def write(self, result: CrawlResult) -> None:
        await asyncio.sleep(0.01)
        self.results.append(result)

    async def close(self) -> None:
        await asyncio.sleep(0.01)
        self.closed += 1

    @property
    def paths(self) -> list[str]:
        return sorted(result.url.rpartition("/")[2] for result in self.results if result.success)


async def all_under_way(site: Site) -> None:
    """The six pages are finished, and every permit is taken by one that hangs."""
    await until(lambda: site.request_count == 6 + PERMITS and site.active == PERMITS)


async def break_out(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    stream = crawler.arun_many(hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=True, on_result=sink)
    async for _ in stream:
        await all_under_way(site)
        break
    await stream.aclose()
    assert len(sink.results) == 6  # those that were finished but not taken yet, too


async def break_and_forget(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    async for _ in crawler.arun_many(
        hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=True, on_result=sink
    ):
        await all_under_way(site)
        break


async def raise_in_the_body(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    with pytest.raises(KeyError):
        async with crawler.arun_many(
            hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=True, on_result=sink
        ) as stream:
            async for _ in stream:
                await all_under_way(site)
                raise KeyError("mine")


async def cancel_a_batch(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    async def batch() -> None:
        await crawler.arun_many(hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=False, on_result=sink)

    task = asyncio.create_task(batch())
    await all_under_way(site)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancel_a_stream(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    async def take() -> None:
        async for _ in crawler.arun_many(
            hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=True, on_result=sink
        ):
            pass

    task = asyncio.create_task(take())
    await all_under_way(site)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def pass_the_deadline(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    results = await crawler.arun_many(
        hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=False, on_result=sink, run_timeout=1.5
    )
    assert [result.success for result in results[:6]] == [True] * 6
    left = results[6:]
    assert len(left) >= PERMITS
    assert {result.error_code for result in left} == {ErrorCode.CANCELLED}
    assert all("run_timeout" in str(result.error_message) for result in left)
    positions = [result.dispatch_result.position for result in results if result.dispatch_result]
    assert positions == list(range(len(results)))
    assert len(sink.results) == len(results)


async def close_the_crawler(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    async def batch() -> list[CrawlResult]:
        return await crawler.arun_many(
            hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=False, on_result=sink
        )

    task = asyncio.create_task(batch())
    await all_under_way(site)
    await crawler.close()
    assert sink.closed == 1
    results = await task
    assert {result.error_code for result in results[6:]} == {ErrorCode.CANCELLED}
    assert len(sink.results) == len(results)


async def fail_in_the_input(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    async def broken() -> AsyncIterator[str]:
        for number in range(6):
            yield site.url(f"/page/{number + 1}")
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="the file is gone"):
        await crawler.arun_many(broken(), dispatcher=SemaphoreDispatcher(PERMITS), stream=False, on_result=sink)


async def end_by_itself(crawler: AsyncWebCrawler, site: Site, sink: Kept) -> None:
    urls = [site.url(f"/page/{number + 1}") for number in range(6)]
    results = await crawler.arun_many(urls, dispatcher=SemaphoreDispatcher(PERMITS), stream=False, on_result=sink)
    assert [result.url for result in results] == urls


WAYS = [
    break_out,
    break_and_forget,
    raise_in_the_body,
    cancel_a_batch,
    cancel_a_stream,
    pass_the_deadline,
    close_the_crawler,
    fail_in_the_input,
    end_by_itself,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_every_way_of_ending(way, site: Site) -> None:  # type: ignore[no-untyped-def]
    sink = Kept()
    async with nothing_left_behind(site):
        async with AsyncWebCrawler() as crawler:
            await way(crawler, site, sink)
            await until(lambda: sink.closed == 1)
        assert (sink.opened, sink.closed) == (1, 1)
        assert sink.paths == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_the_crawler_goes_on_after_it(way, site: Site) -> None:  # type: ignore[no-untyped-def]
    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        await way(crawler, site, Kept())
        assert (await crawler.arun(site.url("/page/1"))).success


async def test_the_deadline_does_not_wait_for_a_consumer_that_is_busy(site: Site) -> None:
    taken: list[CrawlResult] = []
    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        stream = crawler.arun_many(hanging(site), dispatcher=SemaphoreDispatcher(PERMITS), stream=True, run_timeout=1.0)
        async for result in stream:
            taken.append(result)
            if len(taken) == 1:
                await asyncio.sleep(1.5)
                assert site.active == 0
    assert sum(result.success for result in taken) == 6
    assert {result.error_code for result in taken if not result.success} == {ErrorCode.CANCELLED}
    assert len({result.url for result in taken}) == len(taken)


async def test_a_deadline_that_is_not_reached_changes_nothing(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many([site.url("/page/1")], run_timeout=60, stream=False)
    assert [result.success for result in results] == [True]


async def test_a_page_that_waits_for_its_turn_keeps_its_last_answer(site: Site) -> None:
    """One that is limited until the deadline was visited: its result says so."""
    urls = [site.url("/429?retry_after=30&times=5"), site.url("/page/1")]
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(
            urls, dispatcher=SemaphoreDispatcher(1, rate_limiter=RateLimiter(0)), run_timeout=1.0, stream=False
        )
    assert [result.error_code for result in results] == [ErrorCode.HTTP, ErrorCode.CANCELLED]
    assert results[0].status_code == 429


async def test_a_slow_handler_is_interrupted_when_the_run_is_cut_short(site: Site) -> None:
    events: list[str] = []

    async def stuck(result: CrawlResult) -> None:
        events.append("given")
        try:
            await asyncio.sleep(60)
        finally:
            events.append("interrupted")

    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        began = time.monotonic()
        task = asyncio.create_task(_batch(crawler, site, stuck))
        await until(lambda: events)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 6
    assert events[-1] == "interrupted"


async def _batch(crawler: AsyncWebCrawler, site: Site, handler) -> None:  # type: ignore[no-untyped-def]
    await crawler.arun_many(hanging(site), dispatcher=SemaphoreDispatcher(3), stream=False, on_result=handler)


async def test_files_are_closed_and_whole(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(
            hanging(site),
            dispatcher=SemaphoreDispatcher(PERMITS),
            stream=False,
            on_result=JsonLinesSink(file, ["url", "error_code"]),
            run_timeout=1.5,
        )
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert sorted(line["url"] for line in lines) == sorted(result.url for result in results)
