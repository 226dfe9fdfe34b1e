"""A small SOCKS proxy for the tests: versions 4, 4a and 5 (RFC 1928, RFC 1929), CONNECT only, with a log."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")

CLOSE_SECONDS = 10.0
REFUSED = 5
GRANTED_4 = 90


@dataclass(frozen=True, slots=True)
class SocksHit:
    """One connection that was asked for.

    Attributes:
        version: 4 or 5.
        host: As the client named it: a name when the proxy was to look it up, else an address.
        by_name: Whether it was a name.
        user: The user it came from; empty without.
        authorized: Whether it was let through.
    """

    version: int
    host: str
    port: int
    by_name: bool
    user: str
    authorized: bool


class SocksProxy:
    """A SOCKS proxy on 127.0.0.1.

    Args:
        user: With `password`: who is let through; None lets everyone through.
        password: See `user`.
        names: Addresses of host names; all others are taken as they are.
        reply: What SOCKS 5 connections are answered with instead of being made, such as 5 for "refused".
    """

    def __init__(
        self, user: str | None = None, password: str = "", names: Mapping[str, str] | None = None, reply: int = 0
    ) -> None:
        self._user, self._password, self._names, self._reply = user, password, names or {}, reply
        self.hits: list[SocksHit] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._refusing = False
        self.port = 0

    def refuse(self) -> None:
        """Open no more connections; may be called from any thread."""
        self._refusing = True

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-socks", daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._shut_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        self._loop.close()

    async def _shut_down(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        await asyncio.sleep(0.01)

    def _run(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CLOSE_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._refusing:
                return
            version = (await reader.readexactly(1))[0]
            target = await (self._four(reader, writer) if version == 4 else self._five(reader, writer))
            if target is not None:
                await self._relay(reader, writer, *target)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either end may leave at any time
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _five(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int] | None:
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        user, authorized = "", self._user is None
        if 2 in methods:
            writer.write(b"\x05\x02")
            await reader.readexactly(1)
            user = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            password = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            authorized = authorized or (user, password) == (self._user, self._password)
            writer.write(b"\x01" + (b"\x00" if authorized else b"\x01"))
        else:
            writer.write(b"\x05\x00" if authorized else b"\x05\xff")
        await writer.drain()
        if not authorized:
            self.hits.append(SocksHit(5, "", 0, False, user, False))
            return None
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = str(ipaddress.ip_address(await reader.readexactly(4 if kind == 1 else 16)))
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.hits.append(SocksHit(5, host, port, kind == 3, user, True))
        writer.write(bytes((5, self._reply, 0, 1, 0, 0, 0, 0, 0, 0)))
        await writer.drain()
        return None if self._reply else (host, port)

    async def _four(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        await reader.readexactly(1)
        port = int.from_bytes(await reader.readexactly(2), "big")
        address = await reader.readexactly(4)
        user = (await reader.readuntil(b"\0"))[:-1].decode()
        by_name = address[:3] == b"\0\0\0" and address[3] != 0
        host = (await reader.readuntil(b"\0"))[:-1].decode() if by_name else str(ipaddress.ip_address(address))
        self.hits.append(SocksHit(4, host, port, by_name, user, True))
        writer.write(bytes((0, GRANTED_4, 0, 0, 0, 0, 0, 0)))
        await writer.drain()
        return host, port

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(self._names.get(host, host), port)
        to_server = asyncio.create_task(_copy(reader, upstream_writer))
        try:
            await _copy(upstream_reader, writer)
        finally:
            to_server.cancel()
            await asyncio.gather(to_server, return_exceptions=True)
            upstream_writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(1 << 16):
        writer.write(part)
        await writer.drain()
