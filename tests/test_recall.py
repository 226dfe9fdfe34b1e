"""Crawls with the page cache, against a real server that counts what it is asked."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
from pathlib import Path

import pytest

from nephila import (
    AsyncWebCrawler,
    BrowserConfig,
    CacheMode,
    CrawlerRunConfig,
    CrawlResult,
    DefaultMarkdownGenerator,
    HTTPCrawlerConfig,
    MemoryAdaptiveDispatcher,
    PruningContentFilter,
    RateLimiter,
    SemaphoreDispatcher,
)
from nephila.models import MarkdownGenerationResult
from tests.caching import ENABLED, PAGE, TEXT, get, of_the_page
from tests.programs import run_program
from tests.site.exchange import Answer, Exchange
from tests.site.proxy import Proxy
from tests.site.server import Site

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
