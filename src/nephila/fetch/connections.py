"""The pool of connections: aiohttp's, but that every address is checked and no request is sent twice unasked.

Requests are sent here rather than by aiohttp's session, which does for each of them what this project does itself:
cookies, redirects, credentials, time-outs.
"""

from __future__ import annotations

import functools
import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict

from nephila.fetch.base import IDEMPOTENT_METHODS
from nephila.fetch.head import DEFAULT_HEAD_BYTES, HeadLimitedHandler
from nephila.fetch.proxy_connections import ProxyingConnector, is_socks, proxy_credentials
from nephila.fetch.steps import Message
from nephila.models import Request
from nephila.net.guard import AddressPolicy, AddressRefusedError, Resolver, SystemResolver
from nephila.net.url import host_of

_READ_BUFFER: Final = 1 << 20

_MADE_UP: Final = frozenset(("User-Agent", "Accept", "Accept-Encoding"))
"""Headers that aiohttp adds to a request without them."""

_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)


@dataclass(slots=True)
class Terms:
    """On what terms the request that is being made in this task may use a connection.

    Attributes:
        policy: What may be connected to; None permits all.
        url: What the request is for.
        max_header_bytes: Bytes of the heads of its response.
        by_proxy: Whether the connection is to a proxy, which the operator chose.
        refusal: Why an address was refused; None when none was.
        certificate: The certificate of the connection it was last sent on (DER), when it was asked for.
    """

    policy: AddressPolicy | None = None
    url: str = ""
    max_header_bytes: int = DEFAULT_HEAD_BYTES
    by_proxy: bool = False
    refusal: AddressRefusedError | None = None
    certificate: bytes | None = None

    def check(self, address: str, port: int) -> None:
        """Refuse an address that may not be connected to.

        Raises:
            AddressRefusedError: It may not.
        """
        if self.policy is None or self.by_proxy or not self.policy.public_only:
            return
        try:
            self.policy.check(host_of(self.url), address, port)
        except AddressRefusedError as error:
            self.refusal = error
            raise

    async def check_host(self, port: int, resolver: Resolver) -> None:
        """Refuse a host that a proxy will connect to when one of its addresses may not be connected to.

        Raises:
            AddressRefusedError: It may not.
        """
        self.by_proxy = True
        if self.policy is None:
            return
        try:
            await self.policy.check_host(host_of(self.url), port, resolver)
        except AddressRefusedError as error:
            self.refusal = error
            raise


terms_of_request: Final[ContextVar[Terms | None]] = ContextVar("terms_of_request", default=None)


class FreshConnectionLostError(aiohttp.ClientError):
    """The server closed a new connection instead of answering on it."""


