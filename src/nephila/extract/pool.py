"""Reading pages where it costs the crawl least: a page or two in the process, more of them in worker processes."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import pickle
import sys
from collections import deque
from dataclasses import dataclass, replace

from nephila.errors import CrawlerClosedError, ErrorCode, ReadError
from nephila.extract import wire
from nephila.extract.connection import ReadingJob, WorkerConnection
from nephila.extract.document import read
from nephila.extract.pdf import is_pdf
from nephila.html.inflate import inflate
from nephila.models import Document, RawPage, representable_fields
from nephila.net import url as urls
from nephila.options.reading import ReadingOptions, reading_options

logger = logging.getLogger("nephila.extract")

_PAGES_IN_PROCESS = 2
"""Pages read in the process before workers are started: starting one costs as much as reading fifty pages."""

_IN_PROCESS_BYTES = 400_000
"""Larger pages would stall the event loop too long."""

_PAGES_PER_WORKER = 2
"""One being read and one waiting, so that a worker is never idle while its reply travels."""

_FAILED_STARTS = 3
"""Workers in a row that ended before they were ready, until reading falls back to the process."""

_ABANDONED_GRACE = 1.0
"""Seconds a worker may go on with a page nobody waits for any more before it is ended."""


@dataclass(slots=True, frozen=True)
class ReadingPlan:
    """Options prepared for sending to workers.

    Attributes:
        options: What to read.
        pickled: The same as bytes; None when they hold objects of the caller's own classes, which a worker process
            cannot know: such pages are read in the process.
    """

    options: ReadingOptions
    pickled: bytes | None

    @classmethod
    def of(cls, config: ReadingOptions) -> ReadingPlan:
        """Prepare the reading part of a config."""
        options = reading_options(config)
        return cls(options, _pickled(options))


class ReaderPool:
    """Reads pages; belongs to the event loop it is used on.

    A page that ends its worker is tried once more in a fresh one; if it ends that too, it is the page's own failure
    and no other page's.

    Args:
        max_workers: Processes at most; None means one for each CPU this process may use.
        idle_seconds: After so long without a page a worker is ended, but for the last.
    """

    def __init__(self, max_workers: int | None = None, idle_seconds: float = 10.0) -> None:
        self._max_workers = max_workers or _usable_cpus()
        self._idle_seconds = idle_seconds
        self._look_for_idle: asyncio.TimerHandle | None = None
        self._workers: list[WorkerConnection] = []
        self._waiting: deque[ReadingJob] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._in_process_left = _PAGES_IN_PROCESS
        self._failed_starts = 0
        self._closed = False

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the running workers."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    @property
    def _cannot_start(self) -> bool:
        return self._failed_starts >= _FAILED_STARTS

    def warm_up(self) -> None:
        """Start a worker now because many pages are coming."""
        if not self._workers and not self._starting and not self._cannot_start and not self._closed:
            self._start_worker()

    async def read(self, page: RawPage, plan: ReadingPlan) -> Document:
        """Read a page; never raises for what the page holds."""
        if self._closed:
            raise CrawlerClosedError("The crawler was closed while a page was waiting to be read.")
        page = _sendable(page)
        if plan.pickled is None:
            own = await asyncio.to_thread(read, page, plan.options)
            own.metadata = representable_fields(own.metadata)
            return own
        if self._cannot_start and not self._workers:
            return wire.decode(await asyncio.to_thread(wire.read_to_bytes, page, plan.options))
        if self._in_process_left > 0 and len(page.body) <= _IN_PROCESS_BYTES:
            self._in_process_left -= 1
            document = _read_small(page, plan.options)
            if document is not None:
                return document
        job = ReadingJob(page, plan, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._assign()
        try:
            return wire.decode(await job.answer)
        except asyncio.CancelledError:
            self._abandon(job)
            raise

    async def close(self) -> None:
        """End every worker and wait until they are gone."""
        self._closed = True
        if self._look_for_idle is not None:
            self._look_for_idle.cancel()
        for starting in self._starting:
            starting.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        workers = list(self._workers)
        for worker in workers:
            worker.close()
        await asyncio.gather(*(worker.ended for worker in workers))
        self._refuse_waiting()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _assign(self) -> None:
        """Give waiting pages to the least busy workers; start another worker when all are busy."""
        while self._waiting:
            if self._waiting[0].answer.done():
                self._waiting.popleft()
                continue
            free = [worker for worker in self._workers if worker.accepting and worker.load < _PAGES_PER_WORKER]
            worker = min(free, key=lambda each: each.load, default=None)
            count = len(self._workers) + len(self._starting)
            if (worker is None or worker.load) and count < self._max_workers and not self._cannot_start:
                self._start_worker()
            if worker is None:
                return
            worker.send(self._waiting.popleft())

    def _worker_is_idle(self) -> None:
        """A page was read: give the worker another, or look later whether it is still needed."""
        self._assign()
        if self._look_for_idle is None and len(self._workers) > 1:
            later = asyncio.get_running_loop().call_later
            self._look_for_idle = later(self._idle_seconds, self._end_idle_workers)

    def _end_idle_workers(self) -> None:
        """Give back the memory of workers that have had nothing to do, but for one that stays warm."""
        loop = asyncio.get_running_loop()
        before = loop.time() - self._idle_seconds
        idle = [worker for worker in self._workers if worker.accepting and worker.is_idle_since(before)]
        busy = len(self._workers) - len(idle)
        for worker in idle if busy else idle[1:]:
            worker.close()
        again = busy + bool(idle) > 1
        self._look_for_idle = loop.call_later(self._idle_seconds, self._end_idle_workers) if again else None

    def _start_worker(self) -> None:
        task = asyncio.get_running_loop().create_task(self._connect_worker())
        self._starting.add(task)
        task.add_done_callback(self._starting_ended)

    def _starting_ended(self, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if self._closed:
            return
        if task.cancelled() or task.exception() is None:
            self._assign()
        else:
            self._starting_failed(f"no reading worker could be started: {task.exception()}")

    async def _connect_worker(self) -> None:
        worker = WorkerConnection(self._worker_is_idle, self._worker_ended)
        try:
            await worker.start()
        except BaseException:
            self._reap(worker)
            raise
        self._workers.append(worker)

    def _starting_failed(self, reason: str) -> None:
        """After several failures in a row, do with the workers there are, or read in the process."""
        self._failed_starts += 1
        if not self._cannot_start or self._workers:
            self._assign()
            return
        logger.warning("%s; pages are read in the process", reason)
        while self._waiting:
            job = self._waiting.popleft()
            if not job.answer.done():
                task = asyncio.get_running_loop().create_task(_answer_in_thread(job))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    def _worker_ended(self, worker: WorkerConnection, left: list[ReadingJob]) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
        self._reap(worker)
        if worker.crashed and left:
            self._blame(left[0])
        for job in reversed(left):
            if not job.answer.done():
                self._waiting.appendleft(job)
        if self._closed:
            self._refuse_waiting()
        elif worker.was_ready:
            self._failed_starts = 0
            self._assign()
        else:
            self._starting_failed("reading workers end before they are ready")

    def _blame(self, suspect: ReadingJob) -> None:
        """Count a crash against the page that was being read; the second one is its failure."""
        suspect.crashes += 1
        logger.debug("a reading worker ended while reading %s", urls.redacted(suspect.page.url))
        if suspect.crashes > 1 and not suspect.answer.done():
            message = "Reading the page ended its worker process twice."
            document = wire.failed_document(ErrorCode.READER_CRASHED, message)
            suspect.answer.set_result(bytearray(wire.encode(document)))

    def _refuse_waiting(self) -> None:
        while self._waiting:
            job = self._waiting.popleft()
            if not job.answer.done():
                job.answer.set_exception(CrawlerClosedError("The crawler was closed while a page was being read."))

    def _reap(self, worker: WorkerConnection) -> None:
        """Wait for the process, so that it leaves no zombie."""
        reaped = asyncio.get_running_loop().create_task(worker.gone())
        self._ending.add(reaped)
        reaped.add_done_callback(self._ending.discard)

    def _abandon(self, job: ReadingJob) -> None:
        """Nobody waits for the page any more; if it keeps its worker busy for long, the worker is ended."""
        if job in self._waiting:
            self._waiting.remove(job)
            return
        for worker in self._workers:
            if worker.holds(job):
                asyncio.get_running_loop().call_later(_ABANDONED_GRACE, _end_if_still_reading, worker, job)


def _end_if_still_reading(worker: WorkerConnection, job: ReadingJob) -> None:
    if worker.is_reading(job):
        worker.kill()
    elif worker.holds(job):
        # Its turn is still to come, and it may turn out to be the one that takes for ever.
        asyncio.get_running_loop().call_later(_ABANDONED_GRACE, _end_if_still_reading, worker, job)


async def _answer_in_thread(job: ReadingJob) -> None:
    reply = await asyncio.to_thread(wire.read_to_bytes, job.page, job.plan.options)
    if not job.answer.done():
        job.answer.set_result(reply)


def _sendable(page: RawPage) -> RawPage:
    """The page with lone surrogates, which no worker could be sent, replaced in its texts."""
    texts = (page.url, page.content_type, page.content_encoding)
    if all(map(str.isascii, texts)):
        return page
    url, content_type, content_encoding = (text.encode("utf-8", "replace").decode() for text in texts)
    return RawPage(url, page.body, content_type, content_encoding)


def _read_small(page: RawPage, options: ReadingOptions) -> Document | None:
    """Read in the process; None when the page unpacks to more than should be read here, or to a PDF.

    Through the same bytes as a worker's reply, so that where a page is read makes no difference.
    """
    limited = replace(options, max_decoded_bytes=min(options.max_decoded_bytes, _IN_PROCESS_BYTES))
    if page.content_encoding:
        try:
            inflated = inflate(page.body, page.content_encoding, limited.max_decoded_bytes)
        except ReadError:
            return None
        if inflated.error is not None:
            return None
        page = replace(page, body=inflated.data, content_encoding="")
    if is_pdf(page.body):
        # However short it is, it may take long, and a fault in PDFium would end the process.
        return None
    document = wire.decode(wire.read_to_bytes(page, limited))
    too_large = document.error_code == ErrorCode.TOO_LARGE and limited.max_decoded_bytes < options.max_decoded_bytes
    return None if too_large else document


def _pickled(options: ReadingOptions) -> bytes | None:
    """The options as bytes, None when they hold anything a worker process could not make again."""
    try:
        pickled = pickle.dumps(options, pickle.HIGHEST_PROTOCOL)
        _KnownClasses(io.BytesIO(pickled)).load()
    except (pickle.PickleError, AttributeError, TypeError):
        # Pickle raises all of these for objects it cannot take, such as a function made inside another.
        return None
    return pickled


class _KnownClasses(pickle.Unpickler):
    """Refuses what is not of this package or of Python itself."""

    def find_class(self, module: str, name: str) -> object:
        package = module.partition(".")[0]
        if package != "nephila" and package not in sys.stdlib_module_names:
            raise pickle.UnpicklingError(f"{module}.{name} is of the caller's own")
        if package == "__main__":
            raise pickle.UnpicklingError(f"{name} is of the caller's own program")
        return super().find_class(module, name)


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
