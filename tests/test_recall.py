"""Crawls with the page cache, against a real server that counts what it is asked."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import logging
import os
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest

from nephila import (
    AsyncWebCrawler,
    BrowserConfig,
    CacheMode,
    CrawlerRunConfig,
    CrawlResult,
    DefaultMarkdownGenerator,
    ErrorCode,
    HTTPCrawlerConfig,
    MemoryAdaptiveDispatcher,
    PruningContentFilter,
    RateLimiter,
    SemaphoreDispatcher,
)
from nephila.models import MarkdownGenerationResult
from nephila.result import RESULT_FIELDS
from tests.programs import run_program
from tests.site.exchange import Answer, Exchange
from tests.site.proxy import Proxy
from tests.site.server import Site

OF_THE_VISIT = {"cache_status", "cached_at", "changed", "crawl_stats", "dispatch_result"}
"""Fields that tell of the visit, not of the page."""

ENABLED = CrawlerRunConfig(cache_mode=CacheMode.ENABLED)
CHECKING = ENABLED.clone(check_cache_freshness=True, cache_validation_timeout=2.0)

PAGE = "<html><head><title>T</title></head><body><nav>{nav}</nav><main><h1>Head</h1><p>{text}</p></main></body></html>"
TEXT = "The golden orb-weaver spins a web that is strong enough to stop a small bird, every morning. " * 4


async def get(
    folder: Path,
    url: str,
    config: CrawlerRunConfig = ENABLED,
    client: BrowserConfig | HTTPCrawlerConfig | None = None,
) -> CrawlResult:
    """One page by a crawler of its own, so that nothing but the store is remembered."""
    async with AsyncWebCrawler(config=client, base_directory=str(folder)) as crawler:
        return await crawler.arun(url, config)


def of_the_page(result: CrawlResult) -> dict[str, object]:
    dumped = result.model_dump(include=[name for name in RESULT_FIELDS if name not in OF_THE_VISIT])
    json.dumps(dumped)
    return dict(dumped)


def tagged(site: Site, path: str, body: Callable[[], str], **headers: str) -> str:
    """A page with an ETag made of its body."""

    def answer(exchange: Exchange) -> Answer:
        tag = f'"{hash(body())}"'
        named = {"etag": tag, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if exchange.arrival.headers.get("if-none-match") == tag:
            return Answer(status=304, headers=tuple(named.items()), content_type="")
        return Answer(body().encode(), headers=tuple(named.items()))

    return site.handle(path, answer)


# --- a hit is as good as a fresh page ---------------------------------------------------------------------------------


class Shouting(DefaultMarkdownGenerator):
    """A class of the caller's own: what it makes is made anew each time."""

    def generate_markdown(self, *args: object, **kwargs: object) -> MarkdownGenerationResult:
        return MarkdownGenerationResult(raw_markdown="LOUD")


PATHS = (
    "/page/3",
    "/spellings",
    "/json",
    "/binary",
    "/xml",
    "/text",
    "/no-type",
    "/br",
    "/zstd",
    "/empty",
    "/redirect/2",
    "/gzip",
    "/gzipped",
    "/latin",
    "/permanent",
)
CONFIGS = (
    {},
    {"css_selector": "main"},
    {"prefetch": True},
    {"only_text": True, "excluded_tags": ["nav"]},
    {"markdown_generator": DefaultMarkdownGenerator(content_filter=PruningContentFilter())},
    {"markdown_generator": Shouting()},
    {"css_selector": "nothing-like-it"},
)


def add_pages(site: Site) -> None:
    page = PAGE.format(nav="<a href='/page/1'>1</a>", text=TEXT + "<table><tr><th>a<td>b<tr><td>1<td>2</table>")
    site.serve("/gzipped", gzip.compress(page.encode()), headers={"Content-Encoding": "gzip", "X-A": "1"})
    site.serve("/latin", "<p>Ä ö ü ".encode("latin-1") * 20, "text/html; charset=latin-1")
    site.serve("/permanent", b"", status=301, headers={"Location": "/page/4", "Set-Cookie": "a=1"})


