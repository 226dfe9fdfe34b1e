"""What is to go through a proxy never goes another way, whatever becomes of connections."""

from __future__ import annotations

import pytest

from nephila.errors import ErrorCode, FetchError
from tests.fetch.conftest import Fetch
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site
from tests.site.socks import SocksProxy

SCHEMES = ["socks5", "socks5h", "socks4", "socks4a"]


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_kept_connection_that_is_lost_after_the_proxy_died(site: Site, fetch: Fetch, scheme: str) -> None:
    with SocksProxy() as socks:
        proxy = f"{scheme}://127.0.0.1:{socks.port}"
        assert (await fetch(site.url("/page/1"), proxy=proxy)).status == 200
        before = site.request_count
    # The proxy is gone, and the connection through it with it.
    with pytest.raises(FetchError) as caught:
        await fetch(site.url("/page/2"), proxy=proxy)
    assert caught.value.code is ErrorCode.PROXY
    assert site.request_count == before


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_request_that_is_repeated_goes_through_the_proxy_again(site: Site, fetch: Fetch, scheme: str) -> None:
    """The server closes the kept connection just when it is used again."""
    seen: list[str] = []

    async def close_when_kept(exchange: Exchange) -> Answer | None:
        connection = str(exchange.arrival.connection)
        kept = connection in seen
        seen.append(connection)
        if not kept:
            return Answer(b"<h1>Answered</h1>")
        exchange.abort()
        return None

    site.handle("/closes", close_when_kept)
    with SocksProxy() as socks:
        proxy = f"{scheme}://127.0.0.1:{socks.port}"
        assert (await fetch(site.url("/closes"), proxy=proxy)).status == 200
        assert (await fetch(site.url("/closes"), proxy=proxy)).status == 200
        # Both connections were opened by the proxy: no other connection has reached the server.
        assert len(set(seen)) == len(socks.hits) == 2


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_repeated_request_fails_with_its_proxy(site: Site, fetch: Fetch, scheme: str) -> None:
    seen: list[int] = []
    with SocksProxy() as socks:
        proxy = f"{scheme}://127.0.0.1:{socks.port}"

        async def close_and_stop_the_proxy(exchange: Exchange) -> Answer | None:
            seen.append(exchange.arrival.connection)
            if len(seen) == 1:
                return Answer(b"<h1>Answered</h1>")
            socks.refuse()
            exchange.abort()
            return None

        site.handle("/dies", close_and_stop_the_proxy)
        assert (await fetch(site.url("/dies"), proxy=proxy)).status == 200
        with pytest.raises(FetchError) as caught:
            await fetch(site.url("/dies"), proxy=proxy)
        assert caught.value.code in (ErrorCode.PROXY, ErrorCode.CONNECTION_LOST)
        assert len(seen) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_what_may_have_been_carried_out_is_not_sent_again(site: Site, fetch: Fetch, method: str) -> None:
    seen: list[int] = []

    async def once(exchange: Exchange) -> Answer | None:
        seen.append(exchange.arrival.connection)
        if exchange.arrival.method == "GET":
            return Answer(b"<h1>Answered</h1>")
        exchange.abort()
        return None

    site.handle("/once", once)
    assert (await fetch(site.url("/once"))).status == 200
    with pytest.raises(FetchError) as caught:
        await fetch(site.url("/once"), method=method, body=b"x=1")
    assert caught.value.code is ErrorCode.CONNECTION_LOST
    assert len(seen) == 2


async def test_get_with_a_body_stays_get(site: Site, fetch: Fetch) -> None:
    assert (await fetch(site.url("/headers"), method="GET", body=b"query")).status == 200
    assert [(arrival.method, arrival.body) for arrival in site.requests] == [("GET", b"query")]
