"""The browser and its pages: started when needed, lent, cleaned, renewed, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any, Final

from nephila.errors import CrawlerClosedError
from nephila.fetch.browser.identity import Identity
from nephila.fetch.browser.launch import RunningBrowser
from nephila.fetch.browser.slot import Slot
from nephila.options import BrowserConfig

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

logger = logging.getLogger("nephila.browser")

_MAX_IDLE: Final = 20
"""Pages kept for visits to come."""

_WARM: Final = 1
"""Pages kept when nothing has happened for a while."""

_IDLE_SECONDS: Final = 60.0
"""After which pages beyond the warm ones are closed."""

_REST_SECONDS: Final = 300.0
"""After which the browser itself is ended."""

_MAX_PAGES: Final = 5_000
"""Visits after which a browser is renewed unless the config says otherwise."""

_MAX_AGE: Final = 3_600.0
_MAX_RSS: Final = 1_500_000_000
"""Bytes of the browser's main process; its pages' processes are renewed with the pages."""

_LOOK_EVERY: Final = 50
"""Visits between two looks at its memory."""

_SAVING_PAGES: Final = 500
_CLOSE_SECONDS: Final = 10.0


def default_pages() -> int:
    """Pages at once: rendering is a processor's work, and pages also wait for the network."""
    return max(8, min(64, 8 * (os.cpu_count() or 1)))


