"""The address guard where connections are made: names, pools, redirects and proxies."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.http import HttpFetcher
from nephila.models import Request, Response
from nephila.net.guard import AddressPolicy
from nephila.options.addresses import parse_allowed
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.socks import SocksProxy
from tests.site.tls import Certificate, TlsSite


class Names:
    """A resolver that gives one list of addresses after the other; the last one for good."""

    def __init__(self) -> None:
        self.answers: list[Sequence[str]] = []
        self.asked = 0

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer:
            raise socket.gaierror("no such name")
        return answer


def guard(*allowed: str) -> AddressPolicy:
    return AddressPolicy(True, tuple(entry for text in allowed if (entry := parse_allowed(text))))


@pytest.fixture
def names() -> Names:
    return Names()


Get = Callable[..., Awaitable[Response]]


@pytest.fixture
async def get(names: Names) -> AsyncIterator[Get]:
    fetcher = HttpFetcher(resolver=names, dns_ttl=0)

    async def get(url: str, policy: AddressPolicy | None, proxy: str | None = None, verify: bool = True) -> Response:
        request = Request(url, policy=policy, proxy=proxy, verify_tls=verify)
        return await fetcher.fetch(request, asyncio.get_running_loop().time() + 5)

    yield get
    await fetcher.close()


async def refused(work: Awaitable[Response]) -> str:
    with pytest.raises(FetchError) as caught:
        await work
    assert caught.value.code is ErrorCode.ADDRESS
    return str(caught.value)


async def test_name_of_a_private_address(site: Site, names: Names, get: Get) -> None:
    names.answers = [["127.0.0.1"]]
    message = await refused(get(f"http://inside.example:{site.port}/", guard()))
    assert "inside.example" in message and "127.0.0.1" not in message
    assert site.request_count == 0
    assert (await get(f"http://inside.example:{site.port}/", guard("inside.example"))).status == 200
    assert (await get(f"http://inside.example:{site.port}/", None)).status == 200


async def test_name_that_is_rebound_between_two_questions(site: Site, names: Names, get: Get) -> None:
    """127.0.0.2 stands for a public address; the second answer is one that is not permitted."""
    site.host("b.localhost")
    names.answers = [["127.0.0.2"], ["127.0.0.1"]]
    policy = guard("127.0.0.2")
    url = f"http://rebound.example:{site.port}/page/1"
    assert (await get(url, policy)).status == 200
    site.disconnect()
    await refused(get(url, policy))
    assert {arrival.connection for arrival in site.requests} == {site.requests[0].connection}
    assert names.asked == 2


async def test_name_is_asked_for_once_for_a_connection(site: Site, names: Names, get: Get) -> None:
    """There is no second look-up between the check and the connection."""
    names.answers = [["127.0.0.1"], ["10.255.255.1"]]
    assert (await get(f"http://once.example:{site.port}/", guard("127.0.0.1"))).status == 200
    assert names.asked == 1


async def test_public_address_among_private_ones_is_taken(site: Site, names: Names, get: Get) -> None:
    site.host("b.localhost")
    names.answers = [["127.0.0.1", "::1", "127.0.0.2"]]
    assert (await get(f"http://mixed.example:{site.port}/", guard("127.0.0.2"))).status == 200
    assert site.request_count == 1


async def test_connection_that_somebody_else_has_made(site: Site, get: Get) -> None:
    assert (await get(site.url("/page/1"), None)).status == 200
    await refused(get(site.url("/page/2"), guard()))
    assert site.request_count == 1
    assert (await get(site.url("/page/3"), None)).status == 200
    assert len({arrival.connection for arrival in site.requests}) == 1


async def test_redirect_by_name(site: Site, names: Names, get: Get) -> None:
    names.answers = [["127.0.0.1"]]
    target = f"http://inside.example:{site.port}/page/1"
    site.serve("/away", "", status=302, headers={"location": target, "set-cookie": "a=1"})
    site.host("b.localhost")
    start = site.host_url("b.localhost", "/away")
    response = await get(start, guard(start.split("/")[2].split(":")[0]))
    assert (response.error, response.status, len(response.redirects)) == (ErrorCode.ADDRESS, None, 1)
    assert site.request_count == 1


async def test_target_is_checked_before_a_proxy_is_asked(
    site: Site, tls_site: TlsSite, proxy: Proxy, names: Names, get: Get
) -> None:
    names.answers = [["127.0.0.1"]]
    for url in (site.url("/page/1"), f"http://inside.example:{site.port}/", tls_site.url(Certificate.GOOD)):
        await refused(get(url, guard(), proxy.url))
    assert not proxy.hits and not site.request_count
    # The proxy's own address is the operator's choice.
    names.answers = [["127.0.0.1"]]
    assert (await get(site.url("/page/1"), guard(f"127.0.0.1:{site.port}"), proxy.url)).status == 200
    assert len(proxy.hits) == 1


async def test_name_that_only_the_proxy_knows(site: Site, proxy: Proxy, names: Names, get: Get) -> None:
    names.answers = [[]]
    message = await refused(get("http://unknown.example/", guard(), proxy.url))
    assert "could not be checked" in message
    assert not proxy.hits


async def test_a_socks_proxy_is_told_a_checked_address_only(site: Site, names: Names, get: Get) -> None:
    """The name is looked up for the check, and again for the proxy."""
    url = f"http://told.example:{site.port}/page/1"
    with SocksProxy() as socks:
        names.answers = [["127.0.0.2"], ["127.0.0.1"]]
        await refused(get(url, guard("127.0.0.2"), f"socks5://127.0.0.1:{socks.port}"))
        assert not socks.hits and not site.request_count
        names.answers = [["127.0.0.1"]]
        assert (await get(url, guard("127.0.0.1"), f"socks5://127.0.0.1:{socks.port}")).status == 200
