"""`on_result`: functions and sinks that are given the results."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, ConfigError, CrawlResult, ErrorCode, RateLimiter, ResultSink, SemaphoreDispatcher
from nephila.sinks import JsonLinesSink
from tests.leaks import nothing_left_behind
from tests.site.server import Site


def pages(site: Site, count: int) -> list[str]:
    return [site.url(f"/page/{number}") for number in range(1, count + 1)]


class Recorder:
    def __init__(self, *, fail_open: bool = False, fail_close: bool = False) -> None:
        self.events: list[str] = []
        self._fail_open = fail_open
        self._fail_close = fail_close

    async def open(self) -> None:
        if self._fail_open:
            raise PermissionError("not here")
        self.events.append("open")

    async def write(self, result: CrawlResult) -> None:
        self.events.append(result.url)

    async def close(self) -> None:
        self.events.append("close")
        if self._fail_close:
            raise OSError("too late")


@pytest.mark.parametrize("stream", [False, True])
async def test_every_result_is_given_once_to_each(site: Site, stream: bool) -> None:
    urls = [*pages(site, 5), "nonsense", site.url("/status/404")]
    by_function: list[CrawlResult] = []
    by_coroutine: list[CrawlResult] = []

    async def coroutine(result: CrawlResult) -> None:
        await asyncio.sleep(0)
        by_coroutine.append(result)

    sink = Recorder()
    handlers = [by_function.append, coroutine, sink]
    async with AsyncWebCrawler() as crawler:
        results = [result async for result in crawler.arun_many(urls, stream=stream, mean_delay=0, on_result=handlers)]
    assert sorted(result.url for result in results) == sorted(urls)
    assert {id(result) for result in by_function} == {id(result) for result in results}
    assert by_coroutine == by_function
    assert sink.events[0] == "open" and sink.events[-1] == "close"
    assert sink.events[1:-1] == [result.url for result in by_function]


async def test_a_page_that_is_tried_again_is_given_once(site: Site) -> None:
    given: list[CrawlResult] = []
    url = site.url("/429?retry_after=0&times=1&token=x")
    async with AsyncWebCrawler() as crawler:
        await crawler.arun_many(
            [url], dispatcher=SemaphoreDispatcher(rate_limiter=RateLimiter(0)), on_result=given.append, stream=False
        )
    assert [(result.url, result.success) for result in given] == [(url, True)]


async def test_a_handler_that_raises_fails_its_own_url(site: Site) -> None:
    urls = pages(site, 4)

    def picky(result: CrawlResult) -> None:
        if result.url == urls[1]:
            raise ValueError("I do not like it")

    async def cancels_itself(result: CrawlResult) -> None:
        if result.url == urls[2]:
            raise asyncio.CancelledError

    after: dict[str, bool] = {}
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(
            urls,
            stream=False,
            mean_delay=0,
            on_result=[picky, cancels_itself, lambda result: after.update({result.url: result.success})],
        )
    assert [result.error_code for result in results] == [None, ErrorCode.USER_CODE, ErrorCode.USER_CODE, None]
    assert "picky raised ValueError: I do not like it" in str(results[1].error_message)
    assert "cancels_itself" in str(results[2].error_message)
    assert results[1].markdown
    assert after == {result.url: result.success for result in results}


async def test_a_page_that_had_failed_keeps_its_own_reason(site: Site) -> None:
    def broken(result: CrawlResult) -> None:
        raise RuntimeError("always")

    async with AsyncWebCrawler() as crawler:
        (result,) = await crawler.arun_many(
            [site.url("/status/404")], stream=False, on_result=functools.partial(broken)
        )
    assert result.error_code is ErrorCode.HTTP
    assert result.warnings == ["on_result: partial raised RuntimeError: always"]


async def test_a_sink_that_cannot_be_opened_is_told_before_anything_is_fetched(site: Site, tmp_path: Path) -> None:
    before, after = Recorder(), Recorder(fail_open=True)
    async with AsyncWebCrawler() as crawler:
        with pytest.raises(ConfigError, match="Recorder could not be opened: PermissionError: not here"):
            await crawler.arun_many(pages(site, 2), stream=False, on_result=[before, after])
        with pytest.raises(ConfigError, match="JsonLinesSink could not be opened: IsADirectoryError"):
            async for _ in crawler.arun_many(pages(site, 2), stream=True, on_result=JsonLinesSink(tmp_path)):
                pass
    assert site.request_count == 0
    assert (before.events, after.events) == (["open", "close"], [])


async def test_a_sink_that_fails_to_close_does_not_take_the_results(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    sinks = [Recorder(fail_close=True), Recorder()]
    async with AsyncWebCrawler() as crawler:
        (result,) = await crawler.arun_many(pages(site, 1), stream=False, on_result=sinks)
    assert result.success
    assert [sink.events[-1] for sink in sinks] == ["close", "close"]
    assert "Recorder could not be closed" in caplog.text


@pytest.mark.parametrize("wrong", ["results.jsonl", 7, JsonLinesSink, [None]])
def test_what_is_no_handler_is_told_at_once(wrong: object) -> None:
    with pytest.raises(ConfigError, match="on_result"):
        AsyncWebCrawler().arun_many([], on_result=wrong)  # type: ignore[call-overload]


def test_the_protocol_can_be_asked() -> None:
    assert isinstance(Recorder(), ResultSink)
    assert isinstance(JsonLinesSink("x"), ResultSink)
    assert not isinstance(print, ResultSink)


async def test_a_slow_handler_slows_the_crawl(site: Site) -> None:
    taken = 0
    given = 0
    ahead = 0

    def urls():  # type: ignore[no-untyped-def]
        nonlocal taken
        for url in pages(site, 60):
            taken += 1
            yield url

    async def slow(_result: CrawlResult) -> None:
        nonlocal given, ahead
        await asyncio.sleep(0.03)
        given += 1
        ahead = max(ahead, taken - given)

    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls(), dispatcher=SemaphoreDispatcher(4), stream=False, on_result=slow)
    assert (len(results), given) == (60, 60)
    assert ahead <= 4 + 4 + 6


async def test_a_handler_may_close_the_crawler(site: Site) -> None:
    crawler = AsyncWebCrawler()

    async def enough(_result: CrawlResult) -> None:
        await crawler.close()

    async with nothing_left_behind(site), asyncio.timeout(6):
        results = await crawler.arun_many(pages(site, 30), stream=False, mean_delay=0, on_result=enough)
    assert sum(result.success for result in results) < 10
    assert results[-1].error_code is ErrorCode.CANCELLED


async def test_a_failed_handler_is_in_the_statistics(site: Site) -> None:
    def handler(result: CrawlResult) -> None:
        if result.url.endswith("/2"):
            raise OSError("disk full")

    urls = [*pages(site, 3), site.url("/status/404")]
    async with AsyncWebCrawler() as crawler:
        await crawler.arun_many(urls, mean_delay=0, max_range=0, on_result=handler)
        stats = crawler.stats
    assert (stats.accepted, stats.done, stats.failed) == (4, 2, 2)
    assert stats.errors == {"http": 1, "user_code": 1}
    (host,) = stats.hosts
    assert (host.done, host.failed, host.errors) == (2, 2, {"http": 1, "user_code": 1})
