"""Pages are rendered when they need it, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig, CrawlResult, HTTPCrawlerConfig
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.rooms import Rooms
from tests.leaks import nothing_left_behind
from tests.site.server import Site

TEXT = "<p>" + "There is enough to read here without any script. " * 40 + "</p>"

CONFIG = CrawlerRunConfig(mean_delay=0, max_range=0, delay_before_return_html=0.1)


@pytest.fixture
async def crawler() -> AsyncIterator[AsyncWebCrawler]:
    async with AsyncWebCrawler() as crawler:
        yield crawler


def way(result: CrawlResult) -> tuple[object, object]:
    return result.crawl_stats["fetched_by"], result.crawl_stats["fetched_because"]


def browser_of(crawler: AsyncWebCrawler) -> BrowserFetcher | None:
    (rooms,) = crawler._rooms.values()
    assert isinstance(rooms, Rooms)
    return rooms._browser


def app(token: str, body: str = "") -> str:
    show = f"document.getElementById('root').innerHTML = '<h1>{token}</h1>{TEXT}'"
    return f"<title>App</title>{body}<div id=root></div><script>{show}</script>"


async def test_empty_shell_is_rendered(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/app?token=spider"))
    assert result.success and "Rendered spider" in result.markdown, result.error_message
    because = 'The page needs JavaScript: its scripts fill <div id="root">, which is empty.'
    assert way(result) == ("browser", because)
    assert result.warnings == [] and result.status_code == 200
    assert [arrival.path for arrival in site.requests if arrival.path.startswith("/app")] == ["/app", "/app"]


async def test_page_with_content_starts_no_browser(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/page/1"))
    assert way(result) == ("http", "The page has its content without scripts.")
    assert browser_of(crawler) is None


@pytest.mark.parametrize("path", ["/status/404", "/status/500"])
async def test_error_is_not_rendered(site: Site, crawler: AsyncWebCrawler, path: str) -> None:
    result = await crawler.arun(site.url(path))
    assert way(result) == ("http", "Pages are fetched over HTTP first.")
    assert browser_of(crawler) is None


async def test_shell_with_an_error_status_is_not_rendered(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.serve("/gone", app("x"), status=404))
    assert way(result)[0] == "http" and result.status_code == 404
    assert browser_of(crawler) is None


async def test_other_content_is_not_rendered(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.serve("/data.json", '{"a": 1}', "application/json"))
    assert way(result) == ("http", "It is no HTML page, so there are no scripts to run.")
    result = await crawler.arun("raw:" + app("raw"))
    assert way(result) == ("http", "Local input is read as it is.")
    assert browser_of(crawler) is None


async def test_http_means_http(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/app?token=x"), fetch_mode="http")
    assert way(result) == ("http", "fetch_mode of the run is 'http'.")
    assert "Rendered" not in result.markdown and browser_of(crawler) is None
    async with AsyncWebCrawler(config=HTTPCrawlerConfig()) as plain:
        result = await plain.arun(site.url("/app?token=x"))
        assert way(result) == ("http", "fetch_mode of the crawler is 'http'.")
        assert browser_of(plain) is None


async def test_form_is_not_sent_again(site: Site) -> None:
    async with AsyncWebCrawler(config=BrowserConfig()) as crawler:
        result = await crawler.arun(site.serve("/form", app("x")), method="POST")
        assert way(result)[0] == "http"
        (warning,) = result.warnings
        assert warning.endswith(" Only a GET can be rendered, not a POST.")
        assert browser_of(crawler) is None


async def test_site_that_needs_it_is_rendered_at_once(site: Site, crawler: AsyncWebCrawler) -> None:
    urls = [site.serve(f"/shop/{number}", app(f"Thing {number}")) for number in range(25)]
    results = [await crawler.arun(url, CONFIG) for url in urls]
    assert all(f"# Thing {number}" in result.markdown for number, result in enumerate(results))
    learned = [number for number, result in enumerate(results) if "last pages" in str(way(result)[1])]
    # The first three were tried over HTTP, and of those that follow every twentieth.
    assert learned == [*range(3, 22), 23, 24]
    asked = [arrival.path for arrival in site.requests]
    assert [asked.count(f"/shop/{number}") for number in (0, 2, 3, 21, 22)] == [2, 2, 1, 1, 2]


async def test_site_that_changes_is_noticed(site: Site, crawler: AsyncWebCrawler) -> None:
    for number in range(4):
        await crawler.arun(site.serve(f"/shop/{number}", app("x")), CONFIG)
    ways = []
    for number in range(4, 30):
        result = await crawler.arun(site.serve(f"/shop/{number}", f"<h1>Plain {number}</h1>{TEXT}"), CONFIG)
        assert f"# Plain {number}" in result.markdown
        ways.append(way(result)[0])
    assert ways.index("http") < 20 and set(ways[ways.index("http") :]) == {"http"}


async def test_rendering_in_vain_is_given_up(site: Site, crawler: AsyncWebCrawler) -> None:
    # It has the look of an application, but its scripts never do anything.
    urls = [site.serve(f"/dead/{number}", "<h1>Dead</h1><div id=root></div><script>0</script>") for number in range(6)]
    results = [await crawler.arun(url, CONFIG) for url in urls]
    assert all("# Dead" in result.markdown for result in results)
    assert [way(result)[0] for result in results] == ["browser"] * 3 + ["http"] * 3
    assert way(results[-1])[1] == "Rendering the last pages of this site showed nothing more."


async def test_mixed_site(site: Site, crawler: AsyncWebCrawler) -> None:
    urls = []
    for number in range(40):
        html = app(f"Number {number}") if number % 10 == 0 else f"<h1>Number {number}</h1>{TEXT}"
        urls.append(site.serve(f"/{'shop' if number % 10 == 0 else 'news'}/{number}", html))
    results = await crawler.arun_many(urls, CONFIG)
    for number, result in enumerate(results):
        assert result.success and f"# Number {number}\n" in result.markdown
        assert way(result)[0] == ("browser" if number % 10 == 0 else "http")


async def test_crash_keeps_what_http_gave(site: Site, crawler: AsyncWebCrawler) -> None:
    # Only a browser comes here: over HTTP it is a page like any other.
    page = "<h1>Before</h1><div id=root></div><script>location.href = 'chrome://crash'; while (1);</script>"
    result = await crawler.arun(site.serve("/busy-app", page), CONFIG, page_timeout=3000)
    assert result.success and "# Before" in result.markdown
    assert way(result)[0] == "http"
    (warning,) = result.warnings
    assert "Rendering it failed: " in warning and warning == way(result)[1]


async def test_nothing_is_left(site: Site) -> None:
    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/app?token=x"), CONFIG)
        assert way(result)[0] == "browser"