@pytest.mark.parametrize("path", PATHS)
async def test_a_hit_equals_a_fresh_result_in_every_field(site: Site, tmp_path: Path, path: str) -> None:
    add_pages(site)
    for number, options in enumerate(CONFIGS):
        fresh = await get(tmp_path, site.url(path), CrawlerRunConfig(**options))
        config = ENABLED.clone(cache_ttl=60, **options)
        first = await get(tmp_path, site.url(path), config)
        second = await get(tmp_path, site.url(path), config)
        requests = site.request_count
        third = await get(tmp_path, site.url(path), config)
        assert site.request_count == requests
        assert [each.cache_status for each in (fresh, first, second, third)] == (
            [None, "miss" if number == 0 else "hit", "hit", "hit"]
        )
        assert of_the_page(first) == of_the_page(second) == of_the_page(third) == of_the_page(fresh)
        assert type(third.response_headers) is type(fresh.response_headers)
        assert type(third.markdown) is type(fresh.markdown)


async def test_two_configs_of_one_url_each_get_their_own(site: Site, tmp_path: Path) -> None:
    url = site.url("/page/3")
    whole = await get(tmp_path, url)
    part = await get(tmp_path, url, ENABLED.clone(css_selector="h1"))
    assert (whole.cache_status, part.cache_status) == ("miss", "hit")
    assert len(part.markdown) < len(whole.markdown)
    assert (await get(tmp_path, url)).markdown == whole.markdown
    assert site.request_count == 1


# --- modes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "statuses", "requests", "makes_file"),
    [
        (CacheMode.ENABLED, ["miss", "hit"], 1, True),
        (CacheMode.DISABLED, [None, None], 2, False),
        (CacheMode.BYPASS, [None, None], 2, False),
        (CacheMode.READ_ONLY, ["miss", "miss"], 2, False),
        (CacheMode.WRITE_ONLY, ["miss", "miss"], 2, True),
        (None, ["miss", "hit"], 1, True),
    ],
)
async def test_modes(
    site: Site, tmp_path: Path, mode: CacheMode | None, statuses: list[str | None], requests: int, makes_file: bool
) -> None:
    config = CrawlerRunConfig(cache_mode=mode)
    results = [await get(tmp_path, site.url("/page/1"), config) for _ in range(2)]
    assert [result.cache_status for result in results] == statuses
    assert site.request_count == requests
    assert bool(list(tmp_path.iterdir())) is makes_file
    last = results[-1]
    assert (last.cached_at is not None) is makes_file
    if last.cached_at is not None:
        assert abs(last.cached_at - time.time()) < 20


async def test_reading_only_reads_what_another_mode_wrote(site: Site, tmp_path: Path) -> None:
    await get(tmp_path, site.url("/page/1"), CrawlerRunConfig(cache_mode="write_only"))
    result = await get(tmp_path, site.url("/page/1"), CrawlerRunConfig(cache_mode="read_only"))
    assert (result.cache_status, site.request_count) == ("hit", 1)
    bypassing = await get(tmp_path, site.url("/page/1"), CrawlerRunConfig(cache_mode="bypass"))
    assert (bypassing.cache_status, site.request_count) == (None, 2)


@pytest.mark.parametrize("mode", ["bypass", "disabled"])
def test_without_the_cache_nothing_is_opened(site: Site, tmp_path: Path, mode: str) -> None:
    program = """
        import asyncio, sys
        opened = []
        def note(event, arguments):
            if event in ("open", "sqlite3.connect", "os.mkdir") and "cache-folder" in str(arguments):
                opened.append((event, arguments))
            if event == "sqlite3.connect":
                opened.append((event, arguments))
        sys.addaudithook(note)
        from nephila import AsyncWebCrawler, CrawlerRunConfig
        async def main():
            async with AsyncWebCrawler(base_directory=sys.argv[2]) as crawler:
                result = await crawler.arun(sys.argv[1], CrawlerRunConfig(cache_mode=sys.argv[3]))
                assert result.success
        asyncio.run(main())
        print(opened, [name for name in sys.modules if name in ("sqlite3", "platformdirs")])
    """
    folder = tmp_path / "cache-folder"
    printed = run_program(program, site.url("/page/1"), str(folder), mode, env={"NEPHILA_CACHE_DIR": str(folder)})
    assert printed == "[] []\n"
    assert not folder.exists()


