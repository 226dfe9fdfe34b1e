"""What only the impersonating transport does; all else is in the tests of both."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from nephila import (
    AsyncWebCrawler,
    ConfigError,
    ErrorCode,
    HTTPCrawlerConfig,
    UnsupportedOptionError,
    plan as plan_module,
)
from nephila.fetch.browsers import known_browsers
from nephila.fetch.impersonating import ImpersonatingFetcher
from nephila.models import Request
from tests.site.server import Site


@contextlib.asynccontextmanager
async def http2_server(seen: list[dict[str, str]]) -> AsyncIterator[str]:
    """A server that speaks HTTP/2 only; yields its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        while data := await reader.read(65_536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    seen.append(dict(event.headers))
                    connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", "text/html")])
                    connection.send_data(event.stream_id, b"<h1>Over HTTP/2</h1>", end_stream=True)
            writer.write(connection.data_to_send())
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/page"
    finally:
        server.close()


async def test_http2() -> None:
    seen: list[dict[str, str]] = []
    config = HTTPCrawlerConfig(impersonate="firefox", verify_ssl=False, headers={"X-Own": "1"})
    async with http2_server(seen) as url, AsyncWebCrawler(config=config) as crawler:
        results = await crawler.arun_many([f"{url}/{number}" for number in range(5)])
    assert [result.markdown for result in results] == ["# Over HTTP/2"] * 5
    assert "Firefox/" in seen[0]["user-agent"] and seen[0]["x-own"] == "1"
    assert sorted(headers[":path"] for headers in seen) == [f"/page/{number}" for number in range(5)]


async def test_a_crawl_looks_like_the_browser(site: Site) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="chrome")) as crawler:
        result = await crawler.arun(site.url("/gzip"))
        other = await crawler.arun(site.url("/page/1"), user_agent="Mine/1.0")
    assert result.success and "Encoded with" in result.markdown and other.success
    first, second = (arrival.headers for arrival in site.requests)
    assert "Chrome/" in first["user-agent"] and "Nephila" not in str(first) and "sec-ch-ua" in first
    assert second["user-agent"] == "Mine/1.0"


async def test_cookies_and_redirects_of_a_visit(site: Site) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="chrome")) as crawler:
        result = await crawler.arun(site.url("/redirect/2"))
    assert result.success and len(result.redirects) == 2


async def test_many_at_once(site: Site) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="chrome")) as crawler:
        results = await asyncio.gather(*(crawler.arun(site.url(f"/page/{number}")) for number in range(200)))
    assert all(result.success for result in results) and len(results) == 200


async def test_given_up_half_way(site: Site) -> None:
    fetcher = ImpersonatingFetcher("chrome")
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(fetcher.fetch(Request(site.url("/silent")), loop.time() + 30)) for _ in range(5)]
    await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*tasks, return_exceptions=True))
    assert (await fetcher.fetch(Request(site.url("/page/1")), loop.time() + 5)).status == 200
    await fetcher.close()


async def test_the_environments_proxy_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="chrome")) as crawler:
        assert (await crawler.arun(site.url("/page/1"))).success


async def test_a_header_that_is_two(site: Site) -> None:
    fetcher = ImpersonatingFetcher("chrome")
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="chrome", headers={"X": "a\r\nY: b"})) as crawler:
        result = await crawler.arun(site.url("/page/1"))
    await fetcher.close()
    assert result.error_code == ErrorCode.INVALID_URL and site.request_count == 0


async def test_names(site: Site) -> None:
    assert {"chrome", "firefox", "safari", "edge"} <= known_browsers()
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="netscape")) as crawler:
        with pytest.raises(ConfigError, match=r"netscape.*chrome"):
            await crawler.arun(site.url("/page/1"))


async def test_without_the_extra(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "can_impersonate", lambda: False)
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(impersonate="chrome")) as crawler:
        with pytest.raises(UnsupportedOptionError, match=r"nephila\[impersonate\]"):
            await crawler.arun(site.url("/page/1"))
