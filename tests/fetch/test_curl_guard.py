"""The address guard of the impersonating transport: what was checked is what is connected to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.impersonating import ImpersonatingFetcher
from nephila.models import Request, Response
from nephila.net.guard import AddressPolicy
from tests.fetch.test_guard import Names, guard, refused
from tests.site.exchange import Answer
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.socks import SocksProxy

Get = Callable[..., Awaitable[Response]]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def get(names: Names) -> AsyncIterator[Get]:
    fetcher = ImpersonatingFetcher("chrome", names)

    async def get(url: str, policy: AddressPolicy | None, proxy: str | None = None) -> Response:
        return await fetcher.fetch(Request(url, policy=policy, proxy=proxy), asyncio.get_running_loop().time() + 5)

    yield get
    await fetcher.close()


async def test_name_of_a_private_address(site: Site, names: Names, get: Get) -> None:
    names.answers = [["127.0.0.1"]]
    message = await refused(get(f"http://inside.example:{site.port}/", guard()))
    assert "inside.example" in message and "127.0.0.1" not in message
    assert site.request_count == 0
    assert (await get(f"http://inside.example:{site.port}/", guard("inside.example"))).status == 200


@pytest.mark.parametrize("host", ["pinned.example", "pinned.example.", "xn--bcher-kva.example", "localhost"])
async def test_only_the_checked_address_is_connected_to(site: Site, names: Names, get: Get, host: str) -> None:
    """These names are unknown to the system, or mean another address there: libcurl has not looked them up itself."""
    site.host("b.localhost")
    names.answers = [["127.0.0.2"]]
    site.handle("/where", lambda exchange: Answer(exchange.writer.get_extra_info("sockname")[0].encode(), "text/plain"))
    response = await get(f"http://{host}:{site.port}/where", guard("127.0.0.2"))
    assert response.body == b"127.0.0.2" and names.asked == 1
    assert site.requests[0].headers["host"] == f"{host}:{site.port}"


async def test_name_that_is_rebound(site: Site, names: Names, get: Get) -> None:
    site.host("b.localhost")
    names.answers = [["127.0.0.2"], ["127.0.0.1"]]
    url = f"http://rebound.example:{site.port}/page/1"
    assert (await get(url, guard("127.0.0.2"))).status == 200
    await refused(get(url, guard("127.0.0.2")))
    assert site.request_count == 1


async def test_pins_do_not_outlive_their_request(site: Site, names: Names, get: Get) -> None:
    """The same name, permitted at another address later: the connection goes there, not to the first one."""
    site.host("b.localhost")
    names.answers = [["127.0.0.2"], ["127.0.0.1"]]
    policy = guard("127.0.0.2", "127.0.0.1")
    url = f"http://moved.example:{site.port}/page/1"
    assert (await get(url, policy)).status == 200
    assert (await get(url, policy)).status == 200
    first, second = site.requests
    assert first.connection != second.connection


async def test_public_address_among_private_ones_is_taken(site: Site, names: Names, get: Get) -> None:
    site.host("b.localhost")
    names.answers = [["127.0.0.1", "::1", "127.0.0.2"]]
    assert (await get(f"http://mixed.example:{site.port}/", guard("127.0.0.2"))).status == 200


async def test_connection_that_somebody_else_has_made(site: Site, get: Get) -> None:
    assert (await get(site.url("/page/1"), None)).status == 200
    await refused(get(site.url("/page/2"), guard()))
    assert site.request_count == 1


async def test_redirects_are_checked(site: Site, names: Names, get: Get) -> None:
    site.host("b.localhost")
    names.answers = [["127.0.0.1"]]
    for number, target in enumerate((f"http://inside.example:{site.port}/page/1", f"http://[::1]:{site.port}/")):
        site.serve(f"/away{number}", "", status=302, headers={"location": target})
        start = site.host_url("b.localhost", f"/away{number}")
        response = await get(start, guard(start.split("/")[2].split(":")[0]))
        assert (response.error, response.status, len(response.redirects)) == (ErrorCode.ADDRESS, None, 1)


async def test_target_is_checked_before_a_proxy_is_asked(site: Site, proxy: Proxy, names: Names, get: Get) -> None:
    names.answers = [["127.0.0.1"]]
    for url in (site.url("/page/1"), f"http://inside.example:{site.port}/"):
        await refused(get(url, guard(), proxy.url))
    assert not proxy.hits and not site.request_count


async def test_a_socks_proxy_is_told_the_checked_address(site: Site, names: Names, get: Get) -> None:
    names.answers = [["127.0.0.1"], ["10.255.255.1"]]
    with SocksProxy() as socks:
        url = f"http://told.example:{site.port}/page/1"
        assert (await get(url, guard("127.0.0.1"), f"socks5://127.0.0.1:{socks.port}")).status == 200
        assert [(hit.host, hit.by_name) for hit in socks.hits] == [("127.0.0.1", False)]
        await refused(get(url, guard("127.0.0.1"), f"socks5://127.0.0.1:{socks.port}"))
        assert len(socks.hits) == 1


async def test_unknown_name(names: Names, get: Get) -> None:
    names.answers = [[]]
    with pytest.raises(FetchError) as caught:
        await get("http://unknown.example/", guard())
    assert caught.value.code is ErrorCode.DNS
