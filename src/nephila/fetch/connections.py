"""The pool of connections: aiohttp's, but that every address is checked and no request is sent twice unasked."""

from __future__ import annotations

import asyncio
import functools
import socket
import weakref
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from nephila.fetch.head import DEFAULT_HEAD_BYTES, HeadLimitedHandler
from nephila.fetch.proxy_connections import ProxyingConnector
from nephila.net.guard import AddressPolicy, AddressRefusedError, Resolver, SystemResolver
from nephila.net.url import host_of

before_send: Final[ContextVar[Callable[[], Awaitable[None]] | None]] = ContextVar("before_send", default=None)
"""What the request that is being made in this task waits for once it has its connection; None means nothing."""

on_connection: Final[ContextVar[Callable[[asyncio.BaseTransport], None] | None]] = ContextVar(
    "on_connection", default=None
)
"""Called with the connection of the request that is being made in this task; None means nobody is."""


@dataclass(slots=True)
class Terms:
    """On what terms the request that is being made in this task may use a connection.

    Attributes:
        policy: What may be connected to; None permits all.
        url: What the request is for.
        max_header_bytes: Bytes of the heads of its response.
        by_proxy: Whether the connection is to a proxy, which the operator chose.
        only_fresh: Whether connections kept from earlier requests will not do.
        refusal: Why an address was refused; None when none was.
    """

    policy: AddressPolicy | None = None
    url: str = ""
    max_header_bytes: int = DEFAULT_HEAD_BYTES
    by_proxy: bool = False
    only_fresh: bool = False
    refusal: AddressRefusedError | None = None

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


class CountingConnector(ProxyingConnector):
    """Knows which requests were sent on a connection of their own, and checks where connections lead.

    aiohttp repeats a request when its connection is lost before the answer begins. On a connection that was kept from
    an earlier request this is right: the server may have closed it just then (RFC 9112, section 9.3.1). The repetition
    gets a new connection. On a new one it would be an attempt that nobody asked for.

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
        self._known: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()
        self._fresh: weakref.WeakSet[aiohttp.ClientRequest] = weakref.WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as in the base class
    ) -> Connection:
        """A connection from the pool, or a new one, when the request may be sent."""
        terms = terms_of_request.get() or Terms()
        proxy = req.proxy
        if proxy is not None:
            await terms.check_host(req.port or 0, self._names)
        while True:
            # A SOCKS proxy is taken off the request once there is a connection through it.
            req.proxy = proxy
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or protocol not in self._known:
                break
            # Bytes that nobody asked for may have come while it was idle: they must not become an answer.
            if not protocol.should_close and not terms.only_fresh:
                _check_peer(connection, terms)
                break
            connection.close()
        if protocol is not None and protocol not in self._known:
            self._known.add(protocol)
            self._fresh.add(req)
        if isinstance(protocol, HeadLimitedHandler):
            protocol.head_limit = terms.max_header_bytes
        wait = before_send.get()
        if wait is not None:
            try:
                await wait()
            except BaseException:
                # Nothing was sent on it: another request may use it.
                connection.release()
                raise
        notice = on_connection.get()
        if notice is not None and connection.transport is not None:
            notice(connection.transport)
        return connection

    async def send(self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        """A middleware that tells the loss of a new connection from the loss of a kept one.

        Raises:
            FreshConnectionLostError: The connection was new.
        """
        try:
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if request in self._fresh:
                raise FreshConnectionLostError(str(error)) from error
            terms = terms_of_request.get()
            if terms is not None:
                terms.only_fresh = True
            raise


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
    transport = connection.transport
    peer = transport.get_extra_info("peername") if transport is not None else None
    if terms.policy is None or not terms.policy.public_only or peer is None:
        return
    try:
        terms.check(peer[0], peer[1])
    except BaseException:
        connection.release()
        raise
