"""What visits share on one event loop: fetchers and reading workers, opened when needed, closed together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from nephila.errors import CrawlerClosedError
from nephila.extract.pool import ReaderPool
from nephila.fetch.base import Fetcher
from nephila.fetch.local import LocalFetcher
from nephila.fetch.robots import RobotsRules
from nephila.net.url import is_raw
from nephila.options import BrowserConfig
from nephila.termination import Termination

if TYPE_CHECKING:
    from nephila.fetch.browser.fetcher import BrowserFetcher
    from nephila.plan import VisitPlan
    from nephila.store.page_cache import PageCache

_GRACE = 0.5
"""Seconds that closing waits for what it has cancelled; the caller's own code may hold a visit for longer."""


class Rooms:
    """The fetchers and the reading workers of one event loop; has to be made on it.

    Args:
        browser_config: What the browser is like, if one is ever needed.

    Whoever forgets to close them has them closed when the loop ends (`loop.shutdown_asyncgens`, which `asyncio.run`
    calls).

    Args:
        base_directory: Where the page cache is; None means the user's cache folder.

    Attributes:
        readers: The reading workers.
        robots: What sites say in their robots.txt.
        terminated: Whether SIGTERM came during a run.
    """

    def __init__(
        self, base_directory: str | os.PathLike[str] | None = None, browser_config: BrowserConfig | None = None
    ) -> None:
        self._base_directory = base_directory
        self._browser_config = browser_config
        self._browser: BrowserFetcher | None = None
        self._cache: PageCache | None = None
        self.readers = ReaderPool()
        self.robots = RobotsRules(self.fetcher_for)
        self._local = LocalFetcher()
        self._http: Fetcher | None = None
        self._browsers: dict[str, Fetcher] = {}
        self._scopes: set[asyncio.Timeout] = set()
        self._all_left = asyncio.Event()
        self._runs: dict[Callable[[], Awaitable[None]], Callable[[], None]] = {}
        self._termination: Termination | None = None
        self.terminated = False
        self._closing: asyncio.Task[None] | None = None
        self._guard: AsyncGenerator[None, None] = _closed_with_the_loop(self)
        with contextlib.suppress(StopIteration):
            # Up to its `yield`, which makes it known to the loop.
            self._guard.asend(None).send(None)

    @property
    def closed(self) -> bool:
        """Whether nothing may begin any more."""
        return self._closing is not None

    def fetcher_for(self, url: str, impersonate: str | None = None) -> Fetcher:
        """The fetcher for an admitted URL that is not rendered.

        Args:
            url: The URL.
            impersonate: The browser to be taken for; None means none.

        Raises:
            CrawlerClosedError: The rooms are closed.
        """
        if self.closed:
            raise _closed_error()
        if is_raw(url) or url.startswith("file:"):
            return self._local
        if impersonate is not None:
            if impersonate not in self._browsers:
                from nephila.fetch.impersonating import ImpersonatingFetcher

                self._browsers[impersonate] = ImpersonatingFetcher(impersonate)
            return self._browsers[impersonate]
        if self._http is None:
            # Imported here: local input needs no HTTP client, which takes longer to load than all the rest.
            from nephila.fetch.http import HttpFetcher

            self._http = HttpFetcher()
        return self._http

    def page_cache(self) -> PageCache:
        """The page cache; its file is not opened before it is asked for a page.

        Raises:
            CrawlerClosedError: The rooms are closed.
        """
        if self.closed:
            raise _closed_error()
        if self._cache is None:
            # Imported here: most crawls have no cache.
            from nephila.store.location import cache_path
            from nephila.store.page_cache import PageCache

            self._cache = PageCache(cache_path(self._base_directory))
        return self._cache

    def browser(self) -> BrowserFetcher:
        """The fetcher that renders; the browser itself is started at its first visit.

        Raises:
            CrawlerClosedError: The rooms are closed.
        """
        if self.closed:
            raise _closed_error()
        if self._browser is None:
            from nephila.fetch.browser.fetcher import BrowserFetcher

            self._browser = BrowserFetcher(self._browser_config or BrowserConfig())
        return self._browser

    @contextlib.asynccontextmanager
    async def turn(self, url: str, plan: VisitPlan) -> AsyncIterator[Fetcher]:
        """The fetcher for an admitted URL, once it has room for one more visit; the deadline is set within.

        Raises:
            CrawlerClosedError: The rooms are closed.
        """
        if plan.renders(url):
            browser = self.browser()
            async with browser.turn():
                yield browser
        else:
            yield self.fetcher_for(url, plan.impersonate)

    @contextlib.asynccontextmanager
    async def until_closed(self) -> AsyncIterator[None]:
        """A stretch of work that ends with an error as soon as the rooms are closed.

        Raises:
            CrawlerClosedError: The rooms are closed, or were while the work was going on.
        """
        if self.closed:
            raise _closed_error()
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._scopes.add(scope)
                try:
                    yield
                finally:
                    self._scopes.discard(scope)
                    if not self._scopes:
                        self._all_left.set()
        except TimeoutError:
            if scope.expired():
                raise _closed_error() from None
            raise

    def add_run(self, end: Callable[[], Awaitable[None]], terminate: Callable[[], None]) -> None:
        """Have `end` called by `close`, and `terminate` by SIGTERM, until `remove_run`."""
        self._runs[end] = terminate
        if self._termination is None:
            self._termination = Termination(self._terminate)

    def remove_run(self, end: Callable[[], Awaitable[None]]) -> None:
        """The run has ended."""
        self._runs.pop(end, None)
        if not self._runs and self._termination is not None:
            self._termination.forget()
            self._termination = None

    async def close(self) -> None:
        """Close everything; safe to call twice, and complete even when the caller is cancelled meanwhile."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    def _terminate(self) -> None:
        self.terminated = True
        if not self._runs:
            # The last run has ended since the signal came; it is still there to be answered.
            signal.raise_signal(signal.SIGTERM)
        for terminate in list(self._runs.values()):
            terminate()

    async def _close(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._scopes:
            self._all_left.clear()
            for scope in self._scopes:
                scope.reschedule(now)
            await _finished(self._all_left.wait())
        # A run gives its handlers a few seconds at most; whoever takes its results is told what goes wrong.
        await asyncio.gather(*(end() for end in list(self._runs)), return_exceptions=True)
        await self.robots.close()
        opened = (self._http, self._browser, *self._browsers.values())
        self._http, self._browser, self._browsers = None, None, {}
        fetchers = [fetcher for fetcher in opened if fetcher is not None]
        try:
            await self.readers.close()
        finally:
            for fetcher in fetchers:
                await fetcher.close()
            if self._cache is not None:
                await self._cache.close()
            with contextlib.suppress(RuntimeError):
                # Refused when it is the guard, and so the loop, that closes.
                await self._guard.aclose()


async def _finished(work: Awaitable[object]) -> None:
    """Wait for it, but not for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            await work


async def _closed_with_the_loop(rooms: Rooms) -> AsyncGenerator[None, None]:
    """Ended by the loop when it shuts down, if not before."""
    try:
        yield
    finally:
        if not rooms.closed:
            await rooms.close()


def _closed_error() -> CrawlerClosedError:
    return CrawlerClosedError("The crawler was closed before the visit had ended.")
