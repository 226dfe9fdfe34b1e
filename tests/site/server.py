"""The test site's server: a loop of its own in a thread of its own, HTTP/1.1 on raw streams."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import threading
import traceback
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Self, TypeVar

from tests.site import encodings, hostile, pages, rendered
from tests.site.exchange import Answer, Arrival, ClientGone, Exchange, Handler, Log, Peak

T = TypeVar("T")

HEAD_LIMIT = 1 << 20
CLOSE_SECONDS = 10.0


class _Connection(asyncio.StreamReaderProtocol):
    """A stream protocol that also tells when the client has gone."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self.gone: asyncio.Future[None] = loop.create_future()
        super().__init__(asyncio.StreamReader(limit=HEAD_LIMIT, loop=loop), self._begin, loop=loop)
        self._site = site

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._site.begin(reader, writer, self.gone)

    def eof_received(self) -> bool | None:
        if not self.gone.done():
            self.gone.set_result(None)
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)
        super().connection_lost(exc)


class Site:
    """A web site on 127.0.0.1, with as many more host names as a test asks for.

    Every host name given to `host_url` becomes an address of its own (127.0.0.2 and on) on the same port, so that
    distinct hosts need no name server.
    """

    def __init__(self) -> None:
        self._log = Log()
        self._counts: Counter[str] = Counter()
        self._count_lock = threading.Lock()
        self._routes: dict[str, Handler] = {**pages.ROUTES, **encodings.ROUTES, **hostile.ROUTES, **rendered.ROUTES}
        self._extra: dict[str, Handler] = {}
        self._addresses: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self.port = 0

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> Self:
        """Start the thread and listen on 127.0.0.1, on a free port unless one is given."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-site", daemon=True)
        self._thread.start()
        self.port = self.listen("127.0.0.1", port)
        return self

    def close(self) -> None:
        """Stop listening, end every connection, and end the thread."""
        self.run(self._shut_down())
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        self._loop.close()

    async def _shut_down(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        await asyncio.sleep(0.01)  # lets aborted transports say connection_lost

    def run(self, work: Coroutine[None, None, T]) -> T:
        """Run a coroutine in the site's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CLOSE_SECONDS)

    def listen(self, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Serve the same site on one more address, over TLS if a context is given; returns the port."""
        return self.run(self._listen(address, port, tls))

    async def _listen(self, address: str, port: int, tls: ssl.SSLContext | None) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self, loop), address, port, ssl=tls, backlog=1024)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    # --- what tests use -----------------------------------------------------------------------------------------

    def url(self, path: str = "/") -> str:
        """The URL of a path on 127.0.0.1."""
        return f"http://127.0.0.1:{self.port}{path}"

    def host(self, name: str) -> str:
        """The address that stands for a host name, such as `a.localhost`; equal names get equal addresses."""
        if name not in self._addresses:
            address = f"127.0.0.{len(self._addresses) + 2}"
            self.listen(address, self.port)
            self._addresses[name] = address
            self._names[address] = name
        return self._addresses[name]

    def host_url(self, name: str, path: str = "/") -> str:
        """The URL of a path on the host of that name; the log shows the name."""
        return f"http://{self.host(name)}:{self.port}{path}"

    def serve(
        self,
        path: str,
        body: str | bytes,
        content_type: str = "text/html; charset=utf-8",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Answer a path with this body until the next `reset`; returns its URL."""
        data = body.encode() if isinstance(body, str) else body
        answer = Answer(data, content_type, status, tuple((headers or {}).items()))
        self._extra[path] = lambda _exchange: answer
        return self.url(path)

    def handle(self, path: str, handler: Handler) -> str:
        """Answer a path (query aside) with a handler until the next `reset`; returns its URL."""
        self._extra[path] = handler
        return self.url(path)

    @property
    def requests(self) -> list[Arrival]:
        """The requests since the last `reset`, in order of arrival (the newest 200,000)."""
        return self._log.arrivals()

    @property
    def request_count(self) -> int:
        """How many requests arrived since the last `reset`."""
        return self._log.count

    @property
    def active(self) -> int:
        """How many requests are being answered now."""
        return self._log.active

    @property
    def peak(self) -> Peak:
        """The most simultaneous requests since the last `reset`: `peak.total`, and `peak.hosts[name]`."""
        return self._log.peak()

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return len(self._tasks)

    def reset(self) -> None:
        """Forget requests, peaks, counters and the paths of `serve` and `handle`; connections stay open."""
        self._log.clear()
        self._extra.clear()
        with self._count_lock:
            self._counts.clear()

    def disconnect(self) -> None:
        """End every open connection, also in the middle of an answer."""
        self.run(self._disconnect())

    async def _disconnect(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def count(self, key: str) -> int:
        """Count one more of `key` and return how many there were, this one included."""
        with self._count_lock:
            self._counts[key] += 1
            return self._counts[key]

    # --- one connection -----------------------------------------------------------------------------------------

    def begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Future[None]) -> None:
        """Serve a new connection in a task of its own."""
        task = self._loop.create_task(self._serve_connection(reader, writer, gone))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Future[None]
    ) -> None:
        number = next(self._numbers)
        try:
            while await self._serve_one(reader, writer, gone, number):
                pass
            if not writer.transport.is_closing():
                writer.close()
                await writer.wait_closed()
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the client went away, which is its right
        except asyncio.LimitOverrunError:
            await _refuse(writer, 431)
        except ValueError:
            await _refuse(writer, 400)
        finally:
            writer.transport.abort()

    async def _serve_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Future[None], number: int
    ) -> bool:
        arrival = await _read_request(reader, writer, self._names, number)
        if arrival is None:
            return False
        self._log.arrive(arrival)
        try:
            keep = await self._answer(arrival, writer, gone)
            arrival.completed = True
        finally:
            self._log.end(arrival)
        return keep

    async def _answer(self, arrival: Arrival, writer: asyncio.StreamWriter, gone: asyncio.Future[None]) -> bool:
        path = arrival.path
        name, _, rest = path[1:].partition("/")
        handler = self._extra.get(path) or self._routes.get(name)
        exchange = Exchange(self, arrival, rest, writer, gone)
        if handler is None:
            answer: Answer | None = pages.not_found(exchange)
        else:
            answer = await _handle(handler, exchange)
        wanted = arrival.headers.get("connection", "").lower() != "close"
        if answer is None:
            return exchange.keep_alive and wanted
        arrival.status = answer.status
        if gone.done():
            raise ClientGone
        writer.write(answer.encode(head_only=arrival.method == "HEAD"))
        await writer.drain()
        return wanted and not answer.close


