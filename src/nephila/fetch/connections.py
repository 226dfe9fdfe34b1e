"""The pool of connections: aiohttp's, but that a request is never sent twice behind the caller's back."""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from nephila.fetch.proxy_connections import ProxyingConnector

before_send: Final[ContextVar[Callable[[], Awaitable[None]] | None]] = ContextVar("before_send", default=None)
"""What the request that is being made in this task waits for once it has its connection; None means nothing."""


class FreshConnectionLostError(aiohttp.ClientError):
    """The server closed a new connection instead of answering on it."""


class CountingConnector(ProxyingConnector):
    """Knows which requests were sent on a connection of their own.

    aiohttp repeats a request when its connection is lost before the answer begins. On a connection that was kept from
    an earlier request this is right: the server may have closed it just then (RFC 9112, section 9.3.1). On a new one
    it is an attempt that nobody asked for.
    """

    def __init__(self, connections: int, dns_ttl: int) -> None:
        super().__init__(limit=connections, ttl_dns_cache=dns_ttl)
        self._known: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()
        self._fresh: weakref.WeakSet[aiohttp.ClientRequest] = weakref.WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as in the base class
    ) -> Connection:
        """A connection from the pool, or a new one, when the request may be sent."""
        connection = await super().connect(req, traces, timeout)
        protocol = connection.protocol
        if protocol is not None and protocol not in self._known:
            self._known.add(protocol)
            self._fresh.add(req)
        wait = before_send.get()
        if wait is not None:
            try:
                await wait()
            except BaseException:
                # Nothing was sent on it: another request may use it.
                connection.release()
                raise
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
            raise
