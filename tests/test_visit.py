"""One visit, end to end, against the hostile site: what the caller gets for every way a page can be."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig, CrawlResult, ErrorCode, HTTPCrawlerConfig
from nephila.errors import ConfigError, UnsupportedOptionError
from tests.site.exchange import Answer, Exchange
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.tls import Certificate, TlsSite


@pytest.fixture
async def crawler() -> AsyncIterator[AsyncWebCrawler]:
    async with AsyncWebCrawler() as crawler:
        yield crawler


def is_clear_failure(result: CrawlResult, code: ErrorCode) -> bool:
    message = result.error_message or ""
    assert (result.success, result.error_code) == (False, code), result
    assert message.endswith((".", "?")) and "Traceback" not in message and "\n" not in message, message
    json.loads(result.model_dump_json())
    return True


async def test_page(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/page/3"))
    assert result.success and result.error_code is None and result.error_message is None
    assert (result.status_code, result.redirected_url, result.redirects) == (200, site.url("/page/3"), [])
    assert result.markdown.startswith("[Home]") or "# Page 3" in result.markdown
    assert "# Page 3" in result.markdown
    assert result.metadata["title"] == "Page 3"
    assert site.url("/page/4") in [link["href"] for link in result.links["internal"]]
    assert [link["href"] for link in result.links["external"]] == ["https://example.com/3"]
    assert result.tables[0]["rows"] == [["number", "3"], ["square", "9"]]
    assert result.html.encode() == result.body
    assert result.crawl_stats == {
        "attempts": 1,
        "retries": 0,
        "proxies_used": [],
        "fallback_fetch_used": False,
        "fetched_by": "http",
        "fetched_because": "The page has its content without scripts.",
        "resolved_by": "direct",
    }
    (arrival,) = site.requests
    assert "Nephila/" in arrival.headers["user-agent"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451, 500, 503, 599])
async def test_error_status_keeps_everything(site: Site, crawler: AsyncWebCrawler, status: int) -> None:
    result = await crawler.arun(site.url(f"/status/{status}"))
    assert is_clear_failure(result, ErrorCode.HTTP)
    assert str(status) in (result.error_message or "")
    assert (result.status_code, result.response_headers["X-Site"]) == (status, "kept")
    assert f"<h1>{status}" in result.html
    assert f"# {status}" in result.markdown
    assert site.request_count == 1


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/json", "application/json", "naïve"),
        ("/xml", "application/xml", "First entry"),
        ("/text", "text/plain", "<b>not bold</b>"),
        ("/xhtml", "application/xhtml+xml", "Strict & closed."),
        ("/no-type", "", "No content type"),
        ("/no-length", "text/html", "No length"),
        ("/chunked", "text/html", "Chunked"),
        ("/gzip-gzip", "text/html", "Encoded with"),
        ("/zstd", "text/html", "Encoded with"),
        ("/br", "text/html", "Encoded with"),
        ("/raw-deflate", "text/html", "Encoded with"),
        ("/gzip-wrong", "text/html", "Encoded with"),
    ],
)
async def test_kinds_and_encodings(site: Site, crawler: AsyncWebCrawler, path: str, kind: str, text: str) -> None:
    result = await crawler.arun(site.url(path))
    assert result.success
    assert result.content_type.partition(";")[0] == kind
    assert text in result.html.replace("&amp;", "&")
    assert text.split()[0].strip("<b>") in result.markdown


@pytest.mark.parametrize(("path", "start"), [("/binary", b"\x89PNG"), ("/pdf", b"%PDF")])
async def test_other_types_are_kept_as_bytes(site: Site, crawler: AsyncWebCrawler, path: str, start: bytes) -> None:
    result = await crawler.arun(site.url(path))
    assert result.success
    assert (result.html, result.markdown, result.encoding) == ("", "", None)
    assert result.body.startswith(start)


@pytest.mark.parametrize(
    ("path", "code", "status", "kept"),
    [
        ("/truncated", ErrorCode.CONNECTION_LOST, 200, "Truncated"),
        ("/reset", ErrorCode.CONNECTION_LOST, 200, "Reset"),
        ("/cut-chunk", ErrorCode.CONNECTION_LOST, 200, "x"),
        ("/gzip-cut", ErrorCode.CONNECTION_LOST, 200, "Encoded with"),
        ("/redirect-file", ErrorCode.REDIRECT, 302, "Moved"),
        ("/redirect-loop", ErrorCode.REDIRECT, 302, "Moved"),
        ("/unknown-encoding", ErrorCode.PROTOCOL, 200, ""),
        ("/garbage", ErrorCode.PROTOCOL, None, ""),
        ("/close-at-once", ErrorCode.CONNECTION_LOST, None, ""),
    ],
)
async def test_broken_answers_keep_what_they_gave(
    site: Site, crawler: AsyncWebCrawler, path: str, code: ErrorCode, status: int | None, kept: str
) -> None:
    result = await crawler.arun(site.url(path))
    assert is_clear_failure(result, code)
    assert result.status_code == status
    assert kept in result.html and kept in result.markdown


@pytest.mark.parametrize("in_worker", [False, True])
@pytest.mark.parametrize("path", ["/drip?ms=20", "/promised", "/slow-headers?ms=50", "/slow?ms=60000"])
async def test_page_timeout_bounds_the_visit(site: Site, crawler: AsyncWebCrawler, path: str, in_worker: bool) -> None:
    if in_worker:
        await use_workers(crawler)
    started = time.monotonic()
    result = await crawler.arun(site.url(path), page_timeout=1000, max_body_bytes=10**12)
    assert 0.9 < time.monotonic() - started < 1.3
    assert is_clear_failure(result, ErrorCode.TIMEOUT)
    if path.startswith(("/drip", "/promised")):
        assert result.status_code == 200
        assert result.body
    if path.startswith("/drip"):
        assert result.html.startswith("xxx") and result.markdown.startswith("xxx")


async def use_workers(crawler: AsyncWebCrawler) -> None:
    """Use up the pages that are read in the process, and wait until a worker is there."""
    results = await asyncio.gather(*(crawler.arun(f"raw:<p>{number}</p>") for number in range(4)))
    assert all(result.success for result in results)


async def test_endless_body_is_too_large(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/endless"), max_body_bytes=200_000)
    assert is_clear_failure(result, ErrorCode.TOO_LARGE)
    assert (result.status_code, len(result.body)) == (200, 200_000)
    assert "orb-weaver" in result.markdown


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "gzip,gzip"])
async def test_bomb(site: Site, crawler: AsyncWebCrawler, encoding: str) -> None:
    result = await crawler.arun(site.url(f"/bomb?mb=100&encoding={encoding}"), max_decoded_bytes=20_000_000)
    assert is_clear_failure(result, ErrorCode.TOO_LARGE)
    assert result.status_code == 200
    assert 0 < len(result.body) < 1_000_000


async def test_decoded_limit_is_exact(site: Site, crawler: AsyncWebCrawler) -> None:
    size = len((await crawler.arun(site.url("/gzip"))).body)
    assert (await crawler.arun(site.url("/gzip"), max_decoded_bytes=size)).success
    assert is_clear_failure(await crawler.arun(site.url("/gzip"), max_decoded_bytes=size - 1), ErrorCode.TOO_LARGE)


@pytest.mark.parametrize(
    ("path", "requests"),
    [
        ("/status/500", 3),
        ("/status/503", 3),
        ("/status/408", 3),
        ("/status/404", 1),
        ("/status/403", 1),
        ("/close-at-once", 3),
        ("/garbage", 1),
        ("/redirect-loop", 1),
        ("/page/1", 1),
    ],
)
async def test_retries_as_the_server_sees_them(site: Site, path: str, requests: int) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url(path), max_retries=2)
    assert site.request_count == requests
    assert (result.crawl_stats["attempts"], result.crawl_stats["retries"]) == (requests, requests - 1)


async def test_retry_until_it_works_but_never_a_post(site: Site, crawler: AsyncWebCrawler) -> None:
    assert (await crawler.arun(site.url("/503?times=2&token=a"), max_retries=5)).success
    assert site.request_count == 3
    site.reset()
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(method="POST", data="x")) as poster:
        result = await poster.arun(site.url("/503?times=2&token=b"), max_retries=5)
    assert is_clear_failure(result, ErrorCode.HTTP)
    assert site.request_count == 1


async def test_each_attempt_has_the_whole_page_timeout(site: Site, crawler: AsyncWebCrawler) -> None:
    started = time.monotonic()
    result = await crawler.arun(site.url("/slow?ms=60000"), page_timeout=600, max_retries=1)
    assert 1.15 < time.monotonic() - started < 1.2 + 1 + 0.5
    assert is_clear_failure(result, ErrorCode.TIMEOUT)
    assert site.request_count == 2


@pytest.mark.parametrize(
    ("config", "content_type", "body"),
    [
        (HTTPCrawlerConfig(method="POST", json={"a": "é"}), "application/json", rb'{"a": "\u00e9"}'),
        (
            HTTPCrawlerConfig("post", data={"a": "b c", "d": ["1", "2"]}),
            "application/x-www-form-urlencoded",
            b"a=b+c&d=1&d=2",
        ),
        (HTTPCrawlerConfig(method="POST", data="é"), "text/plain; charset=utf-8", "é".encode()),
        (HTTPCrawlerConfig(method="PUT", data=b"\xff"), "application/octet-stream", b"\xff"),
        (HTTPCrawlerConfig(method="POST", data="<a/>", headers={"content-type": "text/xml"}), "text/xml", b"<a/>"),
    ],
)
async def test_bodies_of_requests(site: Site, config: HTTPCrawlerConfig, content_type: str, body: bytes) -> None:
    async with AsyncWebCrawler(config=config) as crawler:
        result = await crawler.arun(site.url("/post"))
    assert result.success and result.body == body
    (arrival,) = site.requests
    assert (arrival.method, arrival.headers["content-type"], arrival.body) == (config.method, content_type, body)


async def test_what_requests_say_about_the_client(site: Site) -> None:
    config = BrowserConfig(
        user_agent="Custom/1",
        headers={"ACCEPT": "text/plain", "X-Own": "1", "Authorization": "Bearer t"},
        cookies=[{"name": "c", "value": "v", "url": site.url()}],
    )
    async with AsyncWebCrawler(config=config) as crawler:
        sent = json.loads((await crawler.arun(site.url("/headers"))).body)
        other = json.loads((await crawler.arun(site.url("/headers"), user_agent="Other/2")).body)
    assert sent["user-agent"] == "Custom/1" and other["user-agent"] == "Other/2"
    assert (sent["accept"], sent["x-own"], sent["authorization"], sent["cookie"]) == (
        "text/plain",
        "1",
        "Bearer t",
        "c=v",
    )


@pytest.mark.parametrize(
    "cookie",
    [{"name": "a", "value": "1"}, {"value": "1", "url": "http://a/"}, {"name": "a", "url": "http://a/"},
     {"name": "a b", "value": "1", "domain": "a"}, {"name": "a", "value": "1", "url": "a"}],
)  # fmt: skip
def test_cookie_that_could_never_be_sent_is_refused(cookie: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="cookie"):
        AsyncWebCrawler(config=BrowserConfig(cookies=[cookie]))


async def test_redirect_is_followed_and_told(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/redirect/2"))
    assert result.success
    assert (result.url, result.redirected_url) == (site.url("/redirect/2"), site.url("/echo?token=arrived"))
    assert [hop["status"] for hop in result.redirects] == [302, 302]
    assert result.redirected_status_code == 200
    lost = await crawler.arun(site.url("/redirect-to?url=http://nowhere.invalid/"))
    assert is_clear_failure(lost, ErrorCode.DNS)
    assert (lost.status_code, lost.redirected_url) == (None, "http://nowhere.invalid/")
    assert [hop["status"] for hop in lost.redirects] == [302]


async def test_cookies_live_as_long_as_a_visit(site: Site, crawler: AsyncWebCrawler) -> None:
    site.serve("/go", "", status=302, headers={"location": "/cookies", "set-cookie": "session=1; Path=/"})
    assert json.loads((await crawler.arun(site.url("/go"))).body) == {"session": "1"}
    assert json.loads((await crawler.arun(site.url("/cookies"))).body) == {}


@pytest.mark.parametrize("kind", [Certificate.SELF_SIGNED, Certificate.EXPIRED, Certificate.WRONG_HOST])
async def test_certificates(site: Site, tls_site: TlsSite, crawler: AsyncWebCrawler, kind: Certificate) -> None:
    assert is_clear_failure(await crawler.arun(tls_site.url(kind, "/page/1")), ErrorCode.TLS)
    for config in (BrowserConfig(ignore_https_errors=True), HTTPCrawlerConfig(verify_ssl=False)):
        async with AsyncWebCrawler(config=config) as careless:
            assert (await careless.arun(tls_site.url(kind, "/page/1"))).success


async def test_proxies(site: Site) -> None:
    with Proxy("user", "p@ss") as proxy:
        server = f"http://user:p%40ss@127.0.0.1:{proxy.port}"
        async with AsyncWebCrawler(config=BrowserConfig(proxy_config=server)) as crawler:
            result = await crawler.arun(site.url("/page/1"))
            assert result.success and [hit.authorized for hit in proxy.hits] == [True]
            assert result.crawl_stats["proxies_used"] == [
                {"proxy": proxy.url, "status_code": 200, "blocked": False, "reason": ""}
            ]
            bad = await crawler.arun(site.url("/page/1"), proxy_config="http://127.0.0.1:9")
            assert is_clear_failure(bad, ErrorCode.PROXY)
            wrong = await crawler.arun(site.url("/page/1"), proxy_config=f"http://user:wrong@127.0.0.1:{proxy.port}")
            assert is_clear_failure(wrong, ErrorCode.PROXY)
            assert wrong.status_code == 407
    assert site.request_count == 1


async def test_fallback_function(site: Site, crawler: AsyncWebCrawler) -> None:
    asked: list[str] = []

    async def rescue(url: str) -> str | None:
        asked.append(url)
        return "<h1>Rescued</h1>"

    async def give_up(url: str) -> str | None:
        return None

    result = await crawler.arun(site.url("/status/500"), fallback_fetch_function=rescue)
    assert result.success and "# Rescued" in result.markdown and asked == [site.url("/status/500")]
    assert result.crawl_stats["resolved_by"] == "fallback_fetch"
    assert is_clear_failure(
        await crawler.arun("http://nowhere.invalid", fallback_fetch_function=give_up), ErrorCode.DNS
    )
    await crawler.arun(site.url("/page/1"), fallback_fetch_function=rescue)
    assert len(asked) == 1


async def test_failing_fallback_function_is_a_warning(site: Site, crawler: AsyncWebCrawler) -> None:
    async def fails(url: str) -> str | None:
        raise RuntimeError("no luck")

    async def cancels(url: str) -> str | None:
        raise asyncio.CancelledError

    async def lies(url: str) -> str | None:
        return b"<h1>bytes</h1>"  # type: ignore[return-value]

    for function, part in ((fails, "RuntimeError: no luck"), (cancels, "cancelled"), (lies, "bytes")):
        result = await crawler.arun(site.url("/status/500"), fallback_fetch_function=function)
        assert is_clear_failure(result, ErrorCode.HTTP)
        assert part in result.warnings[0]


@pytest.mark.parametrize("url", [5, b"http://a/", object(), ["http://a/"]])
async def test_url_that_is_no_string(crawler: AsyncWebCrawler, url: object) -> None:
    result = await crawler.arun(url)  # type: ignore[arg-type]
    assert is_clear_failure(result, ErrorCode.INVALID_URL)
    assert type(url).__name__ in (result.error_message or "")


async def test_url_of_the_config(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(config=CrawlerRunConfig(url=site.url("/page/1")))
    assert result.success and result.url == site.url("/page/1")
    assert (await crawler.arun()).error_code is ErrorCode.INVALID_URL


async def test_local_sources(tmp_path: Path, crawler: AsyncWebCrawler) -> None:
    path = tmp_path / "page.html"
    path.write_text('<meta charset="utf-8"><h1>Ä</h1><a href="b.html">b</a>', encoding="utf-8")
    result = await crawler.arun(path.as_uri())
    assert result.success and result.status_code is None and "# Ä" in result.markdown
    assert f"[b]({(tmp_path / 'b.html').as_uri()})" in result.markdown
    raw = await crawler.arun('raw:<a href="x?a=1#b">y</a>', base_url="https://example.com/d/")
    assert raw.success and raw.redirected_url is None
    assert raw.links["internal"][0]["href"] == "https://example.com/d/x?a=1#b"
    assert is_clear_failure(await crawler.arun("file:///nowhere/at/all"), ErrorCode.FILE)


async def test_html_given_is_read_as_if_fetched(site: Site, crawler: AsyncWebCrawler) -> None:
    fetched = await crawler.arun(site.url("/page/3"))
    given = await crawler.aprocess_html(site.url("/page/3"), fetched.html)
    for name in ("html", "cleaned_html", "markdown", "links", "media", "tables", "metadata"):
        assert getattr(given, name) == getattr(fetched, name)
    odd = await crawler.aprocess_html("not\ud800 a URL", "<p>x\ud800</p>" + "<p>y</p>" * 100_000)
    assert odd.success
    json.loads(odd.model_dump_json())
    with pytest.raises(ConfigError, match="bytes"):
        await crawler.aprocess_html(site.url(), b"<p>")  # type: ignore[arg-type]


async def test_config_that_cannot_be_used_is_an_error_at_once(crawler: AsyncWebCrawler) -> None:
    with pytest.raises(UnsupportedOptionError, match="parser_type"):
        await crawler.arun("raw:x", parser_type="html5lib")
    with pytest.raises(ConfigError, match="css_selector"):
        await crawler.arun("raw:x", css_selectr="p")
    with pytest.raises(ConfigError, match="CrawlerRunConfig"):
        await crawler.arun("raw:x", config={"stream": True})  # type: ignore[arg-type]


async def test_a_page_may_take_its_time_within_the_deadline(site: Site, crawler: AsyncWebCrawler) -> None:
    async def late(exchange: Exchange) -> Answer:
        await exchange.sleep(0.7)
        return Answer(b"<h1>late</h1>")

    assert (await crawler.arun(site.handle("/late", late), page_timeout=1500)).success
