"""A static file server for machines without nginx: everything in memory, one process, no more HTTP than this needs.

Run as `python -m benchmarks.static_server ROOT HOST:PORT...`. It serves what `corpus.lay_out_site` wrote, under the
same rules as the nginx configuration: `/u/` and `/s/` with a charset, `/p/` without, `/s/<digits>` by the last three
digits.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import cast

MAX_HEAD_BYTES = 65_536
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Stored:
    """A file in memory, with the two heads it may be sent under."""

    compressed: bytes
    compressed_head: bytes
    plain_type: bytes

    def answer(self, accepts_gzip: bool, with_body: bool) -> bytes:
        if accepts_gzip:
            return self.compressed_head + (self.compressed if with_body else b"")
        body = gzip.decompress(self.compressed)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (self.plain_type, len(body))
        return head + (body if with_body else b"")


def load(root: Path) -> dict[bytes, Stored]:
    """The files under `root` by the path of their URL."""
    stored = {}
    for file in sorted(root.rglob("*.html.gz")):
        path = file.relative_to(root).as_posix().removesuffix(".gz")
        kind = b"text/html" if path.startswith("p/") else b"text/html; charset=utf-8"
        body = file.read_bytes()
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
            b"Content-Length: %d\r\n\r\n" % (kind, len(body))
        )
        stored[b"/" + path.encode()] = Stored(body, head, kind)
    return stored


def resolve(target: bytes) -> bytes:
    """The path of the file for a request target."""
    path = target.partition(b"?")[0]
    if path.startswith(b"/s/") and path[3:].isdigit():
        return b"/s/" + path[-3:] + b".html"
    return path


def respond(head: bytes, stored: dict[bytes, Stored]) -> bytes:
    """The answer to one request head."""
    line, _, headers = head.partition(b"\r\n")
    words = line.split(b" ")
    if len(words) != 3 or words[0] not in (b"GET", b"HEAD"):
        return BAD_REQUEST
    file = stored.get(resolve(words[1]))
    if file is None:
        return NOT_FOUND
    return file.answer(accepts_gzip(headers), words[0] == b"GET")


def accepts_gzip(headers: bytes) -> bool:
    """Whether the client named gzip; a quality of zero is not looked at, no client here sends one."""
    lower = headers.lower()
    start = lower.find(b"accept-encoding:")
    return start >= 0 and b"gzip" in lower[start:].partition(b"\r\n")[0]


class StaticProtocol(asyncio.Protocol):
    """One connection, kept open for as many requests as come."""

    def __init__(self, stored: dict[bytes, Stored]) -> None:
        self._stored = stored
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head, self._received = self._received[:end], self._received[end + 4 :]
            answer = respond(head, self._stored)
            self._transport.write(answer)
            if answer is BAD_REQUEST:
                self._transport.close()
                return
        if len(self._received) > MAX_HEAD_BYTES:
            self._transport.close()


async def serve(root: Path, addresses: list[str]) -> None:
    """Serve until the process is told to stop."""
    stored = load(root)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    servers = []
    for address in addresses:
        host, _, port = address.rpartition(":")
        servers.append(await loop.create_server(lambda: StaticProtocol(stored), host, int(port), backlog=1024))
    await stop.wait()
    for server in servers:
        server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("addresses", nargs="+")
    arguments = parser.parse_args()
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(arguments.root, arguments.addresses))
    else:
        uvloop.run(serve(arguments.root, arguments.addresses))


if __name__ == "__main__":
    main()
