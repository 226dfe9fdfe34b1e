"""What is kept of robots.txt files, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from nephila.fetch.http import HttpFetcher
from nephila.fetch.robots import RobotsRules
from nephila.models import Request
from tests.site.exchange import Answer
from tests.site.proxy import Proxy
from tests.site.server import Site


@pytest.fixture
async def rules() -> AsyncIterator[RobotsRules]:
    fetcher = HttpFetcher()
    rules = RobotsRules(lambda _url: fetcher)
    yield rules
    await rules.close()
    await fetcher.close()


def request(url: str, **fields: object) -> Request:
    return Request(url, headers={"User-Agent": "FooBot/1.0", "X-Key": "secret", "Cookie": "a=b"}, **fields)  # type: ignore[arg-type]


async def test_it_is_asked_for_as_the_visit_asks_but_without_secrets(rules: RobotsRules, site: Site) -> None:
    site.serve("/robots.txt", "Sitemap: https://a.example/map.xml\nUser-agent: foobot\nCrawl-delay: 2", "text/plain")
    sent: list[str] = []
    found = await rules.of(request(site.url("/page/1"), method="POST", body=b"x", follow_redirects=False), sent.append)
    assert found.group_for(("foobot",)).crawl_delay == 2
    assert found.sitemaps == ["https://a.example/map.xml"]
    assert sent == [site.url("/robots.txt")]
    (arrival,) = site.requests
    assert (arrival.method, arrival.body, arrival.headers["user-agent"]) == ("GET", b"", "FooBot/1.0")
    assert arrival.headers.keys().isdisjoint(("x-key", "cookie"))


async def test_origins_and_ways_to_them_are_kept_apart(rules: RobotsRules, site: Site, proxy: Proxy) -> None:
    site.handle("/robots.txt", lambda _: Answer(b"", "text/plain"))
    direct = request(site.url("/a"))
    by_proxy = request(site.url("/a"), proxy=f"http://127.0.0.1:{proxy.port}")
    other = request(site.host_url("other.localhost", "/a"))
    for each in (direct, by_proxy, other, direct, by_proxy, other, request(site.url("/b?c"))):
        await rules.of(each)
    assert site.request_count == 3


async def test_what_is_kept_is_bounded(rules: RobotsRules, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nephila.fetch.robots._KEPT_SITES", 2)
    site.handle("/robots.txt", lambda _: Answer(b"", "text/plain"))
    first, second, third = (request(site.host_url(f"host{number}.localhost")) for number in range(3))
    for each in (first, second, first, third):
        await rules.of(each)
    # The one that was not asked for since is forgotten.
    assert [rules.known(each) is not None for each in (first, second, third)] == [True, False, True]


async def test_large_files_push_out_others(rules: RobotsRules, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nephila.fetch.robots._KEPT_BYTES", 5_000_000)
    site.serve("/robots.txt", b"User-agent: *\n" + b"Disallow:/a\n" * 8_000, "text/plain")
    requests = [request(site.host_url(f"host{number}.localhost")) for number in range(3)]
    for each in requests:
        assert not (await rules.of(each)).group_for(()).allows("http://a.example/a")
    assert [rules.known(each) is not None for each in requests] == [False, False, True]


async def test_a_file_is_asked_for_again_when_it_is_too_old(
    rules: RobotsRules, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nephila.fetch.robots._SHORTEST", 0.2)
    site.serve("/robots.txt", "", "text/plain", headers={"cache-control": "max-age=0"})
    for _ in range(3):
        await rules.of(request(site.url("/")))
    assert site.request_count == 1
    await asyncio.sleep(0.25)
    await rules.of(request(site.url("/")))
    assert site.request_count == 2


async def test_who_made_up_many_names_costs_no_memory(rules: RobotsRules, site: Site) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    found = await rules.of(request(site.url("/")))
    for number in range(100):
        assert not found.group_for((f"bot{number}",)).allows(site.url("/a"))
    assert len(found._groups) <= 4