async def test_local_input_and_other_methods_are_never_cached(site: Site, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>local")
    for url in ("raw:<p>x", page.as_uri()):
        result = await get(tmp_path / "cache", url)
        assert result.success and result.cache_status is None
    for client in (
        HTTPCrawlerConfig(method="POST", data={"a": "1"}),
        HTTPCrawlerConfig(method="HEAD"),
        HTTPCrawlerConfig(headers={"Range": "bytes=0-5"}),
        HTTPCrawlerConfig(headers={"If-None-Match": '"a"'}),
    ):
        assert (await get(tmp_path / "cache", site.url("/page/1"), client=client)).cache_status is None
    assert not (tmp_path / "cache").exists()


# --- identities -------------------------------------------------------------------------------------------------------


async def test_identities_never_mix(site: Site, tmp_path: Path) -> None:
    def who(exchange: Exchange) -> Answer:
        headers = exchange.arrival.headers
        seen = " ".join(headers.get(name, "-") for name in ("authorization", "cookie", "x-tenant", "user-agent"))
        return Answer(f"<p>{seen}</p>".encode(), headers=(("cache-control", "max-age=100"),))

    url = site.handle("/who", who)
    cookie = {"name": "id", "value": "1", "url": url}
    clients = [
        BrowserConfig(),
        BrowserConfig(headers={"Authorization": "Bearer a"}),
        BrowserConfig(headers={"Authorization": "Bearer b"}),
        BrowserConfig(headers={"X-Tenant": "a"}),
        BrowserConfig(cookies=[cookie]),
        BrowserConfig(cookies=[{**cookie, "value": "2"}]),
        BrowserConfig(user_agent="me"),
    ]
    fresh = [await get(tmp_path, url, client=client) for client in clients]
    assert {result.cache_status for result in fresh} == {"miss"}
    assert len({result.html for result in fresh}) == len(clients)
    again = [await get(tmp_path, url, client=client) for client in clients]
    assert [result.cache_status for result in again] == ["hit"] * len(clients)
    assert [result.html for result in again] == [result.html for result in fresh]


async def test_a_proxy_is_an_identity(site: Site, tmp_path: Path, proxy: Proxy) -> None:
    url = site.url("/page/1")
    direct = await get(tmp_path, url)
    proxied = await get(tmp_path, url, client=BrowserConfig(proxy_config=proxy.url))
    assert (direct.cache_status, proxied.cache_status, site.request_count) == ("miss", "miss", 2)


# --- HTTP -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "second"),
    [
        ({}, "hit"),
        ({"cache-control": "max-age=100"}, "hit"),
        ({"cache-control": "no-store"}, "miss"),
        ({"cache-control": "no-cache"}, "miss"),
        ({"cache-control": "max-age=0"}, "miss"),
        ({"cache-control": "max-age=100", "age": "100"}, "miss"),
        ({"expires": "0"}, "miss"),
        ({"vary": "*"}, "miss"),
        ({"vary": "Accept-Language, Cookie"}, "hit"),
    ],
    ids=str,
)
async def test_what_the_server_says(site: Site, tmp_path: Path, headers: dict[str, str], second: str) -> None:
    url = site.serve("/x", PAGE.format(nav="", text=TEXT), headers=headers)
    results = [await get(tmp_path, url) for _ in range(2)]
    assert [result.cache_status for result in results] == ["miss", second]
    assert results[1].success


async def test_the_callers_ttl_comes_first(site: Site, tmp_path: Path) -> None:
    url = site.serve("/x", PAGE.format(nav="", text=TEXT), headers={"cache-control": "no-store"})
    config = ENABLED.clone(cache_ttl=0.7)
    assert [(await get(tmp_path, url, config)).cache_status for _ in range(2)] == ["miss", "hit"]
    # Whoever follows the server's word gets nothing that was kept against it.
    assert (await get(tmp_path, url)).cache_status == "miss"
    await asyncio.sleep(0.8)
    assert (await get(tmp_path, url, config)).cache_status == "miss"


async def test_a_page_is_confirmed_by_the_server(site: Site, tmp_path: Path) -> None:
    url = tagged(site, "/x", lambda: PAGE.format(nav="<a href='/page/1'>1</a>", text=TEXT), cache_control="no-cache")
    first = await get(tmp_path, url)
    second = await get(tmp_path, url)
    assert (first.cache_status, second.cache_status, second.changed) == ("miss", "hit_validated", False)
    assert [arrival.status for arrival in site.requests] == [200, 304]
    assert of_the_page(first) == of_the_page(second)
    assert second.links["internal"] and second.status_code == 200
    assert second.cached_at == first.cached_at


