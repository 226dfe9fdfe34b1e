"""Servers that are asked whether a page is still the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nephila import (
    AsyncWebCrawler,
    SemaphoreDispatcher,
)
from tests.caching import CHECKING, PAGE, TEXT, get, of_the_page, tagged
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

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