class CheckedPool(ProxyingConnector):
    """Sends requests on connections that are kept, and checks where connections lead.

    A request whose connection is lost before the answer begins is repeated when that connection was kept from an
    earlier one, for the server may have closed it just then (RFC 9112, section 9.3.1), and then on a new connection.
    On a new one it would be an attempt that nobody asked for.

    An address is checked when a socket for it is made, so that it is the very one that is connected to, however often
    a name is looked up; and when a connection from the pool is used, as another request may have made it.
    """

    def __init__(self, connections: int, dns_ttl: int, resolver: Resolver | None = None) -> None:
        super().__init__(
            limit=connections,
            ttl_dns_cache=dns_ttl,
            socket_factory=_checked_socket,
            resolver=None if resolver is None else _Names(resolver),
        )
        self._names: Resolver = resolver or SystemResolver()
        handler: type[ResponseHandler] = HeadLimitedHandler
        self._factory = functools.partial(handler, loop=self._loop)

    async def send(
        self, request: Request, message: Message, tls: ssl.SSLContext | bool, terms: Terms
    ) -> aiohttp.ClientResponse:
        """Send a request and receive the head of its response, which the caller has to release.

        Raises:
            FreshConnectionLostError: A new connection was lost before the answer began.
            aiohttp.ClientError: There is no connection, or no answer.
        """
        # What must not be sent twice is not sent on a connection that the server may be closing just now.
        only_fresh = message.method not in IDEMPOTENT_METHODS
        while True:
            sent = self._client_request(request, message, tls)
            connection, is_fresh = await self._connection(sent, request, terms, only_fresh)
            try:
                return await _answer_on(connection, sent, request)
            except (
                aiohttp.ClientOSError,
                aiohttp.ServerDisconnectedError,
                aiohttp.ClientConnectionResetError,
            ) as error:
                if is_fresh:
                    raise FreshConnectionLostError(str(error)) from error
                if only_fresh:
                    raise
                only_fresh = True

    async def _resolved(self, host: str, req: aiohttp.ClientRequest, traces: list[Trace]) -> str:
        """The address that a SOCKS proxy is told, which has to be permitted: the first check may have seen another."""
        address = await super()._resolved(host, req, traces)
        terms = terms_of_request.get()
        if terms is not None and terms.policy is not None:
            try:
                terms.policy.check(host, address, req.port or 0)
            except AddressRefusedError as error:
                terms.refusal = error
                raise
        return address

    def _client_request(self, request: Request, message: Message, tls: ssl.SSLContext | bool) -> aiohttp.ClientRequest:
        headers = message.headers
        credentials = proxy_credentials(request)
        return aiohttp.ClientRequest(
            message.method,
            yarl.URL(message.url, encoded=True),
            headers=headers,
            skip_auto_headers=_not_to_be_made_up(headers),
            data=message.body,
            loop=self._loop,
            ssl=tls,
            proxy=None if request.proxy is None else yarl.URL(request.proxy),
            proxy_headers=None if credentials is None else CIMultiDict(credentials),
        )

    async def _connection(
        self, sent: aiohttp.ClientRequest, request: Request, terms: Terms, only_fresh: bool
    ) -> tuple[Connection, bool]:
        """A connection for the request, and whether it is a new one."""
        proxy = sent.proxy
        if proxy is not None:
            await terms.check_host(sent.port or 0, self._names)
        while True:
            connection = await self.connect(sent, [], _NO_TIMEOUT)
            protocol = connection.protocol
            assert isinstance(protocol, HeadLimitedHandler)
            if not protocol.is_known:
                break
            # Bytes that nobody asked for may have come while it was idle: they must not become an answer.
            if not protocol.should_close and not only_fresh:
                _check_peer(connection, terms)
                break
            connection.close()
        is_fresh = not protocol.is_known
        protocol.is_known = True
        protocol.head_limit = terms.max_header_bytes
        if request.before_send is not None:
            try:
                await request.before_send(terms.url)
            except BaseException:
                # Nothing was sent on it: another request may use it.
                connection.release()
                raise
        if request.want_certificate:
            terms.certificate = _certificate_of(connection)
        if is_socks(proxy):
            # Once connected, the server is spoken to as if there were no proxy: no absolute URL in the request line.
            sent.proxy = None
        return connection, is_fresh


async def _answer_on(connection: Connection, sent: aiohttp.ClientRequest, request: Request) -> aiohttp.ClientResponse:
    """Send the request on a connection and wait for the head of the answer."""
    protocol = connection.protocol
    assert protocol is not None
    try:
        protocol.set_response_params(
            skip_payload=sent.method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=_READ_BUFFER,
            max_line_size=request.max_header_bytes,
            max_field_size=request.max_header_bytes,
            max_headers=request.max_headers,
        )
        answer = await sent.send(connection)
        try:
            return await answer.start(connection)
        except BaseException:
            answer.close()
            raise
    except BaseException:
        connection.close()
        raise


def _not_to_be_made_up(headers: Mapping[str, str]) -> frozenset[str] | None:
    """The headers that aiohttp would add by itself; None, which is cheaper, when they are all given."""
    if all(map(headers.__contains__, _MADE_UP)):
        return None
    return _MADE_UP


class _Names(AbstractResolver):
    """A `Resolver` as aiohttp asks for it."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See `AbstractResolver.resolve`; of every family."""
        addresses = await self._resolver.resolve(host, port)
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _checked_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """The socket for one address, if it may be connected to."""
    family, kind, protocol, _, address = address_info
    terms = terms_of_request.get()
    if terms is not None:
        terms.check(address[0], address[1])
    return socket.socket(family=family, type=kind, proto=protocol)


def _check_peer(connection: Connection, terms: Terms) -> None:
    """Check a connection that another request has made."""
    if terms.policy is None or not terms.policy.public_only:
        return
    transport = connection.transport
    peer = transport.get_extra_info("peername") if transport is not None else None
    if peer is None:
        return
    try:
        terms.check(peer[0], peer[1])
    except BaseException:
        connection.release()
        raise


def _certificate_of(connection: Connection) -> bytes | None:
    """The server's certificate on a connection over TLS; whether it is trusted is decided elsewhere."""
    transport = connection.transport
    tls = transport.get_extra_info("ssl_object") if transport is not None else None
    certificate: bytes | None = tls.getpeercert(binary_form=True) if tls is not None else None
    return certificate or None