async def test_last_modified_is_asked_about(site: Site, tmp_path: Path) -> None:
    modified = formatdate(time.time() - 5000, usegmt=True)

    def answer(exchange: Exchange) -> Answer:
        named = (("last-modified", modified), ("cache-control", "max-age=0"), ("x-asked", str(exchange.times())))
        if exchange.arrival.headers.get("if-modified-since") == modified:
            return Answer(status=304, headers=named)
        return Answer(b"<p>text", headers=named)

    url = site.handle("/x", answer)
    first, second = await get(tmp_path, url), await get(tmp_path, url)
    assert second.cache_status == "hit_validated"
    # A 304 brings the headers up to date.
    assert (first.response_headers["x-asked"], second.response_headers["x-asked"]) == ("1", "2")


async def test_a_304_makes_the_page_fresh_again(site: Site, tmp_path: Path) -> None:
    url = tagged(site, "/x", lambda: "<p>text", cache_control="max-age=1")
    await get(tmp_path, url)
    await asyncio.sleep(1.1)
    statuses = [(await get(tmp_path, url)).cache_status for _ in range(2)]
    assert statuses == ["hit_validated", "hit"]


async def test_questions_go_to_the_final_url_alone(site: Site, tmp_path: Path) -> None:
    target = tagged(site, "/target", lambda: "<p>text", cache_control="no-cache")
    site.serve("/from", b"", status=302, headers={"Location": "/target", "ETag": '"hop"'})
    first = await get(tmp_path, site.url("/from"))
    second = await get(tmp_path, site.url("/from"))
    assert (first.redirected_url, second.redirected_url) == (target, target)
    assert second.cache_status == "hit_validated"
    asked = [(arrival.path, "if-none-match" in arrival.headers) for arrival in site.requests]
    assert asked == [("/from", False), ("/target", False), ("/from", False), ("/target", True)]
    assert second.redirects == first.redirects


async def test_a_redirect_that_leads_elsewhere_by_now(site: Site, tmp_path: Path) -> None:
    tagged(site, "/one", lambda: "<p>one")
    tagged(site, "/two", lambda: "<p>two")
    url = site.handle(
        "/from", lambda exchange: Answer(status=302, headers=(("location", ("/one", "/two")[exchange.times() > 1]),))
    )
    assert (await get(tmp_path, url)).html == "<p>one"
    moved = await get(tmp_path, url)
    assert (moved.html, moved.cache_status, moved.redirected_url) == ("<p>two", "miss", site.url("/two"))


@pytest.mark.parametrize(
    ("status", "headers", "second"),
    [(301, {}, "hit"), (308, {}, "hit"), (302, {}, "miss"), (307, {"cache-control": "max-age=9"}, "hit")],
)
async def test_redirects(site: Site, tmp_path: Path, status: int, headers: dict[str, str], second: str) -> None:
    url = site.serve("/from", b"", status=status, headers={"location": "/page/1", **headers})
    results = [await get(tmp_path, url) for _ in range(2)]
    assert [result.cache_status for result in results] == ["miss", second]
    assert site.request_count == (2 if second == "hit" else 4)
    assert of_the_page(results[0]) == of_the_page(results[1])


async def test_limits_hold_for_cached_pages(site: Site, tmp_path: Path) -> None:
    url = site.serve("/from", b"", status=301, headers={"location": "/page/1"})
    await get(tmp_path, url)
    refused = await get(tmp_path, url, ENABLED.clone(max_redirects=0))
    assert refused.error_code == ErrorCode.REDIRECT
    large = await get(tmp_path, site.url("/page/1"))
    assert large.success
    too_large = await get(tmp_path, site.url("/page/1"), ENABLED.clone(max_body_bytes=50))
    assert too_large.error_code == ErrorCode.TOO_LARGE
    assert (await get(tmp_path, site.url("/page/1"))).body == large.body


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 429, 500, 503])
async def test_failures_are_not_kept(site: Site, tmp_path: Path, status: int) -> None:
    results = [await get(tmp_path, site.url(f"/status/{status}"), ENABLED.clone(cache_ttl=60)) for _ in range(2)]
    assert [(result.cache_status, result.success, result.error_code) for result in results] == [
        ("miss", False, ErrorCode.HTTP)
    ] * 2
    assert site.request_count == 2


