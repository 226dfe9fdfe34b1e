from __future__ import annotations

import asyncio
import socket
import time

import pytest

from nephila.errors import ErrorCode, FetchError
from tests.fetch.conftest import Fetch
from tests.fetch.transports import Transport
from tests.site.exchange import Answer, Exchange
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.tls import Certificate, TlsSite
from tests.waiting import until


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/slow-headers?ms=50", ErrorCode.TIMEOUT),
        ("/silent", ErrorCode.TIMEOUT),
        ("/close-at-once", ErrorCode.CONNECTION_LOST),
        ("/half-status", ErrorCode.CONNECTION_LOST),
        ("/garbage", ErrorCode.PROTOCOL),
        ("/bad-status", ErrorCode.PROTOCOL),
        ("/huge-header", ErrorCode.TOO_LARGE),
        ("/many-headers", ErrorCode.TOO_LARGE),
        ("/bad-length", ErrorCode.PROTOCOL),
        ("/two-lengths", ErrorCode.PROTOCOL),
    ],
)
async def test_no_response_is_an_error_with_a_sentence(site: Site, fetch: Fetch, path: str, code: ErrorCode) -> None:
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        await fetch(site.url(path), within=0.6)
    message = str(caught.value)
    assert caught.value.code is code
    assert message.endswith(".") and "\n" not in message and "Traceback" not in message
    assert "127.0.0.1" in message
    assert time.monotonic() - started < 0.9


async def test_broken_chunk(site: Site, fetch: Fetch) -> None:
    # Whether the head is taken before the fault is seen depends on how the bytes arrive.
    try:
        response = await fetch(site.url("/bad-chunk"))
    except FetchError as error:
        assert error.code is ErrorCode.PROTOCOL
    else:
        assert response.error in (ErrorCode.PROTOCOL, ErrorCode.CONNECTION_LOST) and response.status == 200


@pytest.mark.parametrize("path", ["/truncated", "/reset", "/cut-chunk"])
async def test_what_arrived_before_the_connection_was_lost_is_kept(site: Site, fetch: Fetch, path: str) -> None:
    response = await fetch(site.url(path))
    assert (response.status, response.error) == (200, ErrorCode.CONNECTION_LOST)
    assert b"<h1>" in response.body
    assert response.content_type == "text/html; charset=utf-8"
    assert response.error_message.endswith(".")