class BrowserPool:
    """Lends pages of one browser at a time; belongs to the event loop it was made on.

    A page whose visit has left nothing that cannot be removed is lent again; any other is closed with its context.

    Args:
        config: How the browser is started.
        pages: Visits at once; None means `default_pages()`.
    """

    def __init__(self, config: BrowserConfig, pages: int | None = None) -> None:
        self._config = config
        most = pages or default_pages()
        self._turns = asyncio.Semaphore(most)
        # A page counts until it is clean or closed, which is a moment longer than its visit.
        self._places = asyncio.Semaphore(most)
        self._starting = asyncio.Lock()
        self._running: RunningBrowser | None = None
        self._idle: list[Slot] = []
        self._lent: set[Slot] = set()
        self._being_cleaned: Counter[Identity] = Counter()
        self._waiting: dict[Identity, deque[asyncio.Future[Slot | None]]] = {}
        self._shared: dict[tuple[int, Identity], BrowserContext] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._janitor: asyncio.TimerHandle | None = None
        self._last_use = asyncio.get_running_loop().time()
        self._closed = False

    @property
    def running(self) -> RunningBrowser | None:
        """The browser that new visits go to; None before the first and after a long rest."""
        return self._running

    @property
    def idle_pages(self) -> int:
        """Pages that wait for a visit."""
        return len(self._idle)

    @property
    def lent_pages(self) -> int:
        """Pages that are being visited or cleaned."""
        return len(self._lent)

    @contextlib.asynccontextmanager
    async def lend(self, identity: Identity) -> AsyncIterator[Slot]:
        """A clean page for one visit; call it within `turn`.

        Raises:
            FetchError: The browser cannot be started.
            CrawlerClosedError: The pool is closed.
        """
        await self._places.acquire()
        try:
            slot = await self._take(identity)
        except BaseException:
            self._places.release()
            raise
        slot.over.clear()
        self._lent.add(slot)
        try:
            yield slot
        except BaseException:
            # Nobody knows what it is doing just now.
            slot.marked = True
            raise
        finally:
            keep = slot.reusable() and slot.running is self._running
            keep = keep and not self._closed and not self._config.memory_saving_mode
            if keep:
                self._being_cleaned[identity] += 1
            self._background(self._take_back(slot, keep))

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until there are few enough visits going on for one more."""
        async with self._turns:
            yield

    async def close(self) -> None:
        """End everything; visits that are going on fail."""
        self._closed = True
        if self._janitor is not None:
            self._janitor.cancel()
        async with self._starting:
            running, self._running = self._running, None
            self._idle.clear()
            self._shared.clear()
        if running is not None:
            await running.close()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=_CLOSE_SECONDS)

    async def browser(self) -> RunningBrowser:
        """The browser, started if there is none, renewed if it has served long enough.

        Raises:
            FetchError: It cannot be started.
        """
        async with self._starting:
            if self._closed:
                raise CrawlerClosedError("The crawler was closed before the visit had ended.")
            running = self._running
            if running is not None and (not running.alive or self._worn(running)):
                self._retire(running)
                running = None
            if running is None:
                running = self._running = await RunningBrowser.start(self._config)
                self._watch_idleness()
            return running

    async def _take(self, identity: Identity) -> Slot:
        running = await self.browser()
        self._last_use = asyncio.get_running_loop().time()
        running.pages_opened += 1
        for index in range(len(self._idle) - 1, -1, -1):
            slot = self._idle[index]
            if slot.identity == identity:
                # The one used last: its process is warm, and the others may go.
                del self._idle[index]
                return slot
        if len(self._waiting.get(identity, ())) < self._being_cleaned[identity]:
            # One that is just being made clean is ready sooner than a new one, and costs a tenth.
            given = await self._given(identity)
            if given is not None:
                return given
        return await self._open(running, identity)

    async def _given(self, identity: Identity) -> Slot | None:
        """The next page of that identity that has been made clean; None when one could not be."""
        waiting: asyncio.Future[Slot | None] = asyncio.get_running_loop().create_future()
        queue = self._waiting.setdefault(identity, deque())
        queue.append(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and (slot := waiting.result()) is not None:
                self._idle.append(slot)
            raise
        finally:
            if waiting in queue:
                queue.remove(waiting)
            if not queue:
                self._waiting.pop(identity, None)

    def _give(self, identity: Identity, slot: Slot | None) -> bool:
        """Hand the page to a visit that waits for one, or tell it that there is none; False when nobody waits."""
        queue = self._waiting.get(identity, ())
        for waiting in queue:
            if not waiting.done():
                waiting.set_result(slot)
                return True
        return False

    async def _open(self, running: RunningBrowser, identity: Identity) -> Slot:
        """A new page; undone when it is cancelled meanwhile."""
        opening = asyncio.get_running_loop().create_task(self._new_page(running, identity))
        try:
            context, page, exclusive = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._drop)
            raise
        return Slot(identity, running, context, page, exclusive=exclusive)

    async def _new_page(self, running: RunningBrowser, identity: Identity) -> tuple[BrowserContext, Page, bool]:
        context = running.shared_context
        if context is not None:
            return context, await context.new_page(), False
        assert running.browser is not None
        if not identity.shared:
            context = await self._new_context(running, identity)
            return context, await context.new_page(), True
        key = (id(running), identity)
        async with self._starting:
            if (context := self._shared.get(key)) is None:
                context = self._shared[key] = await self._new_context(running, identity)
                while len(self._shared) > _MAX_IDLE:
                    self._background(_close_context(self._shared.pop(next(iter(self._shared)))))
        return context, await context.new_page(), False

    async def _new_context(self, running: RunningBrowser, identity: Identity) -> BrowserContext:
        assert running.browser is not None
        context = await running.browser.new_context(**identity.context_options())
        for script in self._config.init_scripts:
            await context.add_init_script(script)
        return context

    def _drop(self, opening: asyncio.Task[tuple[BrowserContext, Page, bool]]) -> None:
        if opening.cancelled() or opening.exception() is not None:
            return
        context, page, exclusive = opening.result()
        self._background(_close_context(context) if exclusive else _close_page(page))

    async def _take_back(self, slot: Slot, keep: bool) -> None:
        """Clean the page for another visit, or close it."""
        try:
            if keep and await self._clean(slot):
                if not self._give(slot.identity, slot):
                    self._idle.append(slot)
                    if len(self._idle) > _MAX_IDLE:
                        await self._discard(self._idle.pop(0))
            else:
                self._give(slot.identity, None)
                await self._discard(slot)
        finally:
            self._lent.discard(slot)
            slot.over.set()
            self._places.release()

    async def _clean(self, slot: Slot) -> bool:
        try:
            return await slot.clean() and slot.running is self._running and not self._closed
        finally:
            self._being_cleaned[slot.identity] -= 1
            if not self._being_cleaned[slot.identity]:
                del self._being_cleaned[slot.identity]

    async def _discard(self, slot: Slot) -> None:
        if not await slot.close() and slot.running.alive:
            logger.warning("the browser does not close its pages any more; it is ended")
            await asyncio.to_thread(slot.running.kill)

    def _worn(self, running: RunningBrowser) -> bool:
        most = self._config.max_pages_before_recycle
        if not most:
            most = _SAVING_PAGES if self._config.memory_saving_mode else _MAX_PAGES
        if not running.owned or running.shared_context is not None:
            return False
        age = asyncio.get_running_loop().time() - running.started_at
        heavy = running.pages_opened % _LOOK_EVERY == 0 and running.processes.rss() > _MAX_RSS
        return running.pages_opened >= most or age > _MAX_AGE or heavy

    def _retire(self, running: RunningBrowser) -> None:
        """Have it end when the visits in it have; new ones go to another."""
        self._running = None
        for key in [key for key in self._shared if key[0] == id(running)]:
            del self._shared[key]
        self._idle.clear()
        self._background(self._end(running))

    async def _end(self, running: RunningBrowser) -> None:
        ended = [slot.over.wait() for slot in self._lent if slot.running is running]
        if ended:
            await asyncio.gather(*ended)
        await running.close()

    def _watch_idleness(self) -> None:
        if self._janitor is not None:
            self._janitor.cancel()
        loop = asyncio.get_running_loop()
        self._janitor = loop.call_later(_IDLE_SECONDS / 4, self._look_after)

    def _look_after(self) -> None:
        """Close what has not been used for a while."""
        running = self._running
        if running is None or self._closed:
            return
        now = asyncio.get_running_loop().time()
        while len(self._idle) > _WARM and now - self._idle[0].idle_since > _IDLE_SECONDS:
            self._background(self._discard(self._idle.pop(0)))
        if not self._lent and now - self._last_use > _REST_SECONDS:
            self._retire(running)
            return
        self._watch_idleness()

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _close_context(context: BrowserContext) -> None:
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        await context.close()


async def _close_page(page: Page) -> None:
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        await page.close()
