"""Crawls that obey robots.txt, as the servers see them."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from nephila import (
    AsyncWebCrawler,
    BrowserConfig,
    CrawlerRunConfig,
    CrawlResult,
    ErrorCode,
    HTTPCrawlerConfig,
    RateLimiter,
    SemaphoreDispatcher,
)
from nephila.net.robots import MAX_BYTES
from tests.leaks import nothing_left_behind
from tests.site.exchange import Answer, Exchange
from tests.site.proxy import Proxy
from tests.site.server import Site

OBEDIENT = CrawlerRunConfig(check_robots_txt=True, page_timeout=20_000)
LATE = 0.02
"""Seconds by which the server, a thread of the same busy process, may notice a request late."""


def robots(site: Site, text: str | bytes, **answer: object) -> None:
    """Serve this robots.txt on every host of the site."""
    site.serve("/robots.txt", text, "text/plain", **answer)  # type: ignore[arg-type]


def by_host(site: Site, answers: dict[str, Callable[[Exchange], object]]) -> None:
    """Answer for robots.txt by the host's name; others have none."""

    def answer(exchange: Exchange) -> object:
        handler = answers.get(exchange.arrival.host)
        return Answer(status=404) if handler is None else handler(exchange)

    site.handle("/robots.txt", answer)  # type: ignore[arg-type]


def text(content: str) -> Callable[[Exchange], Answer]:
    return lambda _exchange: Answer(content.encode(), "text/plain")


def asked(site: Site, path: str = "/robots.txt") -> int:
    return sum(1 for arrival in site.requests if arrival.path == path)


async def crawl_one(url: str, config: CrawlerRunConfig = OBEDIENT, **options: object) -> CrawlResult:
    async with AsyncWebCrawler() as crawler:
        return await crawler.arun(url, config, **options)


