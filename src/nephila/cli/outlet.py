"""Where the output's bytes go: a file, or a descriptor whose reader may be slow or leave."""

from __future__ import annotations

import asyncio
import errno
import os
import queue
import re
import stat
import sys
import threading
from pathlib import Path
from typing import Final, Protocol

from nephila.sinks.files import write_all

_PENDING_AT_MOST: Final = 8_000_000
"""Bytes that wait for a slow reader before the crawl waits too."""

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
"""The C0 and C1 control characters in UTF-8."""


class Outlet(Protocol):
    """Takes bytes in order."""

    async def write(self, data: bytes) -> None:
        """Take some bytes; they are out of this process, or on their way, when it returns.

        Raises:
            OSError: They, or earlier ones, could not be written; BrokenPipeError when the reader has left.
        """

    async def close(self) -> None:
        """Write what is left and close.

        Raises:
            OSError: Not everything could be written.
        """


class FileOutlet:
    """Writes to a regular file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    async def write(self, data: bytes) -> None:
        """Write and flush, so that what was finished survives whatever happens to this process."""
        self._file.write(data)
        self._file.flush()

    async def close(self) -> None:
        """Close the file."""
        self._file.close()


class StreamOutlet:
    """Writes to a pipe or terminal in a daemon thread, so that a reader that pauses does not stall the crawl.

    The thread writes to the descriptor itself: Python's own `sys.stdout` cannot be shared with a thread that may
    still be blocked when the program ends.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._pending = 0
        self._failure: OSError | None = None
        self._moved = asyncio.Event()
        self._done = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="nephila-output", daemon=True)
        self._thread.start()

    async def write(self, data: bytes) -> None:
        """Hand the bytes to the thread; waits while more than 8 MB are waiting already."""
        self._pending += len(data)
        self._queue.put(data)
        while self._pending > _PENDING_AT_MOST and self._failure is None:
            self._moved.clear()
            await self._moved.wait()
        self._check()

    async def close(self) -> None:
        """Wait until everything is written."""
        self._queue.put(None)
        await self._done.wait()
        self._check()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        failure: OSError | None = None
        while (data := self._queue.get()) is not None:
            if failure is None:
                try:
                    write_all(self._descriptor, data)
                except OSError as error:
                    failure = error
            if not self._tell(len(data), failure):
                return
        self._tell(0, failure, done=True)

    def _tell(self, written: int, failure: OSError | None, *, done: bool = False) -> bool:
        try:
            self._loop.call_soon_threadsafe(self._note, written, failure, done)
        except RuntimeError:
            return False  # the loop was closed in the meantime: the run is over
        return True

    def _note(self, written: int, failure: OSError | None, done: bool) -> None:
        self._pending -= written
        self._failure = failure
        self._moved.set()
        if done:
            self._done.set()


class _TerminalOutlet(StreamOutlet):
    """Keeps a page from speaking to the terminal in its control codes."""

    async def write(self, data: bytes) -> None:
        """Write without control characters, tabs and line feeds excepted."""
        await super().write(_CONTROL.sub(b"", data))


class _DirectOutlet:
    """Writes to a descriptor that always takes everything, such as standard output redirected to a file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    async def write(self, data: bytes) -> None:
        """Write at once."""
        write_all(self._descriptor, data)

    async def close(self) -> None:
        """Standard output stays open."""


def standard_output() -> Outlet:
    """The outlet for standard output.

    Raises:
        OSError: It is closed.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "Standard output is closed")
    descriptor = sys.stdout.fileno()
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return _DirectOutlet(descriptor)
    return _TerminalOutlet(descriptor) if os.isatty(descriptor) else StreamOutlet(descriptor)
