"""The pages that stay open between the visits of a session."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.cookies import merge_origins
from nephila.fetch.browser.identity import Identity
from nephila.fetch.browser.pool import BrowserPool
from nephila.fetch.browser.slot import Slot
from nephila.models import JSONValue, Request
from nephila.net.sessions import IDLE_SECONDS, Session

if TYPE_CHECKING:
    from playwright.async_api import Response as PageResponse

logger = logging.getLogger("nephila.browser")

MAX_PAGES: Final = 50
"""Pages of sessions that are open at once; that of the session used longest ago is closed for one more."""

_LOOK_SECONDS: Final = 60.0
_ANSWER_SECONDS: Final = 2.0
"""A page that does not answer for so long is busy with itself and closed."""

_EXPORT_SECONDS: Final = 20.0


class KeptPage:
    """What a session has open.

    Attributes:
        slot: Its page; None before the first visit and after a crash.
        response: The answer the page was made from.
    """

    def __init__(self) -> None:
        self.slot: Slot | None = None
        self.response: PageResponse | None = None
        self.queue = asyncio.Lock()
        self.lock = asyncio.Lock()
        self.users = 0
        self.used = 0.0
        self.ended = False


class BrowserSessions:
    """One page for each session; its visits take turns. Belongs to the event loop it was made on.

    A page is closed when the session is killed or forgotten, or after `idle_seconds`; what it has of cookies and local
    storage is the session's, so that another can go on.

    Args:
        pool: Where pages come from.
        idle_seconds: After which a page nobody has used is closed.
        limit: See `MAX_PAGES`.
    """

    def __init__(self, pool: BrowserPool, idle_seconds: float = IDLE_SECONDS, limit: int = MAX_PAGES) -> None:
        self._pool = pool
        self._idle_seconds = idle_seconds
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._kept: dict[Session, KeptPage] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def open_pages(self) -> int:
        """Pages that are open."""
        return sum(kept.slot is not None for kept in self._kept.values())

    @contextlib.asynccontextmanager
    async def turn(self, session: Session | None) -> AsyncIterator[None]:
        """Wait until no other visit of the session is going on."""
        if session is None:
            yield
            return
        async with self._use(session) as kept, kept.queue:
            yield

    @contextlib.asynccontextmanager
    async def lend(self, session: Session, request: Request, identity: Identity) -> AsyncIterator[KeptPage]:
        """The session's page for one visit, opened when there is none.

        Raises:
            FetchError: The browser cannot be started, or there is no page though `js_only` needs one.
        """
        async with self._use(session) as kept, kept.lock:
            slot = kept.slot = await self._page(kept, request, identity)
            well = False
            try:
                yield kept
                well = True
            except FetchError:
                well = True
                raise
            finally:
                if not well or slot.crashed.done() or not slot.running.alive:
                    self._drop(kept)
            if slot.marked and not await _answers(slot):
                self._drop(kept)

    async def origins(self, session: Session) -> list[JSONValue]:
        """Local storage and databases by origin, as they are now."""
        from playwright.async_api import Error

        origins = list(session.origins)
        kept = self._kept.get(session)
        if kept is None or kept.slot is None:
            return origins
        async with kept.lock:
            try:
                async with asyncio.timeout(_EXPORT_SECONDS):
                    state = await kept.slot.context.storage_state(indexed_db=True)
            except (Error, TimeoutError) as error:
                raise FetchError(ErrorCode.BROWSER, "The page of the session does not answer.") from error
        merge_origins(origins, [dict(origin) for origin in state.get("origins", [])])  # type: ignore[arg-type]
        session.origins[:] = origins
        return origins

    def close(self) -> None:
        """Forget everything; the pages end with the browser."""
        if self._timer is not None:
            self._timer.cancel()
        for kept in self._kept.values():
            kept.ended = True
            self._drop(kept)
        self._kept.clear()

    @contextlib.asynccontextmanager
    async def _use(self, session: Session) -> AsyncIterator[KeptPage]:
        kept = self._kept.pop(session, None)
        if kept is None:
            kept = KeptPage()
            session.ending.append(functools.partial(self._end_from_anywhere, session))
        # At the end: the first one is always the one that was used longest ago.
        self._kept[session] = kept
        kept.users += 1
        self._make_room()
        try:
            yield kept
        finally:
            kept.users -= 1
            kept.used = self._loop.time()
            if kept.ended and not kept.users:
                self._drop(kept)
            elif self._timer is None and kept.slot is not None:
                self._timer = self._loop.call_later(min(_LOOK_SECONDS, self._idle_seconds), self._look_after)

    async def _page(self, kept: KeptPage, request: Request, identity: Identity) -> Slot:
        slot = kept.slot
        js_only = request.config is not None and request.config.js_only
        if slot is not None and slot.running.alive and not slot.crashed.done():
            if slot.identity.same_client(identity) or js_only:
                return slot
        elif js_only:
            self._drop(kept)
            name = request.session.session_id if request.session is not None else ""
            message = f"The session {name!r} has no open page to run scripts on (js_only): visit one without it first."
            raise FetchError(ErrorCode.BROWSER, message)
        self._drop(kept)
        return await self._pool.keep(identity)

    def _drop(self, kept: KeptPage) -> None:
        if kept.slot is not None:
            self._pool.release(kept.slot)
        kept.slot = kept.response = None

    def _make_room(self) -> None:
        unused = [kept for kept in self._kept.values() if kept.slot is not None and not kept.users]
        for kept in unused[: max(0, self.open_pages + 1 - self._limit)]:
            self._drop(kept)

    def _end_from_anywhere(self, session: Session) -> None:
        with contextlib.suppress(RuntimeError):
            # The loop may have ended, and everything on it.
            self._loop.call_soon_threadsafe(self._end, session)

    def _end(self, session: Session) -> None:
        kept = self._kept.pop(session, None)
        if kept is not None:
            kept.ended = True
            if not kept.users:
                self._drop(kept)

    def _look_after(self) -> None:
        """Close the pages nobody has used for long."""
        self._timer = None
        oldest = self._loop.time() - self._idle_seconds
        for session, kept in list(self._kept.items()):
            if not kept.users and kept.used <= oldest:
                self._drop(kept)
                del self._kept[session]
        if self._kept:
            self._timer = self._loop.call_later(min(_LOOK_SECONDS, self._idle_seconds), self._look_after)


async def _answers(slot: Slot) -> bool:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await slot.page.evaluate("0")
    except (Error, TimeoutError):
        return False
    return True