async def test_an_error_with_an_explicit_lifetime_stays_an_error(site: Site, tmp_path: Path) -> None:
    url = site.serve("/gone", "<p>gone", status=410, headers={"cache-control": "max-age=60"})
    first, second = await get(tmp_path, url), await get(tmp_path, url)
    assert second.cache_status == "hit" and site.request_count == 1
    assert (second.success, second.error_code, second.status_code) == (False, ErrorCode.HTTP, 410)
    assert of_the_page(first) == of_the_page(second)

    async def rescue(url: str) -> str:
        return "<p>rescued"

    rescued = await get(tmp_path, url, ENABLED.clone(fallback_fetch_function=rescue))
    assert rescued.success and rescued.html == "<p>rescued"
    assert (await get(tmp_path, url)).error_code == ErrorCode.HTTP


async def test_what_did_not_arrive_whole_is_not_kept(site: Site, tmp_path: Path) -> None:
    async def cut(exchange: Exchange) -> None:
        await exchange.head("content-type: text/html", "content-length: 1000", "cache-control: max-age=99")
        await exchange.send(b"<p>half")

    url = site.handle("/cut", cut)
    results = [await get(tmp_path, url) for _ in range(2)]
    assert [(result.cache_status, result.error_code) for result in results] == [("miss", ErrorCode.CONNECTION_LOST)] * 2
    broken = site.serve("/broken", gzip.compress(os.urandom(5000))[:-2000], headers={"content-encoding": "gzip"})
    results = [await get(tmp_path, broken) for _ in range(2)]
    assert [(result.cache_status, result.success) for result in results] == [("miss", False)] * 2


async def test_a_failure_does_not_replace_what_is_kept(site: Site, tmp_path: Path) -> None:
    answers = [
        Answer(b"<p>good", headers=(("cache-control", "no-cache"), ("etag", '"1"'))),
        Answer(b"<p>bad", status=503),
    ]
    url = site.handle("/x", lambda exchange: answers[min(exchange.times(), 2) - 1])
    assert (await get(tmp_path, url)).success
    assert not (await get(tmp_path, url)).success
    kept = await get(tmp_path, url, ENABLED.clone(cache_ttl=60))
    assert (kept.cache_status, kept.html) == ("hit", "<p>good")


# --- asking first -----------------------------------------------------------------------------------------------------


async def test_checking_asks_even_about_a_fresh_page(site: Site, tmp_path: Path) -> None:
    url = tagged(site, "/x", lambda: "<p>text", cache_control="max-age=1000")
    await get(tmp_path, url)
    assert (await get(tmp_path, url)).cache_status == "hit"
    checked = await get(tmp_path, url, CHECKING)
    assert (checked.cache_status, checked.changed, site.request_count) == ("hit_validated", False, 2)


async def test_a_server_that_cannot_be_asked(site: Site, tmp_path: Path) -> None:
    async def silent(exchange: Exchange) -> Answer:
        if exchange.times() > 1:
            await exchange.sleep(30)
        return Answer(b"<p>text", headers=(("etag", '"1"'),))

    url = site.handle("/x", silent)
    first = await get(tmp_path, url)
    began = time.monotonic()
    second = await get(tmp_path, url, CHECKING.clone(cache_validation_timeout=0.5))
    assert time.monotonic() - began < 5
    assert (second.success, second.cache_status, second.changed, second.html) == (True, "hit_fallback", None, "<p>text")
    assert of_the_page(first) == of_the_page(second)
    assert second.cached_at == first.cached_at


async def test_a_server_that_fails_when_asked(site: Site, tmp_path: Path) -> None:
    url = site.handle("/x", lambda exchange: Answer(b"<p>text", status=200 if exchange.times() == 1 else 503))
    await get(tmp_path, url)
    fallen_back = await get(tmp_path, url, CHECKING)
    assert (fallen_back.success, fallen_back.cache_status, fallen_back.status_code) == (True, "hit_fallback", 200)
    unasked = await get(tmp_path, site.url("/status/503"), CHECKING)
    assert (unasked.success, unasked.cache_status) == (False, "miss")


