"""Where the URLs come from: arguments, a file, standard input; read as they are needed, one at a time."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STANDARD_INPUT: Final = "-"

_CHUNK: Final = 1 << 16
_LONGEST_LINE: Final = 1 << 20
"""Bytes; what is longer is cut here. No URL is that long, so it fails with a sentence that says so."""

_COUNT_AT_MOST: Final = 200_000_000
"""Bytes of a file that is read once more to know how many URLs it has."""


@dataclass(frozen=True, slots=True)
class Source:
    """The URLs of one run, in order.

    Attributes:
        urls: From the command line; `-` stands for standard input.
        file: A file with a URL a line; `-` for standard input, None for no file. It comes after `urls`.
    """

    urls: Sequence[str]
    file: str | None = None

    @property
    def single(self) -> bool:
        """Whether it is known to be exactly one URL."""
        return self.file is None and len(self.urls) == 1 and self.urls[0] != STANDARD_INPUT

    @property
    def named(self) -> frozenset[str]:
        """The URLs given one by one, as `read` yields them."""
        return frozenset(_readable(url) for url in self.urls if url != STANDARD_INPUT)

    @property
    def name(self) -> str:
        """Where the URLs come from, for a sentence."""
        if self.file is not None:
            return "standard input" if self.file == STANDARD_INPUT else self.file
        return "standard input" if STANDARD_INPUT in self.urls else "the command line"

    def total(self) -> int | None:
        """How many URLs there are; None when only reading them all would tell."""
        if STANDARD_INPUT in self.urls or self.file == STANDARD_INPUT:
            return None
        if self.file is None:
            return len(self.urls)
        information = Path(self.file).stat()
        if not stat.S_ISREG(information.st_mode) or information.st_size > _COUNT_AT_MOST:
            return None
        with Path(self.file).open("rb") as lines:
            return len(self.urls) + sum(1 for line in lines if _url_of(line))

    def check(self) -> None:
        """Open the file once.

        Raises:
            OSError: The file is missing or cannot be read, or standard input is closed.
        """
        if sys.stdin is None and (self.file == STANDARD_INPUT or STANDARD_INPUT in self.urls):
            raise OSError(errno.EBADF, "Standard input is closed")
        if self.file is not None and self.file != STANDARD_INPUT:
            os.close(_open(self.file))

    async def read(self, stopped: asyncio.Future[None]) -> AsyncIterator[str]:
        """The URLs, one at a time, until there are no more or `stopped` is done.

        Raises:
            OSError: The file cannot be read any further.
        """
        for url in self.urls:
            if stopped.done():
                return
            if url == STANDARD_INPUT:
                async for line in _read_lines(STANDARD_INPUT, stopped):
                    yield line
            else:
                yield _readable(url)
        if self.file is not None:
            async for line in _read_lines(self.file, stopped):
                yield line


def _readable(url: str) -> str:
    """An argument that is not UTF-8 reaches Python with lone surrogates, which no output can hold."""
    return os.fsencode(url).decode("utf-8", "replace")


def _open(name: str) -> int:
    if Path(name).is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    return os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))


def _url_of(line: bytes) -> str:
    """The URL on a line; an empty string for blank lines and comments."""
    text = line.decode("utf-8", "replace").strip().removeprefix("\ufeff").strip()
    return "" if text.startswith("#") else text


async def _read_lines(name: str, stopped: asyncio.Future[None]) -> AsyncIterator[str]:
    """The URLs of a file, read in a thread: a pipe may have nothing to say for hours."""
    standard = name == STANDARD_INPUT
    descriptor = sys.stdin.fileno() if standard else await asyncio.to_thread(_open, name)
    reader = _ChunkReader(descriptor)
    lines = _Lines()
    try:
        while chunk := await reader.read(stopped):
            for line in lines.feed(chunk):
                if stopped.done():
                    return
                if url := _url_of(line):
                    yield url
        if url := _url_of(lines.rest()):
            yield url
    finally:
        reader.stop()
        if not standard and not reader.busy:
            os.close(descriptor)


class _Lines:
    """Cuts chunks of bytes into lines of bounded length."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        *complete, last = chunk.split(b"\n")
        for line in complete:
            self._add(line)
            yield self.rest()
        self._add(last)

    def _add(self, part: bytes) -> None:
        self._begun += part[: max(0, _LONGEST_LINE - len(self._begun))]

    def rest(self) -> bytes:
        line = bytes(self._begun)
        self._begun.clear()
        return line


class _ChunkReader:
    """Reads a descriptor in a daemon thread, a chunk each time it is asked.

    A thread of an executor would be waited for at exit, and a read of a silent pipe cannot be interrupted.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._asked = threading.Semaphore(0)
        self._answer: asyncio.Future[bytes] | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="nephila-input", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a read is under way, so that the descriptor cannot be closed."""
        return self._answer is not None and not self._answer.done()

    async def read(self, stopped: asyncio.Future[None]) -> bytes:
        """The next bytes, at least one; none at the end, or when `stopped` is done first."""
        self._answer = self._loop.create_future()
        self._asked.release()
        await asyncio.wait((self._answer, stopped), return_when=asyncio.FIRST_COMPLETED)
        return self._answer.result() if self._answer.done() else b""

    def stop(self) -> None:
        """End the thread as soon as it is not reading."""
        self._stopped = True
        self._asked.release()

    def _work(self) -> None:
        while True:
            self._asked.acquire()
            if self._stopped:
                return
            try:
                chunk: bytes | OSError = os.read(self._descriptor, _CHUNK)
            except OSError as error:
                chunk = error
            try:
                self._loop.call_soon_threadsafe(self._deliver, chunk)
            except RuntimeError:
                return  # the loop was closed in the meantime: the run is over

    def _deliver(self, chunk: bytes | OSError) -> None:
        answer = self._answer
        if answer is None or answer.done():
            return
        if isinstance(chunk, OSError):
            answer.set_exception(chunk)
        else:
            answer.set_result(chunk)
