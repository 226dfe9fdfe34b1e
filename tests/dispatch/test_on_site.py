"""Pace, limits and retries as the server sees them: real crawls of real servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest

from nephila import (
    AsyncWebCrawler,
    BaseDispatcher,
    CrawlerRunConfig,
    CrawlResult,
    ErrorCode,
    HostLimits,
    HTTPCrawlerConfig,
    MemoryAdaptiveDispatcher,
    RateLimiter,
    SemaphoreDispatcher,
)
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

CONFIG = CrawlerRunConfig(page_timeout=20_000)

LATE = 0.02
"""Seconds by which the server, a thread of the same busy process, may notice a request late."""


async def crawl(
    urls: Sequence[str],
    dispatcher: BaseDispatcher | None = None,
    config: CrawlerRunConfig = CONFIG,
    http: HTTPCrawlerConfig | None = None,
) -> list[CrawlResult]:
    async with AsyncWebCrawler(config=http) as crawler:
        return list(await crawler.arun_many(urls, config, dispatcher, stream=False))


def arrivals(site: Site, host: str) -> list[float]:
    return [arrival.started for arrival in site.requests if arrival.host == host]


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


async def test_each_of_two_hosts_at_its_own_pace_at_once(site: Site) -> None:
    limits = {"two.localhost": HostLimits(delay=0.5), "twenty.localhost": HostLimits(delay=0.05)}
    limiter = RateLimiter(per_host={site.host(name): allowed for name, allowed in limits.items()})
    urls = [site.host_url("two.localhost", f"/echo?token={number}") for number in range(9)]
    urls += [site.host_url("twenty.localhost", f"/echo?token={number}") for number in range(80)]
    results = await crawl(urls, SemaphoreDispatcher(10, rate_limiter=limiter))

    assert all(result.success for result in results)
    for name, allowed in limits.items():
        delay = allowed.delay
        assert isinstance(delay, float)
        times = arrivals(site, name)
        # Over every stretch of the run: one request that is noticed late is no burst, a second would be.
        for first, second in combinations(range(len(times)), 2):
            assert times[second] - times[first] >= (second - first) * delay - LATE
        assert (times[-1] - times[0]) / (len(times) - 1) <= delay * 1.1


async def test_the_gap_holds_where_the_first_connection_takes_longer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    import aiohttp

    connect = aiohttp.TCPConnector._create_connection
    slow = iter([0.35, 0.05, 0.3, 0.0, 0.2])

    async def connect_slowly(self, *args):  # type: ignore[no-untyped-def]
        await asyncio.sleep(next(slow, 0.0))
        return await connect(self, *args)

    # What a distant server does by itself: a handshake that takes longer once than another time.
    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", connect_slowly)
    urls = [site.host_url("far.localhost", f"/slow?ms=400&token={number}") for number in range(8)]
    await crawl(urls, SemaphoreDispatcher(10, rate_limiter=RateLimiter(0.2)))
    assert min(gaps(arrivals(site, "far.localhost"))) >= 0.2 - LATE


async def test_retry_after_holds_the_host_to_the_second_and_no_other(site: Site) -> None:
    first = site.host_url("limited.localhost", "/429?retry_after=3&times=1")
    urls = [first, *(site.host_url("limited.localhost", f"/echo?token={number}") for number in range(5))]
    urls += [site.host_url("free.localhost", f"/echo?token={number}") for number in range(20)]
    limits = {site.host("limited.localhost"): HostLimits(delay=0.05)}
    limiter = RateLimiter(0.02, max_retries=1, per_host=limits)
    started = time.monotonic()
    results = await crawl(urls, SemaphoreDispatcher(4, rate_limiter=limiter))

    assert all(result.success for result in results)
    answered = next(arrival for arrival in site.requests if arrival.status == 429)
    assert answered.ended is not None
    later = [at for at in arrivals(site, "limited.localhost") if at > answered.ended + LATE]
    assert 3.0 - LATE <= min(later) - answered.ended <= 3.5
    assert max(arrivals(site, "free.localhost")) - started < 2.5
    retried = results[0].dispatch_result
    assert retried is not None
    assert retried.attempts == 2
    assert retried.wait_time >= 3.0 - LATE
    assert retried.retry_reasons == ["429 Too Many Requests, Retry-After 3 s, waited 3.0 s"]
    assert results[0].crawl_stats["attempts"] == 2


async def test_a_lost_connection_is_tried_again(site: Site) -> None:
    results = await crawl([site.url("/flaky?times=2")], SemaphoreDispatcher(2, rate_limiter=RateLimiter(0)))
    assert results[0].success
    assert results[0].dispatch_result is not None
    assert results[0].dispatch_result.attempts == site.request_count == 3
    assert [reason.split(",")[0] for reason in results[0].dispatch_result.retry_reasons] == ["connection_lost"] * 2


FAILING = {
    "/close-at-once": ErrorCode.CONNECTION_LOST,
    "/truncated": ErrorCode.CONNECTION_LOST,
    "/silent": ErrorCode.TIMEOUT,
    "/429?times=1000": ErrorCode.HTTP,
    "/503?times=1000": ErrorCode.HTTP,
}


@pytest.mark.parametrize("path", FAILING)
@pytest.mark.parametrize(("limiter", "config"), [(1, 0), (0, 1), (1, 1)])
async def test_attempts_are_bounded_and_do_not_multiply(site: Site, path: str, limiter: int, config: int) -> None:
    dispatcher = SemaphoreDispatcher(2, rate_limiter=RateLimiter(0, max_delay=0.2, max_retries=limiter))
    (result,) = await crawl([site.url(path)], dispatcher, CONFIG.clone(page_timeout=700, max_retries=config))
    assert result.error_code is FAILING[path]
    assert result.dispatch_result is not None
    assert result.dispatch_result.attempts == site.request_count == 2


async def test_other_statuses_are_repeated_as_often_as_the_config_says(site: Site) -> None:
    dispatcher = SemaphoreDispatcher(2, rate_limiter=RateLimiter(0, max_delay=0.1, max_retries=1))
    urls = [site.url("/status/500"), site.url("/status/404")]
    await crawl(urls, dispatcher, CONFIG.clone(max_retries=2))
    paths = [arrival.target for arrival in site.requests]
    assert (paths.count("/status/500"), paths.count("/status/404")) == (3, 1)


@pytest.mark.parametrize("path", ["/flaky?times=1", "/503?times=1"])
async def test_a_post_is_not_repeated(site: Site, path: str) -> None:
    http = HTTPCrawlerConfig(method="POST", data="x=1")
    (result,) = await crawl([site.url(path)], SemaphoreDispatcher(2, rate_limiter=RateLimiter(0)), http=http)
    assert not result.success
    assert site.request_count == 1


async def test_the_fallback_is_asked_once_when_all_has_failed(site: Site) -> None:
    asked: list[str] = []

    async def fall_back(url: str) -> str:
        asked.append(url)
        return "<h1>kept</h1>"

    dispatcher = SemaphoreDispatcher(2, rate_limiter=RateLimiter(0, max_delay=0.1, max_retries=2))
    (result,) = await crawl([site.url("/close-at-once")], dispatcher, CONFIG.clone(fallback_fetch_function=fall_back))
    assert result.success
    assert (len(asked), site.request_count) == (1, 3)


@pytest.mark.parametrize("adaptive", [False, True])
async def test_never_more_at_once_than_allowed(site: Site, adaptive: bool) -> None:
    hosts = [f"h{number}.localhost" for number in range(3)]
    urls = [site.host_url(host, f"/slow?ms=20&token={number}") for number in range(30) for host in hosts]
    urls += [site.host_url(host, f"/flaky?times=1&token={number}") for number in range(5) for host in hosts]
    limiter = RateLimiter(0, max_delay=0.1, max_per_host=3, adaptive=adaptive)
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=7, rate_limiter=limiter)
    first, second = await asyncio.gather(crawl(urls[::2], dispatcher), crawl(urls[1::2], dispatcher))
    assert all(result.success for result in [*first, *second])
    assert site.peak.total <= 7
    assert max(site.peak.hosts.values()) <= 3


async def test_a_slow_host_leaves_the_others_their_speed(site: Site) -> None:
    fast = [site.host_url(f"f{n}.localhost", f"/slow?ms=50&token={m}") for m in range(15) for n in range(10)]
    slow = [site.host_url("slow.localhost", f"/echo?token={number}") for number in range(100)]
    limits = {site.host("slow.localhost"): HostLimits(delay=10)}

    async def seconds(urls: list[str]) -> float:
        dispatcher = SemaphoreDispatcher(10, rate_limiter=RateLimiter(0, per_host=limits))
        left = len(fast)
        started = time.monotonic()
        async with AsyncWebCrawler() as crawler, crawler.arun_many(urls, CONFIG, dispatcher, stream=True) as results:
            async for result in results:
                left -= "/slow" in result.url
                if not left:
                    break
        return time.monotonic() - started

    await seconds(fast)
    alone = min(await seconds(fast), await seconds(fast))
    beside = min(await seconds([*slow, *fast]), await seconds([*slow, *fast]))
    assert beside <= alone / 0.9 + 0.1


async def test_a_redirect_counts_for_the_pace(site: Site) -> None:
    urls = [site.host_url("r.localhost", "/redirect/2"), site.host_url("r.localhost", "/echo")]
    await crawl(urls, SemaphoreDispatcher(2, rate_limiter=RateLimiter(0.3)))
    times = arrivals(site, "r.localhost")
    assert len(times) == 4
    # From the last hop, wherever in the chain the other visit came.
    assert max(gaps(times)) >= 0.3 - LATE


async def test_requests_under_way_when_a_host_asks_for_a_pause_go_back(site: Site) -> None:
    def refuse_first(exchange: Exchange) -> Answer:
        first = site.count("all") == 1
        return Answer(status=429, headers=(("retry-after", "1"),)) if first else Answer(b"<p>here</p>")

    site.handle("/busy", refuse_first)
    urls = [site.host_url("busy.localhost", f"/busy?{number}") for number in range(6)]
    results = await crawl(urls, SemaphoreDispatcher(6, rate_limiter=RateLimiter(0.1)))
    assert all(result.success for result in results)
    assert max(gaps(arrivals(site, "busy.localhost"))) >= 1.0 - LATE
    assert all(result.dispatch_result and result.dispatch_result.attempts <= 2 for result in results)
