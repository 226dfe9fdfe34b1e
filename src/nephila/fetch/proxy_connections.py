"""Connections through proxies: SOCKS beside HTTP, a bound on the time a proxy may take, credentials."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import aiohttp
import yarl
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from nephila.errors import ErrorCode, FetchError
from nephila.models import Request

if TYPE_CHECKING:
    from python_socks.async_.asyncio.v2._stream import AsyncioSocketStream

CONNECT_SECONDS: Final = 20.0
"""A proxy that has not opened a connection to the server by then is given up."""

LOCALLY_RESOLVED: Final = ("socks4:", "socks5:")
"""With these, the client looks the server's name up; with socks4a and socks5h, the proxy does (as in curl)."""

_DESTINATION_REPLIES: Final = frozenset((3, 4, 5, 6))
"""SOCKS5 replies that speak of the server: network or host unreachable, refused, too many hops (RFC 1928, 6)."""


class ProxyingConnector(aiohttp.TCPConnector):
    """A connector that also knows SOCKS proxies."""

    async def _create_proxy_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as in the base class
    ) -> tuple[asyncio.BaseTransport, ResponseHandler]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if is_socks(req.proxy):
                    return await self._through_socks(req, traces, timeout)
                return await super()._create_proxy_connection(req, traces, timeout)
        except TimeoutError as error:
            message = f"The proxy did not open a connection within {CONNECT_SECONDS:g} seconds."
            raise FetchError(ErrorCode.PROXY, message) from error

    async def _through_socks(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as in the base class
    ) -> tuple[asyncio.BaseTransport, ResponseHandler]:
        """A connection to the server through a SOCKS proxy.

        Raises:
            FetchError: The proxy could not be reached, refused, or could not reach the server.
        """
        assert req.proxy is not None
        host = req.url.raw_host or ""
        if f"{req.proxy.scheme}:" in LOCALLY_RESOLVED:
            host = await self._resolved(host, req, traces)
        stream = await _socks_stream(req, host, req.url.port or 80)
        transport = cast("asyncio.Transport", stream.writer.transport)
        if req.is_ssl():
            tls_transport, protocol = await self._start_tls_connection(transport, req, timeout)
        else:
            tls_transport, protocol = transport, self._factory()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
        # A stream writer closes its transport when it is collected.
        protocol._socks_stream = stream  # type: ignore[attr-defined]
        return tls_transport, protocol

    async def _resolved(self, host: str, req: aiohttp.ClientRequest, traces: list[Trace]) -> str:
        """The address of `host`, looked up here."""
        assert req.proxy is not None
        try:
            found = await self._resolve_host(host, req.url.port or 80, traces)
        except OSError as error:
            raise FetchError(ErrorCode.DNS, f"The host name {host!r} could not be resolved.") from error
        only_v4 = req.proxy.scheme == "socks4"
        # IPv4 first: whether the proxy can reach IPv6 addresses is not known, and only one can be tried.
        # By their shape: of a host that is an address itself, the family is not told.
        addresses = sorted((each["host"] for each in found), key=lambda address: ":" in address)
        addresses = [address for address in addresses if not only_v4 or ":" not in address]
        if not addresses:
            raise FetchError(ErrorCode.PROXY, f"{host} has no IPv4 address, the only kind a SOCKS4 proxy can be told.")
        return addresses[0]


async def _socks_stream(req: aiohttp.ClientRequest, host: str, port: int) -> AsyncioSocketStream:
    # Loaded when it is needed: most crawls have no such proxy.
    import python_socks
    from python_socks.async_.asyncio.v2 import Proxy

    assert req.proxy is not None
    kind = python_socks.ProxyType.SOCKS5 if req.proxy.scheme.startswith("socks5") else python_socks.ProxyType.SOCKS4
    user, password = _credentials_of(req.proxy_headers)
    try:
        proxy = Proxy(kind, req.proxy.host or "", req.proxy.port or 1080, user, password, rdns=True)
        return await proxy.connect(host, port, timeout=2 * CONNECT_SECONDS)
    except python_socks.ProxyConnectionError as error:
        raise FetchError(ErrorCode.PROXY, "The proxy could not be reached.") from error
    except python_socks.ProxyError as error:
        if kind is python_socks.ProxyType.SOCKS5 and error.error_code in _DESTINATION_REPLIES:
            raise FetchError(ErrorCode.CONNECT, f"The proxy could not connect to {host}: {error}.") from error
        raise FetchError(ErrorCode.PROXY, f"The proxy refused the connection: {str(error).rstrip('.')}.") from error
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        raise FetchError(ErrorCode.PROXY, "The proxy ended the connection, or does not speak SOCKS.") from error


def is_socks(proxy: yarl.URL | None) -> bool:
    """Whether it is a SOCKS proxy."""
    return proxy is not None and proxy.scheme.startswith("socks")


def proxy_credentials(request: Request) -> Mapping[str, str] | None:
    """The header that tells the proxy who asks.

    For SOCKS it is only the way in which the credentials get to the connector; they are part of what tells pooled
    connections apart, so that no visit uses a connection that was opened for another user.
    """
    if request.proxy is None or request.proxy_auth is None:
        return None
    token = base64.b64encode(":".join(request.proxy_auth).encode()).decode("ascii")
    return {"Proxy-Authorization": f"Basic {token}"}


def forwarded_openly(request: Request, url: str) -> bool:
    """Whether the proxy itself reads the request for `url`, instead of only opening a connection for it."""
    return request.proxy is not None and url.startswith("http:") and not request.proxy.startswith("socks")


def _credentials_of(headers: Mapping[str, str] | None) -> tuple[str | None, str | None]:
    token = (headers or {}).get("Proxy-Authorization", "").removeprefix("Basic ")
    if not token:
        return None, None
    user, _, password = base64.b64decode(token).decode().partition(":")
    return user, password
