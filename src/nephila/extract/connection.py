"""One reading worker as the crawl sees it: a process, a socket, and the pages it was given."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import nephila
from nephila.extract.worker import LEAVING, READY, REPLY_HEADER, REQUEST_HEADER
from nephila.models import RawPage

if TYPE_CHECKING:
    from nephila.extract.pool import ReadingPlan

_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")
"""The worker gets no more of the environment than it needs to start: secrets stay out of its reach."""

_SOCKET_BUFFER = 1 << 20

_STARTING_SECONDS = 30.0
"""A process that has not said that it is ready by then is no worker."""

_ENDING_SECONDS = 2.0
"""A process whose connection has ended is given so long to end by itself."""

_ALLOCATOR = {
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
}
"""glibc: keep freed memory for the next page instead of giving it back and faulting it in again, page after page."""


@dataclass(slots=True, eq=False)
class ReadingJob:
    """A page on its way through a worker."""

    page: RawPage
    plan: ReadingPlan
    answer: asyncio.Future[bytes | bytearray]
    crashes: int = 0


class WorkerConnection(asyncio.BufferedProtocol):
    """Sends pages to one worker process and hands back its replies, in order.

    Args:
        on_idle: Called when the worker can take another page.
        on_end: Called once when the connection has ended, with the jobs left unanswered.
    """

    def __init__(
        self,
        on_idle: Callable[[], None],
        on_end: Callable[[WorkerConnection, list[ReadingJob]], None],
    ) -> None:
        self._on_idle = on_idle
        self._on_end = on_end
        self._jobs: deque[ReadingJob] = deque()
        self._transport: asyncio.WriteTransport | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._header = bytearray(REPLY_HEADER.size)
        self._reply: bytearray | None = None
        self._filled = 0
        self._leaving = False
        self._loop = asyncio.get_running_loop()
        self._last_answer = self._loop.time()
        self.was_ready = False
        self.ended: asyncio.Future[None] = self._loop.create_future()

    @property
    def crashed(self) -> bool:
        """Whether it ended while reading, by nobody's decision."""
        return self.was_ready and not self._leaving

    @property
    def load(self) -> int:
        """Pages given and not yet answered."""
        return len(self._jobs)

    def is_idle_since(self, time: float) -> bool:
        """Whether it has had no page since `time` on the event loop's clock."""
        return not self._jobs and self._last_answer <= time

    @property
    def accepting(self) -> bool:
        """Whether another page may be sent."""
        return self._transport is not None and not self._leaving

    @property
    def pid(self) -> int | None:
        """The worker's process id."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process.

        Raises:
            OSError: It could not be started.
        """
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        try:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
            ours.setblocking(False)
            self._process = _spawn(theirs)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._impatience = loop.call_later(_STARTING_SECONDS, self.kill)
        try:
            await loop.create_connection(lambda: self, sock=ours)
        except BaseException:
            self._impatience.cancel()
            ours.close()
            self.kill()
            raise

    def send(self, job: ReadingJob) -> None:
        """Give the worker a page."""
        if self._transport is None:
            raise RuntimeError("the worker is not connected")
        page = job.page
        texts = (page.url.encode(), page.content_type.encode(), page.content_encoding.encode())
        parts = (job.plan.pickled or b"", *texts, page.body)
        self._jobs.append(job)
        self._transport.writelines([REQUEST_HEADER.pack(*map(len, parts)), *parts])

    def holds(self, job: ReadingJob) -> bool:
        """Whether the worker was given the page and has not answered."""
        return job in self._jobs

    def is_reading(self, job: ReadingJob) -> bool:
        """Whether the worker is busy with just this page."""
        return bool(self._jobs) and self._jobs[0] is job

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    async def gone(self) -> None:
        """Wait until the process has ended, ending it if it does not."""
        if self._process is None:
            return
        # Asked again and again: threads may all be busy with the caller's work, and signals are the caller's.
        waited, pause = 0.0, 0.001
        while self._process.poll() is None:
            if waited > _ENDING_SECONDS:
                self._process.kill()
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 0.05)

    def close(self) -> None:
        """End the connection and the process; a worker has nothing to save."""
        self._leaving = True
        self.kill()
        if self._transport is not None:
            self._transport.abort()

    # The asyncio side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The process is there; it answers when it has started."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes of the reply go, without copying them again."""
        target = self._header if self._reply is None else self._reply
        return memoryview(target)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Some bytes of a reply have arrived."""
        self._filled += nbytes
        if self._reply is None:
            if self._filled < REPLY_HEADER.size:
                return
            size, flag = REPLY_HEADER.unpack(self._header)
            self._filled = 0
            if flag == READY:
                self._impatience.cancel()
                self.was_ready = True
                return
            self._leaving = self._leaving or flag == LEAVING
            self._reply = bytearray(size)
        if self._filled == len(self._reply):
            reply, self._reply, self._filled = self._reply, None, 0
            job = self._jobs.popleft()
            self._last_answer = self._loop.time()
            if not job.answer.done():
                job.answer.set_result(reply)
            self._on_idle()

    def eof_received(self) -> bool:
        """The process has closed its end."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The process is gone, or the pool is closing."""
        self._transport = None
        self._impatience.cancel()
        left = list(self._jobs)
        self._jobs.clear()
        self._on_end(self, left)
        self.ended.set_result(None)


def _spawn(end: socket.socket) -> subprocess.Popen[bytes]:
    """Start `nephila.extract.worker` with its end of the socket.

    Not `multiprocessing`: that would import the caller's main module again, which breaks scripts without a guard.

    Raises:
        OSError: This process does not know a Python it could start.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        # In a frozen program, `sys.executable` is the program itself, which would start over and over.
        raise FileNotFoundError("sys.executable is no Python")
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    environment |= _ALLOCATOR
    package = str(Path(nephila.__file__).resolve().parents[1])
    environment["PYTHONPATH"] = os.pathsep.join([*(entry for entry in sys.path if entry), package])
    command = [sys.executable, "-P", "-X", "utf8", "-m", "nephila.extract.worker"]
    if sys.dont_write_bytecode:
        command.insert(1, "-B")
    if sys.platform == "win32":
        process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, "-"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        with process.stdin as pipe:
            pipe.write(end.share(process.pid))
        return process
    end.set_inheritable(True)
    return subprocess.Popen(  # noqa: S603 - our own module
        [*command, str(end.fileno())],
        env=environment,
        pass_fds=(end.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
