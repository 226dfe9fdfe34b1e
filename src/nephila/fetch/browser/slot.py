"""A page and the context it is in, lent to one visit at a time and made clean between two."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from nephila.fetch.browser.identity import Identity
from nephila.fetch.browser.launch import RunningBrowser
from nephila.net.url import origin_of

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Dialog, Frame, Page

logger = logging.getLogger("nephila.browser")

_MAX_VISITS: Final = 100
"""Visits after which a page is given up, so that what its process has gathered is freed."""

_MAX_AGE: Final = 900.0
"""Seconds."""

_CLEAN_SECONDS: Final = 20.0
_CLOSE_SECONDS: Final = 10.0


class Slot:
    """A page with its context.

    Attributes:
        identity: What the context was made for.
        running: The browser it is in.
        exclusive: Whether the context is the page's own; a shared one stays when the page goes.
        marked: Set by whoever leaves something on the page or its context that another visit must not see: a route,
            an init script, an emulation. Such a page is not lent again.
        over: Set while no visit has the page.
        crashed: Done when the page's process has ended by itself.
        idle_since: Time on the event loop's clock.
    """

    def __init__(
        self, identity: Identity, running: RunningBrowser, context: BrowserContext, page: Page, *, exclusive: bool
    ) -> None:
        self.identity = identity
        self.running = running
        self.context = context
        self.page = page
        self.exclusive = exclusive
        self.marked = not exclusive
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.over = asyncio.Event()
        self.idle_since = self._born = asyncio.get_running_loop().time()
        self._visits = 0
        self._cdp: CDPSession | None = None
        self._origins: set[str] = set()
        self._cached: set[str] = set()
        self._popups: set[asyncio.Task[None]] = set()
        self.popup_urls: list[str] = []
        page.on("crash", lambda _: self._on_crash())
        page.on("dialog", self._on_dialog)
        page.on("popup", self._on_popup)
        page.on("framenavigated", self._on_navigated)

    async def cdp(self) -> CDPSession:
        """The page's session of the DevTools Protocol; Chromium only."""
        if self._cdp is None:
            self._cdp = await self.context.new_cdp_session(self.page)
        return self._cdp

    async def begin(self, url: str) -> None:
        """Make ready for a visit to `url`."""
        self._visits += 1
        self._origins.clear()
        self.popup_urls.clear()
        if url in self._cached:
            # The visit is to see the page as it is now, not as another visit saw it.
            await (await self.cdp()).send("Network.clearBrowserCache")
            self._cached.clear()
        self._cached.add(url)

    def seen(self, url: str) -> None:
        """A document came from `url`; it may be in the cache."""
        self._cached.add(url)

    def reusable(self) -> bool:
        """Whether the page can be made as good as new: everything it can have kept is of one origin."""
        age = asyncio.get_running_loop().time() - self._born
        return (
            not self.marked
            and self.running.alive
            and not self.crashed.done()
            and len(self._origins) <= 1
            # What the next visit is to begin with may have been changed.
            and not self._origins & self.identity.given_origins
            and not self.popup_urls
            and self._visits < _MAX_VISITS
            and age < _MAX_AGE
        )

    async def clean(self) -> bool:
        """Remove what the visit has left: cookies, storage, history, the page itself; False when that failed.

        Scripts are stopped first, so that nothing is written again while it is being removed.
        """
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(_CLEAN_SECONDS):
                await self._clean(await self.cdp())
        except (Error, TimeoutError) as error:
            logger.debug("a page could not be cleaned: %s", error)
            return False
        self._origins.clear()
        self.idle_since = asyncio.get_running_loop().time()
        return not self.popup_urls

    async def _clean(self, cdp: CDPSession) -> None:
        origin = next(iter(self._origins), None)
        # Several at once: they are done in this order, and waiting for each would take most of the time.
        outcomes: list[Any] = await asyncio.gather(
            cdp.send("Emulation.setScriptExecutionDisabled", {"value": True}),
            cdp.send("Network.getAllCookies"),
            cdp.send("DOMStorage.clear", {"storageId": {"securityOrigin": origin or "", "isLocalStorage": False}}),
            return_exceptions=True,
        )
        _, found, storage = outcomes
        if isinstance(found, BaseException):
            raise found
        if isinstance(storage, BaseException) and origin is not None:
            # A page in a sandbox has no storage; it is not worth finding out whether it was that.
            raise storage
        await self.page.goto("about:blank")
        work = [
            cdp.send("Runtime.evaluate", {"expression": "window.name = ''"}),
            cdp.send("Page.resetNavigationHistory"),
        ]
        if found["cookies"]:
            # What was sent for those cookies may be in the cache.
            work += [cdp.send("Network.clearBrowserCookies"), cdp.send("Network.clearBrowserCache")]
            self._cached.clear()
        if origin is not None:
            work.append(cdp.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"}))
        await asyncio.gather(*work, cdp.send("Emulation.setScriptExecutionDisabled", {"value": False}))

    async def close(self) -> bool:
        """Close the page, and the context if it is its own; False when the browser does not answer."""
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await (self.context.close() if self.exclusive else self.page.close())
        except TimeoutError:
            return False
        except Error:
            # It was closed already, or its browser has gone.
            return True
        return True

    def _on_crash(self) -> None:
        if not self.crashed.done():
            self.crashed.set_result(None)

    def _on_navigated(self, frame: Frame) -> None:
        origin = origin_of(frame.url)
        if origin != "null":
            self._origins.add(origin)

    def _on_popup(self, popup: Page) -> None:
        self.popup_urls.append(popup.url)
        self.in_background(_close_popup(popup))

    def _on_dialog(self, dialog: Dialog) -> None:
        self.in_background(_dismiss(dialog))

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it without waiting for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._popups.add(task)
        task.add_done_callback(self._popups.discard)


async def _close_popup(popup: Page) -> None:
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        await popup.close()


async def _dismiss(dialog: Dialog) -> None:
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        # A page that asks whether it may be left, may be.
        await (dialog.accept() if dialog.type == "beforeunload" else dialog.dismiss())
