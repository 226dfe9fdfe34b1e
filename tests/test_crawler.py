"""The public crawler: the programs users write, and how often and from where it may be used."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from nephila import (
    AsyncHTTPCrawlerStrategy,
    AsyncWebCrawler,
    BaseDispatcher,
    BrowserConfig,
    CacheMode,
    ConfigError,
    Crawler,
    CrawlerRunConfig,
    CrawlResult,
    ErrorCode,
    HTTPCrawlerConfig,
    Job,
    MatchMode,
    MemoryAdaptiveDispatcher,
    ResultList,
    ResultStream,
    SemaphoreDispatcher,
)
from nephila.dispatch.base import Visit
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site
from tests.waiting import children

FAST = CrawlerRunConfig(mean_delay=0, max_range=0, semaphore_count=20)


def pages(site: Site, count: int) -> list[str]:
    return [site.url(f"/echo?token=t{number}") for number in range(count)]


class TestPrograms:
    async def test_batch(self, site: Site) -> None:
        urls = [
            site.host_url("a.localhost", "/slow?ms=200&token=0"),
            site.host_url("b.localhost", "/page/1"),
            "nonsense",
        ]
        async with AsyncWebCrawler() as crawler:
            results = await crawler.arun_many(urls=urls, config=CrawlerRunConfig(stream=False))
        assert isinstance(results, list)
        assert [result.url for result in results] == urls
        assert [result.success for result in results] == [True, True, False]

    @pytest.mark.parametrize("awaited", [True, False])
    async def test_streaming(self, site: Site, awaited: bool) -> None:
        urls = [site.host_url(f"h{number}.localhost", "/page/1") for number in range(5)]
        config = CrawlerRunConfig(stream=True, cache_mode=CacheMode.BYPASS)
        seen = []
        async with AsyncWebCrawler() as crawler:
            if awaited:
                async for result in await crawler.arun_many(urls, config=config):
                    seen.append(result)
            else:
                async for result in crawler.arun_many(urls, config=config):
                    seen.append(result)
        assert Counter(result.url for result in seen) == Counter(urls)
        assert all(result.success for result in seen)

    async def test_custom_dispatcher(self, site: Site) -> None:
        dispatcher = MemoryAdaptiveDispatcher(memory_threshold_percent=70.0, max_session_permit=10)
        async with AsyncWebCrawler() as crawler:
            urls = [site.url(f"/slow?ms=50&token={number}") for number in range(40)]
            results = await crawler.arun_many(urls, dispatcher=dispatcher)
        assert [result.url for result in results] == urls
        assert all(result.success for result in results)
        assert 1 <= site.peak.total <= 10

    async def test_configs_are_chosen_by_url(self, site: Site) -> None:
        configs = [
            CrawlerRunConfig(url_matcher="*/page/*", css_selector="h1", mean_delay=0, max_range=0),
            CrawlerRunConfig(url_matcher=["*echo*", lambda url: url.endswith("t1")], match_mode=MatchMode.AND),
        ]
        urls = [site.url("/page/7"), *pages(site, 2), site.url("/json")]
        async with AsyncWebCrawler() as crawler:
            results = await crawler.arun_many(urls, config=configs)
        assert [result.error_code for result in results] == [
            None,
            ErrorCode.NO_CONFIG_MATCH,
            None,
            ErrorCode.NO_CONFIG_MATCH,
        ]
        assert results[0].markdown.strip() == "# Page 7"
        assert site.request_count == 2

    async def test_other_spellings(self, site: Site) -> None:
        assert Crawler is AsyncWebCrawler
        strategy = AsyncHTTPCrawlerStrategy(HTTPCrawlerConfig(headers={"X-Own": "1"}))
        async with AsyncWebCrawler(crawler_strategy=strategy, config=BrowserConfig(user_agent="a/1")) as crawler:
            assert (await crawler.arun(site.url("/headers"))).success
        (arrival,) = site.requests
        assert (arrival.headers["x-own"], arrival.headers["user-agent"]) == ("1", "a/1")


class TestInput:
    async def test_every_kind_of_iterable(self, site: Site, tmp_path: Path) -> None:
        urls = pages(site, 4)

        def generator() -> Iterator[str]:
            yield from urls

        async def async_generator() -> AsyncIterator[str]:
            for url in urls:
                await asyncio.sleep(0)
                yield url

        path = tmp_path / "urls.txt"
        path.write_text("\n".join(urls) + "\n")
        async with AsyncWebCrawler() as crawler:
            for source in (urls, tuple(urls), generator(), async_generator(), dict.fromkeys(urls), map(str, urls)):
                results = await crawler.arun_many(source, config=FAST)
                assert [result.url for result in results] == urls
                assert all(result.success for result in results)
            with path.open() as lines:
                results = await crawler.arun_many(lines, config=FAST)
            assert [result.url.strip() for result in results] == urls
            assert all(result.success for result in results)

    async def test_nothing_and_the_same_thing_twice(self, site: Site) -> None:
        async with AsyncWebCrawler() as crawler:
            assert await crawler.arun_many([]) == []
            assert [result async for result in crawler.arun_many([], stream=True)] == []
            results = await crawler.arun_many([site.url("/page/1")] * 3, config=FAST)
        assert [result.success for result in results] == [True] * 3
        assert site.request_count == 3

    @pytest.mark.parametrize("urls", ["http://example.com", b"http://example.com", None, 5])
    async def test_what_is_no_list_of_urls(self, urls: object) -> None:
        async with AsyncWebCrawler() as crawler:
            with pytest.raises(ConfigError, match="arun_many"):
                crawler.arun_many(urls)  # type: ignore[call-overload]
            with pytest.raises(ConfigError, match="empty list of configs"):
                crawler.arun_many(["raw:x"], config=[])

    async def test_input_is_read_as_it_is_crawled(self, site: Site) -> None:
        taken = 0

        def endless() -> Iterator[str]:
            nonlocal taken
            while True:
                taken += 1
                yield site.url(f"/echo?token={taken}")

        async with AsyncWebCrawler() as crawler:
            seen = 0
            async for result in crawler.arun_many(endless(), config=FAST, stream=True):
                assert result.success
                seen += 1
                if seen == 100:
                    break
        assert taken < 100 + 4 * FAST.semaphore_count

    async def test_first_result_before_the_last_fetch_starts(self, site: Site) -> None:
        urls = pages(site, 60)
        async with AsyncWebCrawler() as crawler:
            async for _ in crawler.arun_many(urls, config=FAST, stream=True):
                arrived_until_the_first = site.request_count
                break
            else:
                pytest.fail("no result")
        assert arrived_until_the_first < len(urls)

    async def test_exception_of_the_input_comes_after_what_was_accepted(self, site: Site) -> None:
        def failing() -> Iterator[str]:
            yield from pages(site, 3)
            raise RuntimeError("the file is gone")

        seen = []
        async with AsyncWebCrawler() as crawler:
            with pytest.raises(RuntimeError, match="the file is gone"):
                async for result in crawler.arun_many(failing(), config=FAST, stream=True):
                    seen.append(result)
            assert [result.success for result in seen] == [True] * 3
            with pytest.raises(RuntimeError, match="the file is gone"):
                await crawler.arun_many(failing(), config=FAST)
            assert (await crawler.arun(site.url("/page/1"))).success


class TestLife:
    async def test_many_times_in_one_loop(self, site: Site) -> None:
        crawler = AsyncWebCrawler()
        for number in range(20):
            assert not crawler.ready
            assert await crawler.start() is crawler
            assert crawler.ready
            results = await crawler.arun_many([site.url(f"/page/{number}"), "raw:x"], config=FAST)
            assert [result.success for result in results] == [True, True]
            await crawler.close()
            await crawler.close()
        assert children() == []

    def test_in_new_loops_without_closing(self, site: Site) -> None:
        crawler = AsyncWebCrawler()

        async def crawl() -> bool:
            results = await crawler.arun_many(pages(site, 5), config=FAST)
            return all(result.success for result in results)

        for _ in range(5):
            assert asyncio.run(crawl())
            # What was forgotten is closed with its loop.
            assert children() == []
            assert not crawler.ready

    async def test_ten_at_once(self, site: Site) -> None:
        async def crawl(number: int) -> None:
            async with AsyncWebCrawler() as crawler:
                urls = [site.url(f"/echo?token=c{number}x{page}") for page in range(4)]
                results = await crawler.arun_many(urls, config=FAST)
                assert [f"c{number}x{page}" in result.markdown for page, result in enumerate(results)] == [True] * 4

        await asyncio.gather(*(crawl(number) for number in range(10)))
        assert children() == []

    def test_one_crawler_in_several_threads(self, site: Site) -> None:
        crawler = AsyncWebCrawler()
        dispatcher = SemaphoreDispatcher(3)
        failures: list[BaseException] = []

        async def crawl(number: int) -> None:
            urls = [site.url(f"/slow?ms=20&token=n{number}x{page}") for page in range(12)]
            results = await crawler.arun_many(urls, config=FAST, dispatcher=dispatcher)
            assert [f"n{number}x{page}" in result.markdown for page, result in enumerate(results)] == [True] * 12
            if number % 2:
                await crawler.close()

        def thread(number: int) -> None:
            try:
                asyncio.run(asyncio.wait_for(crawl(number), 20))
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=thread, args=(number,)) for number in range(5)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert failures == []
        # One dispatcher, one limit, whatever the thread.
        assert site.peak.total <= 3
        assert children() == []

    async def test_results_of_simultaneous_visits_do_not_mix(self, site: Site) -> None:
        async with AsyncWebCrawler() as crawler:
            config = FAST.clone(semaphore_count=100)
            results = await crawler.arun_many([site.url(f"/echo?token=zq{n}end") for n in range(300)], config=config)
        for number, result in enumerate(results):
            own = f"zq{number}end"
            (link,) = result.links["internal"]
            for text in (result.html, str(result.markdown), link["href"], str(result.metadata["title"])):
                assert own in text and text.count("zq") == text.count(own)


class InReverse(BaseDispatcher):
    """A dispatcher of the caller's own: everything first, then one by one from the end."""

    async def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncIterator[CrawlResult]:  # type: ignore[override]
        for job in reversed([job async for job in jobs]):
            yield await visit(job)


