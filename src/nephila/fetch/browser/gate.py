"""The way of a context's requests to the network when addresses are checked or the proxy is one no browser knows.

A browser resolves names itself, so what was checked before need not be what it connects to. Here, a forward proxy on
loopback makes the connections instead: to the very address that was checked, for pages, what they load, frames and
WebSockets alike.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from nephila.errors import ErrorCode, FetchError
from nephila.net.guard import AddressPolicy, AddressRefusedError, Resolver, SystemResolver

_HEAD_BYTES: Final = 1 << 18
_HEAD_SECONDS: Final = 60.0
_CONNECT_SECONDS: Final = 20.0
_PART: Final = 1 << 16
_MAX_FAILURES: Final = 1000
_HOP_BY_HOP: Final = frozenset(("proxy-authorization", "proxy-connection", "connection", "keep-alive"))

_DENIED: Final = (
    b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\n\r\n'
)
_REFUSED: Final = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Way:
    """How a context's requests get to the network.

    Attributes:
        policy: What may be connected to; None permits all.
        proxy: They go through it; None means directly.
        proxy_auth: User name and password for it.
    """

    policy: AddressPolicy | None
    proxy: str | None = None
    proxy_auth: tuple[str, str] | None = None


class Gate:
    """A forward proxy on loopback for the contexts of one browser; nobody else knows its password.

    Belongs to the event loop it is used on.

    Args:
        resolver: Looks names up; None means the operating system's.
    """

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver = resolver or SystemResolver()
        self._password = secrets.token_hex(16)
        self._names: dict[Way, str] = {}
        self._ways: dict[str, Way] = {}
        self._failures: OrderedDict[tuple[Way, str, int], tuple[ErrorCode, str]] = OrderedDict()
        self._opening = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def settings(self, way: Way) -> dict[str, str]:
        """What Playwright calls a context's `proxy`; opens the gate."""
        async with self._opening:
            if self._server is None:
                self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0, limit=_HEAD_BYTES)
        name = self._names.setdefault(way, secrets.token_hex(8))
        self._ways[name] = way
        port = self._server.sockets[0].getsockname()[1]
        return {"server": f"http://127.0.0.1:{port}", "username": name, "password": self._password}

    def failure(self, way: Way, url: str) -> tuple[ErrorCode, str] | None:
        """Why the last connection for `url` was not made; None when it was."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
        return self._failures.get((way, (parts.hostname or "").lower(), port))

    async def close(self) -> None:
        """End every connection."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server = None

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not await self._forward(reader, writer):
                pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            # Either end may leave, or say what is no HTTP.
            return
        finally:
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Carry one request; False when the client has to say first who it is."""
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        fields = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        way = self._way_of(next((value for name, value in fields if name.lower() == "proxy-authorization"), ""))
        if way is None:
            writer.write(_DENIED)
            await writer.drain()
            return False
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        host, port = (parts.hostname or "").lower(), parts.port or 80
        tunnel = method == "CONNECT"
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                upstream, by_proxy = await self._connected(way, host, port, tunnel=tunnel)
        except TimeoutError:
            failure = (
                ErrorCode.PROXY if way.proxy else ErrorCode.CONNECT,
                f"{host} could not be connected to in time.",
            )
        except FetchError as error:
            failure = (error.code, str(error))
        else:
            self._failures.pop((way, host, port), None)
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream[1].write(_request_head(method, target, fields, way if by_proxy else None))
            await _relay((reader, writer), upstream)
            return True
        self._failures[way, host, port] = failure
        while len(self._failures) > _MAX_FAILURES:
            self._failures.popitem(last=False)
        if tunnel:
            writer.write(_REFUSED)
            await writer.drain()
        # Otherwise no answer at all: one would be taken for the page.
        return True

    def _way_of(self, authorization: str) -> Way | None:
        try:
            name, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        except ValueError:
            return None
        return self._ways.get(name) if hmac.compare_digest(password.encode(), self._password.encode()) else None

    async def _connected(self, way: Way, host: str, port: int, *, tunnel: bool) -> tuple[Streams, bool]:
        """A connection for a host, and whether it is to a proxy that reads the request itself.

        Raises:
            FetchError: There is none.
        """
        policy = way.policy or AddressPolicy()
        if way.proxy is None:
            return await self._directly(policy, host, port), False
        try:
            await policy.check_host(host, port, self._resolver)
        except AddressRefusedError as error:
            raise FetchError(ErrorCode.ADDRESS, f"{error}.") from error
        if way.proxy.startswith("socks"):
            return await _through_socks(way, host, port), False
        streams = await _to_proxy(way.proxy)
        if tunnel:
            try:
                await _open_tunnel(streams, way, host, port)
            except BaseException:
                streams[1].transport.abort()
                raise
        return streams, not tunnel

    async def _directly(self, policy: AddressPolicy, host: str, port: int) -> Streams:
        try:
            addresses = await self._resolver.resolve(host, port)
        except OSError as error:
            raise FetchError(ErrorCode.DNS, f"The host name {host!r} could not be resolved.") from error
        permitted = [address for address in addresses if policy.permits(host, address, port)]
        if not permitted:
            message = f"{host} may not be connected to: its address is not a public one (allow_private_addresses)."
            raise FetchError(ErrorCode.ADDRESS, message)
        for address in dict.fromkeys(permitted):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(address, port, limit=_HEAD_BYTES)
        raise FetchError(ErrorCode.CONNECT, f"No connection to {host} could be made.")


def _request_head(method: str, target: str, fields: list[tuple[str, str]], way: Way | None) -> bytes:
    """The head of a plain request as it is sent on; with a way, to its proxy."""
    kept = [(name, value) for name, value in fields if name.lower() not in _HOP_BY_HOP]
    kept.append(("Connection", "close"))
    if way is None:
        parts = urlsplit(target)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    elif way.proxy_auth is not None:
        kept.append(("Proxy-Authorization", _basic(way.proxy_auth)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in kept)
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")


def _basic(auth: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(auth).encode()).decode("ascii")


async def _to_proxy(proxy: str) -> Streams:
    parts = urlsplit(proxy)
    tls = parts.scheme == "https"
    try:
        return await asyncio.open_connection(
            parts.hostname, parts.port or (443 if tls else 80), ssl=True if tls else None, limit=_HEAD_BYTES
        )
    except OSError as error:
        raise FetchError(ErrorCode.PROXY, "The proxy could not be reached.") from error


async def _open_tunnel(streams: Streams, way: Way, host: str, port: int) -> None:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    credentials = f"Proxy-Authorization: {_basic(way.proxy_auth)}\r\n" if way.proxy_auth is not None else ""
    streams[1].write(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{credentials}\r\n".encode("latin-1"))
    try:
        head = await streams[0].readuntil(b"\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise FetchError(ErrorCode.PROXY, "The proxy ended the connection.") from error
    status = head.split(b" ", 2)[1:2]
    if not status or not status[0].startswith(b"2"):
        shown = status[0][:3].decode("latin-1") if status else "no status"
        raise FetchError(ErrorCode.PROXY, f"The proxy refused the connection: {shown}.")


async def _through_socks(way: Way, host: str, port: int) -> Streams:
    # Loaded when it is needed: most crawls have no such proxy.
    import python_socks
    from python_socks.async_.asyncio import Proxy

    assert way.proxy is not None
    parts = urlsplit(way.proxy)
    kind = python_socks.ProxyType.SOCKS5 if parts.scheme.startswith("socks5") else python_socks.ProxyType.SOCKS4
    user, password = way.proxy_auth or (None, None)
    try:
        proxy = Proxy(kind, parts.hostname or "", parts.port or 1080, user, password, rdns=True)
        connection = await proxy.connect(host, port, timeout=_CONNECT_SECONDS)
        return await asyncio.open_connection(sock=connection, limit=_HEAD_BYTES)
    except (python_socks.ProxyError, python_socks.ProxyTimeoutError, OSError, asyncio.IncompleteReadError) as error:
        message = f"The proxy could not be reached or refused the connection: {str(error).rstrip('.')}."
        raise FetchError(ErrorCode.PROXY, message) from error


async def _relay(client: Streams, upstream: Streams) -> None:
    """Copy both ways until the upstream is done or the client leaves."""
    to_server = asyncio.get_running_loop().create_task(_copy(client[0], upstream[1]))
    try:
        await _copy(upstream[0], client[1])
        if client[1].can_write_eof():
            client[1].write_eof()
        await client[1].drain()
        # What is still in the buffer has to get there before the connection is ended.
        client[1].close()
        await client[1].wait_closed()
    finally:
        to_server.cancel()
        await asyncio.gather(to_server, return_exceptions=True)
        upstream[1].transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(_PART):
        writer.write(part)
        await writer.drain()
