"""A small forward HTTP proxy for the tests: absolute-form requests and CONNECT, Basic authentication, a log."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Self, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

DENIED = (
    b'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="proxy"\r\n'
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
UNREACHABLE = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
CLOSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Hit:
    """One request the proxy was asked to forward."""

    method: str
    target: str
    """The absolute URL, or `host:port` for CONNECT."""
    authorized: bool
    """Whether the credentials were right; True when the proxy asks for none."""
    credentials: str
    """The Proxy-Authorization header as sent, or an empty string."""


class Proxy:
    """A forward proxy on 127.0.0.1.

    Args:
        user: With `password`: what a client must send as Basic authentication; None to let everyone through.
        password: See `user`.
        tls: With a context, clients speak TLS to the proxy.
    """

    def __init__(self, user: str | None = None, password: str = "", tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._expected = "" if user is None else "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._hits: list[Hit] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def start(self) -> Self:
        """Start the proxy's thread and listen."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-proxy", daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20, ssl=self._tls))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def close(self) -> None:
        """End every connection and the thread."""
        self._run(self._shut_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _shut_down(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        await asyncio.sleep(0.01)

    def _run(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CLOSE_SECONDS)

    @property
    def url(self) -> str:
        """The proxy's URL, without credentials."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def hits(self) -> list[Hit]:
        """The requests so far, refused ones included."""
        return list(self._hits)

    def reset(self) -> None:
        """Forget the requests so far."""
        self._hits.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._forward(reader, writer):
                pass
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either end may leave at any time
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Forward one request; True when the connection can carry another."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        by_name = {name.lower(): value for name, value in headers}
        credentials = by_name.get("proxy-authorization", "")
        authorized = not self._expected or credentials == self._expected
        self._hits.append(Hit(method, target, authorized, credentials))
        if not authorized:
            writer.write(DENIED)
            await writer.drain()
            return False
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        try:
            upstream = await asyncio.open_connection(parts.hostname, parts.port or 80, limit=1 << 20)
        except OSError:
            writer.write(UNREACHABLE)
            await writer.drain()
            return False
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            kept = [pair for pair in headers if pair[0].lower() not in ("proxy-authorization", "connection")]
            forwarded = "".join(f"{name}: {value}\r\n" for name, value in [*kept, ("connection", "close")])
            upstream[1].write(f"{method} {path} HTTP/1.1\r\n{forwarded}\r\n".encode("latin-1"))
        await _relay((reader, writer), upstream)
        return False


async def _relay(
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Copy both ways until the upstream is done or the client leaves."""
    to_server = asyncio.create_task(_copy(client[0], upstream[1]))
    try:
        await _copy(upstream[0], client[1])
    finally:
        to_server.cancel()
        await asyncio.gather(to_server, return_exceptions=True)
        upstream[1].transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(1 << 16):
        writer.write(part)
        await writer.drain()