async def test_dispatcher_of_ones_own(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(pages(site, 5), dispatcher=InReverse())
    assert [result.url for result in results] == pages(site, 5)
    assert [arrival.target[-2:] for arrival in site.requests] == ["t4", "t3", "t2", "t1", "t0"]


async def test_matcher_that_raises_fails_its_url_only(site: Site) -> None:
    def matcher(url: str) -> bool:
        if "t1" in url:
            raise RuntimeError("bad matcher")
        return True

    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many([*pages(site, 3), None], config=FAST.clone(url_matcher=matcher))  # type: ignore[list-item]
    assert [result.error_code for result in results] == [None, ErrorCode.USER_CODE, None, ErrorCode.INVALID_URL]
    assert results[1].error_message == "url_matcher raised RuntimeError: bad matcher"


async def test_what_arun_many_gives(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        assert isinstance(await crawler.arun_many(["raw:x"]), ResultList)
        assert isinstance(crawler.arun_many(["raw:x"], stream=True), ResultStream)
        stream = await crawler.arun_many(["raw:x"], config=CrawlerRunConfig(stream=True))
        with pytest.raises(TypeError, match="async for"):
            list(stream)
        assert [result.url async for result in stream] == ["raw:x"]
        async for result in await crawler.arun_many(["raw:y"]):
            assert result.url == "raw:y"


async def test_dispatch_result_tells_when(site: Site) -> None:
    def limited(exchange: Exchange) -> Answer:
        return Answer(b"<h1>x</h1>") if exchange.times() > 1 else Answer(status=429, headers=(("retry-after", "0"),))

    url = site.handle("/limited", limited)
    async with AsyncWebCrawler() as crawler:
        (result,) = await crawler.arun_many([url], config=FAST)
    assert result.success and result.dispatch_result is not None
    assert (result.dispatch_result.position, result.dispatch_result.attempts) == (0, 2)
    assert 0 < result.dispatch_result.start_time <= result.dispatch_result.end_time