# --- what has changed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_tags", [True, False])
async def test_changes(site: Site, tmp_path: Path, has_tags: bool) -> None:
    page = {"nav": "<a href='/page/1'>Home</a>", "text": TEXT}
    if has_tags:
        url = tagged(site, "/x", lambda: PAGE.format(**page))
    else:
        url = site.handle("/x", lambda _: Answer(PAGE.format(**page).encode()))
    first = await get(tmp_path, url, CHECKING)
    same = await get(tmp_path, url, CHECKING)
    assert (first.changed, same.changed) == (None, False)
    assert same.cache_status == ("hit_validated" if has_tags else "miss")
    page["nav"] = "<a href='/page/2'>Start</a> Visitor 17"
    shell = await get(tmp_path, url, CHECKING)
    assert (shell.changed, shell.cache_status) == (False, "miss")
    assert "Visitor 17" in shell.html
    page["text"] = TEXT.replace("golden", "silver")
    changed = await get(tmp_path, url, CHECKING)
    assert (changed.changed, changed.cache_status) == (True, "miss")
    assert (await get(tmp_path, url, CHECKING)).changed is False


async def test_an_unchanged_site_is_crawled_again_without_a_body(site: Site, tmp_path: Path) -> None:
    urls = [
        tagged(
            site,
            f"/p/{number}",
            lambda number=number: PAGE.format(nav=f"<a href='/p/{number + 1}'>next</a>", text=TEXT),
        )
        for number in range(12)
    ]
    dispatcher = SemaphoreDispatcher(5)
    async with AsyncWebCrawler(base_directory=str(tmp_path)) as crawler:
        await crawler.arun_many(urls, CHECKING, dispatcher)
    site.reset()
    for number, _ in enumerate(urls):
        tagged(
            site,
            f"/p/{number}",
            lambda number=number: PAGE.format(nav=f"<a href='/p/{number + 1}'>next</a>", text=TEXT),
        )
    async with AsyncWebCrawler(base_directory=str(tmp_path)) as crawler:
        results = await crawler.arun_many(urls, CHECKING, dispatcher, stream=False)
        (rooms,) = crawler._rooms.values()
        assert rooms.readers._in_process_left == 2, "a page was read"
    assert {arrival.status for arrival in site.requests} == {304} and site.request_count == 12
    assert [result.cache_status for result in results] == ["hit_validated"] * 12
    assert all(result.links["internal"][0]["text"] == "next" for result in results)


# --- many at once -----------------------------------------------------------------------------------------------------


async def test_hits_owe_their_host_no_pause(site: Site, tmp_path: Path) -> None:
    urls = [site.url(f"/page/{number}") for number in range(20)]
    async with AsyncWebCrawler(base_directory=str(tmp_path)) as crawler:
        await crawler.arun_many(urls, ENABLED, SemaphoreDispatcher(10))
    slow = MemoryAdaptiveDispatcher(rate_limiter=RateLimiter((3.0, 3.0)))
    began = time.monotonic()
    async with AsyncWebCrawler(base_directory=str(tmp_path)) as crawler:
        results = await crawler.arun_many(urls, ENABLED, slow, stream=False)
        assert crawler.stats.bytes == 0
    assert time.monotonic() - began < 2.5
    assert [result.cache_status for result in results] == ["hit"] * 20
    assert results[0].crawl_stats == {
        "attempts": 0, "retries": 0, "proxies_used": [], "fallback_fetch_used": False, "resolved_by": "cache",
    }  # fmt: skip


async def test_what_is_not_in_the_cache_keeps_its_pause(site: Site, tmp_path: Path) -> None:
    urls = [site.url(f"/page/{number}") for number in range(10)]
    async with AsyncWebCrawler(base_directory=str(tmp_path)) as crawler:
        await crawler.arun_many(urls[::2], ENABLED, SemaphoreDispatcher(10))
        site.reset()
        paced = SemaphoreDispatcher(10, rate_limiter=RateLimiter((0.3, 0.3)))
        results = await crawler.arun_many(urls, ENABLED, paced, stream=False)
    assert [result.cache_status for result in results] == ["hit", "miss"] * 5
    starts = [arrival.started for arrival in site.requests]
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert len(starts) == 5 and min(gaps) > 0.28


