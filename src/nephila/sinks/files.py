"""Files that hold whole records only, whenever the process that writes them ends."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from pathlib import Path
from typing import Final

import msgspec

_BLOCK: Final = 65_536


class LineFile:
    """A file of lines, each written as a whole and handed to the system at once, so that it survives the process.

    A line that could not be written as a whole, for want of space, is taken back. Used from threads, one at a time.

    Args:
        path: The file; its folder is made when it is missing.
        append: True keeps what the file holds, and first takes back a last line that was cut short; False starts anew.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path, *, append: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR if append else os.O_WRONLY | os.O_TRUNC
        flags |= os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags, 0o666)
        self._lock = threading.Lock()
        self._closed = False
        # A pipe or a device has no length to go back to.
        self._is_regular = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        if append and self._is_regular:
            try:
                self._length = _mend(self._descriptor)
                os.lseek(self._descriptor, self._length, os.SEEK_SET)
            except BaseException:
                os.close(self._descriptor)
                raise
        else:
            self._length = 0

    def write(self, line: bytes) -> None:
        """Write a line; `line` ends with a line feed.

        Raises:
            OSError: It could not be written; the file is as it was before.
        """
        with self._lock:
            if self._closed:
                raise ValueError("the file is closed")
            try:
                write_all(self._descriptor, line)
            except OSError:
                if self._is_regular:
                    os.ftruncate(self._descriptor, self._length)
                    os.lseek(self._descriptor, self._length, os.SEEK_SET)
                raise
            self._length += len(line)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of the bytes to a descriptor, however little it takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def write_whole(path: Path, content: bytes) -> None:
    """Make a file with this content, or replace it: at no time is there a part of it under that name.

    Raises:
        OSError: It could not be written; the file is as it was before.
    """
    # A name that begins with a dot is never a page's, see `FileNames`.
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def _mend(descriptor: int) -> int:
    """Make the file end with a whole line of JSON; returns its length."""
    length = os.fstat(descriptor).st_size
    start = _last_line_feed(descriptor, length) + 1
    if start == length:
        return length
    tail = _read(descriptor, start, length)
    try:
        msgspec.json.decode(tail)
    except msgspec.DecodeError:
        # Cut short by whatever ended the writer.
        os.ftruncate(descriptor, start)
        return start
    os.lseek(descriptor, length, os.SEEK_SET)
    write_all(descriptor, b"\n")
    return length + 1


def _last_line_feed(descriptor: int, length: int) -> int:
    """The offset of the last line feed, -1 when there is none."""
    end = length
    while end > 0:
        begin = max(0, end - _BLOCK)
        found = _read(descriptor, begin, end).rfind(b"\n")
        if found >= 0:
            return begin + found
        end = begin
    return -1


def _read(descriptor: int, begin: int, end: int) -> bytes:
    os.lseek(descriptor, begin, os.SEEK_SET)
    parts = []
    while begin < end:
        part = os.read(descriptor, end - begin)
        if not part:
            break
        parts.append(part)
        begin += len(part)
    return b"".join(parts)