async def _refuse(writer: asyncio.StreamWriter, status: int) -> None:
    writer.write(Answer(status=status, close=True).encode())
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def _handle(handler: Handler, exchange: Exchange) -> Answer | None:
    try:
        outcome = handler(exchange)
        return outcome if isinstance(outcome, Answer) else await outcome
    except ConnectionError:
        raise
    except Exception:  # a fault of the handler: shown to the test instead of a closed connection
        return Answer(traceback.format_exc().encode(), "text/plain; charset=utf-8", 500, close=True)


async def _read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, names: Mapping[str, str], number: int
) -> Arrival | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head[:-4].decode("latin-1").split("\r\n")
    method, _, line = lines[0].partition(" ")
    target = line.rpartition(" ")[0]
    headers: dict[str, str] = {}
    for header in lines[1:]:
        name, _, value = header.partition(":")
        name, value = name.strip().lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    body = b""
    if "content-length" in headers or "transfer-encoding" in headers:
        body = await _read_body(reader, writer, headers)
    return Arrival(names.get(host, host), method, target, headers, number, body)


async def _read_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: Mapping[str, str]) -> bytes:
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "transfer-encoding" not in headers:
        return await reader.readexactly(int(headers["content-length"]))
    chunks = []
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        chunks.append((await reader.readexactly(size + 2))[:-2])
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return b"".join(chunks)