async def test_the_cache_serves_several_crawlers_at_once(site: Site, tmp_path: Path) -> None:
    urls = [site.url(f"/page/{number % 10}") for number in range(100)]

    async def crawl() -> list[CrawlResult]:
        async with AsyncWebCrawler(base_directory=str(tmp_path)) as crawler:
            return list(await crawler.arun_many(urls, ENABLED, SemaphoreDispatcher(10), stream=False))

    crawls = await asyncio.gather(crawl(), crawl(), crawl())
    assert all(result.success for results in crawls for result in results)
    by_url: dict[str, set[str]] = {}
    for results in crawls:
        for result in results:
            by_url.setdefault(result.url, set()).add(str(result.markdown))
    assert {len(texts) for texts in by_url.values()} == {1}


# --- stores that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["garbage", "a folder", "in the way"])
async def test_a_store_that_cannot_be_used(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    folder = tmp_path / "cache"
    if trouble == "in the way":
        folder.write_text("a file")
    else:
        folder.mkdir()
        file = folder / "pages.sqlite3"
        if trouble == "garbage":
            file.write_bytes(b"garbage" * 1000)
        else:
            file.mkdir()
    with caplog.at_level(logging.WARNING, "nephila"):
        async with AsyncWebCrawler(base_directory=str(folder)) as crawler:
            urls = [site.url(f"/page/{number}") for number in range(8)] * 2
            results = await crawler.arun_many(urls, ENABLED, SemaphoreDispatcher(4), stream=False)
    assert [(result.success, result.cache_status, result.cached_at) for result in results] == [
        (True, "miss", None)
    ] * 16
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "page cache" in record.getMessage()


async def test_home_cannot_be_written_and_names_no_folder(site: Site, tmp_path: Path) -> None:
    program = """
        import asyncio, logging, os, pwd, sys
        logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
        if sys.argv[2] == "unset":
            del os.environ["HOME"]
            def nobody(uid): raise KeyError(uid)
            pwd.getpwuid = nobody
        from nephila import AsyncWebCrawler, CrawlerRunConfig
        async def main():
            async with AsyncWebCrawler() as crawler:
                for _ in range(3):
                    result = await crawler.arun(sys.argv[1], CrawlerRunConfig(cache_mode="enabled", verbose=False))
                    assert result.success and result.cache_status == "miss", result
        asyncio.run(main())
    """
    # A HOME below a file is as little of a folder for root as for anybody else.
    (tmp_path / "file").write_text("")
    for home in (str(tmp_path / "file" / "home"), "unset"):
        env = {"HOME": home, "XDG_CACHE_HOME": "", "NEPHILA_CACHE_DIR": ""}
        printed = await asyncio.to_thread(run_program, program, site.url("/page/1"), home, env=env)
        assert printed.count("\n") == 1 and "The crawl goes on with" in printed


async def test_a_full_disk(site: Site, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    program = """
        import asyncio, logging, resource, sys
        logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        from nephila import AsyncWebCrawler, CrawlerRunConfig, SemaphoreDispatcher
        async def main():
            async with AsyncWebCrawler(base_directory=sys.argv[2]) as crawler:
                urls = [sys.argv[1] + f"?{number}" for number in range(40)]
                config = CrawlerRunConfig(cache_mode="enabled", verbose=False)
                results = await crawler.arun_many(urls, config, SemaphoreDispatcher(5), stream=False)
                assert all(result.success for result in results)
                assert results[-1].cached_at is None
                print("first:", results[0].cached_at is not None)
        asyncio.run(main())
    """
    body = os.urandom(20_000).hex()
    url = site.serve("/large", f"<p>{body}</p>")
    printed = await asyncio.to_thread(run_program, program, url, str(tmp_path))
    warning, rest = printed.splitlines()
    assert warning.startswith("The crawl goes on with nothing more written to the page cache: ")
    assert rest.startswith("first:")


async def test_a_crawler_that_is_closed_meanwhile(site: Site, tmp_path: Path) -> None:
    crawler = AsyncWebCrawler(base_directory=str(tmp_path))
    visits = [asyncio.create_task(crawler.arun(site.url(f"/page/{number}"), ENABLED)) for number in range(20)]
    await asyncio.sleep(0.05)
    await crawler.close()
    results = await asyncio.gather(*visits)
    assert all(result.success or result.error_code == ErrorCode.CANCELLED for result in results)
    again = await get(tmp_path, site.url("/page/3"))
    assert again.success
