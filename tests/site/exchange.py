"""One request and its answer, as the test site sees them, and the log of all of them."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from tests.site.server import Site

REASONS: Mapping[int, str] = MappingProxyType({status.value: status.phrase for status in HTTPStatus})


@dataclass(slots=True)
class Answer:
    """A well-formed response; `close` ends the connection after it."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    close: bool = False

    def encode(self, *, head_only: bool = False) -> bytes:
        """The response as it goes on the wire, with a content-length."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        if self.content_type:
            lines.append(f"content-type: {self.content_type}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status >= 200 and self.status != 204:
            lines.append(f"content-length: {len(self.body)}")
        if self.close:
            lines.append("connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return head if head_only or self.status in (204, 304) else head + self.body


@dataclass(slots=True)
class Arrival:
    """One request in the log; times are `time.monotonic()` seconds."""

    host: str
    """The name given to `Site.host_url`, otherwise the Host header without its port."""
    method: str
    target: str
    """Path and query, as sent."""
    headers: Mapping[str, str]
    """Lower-cased names; repeated headers joined with a comma and a space."""
    connection: int
    """Number of the connection it came on: equal for requests that shared one."""
    body: bytes = b""
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    """When the answer was sent or given up; None while it is being answered."""
    status: int | None = None
    """The status answered; None when the handler wrote its own bytes."""
    completed: bool = False
    """Whether the handler ran to its end with the client still there."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Peak:
    """The most requests that were being answered at one moment."""

    total: int
    hosts: Mapping[str, int]


class Log:
    """Arrivals and simultaneous requests; written by the site's thread, read by any."""

    def __init__(self, limit: int = 200_000) -> None:
        self._lock = threading.Lock()
        self._arrivals: deque[Arrival] = deque(maxlen=limit)
        self._active: Counter[str] = Counter()
        self._peaks: dict[str, int] = {}
        self._total = self._peak_total = self._count = 0

    def arrive(self, arrival: Arrival) -> None:
        with self._lock:
            self._arrivals.append(arrival)
            self._count += 1
            self._total += 1
            self._peak_total = max(self._peak_total, self._total)
            active = self._active[arrival.host] = self._active[arrival.host] + 1
            if active > self._peaks.get(arrival.host, 0):
                self._peaks[arrival.host] = active

    def end(self, arrival: Arrival) -> None:
        with self._lock:
            arrival.ended = time.monotonic()
            self._total -= 1
            self._active[arrival.host] -= 1

    def arrivals(self) -> list[Arrival]:
        with self._lock:
            return list(self._arrivals)

    @property
    def count(self) -> int:
        return self._count

    @property
    def active(self) -> int:
        return self._total

    def peak(self) -> Peak:
        with self._lock:
            return Peak(self._peak_total, dict(self._peaks))

    def clear(self) -> None:
        """Forget what is over; requests still being answered keep counting as active."""
        with self._lock:
            self._arrivals.clear()
            self._peaks.clear()
            self._count = 0
            self._peak_total = self._total


class ClientGone(ConnectionError):
    """The client closed its end while it was being answered."""


@dataclass(slots=True)
class Exchange:
    """What a handler is given: the request, and raw access to the connection."""

    site: Site
    arrival: Arrival
    rest: str
    """What follows the handler's name in the path, without the slash."""
    writer: asyncio.StreamWriter
    gone: asyncio.Future[None]
    keep_alive: bool = False
    """A handler that wrote a well-formed response itself may set this to go on with the connection."""

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, the last of each name."""
        raw = self.arrival.target.partition("?")[2]
        return {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True).items()}

    def number(self, name: str, default: int) -> int:
        """A whole number from the query."""
        return int(self.query.get(name, default))

    @property
    def url(self) -> str:
        """The URL asked for, as the client spelled it."""
        return f"http://{self.arrival.headers.get('host', '')}{self.arrival.target}"

    def times(self) -> int:
        """How often this very target was asked for on this host since the last `Site.reset`, this time included."""
        return self.site.count(f"{self.arrival.host} {self.arrival.target}")

    async def send(self, *parts: bytes) -> None:
        """Write raw bytes and wait until the buffer has room."""
        if self.gone.done():
            raise ClientGone
        self.writer.write(b"".join(parts))
        await self.writer.drain()

    async def head(self, *headers: str, status: str = "200 OK") -> None:
        """Send a status line and header lines, with nothing added but the empty line that ends them."""
        await self.send("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1"))

    async def sleep(self, seconds: float) -> None:
        """Sleep, and stop as soon as the client goes away."""
        done, _ = await asyncio.wait((self.gone,), timeout=seconds)
        if done:
            raise ClientGone

    def abort(self) -> None:
        """End the connection with a TCP reset."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Handler = Callable[[Exchange], "Answer | Coroutine[None, None, Answer | None]"]