async def test_a_refused_url_is_a_result_and_never_fetched(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /page/2\n")
    async with AsyncWebCrawler() as crawler:
        allowed = await crawler.arun(site.url("/page/1"), OBEDIENT)
        refused = await crawler.arun(site.url("/page/2"), OBEDIENT)
        unasked = await crawler.arun(site.url("/page/2"))
    assert allowed.success and unasked.success
    assert not refused.success
    assert refused.error_code is ErrorCode.ROBOTS
    assert refused.status_code is None
    assert refused.error_message is not None
    assert refused.error_message.startswith("Access denied by robots.txt: ")
    assert (asked(site), asked(site, "/page/1"), asked(site, "/page/2")) == (1, 1, 1)


async def test_fifty_visits_at_once_ask_once(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /echo?token=1\n")
    async with AsyncWebCrawler() as crawler:
        visits = (crawler.arun(site.url(f"/echo?token={number}"), OBEDIENT) for number in range(50))
        results = await asyncio.gather(*visits)
    assert asked(site) == 1
    assert [result.success for result in results] == [not str(number).startswith("1") for number in range(50)]


async def test_twenty_crawlers_at_once(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /page/2\n")
    pages = [site.url(f"/page/{number}") for number in (1, 2)]

    async def crawl() -> list[CrawlResult]:
        async with AsyncWebCrawler() as crawler:
            return list(await crawler.arun_many(pages, OBEDIENT, stream=False))

    for allowed, refused in await asyncio.gather(*(crawl() for _ in range(20))):
        assert allowed.success
        assert refused.error_code is ErrorCode.ROBOTS
    assert asked(site) == 20


@pytest.mark.parametrize(
    ("crawler_config", "options", "refused"),
    [
        (None, {}, {"nephila"}),
        (BrowserConfig(user_agent="FooBot/1.0"), {}, {"foobot"}),
        (BrowserConfig(user_agent="FooBot/1.0"), {"user_agent": "BarBot"}, {"barbot"}),
        (BrowserConfig(headers={"user-agent": "BarBot/2"}), {"user_agent": "FooBot"}, {"barbot"}),
        (HTTPCrawlerConfig(headers={"USER-AGENT": "Other/2"}), {}, {"everyone"}),
    ],
)
async def test_the_user_agent_that_is_sent_counts(
    site: Site, crawler_config: BrowserConfig | None, options: dict[str, object], refused: set[str]
) -> None:
    names = ("nephila", "foobot", "barbot", "everyone")
    groups = [f"User-agent: {name}\nDisallow: /echo?for={name}\n" for name in names]
    robots(site, "\n".join(groups).replace(": everyone", ": *"))
    async with AsyncWebCrawler(config=crawler_config) as crawler:
        results = {name: await crawler.arun(site.url(f"/echo?for={name}"), OBEDIENT, **options) for name in names}
    assert {name for name, result in results.items() if not result.success} == refused
    agents = {arrival.headers["user-agent"] for arrival in site.requests}
    assert len(agents) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418])
async def test_a_file_that_is_not_there_allows_everything(site: Site, status: int) -> None:
    robots(site, "User-agent: *\nDisallow: /\n", status=status)
    assert (await crawl_one(site.url("/page/1"))).success
    assert asked(site) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_fails_allows_nothing(site: Site, status: int) -> None:
    robots(site, "", status=status)
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/page/1"), OBEDIENT)
        again = await crawler.arun(site.url("/page/2"), OBEDIENT, max_retries=3)
    assert result.error_code is again.error_code is ErrorCode.ROBOTS
    assert str(status) in (result.error_message or "")
    assert asked(site) == 3
    assert asked(site, "/page/1") == asked(site, "/page/2") == 0


async def test_a_server_that_recovers_is_asked_again(site: Site) -> None:
    def answer(exchange: Exchange) -> Answer:
        return Answer(status=503) if exchange.times() < 3 else Answer(b"User-agent: *\nDisallow: /page/2", "text/plain")

    site.handle("/robots.txt", answer)
    async with AsyncWebCrawler() as crawler:
        assert (await crawler.arun(site.url("/page/1"), OBEDIENT)).success
        assert (await crawler.arun(site.url("/page/2"), OBEDIENT)).error_code is ErrorCode.ROBOTS
    assert asked(site) == 3


async def test_a_failure_is_forgotten_after_a_minute(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nephila.fetch.robots._FAILURE_KEPT", 0.2)
    monkeypatch.setattr("nephila.fetch.robots._FIRST_REST", 0.01)
    robots(site, "", status=500)
    async with AsyncWebCrawler() as crawler:
        assert (await crawler.arun(site.url("/page/1"), OBEDIENT)).error_code is ErrorCode.ROBOTS
        robots(site, "", status=404)
        assert (await crawler.arun(site.url("/page/1"), OBEDIENT)).error_code is ErrorCode.ROBOTS
        await asyncio.sleep(0.25)
        assert (await crawler.arun(site.url("/page/1"), OBEDIENT)).success


@pytest.mark.parametrize(
    ("cache_control", "kept"),
    [("", 86_400), ("max-age=3600", 3600), ("public, MAX-AGE=999999", 86_400), ("max-age=0", 300), ("no-store", 300)],
)
def test_how_long_a_file_is_kept(cache_control: str, kept: float) -> None:
    from nephila.fetch.robots import _lifetime

    assert _lifetime(cache_control) == kept


@pytest.mark.parametrize("path", ["/close-at-once", "/garbage", "/truncated", "/reset"])
async def test_a_broken_answer_allows_nothing(site: Site, path: str) -> None:
    robots(site, "", status=302, headers={"location": path})
    result = await crawl_one(site.url("/page/1"))
    assert result.error_code is ErrorCode.ROBOTS
    assert asked(site, "/page/1") == 0


async def test_an_unreachable_host_allows_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    result = await crawl_one(url)
    assert result.error_code is ErrorCode.ROBOTS
    assert "could not be had" in (result.error_message or "")


async def test_waiting_ends_at_the_visits_deadline(site: Site) -> None:
    site.handle("/robots.txt", lambda exchange: _after(exchange, 5, ""))
    started = time.monotonic()
    result = await crawl_one(site.url("/page/1"), page_timeout=300)
    assert result.error_code is ErrorCode.TIMEOUT
    assert "robots.txt" in (result.error_message or "")
    assert time.monotonic() - started < 2


async def _after(exchange: Exchange, seconds: float, content: str) -> Answer:
    await exchange.sleep(seconds)
    return Answer(content.encode(), "text/plain")


@pytest.mark.parametrize("hops", [1, 5])
async def test_redirects_of_the_file_are_followed(site: Site, hops: int) -> None:
    site.serve("/the-rules", "User-agent: *\nDisallow: /page/2", "text/plain")
    for hop in range(hops):
        target = "/the-rules" if hop == hops - 1 else f"/rules-{hop + 1}"
        site.serve("/robots.txt" if hop == 0 else f"/rules-{hop}", "", status=301, headers={"location": target})
    assert (await crawl_one(site.url("/page/1"))).success
    assert (await crawl_one(site.url("/page/2"))).error_code is ErrorCode.ROBOTS


async def test_a_redirect_to_another_host_gives_rules_for_this_one(site: Site) -> None:
    target = site.host_url("other.localhost", "/robots.txt")
    by_host(
        site,
        {
            "127.0.0.1": lambda _: Answer(status=302, headers=(("location", target),)),
            "other.localhost": text("User-agent: *\nDisallow: /page/2"),
        },
    )
    assert (await crawl_one(site.url("/page/1"))).success
    assert (await crawl_one(site.url("/page/2"))).error_code is ErrorCode.ROBOTS


async def test_a_redirect_that_leads_nowhere_is_no_file(site: Site) -> None:
    robots(site, "", status=302, headers={"location": "/robots.txt"})
    assert (await crawl_one(site.url("/page/1"))).success


async def test_a_redirect_to_what_is_not_allowed_is_not_followed(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /echo")
    result = await crawl_one(site.url("/redirect/2"))
    assert result.error_code is ErrorCode.ROBOTS
    assert [hop["status"] for hop in result.redirects] == [302, 302]
    assert result.redirected_url == site.url("/echo?token=arrived")
    assert asked(site, "/echo") == 0
    assert asked(site) == 1


async def test_a_redirect_to_another_host_asks_that_host(site: Site) -> None:
    by_host(site, {"other.localhost": text("User-agent: *\nDisallow: /page/2")})
    secret = BrowserConfig(
        headers={"Authorization": "Bearer secret"}, cookies=[{"name": "a", "value": "b", "url": site.url()}]
    )
    async with AsyncWebCrawler(config=secret) as crawler:
        for number, code in ((1, None), (2, ErrorCode.ROBOTS)):
            target = site.host_url("other.localhost", f"/page/{number}")
            result = await crawler.arun(site.url(f"/redirect-to?url={target}"), OBEDIENT)
            assert result.error_code is code
    files = [arrival for arrival in site.requests if arrival.path == "/robots.txt"]
    assert {arrival.host for arrival in files} == {"127.0.0.1", "other.localhost"}
    assert not any("authorization" in arrival.headers or "cookie" in arrival.headers for arrival in files)


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_only_the_first_500_kib_of_a_file_count(site: Site, encoding: str) -> None:
    file = b"User-agent: *\nDisallow: /page/2\n" + b"# filler\n" * (MAX_BYTES // 9) + b"Disallow: /page/1\n"
    headers = {"content-encoding": encoding} if encoding else {}
    robots(site, gzip.compress(file) if encoding else file, headers=headers)
    assert (await crawl_one(site.url("/page/1"))).success
    assert (await crawl_one(site.url("/page/2"))).error_code is ErrorCode.ROBOTS


async def test_a_file_that_unpacks_without_end_is_read_to_the_limit(site: Site) -> None:
    file = b"User-agent: *\nDisallow: /page/2\n" + bytes(200_000_000)
    robots(site, gzip.compress(file), headers={"content-encoding": "gzip"})
    assert (await crawl_one(site.url("/page/2"))).error_code is ErrorCode.ROBOTS


async def test_an_endless_file_is_read_to_the_limit(site: Site) -> None:
    robots(site, "", status=302, headers={"location": "/endless"})
    assert (await crawl_one(site.url("/page/1"))).success


async def test_the_proxy_of_the_visit_is_used(site: Site, proxy: Proxy) -> None:
    robots(site, "User-agent: *\nDisallow: /page/2")
    result = await crawl_one(site.url("/page/2"), proxy_config=f"http://127.0.0.1:{proxy.port}")
    assert result.error_code is ErrorCode.ROBOTS
    assert [hit.target for hit in proxy.hits] == [site.url("/robots.txt")]


async def test_a_fallback_is_not_asked_for_what_is_not_allowed(site: Site) -> None:
    async def fallback(url: str) -> str:
        raise AssertionError(url)

    robots(site, "User-agent: *\nDisallow: /")
    result = await crawl_one(site.url("/page/1"), fallback_fetch_function=fallback)
    assert result.error_code is ErrorCode.ROBOTS
    assert result.warnings == []


async def test_local_input_has_no_robots() -> None:
    assert (await crawl_one("raw:<p>Here</p>")).success


async def test_cancelling_the_first_visit_leaves_the_file_to_the_others(site: Site) -> None:
    site.handle("/robots.txt", lambda exchange: _after(exchange, 0.4, "User-agent: *\nDisallow: /page/2"))
    async with AsyncWebCrawler() as crawler:
        first = asyncio.create_task(crawler.arun(site.url("/page/1"), OBEDIENT))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(crawler.arun(site.url("/page/2"), OBEDIENT))
        await asyncio.sleep(0.1)
        first.cancel()
        assert (await second).error_code is ErrorCode.ROBOTS
        with pytest.raises(asyncio.CancelledError):
            await first
    assert asked(site) == 1


async def test_closing_ends_what_is_under_way(site: Site) -> None:
    site.handle("/robots.txt", lambda exchange: _after(exchange, 30, ""))
    async with nothing_left_behind(site):
        crawler = await AsyncWebCrawler().start()
        visits = [asyncio.create_task(crawler.arun(site.url(f"/page/{number}"), OBEDIENT)) for number in range(3)]
        await asyncio.sleep(0.2)
        started = time.monotonic()
        await crawler.close()
        results = await asyncio.gather(*visits)
        assert time.monotonic() - started < 1
    assert {result.error_code for result in results} == {ErrorCode.CANCELLED}


# --- many URLs ------------------------------------------------------------------------------------------------------


async def test_a_slow_file_of_one_host_holds_up_no_other(site: Site) -> None:
    by_host(site, {"slow.localhost": lambda exchange: _after(exchange, 1.5, "User-agent: *\nDisallow: /page/1$")})
    slow = [site.host_url("slow.localhost", f"/page/{number}") for number in range(1, 31)]
    quick = [site.host_url("quick.localhost", f"/page/{number}") for number in range(1, 31)]
    dispatcher = SemaphoreDispatcher(4, rate_limiter=RateLimiter(0))
    done: dict[str, float] = {}
    results: list[CrawlResult] = []
    started = time.monotonic()
    async with AsyncWebCrawler() as crawler:
        async for result in crawler.arun_many(slow + quick, OBEDIENT, dispatcher, stream=True):
            done[result.url] = time.monotonic() - started
            results.append(result)
        stats = crawler.stats
    assert max(done[url] for url in quick) < 1.2
    assert min(done[url] for url in slow) > 1.2
    assert {result.url: result.error_code for result in results if not result.success} == {slow[0]: ErrorCode.ROBOTS}
    assert asked(site) == 2
    assert all(result.dispatch_result is not None and result.dispatch_result.attempts == 1 for result in results)
    assert (stats.retries, stats.done, stats.failed, stats.queued, stats.active) == (0, 59, 1, 0, 0)


async def test_a_crawl_delay_is_the_shortest_gap_at_the_server(site: Site) -> None:
    by_host(site, {"patient.localhost": text("User-agent: *\nCrawl-delay: 0.5\nDisallow: /page/3$\n")})
    patient = [site.host_url("patient.localhost", f"/page/{number}") for number in range(1, 7)]
    patient.append(site.host_url("patient.localhost", "/redirect/1"))
    free = [site.host_url("free.localhost", f"/page/{number}") for number in range(1, 41)]
    dispatcher = SemaphoreDispatcher(10, rate_limiter=RateLimiter(0))
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(patient + free, OBEDIENT, dispatcher, stream=False)
    assert sum(not result.success for result in results) == 1
    arrivals = {
        host: [each.started for each in site.requests if each.host == host]
        for host in ("patient.localhost", "free.localhost")
    }
    gaps = [later - earlier for earlier, later in pairwise(arrivals["patient.localhost"])]
    # robots.txt, five pages, a redirect and its target.
    assert len(gaps) == 7
    assert min(gaps) >= 0.5 - LATE
    assert max(gaps) < 0.9
    assert arrivals["free.localhost"][-1] - arrivals["free.localhost"][0] < 1.0


@pytest.mark.parametrize("longest", [0, 0.2])
async def test_a_crawl_delay_is_kept_up_to_a_limit(site: Site, longest: float) -> None:
    robots(site, "User-agent: *\nCrawl-delay: 3600")
    config = OBEDIENT.clone(max_crawl_delay=longest)
    started = time.monotonic()
    async with AsyncWebCrawler() as crawler:
        dispatcher = SemaphoreDispatcher(10, rate_limiter=RateLimiter(0))
        results = await crawler.arun_many([site.url(f"/page/{n}") for n in range(4)], config, dispatcher, stream=False)
    assert all(result.success for result in results)
    assert 4 * longest - LATE <= time.monotonic() - started < 4 * longest + 2


async def test_refused_urls_take_no_turn(site: Site) -> None:
    robots(site, "User-agent: *\nDisallow: /echo")
    urls = [site.url(f"/echo?token={number}") for number in range(200)] + [site.url("/page/1")]
    dispatcher = SemaphoreDispatcher(5, rate_limiter=RateLimiter(0.5))
    started = time.monotonic()
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls, OBEDIENT, dispatcher, stream=False)
    assert time.monotonic() - started < 3
    assert [result.success for result in results] == [False] * 200 + [True]
    refused = results[0]
    assert refused.dispatch_result is not None
    assert refused.dispatch_result.attempts == 1
    assert site.request_count == 2


# --- directives -----------------------------------------------------------------------------------------------------

PAGE = "<title>T</title><h1>Head</h1><p>Text</p><a href='/x'>x</a>"


@pytest.mark.parametrize(
    ("tag", "meta", "expected"),
    [
        ("", "", []),
        ("noindex", "", ["noindex"]),
        ("NoIndex, NOFOLLOW", "", ["noindex", "nofollow"]),
        ("googlebot: noindex", "", []),
        ("googlebot: noindex, nofollow", "", []),
        ("nephila: noindex, nofollow", "", ["noindex", "nofollow"]),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST", "", ["unavailable_after:25 jun 2010 15:00:00 pst"]),
        ("max-snippet:20, noarchive", "", ["max-snippet:20", "noarchive"]),
        ("", "<meta name=robots content='noindex, follow'>", ["noindex", "follow"]),
        ("", "<meta name=ROBOTS content=noindex><meta name=robots content=nofollow>", ["noindex", "nofollow"]),
        ("", "<meta name=googlebot content=noindex>", []),
        ("", "<meta name=Nephila content=none>", ["none"]),
        ("noindex", "<meta name=nephila content=noindex><meta name=robots content=all>", ["noindex", "all"]),
    ],
)
async def test_directives_are_reported(site: Site, tag: str, meta: str, expected: list[str]) -> None:
    url = site.serve("/tagged", meta + PAGE, headers={"x-robots-tag": tag} if tag else {})
    result = await crawl_one(url)
    assert result.success
    assert result.robots == expected
    assert result.links["internal"]


async def test_repeated_headers_are_taken_one_by_one(site: Site) -> None:
    headers = (("x-robots-tag", "otherbot: noindex"), ("x-robots-tag", "nofollow"))
    url = site.handle("/tagged", lambda _: Answer(PAGE.encode(), headers=headers))
    assert (await crawl_one(url)).robots == ["nofollow"]


@pytest.mark.parametrize("directive", ["noindex", "nofollow", "none", "noarchive"])
async def test_directives_are_obeyed_when_asked(site: Site, directive: str) -> None:
    url = site.serve("/tagged", f"<meta name=robots content={directive}><meta name=author content=Ada>{PAGE}")
    result = await crawl_one(url, obey_robots_meta=True)
    withheld = directive in ("noindex", "none")
    assert result.status_code == 200
    assert result.robots == [directive]
    assert result.success is not withheld
    assert result.error_code is (ErrorCode.ROBOTS if withheld else None)
    content = (result.html, result.body, result.markdown, result.cleaned_html, result.metadata.get("author"))
    assert not any(content) if withheld else all(content)
    assert bool(result.links["internal"]) is (directive in ("noindex", "noarchive"))
