"""What servers say about keeping their pages, and what becomes of failures."""

from __future__ import annotations

import asyncio
import gzip
import os
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from nephila import (
    ErrorCode,
)
from tests.caching import ENABLED, PAGE, TEXT, get, of_the_page, tagged
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

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
