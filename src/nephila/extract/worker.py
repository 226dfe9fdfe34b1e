"""A reading worker: a process that reads one page after the other and shares nothing with the crawl.

It talks to `nephila.extract.pool` over one socket. A request is a header of five lengths followed by the options
(pickled by the parent, which is trusted), the URL, the content type, the content encoding and the body. A reply is a
header of a length and a flag followed by the document as MessagePack: the parent never unpickles anything that a
process which has touched untrusted bytes sends.
"""

from __future__ import annotations

import functools
import gc
import pickle
import signal
import socket
import struct
import sys
from collections.abc import Callable

from nephila.models import RawPage
from nephila.options.reading import ReadingOptions

REQUEST_HEADER = struct.Struct("!IIIIQ")
REPLY_HEADER = struct.Struct("!QB")

GOING_ON, LEAVING, READY = 0, 1, 2
"""A reply's flag: the worker goes on, or ends after this reply to give back its memory; or, without a document, the
worker has started."""

_RETIRE_ABOVE_BYTES = 400_000_000
"""A worker whose memory has grown beyond this ends after its reply; a fresh one takes its place."""

_ADDRESS_SPACE_BYTES = 6_000_000_000
"""A page that would need more ends as a failed result instead of exhausting the machine."""


def main(argv: list[str] | None = None) -> None:
    """Serve until the parent closes the connection."""
    arguments = sys.argv[1:] if argv is None else argv
    # Ctrl+C reaches the whole process group; when to end is the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    _collect_rarely()
    # Imported before saying so: a worker that cannot read is not ready.
    from nephila.extract.wire import read_to_bytes

    with _connect(arguments) as connection:
        connection.sendall(REPLY_HEADER.pack(0, READY))
        while _serve_one(connection, read_to_bytes):
            pass


def _serve_one(connection: socket.socket, read: Callable[[RawPage, ReadingOptions], bytes]) -> bool:
    """Answer one request; False when the connection has ended or this worker retires."""
    header = _receive(connection, REQUEST_HEADER.size)
    if header is None:
        return False
    lengths = REQUEST_HEADER.unpack(header)
    content = _receive(connection, sum(lengths))
    if content is None:
        return False
    parts, start = [], 0
    for length in lengths:
        parts.append(bytes(content[start : start + length]))
        start += length
    options, url, content_type, content_encoding, body = parts
    del content
    page = RawPage(url.decode(), body, content_type.decode(), content_encoding.decode())
    reply = read(page, _options(options))
    flag = LEAVING if _memory_in_use() > _RETIRE_ABOVE_BYTES else GOING_ON
    connection.sendall(REPLY_HEADER.pack(len(reply), flag) + reply)
    return flag == GOING_ON


@functools.lru_cache(maxsize=16)
def _options(pickled: bytes) -> ReadingOptions:
    """The options of a crawl are the same for page after page."""
    options: ReadingOptions = pickle.loads(pickled)  # noqa: S301 - made by the parent process
    return options


def _receive(connection: socket.socket, size: int) -> memoryview | None:
    """Exactly `size` bytes, or None when the connection ended before."""
    buffer = memoryview(bytearray(size))
    received = 0
    while received < size:
        count = connection.recv_into(buffer[received:])
        if count == 0:
            return None
        received += count
    return buffer


def _connect(arguments: list[str]) -> socket.socket:
    """The socket the parent handed over: inherited by number, or shared through standard input on Windows."""
    if arguments and arguments[0] != "-":
        return socket.socket(fileno=int(arguments[0]))
    return socket.fromshare(sys.stdin.buffer.read())  # type: ignore[attr-defined,no-any-return,unused-ignore]


def _collect_rarely() -> None:
    """Reading makes thousands of objects a page, hardly ever in cycles: looking for those after each few is waste."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = _ADDRESS_SPACE_BYTES if hard == resource.RLIM_INFINITY else min(hard, _ADDRESS_SPACE_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _memory_in_use() -> int:
    """Bytes of this process in memory; 0 where it cannot be told cheaply."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123 - cheaper, once a page
            return int(file.read(64).split()[1]) * 4096
    except OSError:
        return 0


if __name__ == "__main__":
    main()