async def test_what_arrived_before_the_body_broke_is_kept(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/bad-chunk"))
    assert (response.status, response.error, response.body) == (200, ErrorCode.PROTOCOL, b"<h1>x")
    assert "chunk" in response.error_message and response.error_message.endswith(".")


async def test_body_announced_too_large_is_not_read(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/promised"))
    assert (response.status, response.error, response.body) == (200, ErrorCode.TOO_LARGE, b"")
    assert response.content_type == "text/html; charset=utf-8"
    await until(lambda: site.active == 0)
    # What is announced for a HEAD is not sent.
    assert (await fetch(site.serve("/large", b"x" * 100), method="HEAD", max_body_bytes=10)).error is None


@pytest.mark.parametrize("path", ["/drip?ms=20", "/promised?mb=1"])
async def test_deadline_ends_a_body_and_keeps_its_beginning(site: Site, fetch: Fetch, path: str) -> None:
    started = time.monotonic()
    response = await fetch(site.url(path), within=0.5)
    assert 0.45 < time.monotonic() - started < 0.8
    assert (response.status, response.error) == (200, ErrorCode.TIMEOUT)
    assert response.body
    await until(lambda: site.active == 0)


async def test_body_ends_at_its_limit(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/endless"), max_body_bytes=100_000)
    assert (response.status, response.error) == (200, ErrorCode.TOO_LARGE)
    assert len(response.body) == 100_000
    assert "100,000" in response.error_message
    await until(lambda: site.active == 0)
    url = site.serve("/exact", b"x" * 1000)
    assert (await fetch(url, max_body_bytes=1000)).error is None
    assert (await fetch(url, max_body_bytes=999)).error is ErrorCode.TOO_LARGE


async def test_connections_are_used_again(site: Site, fetch: Fetch, transport: Transport) -> None:
    for path in ("/page/1", "/status/404", "/redirect/3", "/gzip", "/chunked", "/redirect-no-location", "/page/2"):
        await fetch(site.url(path))
    assert site.request_count == 10
    # libcurl is made to keep no connections over plain HTTP.
    assert len({arrival.connection for arrival in site.requests}) == (1 if transport.name == "aiohttp" else 10)


async def test_connection_the_server_has_closed_is_replaced(site: Site, fetch: Fetch) -> None:
    await fetch(site.url("/page/1"))
    site.disconnect()
    assert (await fetch(site.url("/page/2"))).status == 200


@pytest.mark.parametrize("kept", [1, 4])
async def test_stale_connections_fail_no_page(site: Site, fetch: Fetch, transport: Transport, kept: int) -> None:
    """The server closes kept connections at the very moment at which they are used again."""
    connections: list[int] = []

    async def together(exchange: Exchange) -> Answer:
        while site.peak.total < kept:
            await exchange.sleep(0.01)
        return Answer(b"kept")

    def closing(exchange: Exchange) -> Answer | None:
        connections.append(exchange.arrival.connection)
        if exchange.arrival.connection in first:
            exchange.writer.close()
            return None
        return Answer(b"fresh")

    url = site.handle("/together", together)
    await asyncio.gather(*(fetch(url) for _ in range(kept)))
    first = {arrival.connection for arrival in site.requests}
    assert len(first) == kept
    site.handle("/closing", closing)
    assert (await fetch(site.url("/closing"))).body == b"fresh"
    # libcurl is made to keep no connections over plain HTTP.
    assert len(connections) == (2 if transport.name == "aiohttp" else 1)


async def test_only_idempotent_requests_are_repeated_on_a_stale_connection(site: Site, fetch: Fetch) -> None:
    def closing(exchange: Exchange) -> None:
        exchange.writer.close()

    await fetch(site.url("/page/1"))
    site.handle("/closing", closing)
    with pytest.raises(FetchError) as caught:
        await fetch(site.url("/closing"), method="POST", body=b"x")
    assert caught.value.code is ErrorCode.CONNECTION_LOST
    assert site.request_count == 2


async def test_answer_that_nobody_asked_for_is_no_answer(site: Site, fetch: Fetch) -> None:
    """A second response comes on a kept connection before the next request."""

    async def twice(exchange: Exchange) -> None:
        one = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
        exchange.keep_alive = True
        await exchange.send(one)
        await exchange.sleep(0.05)
        await exchange.send(one.replace(b"one", b"two"))

    assert (await fetch(site.handle("/twice", twice))).body == b"one"
    await asyncio.sleep(0.15)
    assert b"<h1>Page 1</h1>" in (await fetch(site.url("/page/1"))).body


async def test_headers_are_kept_as_text(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/bad-header-bytes"))
    assert response.headers["X-Name"] == "café ÿ"
    assert (await fetch(site.url("/many-headers?count=500"))).headers["x-499"] == "499"
    assert len((await fetch(site.url("/huge-header?kb=30"))).headers["x-huge"]) == 30_000
    cookies = await fetch(site.url("/set-cookie?a=1&b=2"))
    assert cookies.headers["set-cookie"].split("\n") == ["a=1; Path=/", "b=2; Path=/"]


async def test_body_is_kept_as_it_was_sent(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/gzip"))
    assert response.body[:2] == b"\x1f\x8b"
    assert response.content_encoding == "gzip"
    assert response.wire_bytes == len(response.body)


async def test_refused_and_unknown_hosts(fetch: Fetch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(FetchError, match="refused") as caught:
            await fetch(f"http://127.0.0.1:{port}/")
        assert caught.value.code is ErrorCode.CONNECT
    with pytest.raises(FetchError, match=r"'nowhere\.invalid' could not be resolved") as caught:
        await fetch("http://nowhere.invalid/")
    assert caught.value.code is ErrorCode.DNS


@pytest.mark.parametrize("kind", [Certificate.SELF_SIGNED, Certificate.EXPIRED, Certificate.WRONG_HOST])
async def test_bad_certificate_is_refused_unless_asked_for(
    site: Site, tls_site: TlsSite, fetch: Fetch, kind: Certificate
) -> None:
    with pytest.raises(FetchError, match=r"certificate of 127\.0\.0\.1 is not trusted") as caught:
        await fetch(tls_site.url(kind, "/page/1"))
    assert caught.value.code is ErrorCode.TLS
    assert site.request_count == 0
    response = await fetch(tls_site.url(kind, "/page/1"), verify_tls=False)
    assert response.status == 200


async def test_server_that_speaks_no_tls_of_today(fetch: Fetch) -> None:
    """What a server of TLS 1.0 answers: the alert protocol_version (RFC 8446, section 6.2)."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x15\x03\x01\x00\x02\x02\x46")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with pytest.raises(FetchError, match=r"TLS connection to 127\.0\.0\.1 failed") as caught:
        await fetch(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", verify_tls=False)
    assert caught.value.code is ErrorCode.TLS
    server.close()


async def test_tls_to_a_server_without_it(fetch: Fetch) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with pytest.raises(FetchError) as caught:
        await fetch(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert caught.value.code is ErrorCode.TLS
    server.close()


async def test_proxy_is_used(site: Site, tls_site: TlsSite, proxy: Proxy, fetch: Fetch) -> None:
    url = site.url("/echo?token=proxied")
    response = await fetch(url, proxy=proxy.url)
    assert b"<h1>proxied</h1>" in response.body
    secure = tls_site.url(Certificate.SELF_SIGNED, "/page/1")
    assert (await fetch(secure, proxy=proxy.url, verify_tls=False)).status == 200
    assert [(hit.method, hit.target) for hit in proxy.hits] == [("GET", url), ("CONNECT", secure[8:].partition("/")[0])]


@pytest.mark.parametrize("password", ["p@ss:word", "пароль€"])
async def test_proxy_gets_its_credentials_and_the_site_does_not(
    site: Site, tls_site: TlsSite, fetch: Fetch, password: str
) -> None:
    with Proxy("user", password) as proxy:
        for url in (site.url("/page/1"), tls_site.url(Certificate.GOOD, "/page/1")):
            response = await fetch(url, proxy=proxy.url, proxy_auth=("user", password), verify_tls=False)
            assert response.status == 200
        assert [hit.authorized for hit in proxy.hits] == [True, True]
    assert all("proxy-authorization" not in arrival.headers for arrival in site.requests)


async def test_wrong_proxy_credentials(site: Site, tls_site: TlsSite, fetch: Fetch) -> None:
    with Proxy("user", "right") as proxy:
        response = await fetch(site.url("/page/1"), proxy=proxy.url, proxy_auth=("user", "wrong"))
        assert (response.status, response.error) == (407, ErrorCode.PROXY)
        with pytest.raises(FetchError, match="407") as caught:
            await fetch(tls_site.url(Certificate.GOOD), proxy=proxy.url, proxy_auth=("user", "wrong"))
        assert caught.value.code is ErrorCode.PROXY
        assert "wrong" not in str(caught.value)
    assert site.request_count == 0


async def test_407_of_a_site_is_its_own(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/status/407"))
    assert (response.status, response.error) == (407, None)


@pytest.mark.parametrize("proxy_url", ["http://127.0.0.1:9", "http://nowhere.invalid:3128", "https://127.0.0.1:9"])
@pytest.mark.parametrize("path", ["/page/1", "https"])
async def test_unreachable_proxy_never_means_a_direct_connection(
    site: Site, tls_site: TlsSite, fetch: Fetch, proxy_url: str, path: str
) -> None:
    url = tls_site.url(Certificate.GOOD) if path == "https" else site.url(path)
    with pytest.raises(FetchError, match="proxy could not be reached") as caught:
        await fetch(url, proxy=proxy_url, within=5)
    assert caught.value.code is ErrorCode.PROXY
    assert site.request_count == 0


async def test_request_carries_what_it_was_given(site: Site, fetch: Fetch) -> None:
    response = await fetch(
        site.url("/post"), method="POST", body=b'{"a": 1}', headers={"Content-Type": "application/json", "X-A": "b"}
    )
    assert response.body == b'{"a": 1}'
    (arrival,) = site.requests
    assert (arrival.method, arrival.headers["content-type"]) == ("POST", "application/json")
    assert arrival.headers["x-a"] == "b"
    await fetch(site.url("/page/1"), headers={"Accept": "text/html"})
    sent = site.requests[-1].headers
    assert sent["accept"] == "text/html"
    # Nothing is made up, but for what a browser sends when one is impersonated.
    assert set(sent) <= {"host", "accept", "connection"} or "Chrome/" in sent["user-agent"]


async def test_head_has_no_body(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/page/1"), method="HEAD")
    assert (response.status, response.body, response.error) == (200, b"", None)


async def test_credentials_in_the_url_become_a_header(site: Site, fetch: Fetch) -> None:
    url = site.url("/basic-auth").replace("http://", "http://user:secret@")
    assert (await fetch(url)).status == 200
    assert (await fetch(site.url("/basic-auth"))).status == 401


async def test_header_that_would_smuggle_another_is_refused(site: Site, fetch: Fetch) -> None:
    with pytest.raises(FetchError, match="could not be made"):
        await fetch(site.url("/"), headers={"X-A": "b\r\nX-C: d"})
    assert site.request_count == 0


async def test_addresses_are_asked_for_byte_by_byte(site: Site, fetch: Fetch) -> None:
    await fetch(site.url("/echo?token=%E4%00a+b%2Fc;d=e&&f=%zz#fragment"))
    assert site.requests[0].target == "/echo?token=%E4%00a+b%2Fc;d=e&&f=%zz"


async def test_slow_server_holds_up_nobody_else(site: Site, fetch: Fetch) -> None:
    async def gate(exchange: Exchange) -> None:
        await exchange.sleep(5)

    site.handle("/gate", gate)
    slow = [asyncio.create_task(fetch(site.url("/gate"), within=1.0)) for _ in range(50)]
    started = time.monotonic()
    assert (await fetch(site.url("/page/1"))).status == 200
    assert time.monotonic() - started < 0.9
    assert all(isinstance(error, FetchError) for error in await asyncio.gather(*slow, return_exceptions=True))
