"""The page cache of an event loop: a store behind a thread, so that no visit waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nephila.store.database import StoreError
from nephila.store.page import PageUpdate, StoredPage
from nephila.store.page_store import PageStore

logger = logging.getLogger("nephila.cache")

_WRITTEN_AT_ONCE = 64
"""Pages in one transaction at most; the file is locked for other processes meanwhile."""

_ANSWERED_AT_ONCE = 16

_CLOSE_SECONDS = 10.0
"""How long closing waits for what is being written."""


@dataclass(slots=True)
class _Find:
    key: bytes
    options: bytes | None
    answer: asyncio.Future[StoredPage | None]


@dataclass(slots=True)
class _Keep:
    update: PageUpdate
    answer: asyncio.Future[bool]


_Order: TypeAlias = "_Find | _Keep | None"


class PageCache:
    """Finds and keeps pages; belongs to the event loop it is used on.

    Nothing is opened, and no thread started, before the first question. Whatever goes wrong with the store turns the
    cache off, with one warning in the log, and never fails a visit.

    Args:
        path: The file; None when there is no place for one.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._readable = self._writable = True

    async def find(self, key: bytes, options: bytes | None) -> StoredPage | None:
        """The page of this name; None when there is none or the cache is off."""
        if not self._readable or not self._started():
            return None
        answer: asyncio.Future[StoredPage | None] = asyncio.get_running_loop().create_future()
        self._orders.put(_Find(key, options, answer))
        return await answer

    async def keep(self, update: PageUpdate) -> bool:
        """Keep a page; returns, once it is in the store, whether that worked."""
        if not self._writable or not self._started():
            return False
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._orders.put(_Keep(update, answer))
        return await answer

    async def close(self) -> None:
        """Write what is waiting and close the file; the cache is not used again."""
        thread, self._thread = self._thread, None
        self._readable = self._writable = False
        if thread is not None:
            self._orders.put(None)
            await asyncio.to_thread(thread.join, _CLOSE_SECONDS)

    def _started(self) -> bool:
        if self._thread is None:
            if self._path is None:
                self._give_up("this system names no folder for it; set NEPHILA_CACHE_DIR", reading=True)
                return False
            self._loop = asyncio.get_running_loop()
            work = _Work(self, PageStore(self._path), self._orders, self._loop)
            # A crawler that nobody closes must not keep the program alive.
            self._thread = threading.Thread(target=work.run, name="nephila-cache", daemon=True)
            self._thread.start()
        return True

    def _give_up(self, reason: str, *, reading: bool) -> None:
        """Go on without the cache, or without writing to it, and say so once."""
        told = not (self._readable and self._writable)
        self._writable = False
        self._readable = self._readable and not reading
        if not told:
            what = "no page cache" if reading else "nothing more written to the page cache"
            logger.warning("The crawl goes on with %s: %s", what, reason)


class _Work:
    """What happens on the thread: questions are answered as they come, pages are written together."""

    def __init__(
        self,
        cache: PageCache,
        store: PageStore,
        orders: queue.SimpleQueue[_Order],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._cache = cache
        self._store = store
        self._orders = orders
        self._loop = loop
        self._answers: list[tuple[asyncio.Future[object], object]] = []
        self._pages: list[_Keep] = []

    def run(self) -> None:
        """Serve until told to end."""
        going_on = True
        while going_on:
            order: _Order = self._orders.get()
            while True:
                if order is None:
                    going_on = False
                    break
                self._take(order)
                try:
                    order = self._orders.get_nowait()
                except queue.Empty:
                    break
            self._write()
            self._deliver()
        self._store.close()

    def _take(self, order: _Find | _Keep) -> None:
        if isinstance(order, _Keep):
            self._pages.append(order)
            if len(self._pages) >= _WRITTEN_AT_ONCE:
                self._write()
            return
        found = None
        try:
            if self._cache._readable:
                found = self._store.find(order.key, order.options)
        except StoreError as error:
            self._give_up(error, reading=True)
        self._answer(order.answer, found)

    def _write(self) -> None:
        pages, self._pages = self._pages, []
        if not pages:
            return
        # Nobody who only asks has to wait for the disk.
        self._deliver()
        kept = False
        try:
            if self._cache._writable:
                self._store.write([page.update for page in pages])
                kept = True
        except StoreError as error:
            self._give_up(error, reading=False)
        for page in pages:
            self._answer(page.answer, kept)

    def _answer(self, future: asyncio.Future[StoredPage | None] | asyncio.Future[bool], value: object) -> None:
        self._answers.append((future, value))  # type: ignore[arg-type]  # each future with a value of its own type
        if len(self._answers) >= _ANSWERED_AT_ONCE:
            self._deliver()

    def _deliver(self) -> None:
        """Answer on the loop, several at once: waking it costs more than the answer."""
        answers, self._answers = self._answers, []
        if answers:
            # The loop may have ended before its crawler was closed; then nobody waits.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_resolve, answers)

    def _give_up(self, error: StoreError, *, reading: bool) -> None:
        self._cache._give_up(str(error), reading=reading)


def _resolve(answers: list[tuple[asyncio.Future[object], object]]) -> None:
    for future, value in answers:
        if not future.done():
            future.set_result(value)
