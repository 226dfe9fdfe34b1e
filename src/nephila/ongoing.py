"""One run of `arun_many`, from its first URL to its end, whichever way it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Final

from nephila.dispatch.job import Job
from nephila.errors import CrawlerClosedError
from nephila.handlers import Handlers
from nephila.ledger import Ledger
from nephila.result import CrawlResult
from nephila.rooms import Rooms

logger = logging.getLogger("nephila.run")

CLOSED: Final = "The crawler was closed before the URL was visited."
DEADLINE_PASSED: Final = "The run's deadline passed (run_timeout) before the URL was visited."

_STOP_AT_MOST = 1.0
"""Seconds that cancelled visits are waited for; the caller's own code may hold one for longer."""

_GIVE_AT_MOST = 3.0
"""Seconds that handlers of a run that was cut short have for the results that were finished by then."""

_CLOSE_AT_MOST = 1.0
"""Seconds that sinks of a run that was cut short have to close after that."""


class OngoingRun:
    """The results of a dispatcher on their way to handlers and the caller; may be cut short at any time.

    However the run ends, by `end`: the visits under way are cancelled, what was finished goes to the handlers, and
    the sinks are closed. When it is the crawler's end or the deadline that cuts it short, rather than the caller,
    every URL that was taken from the input gets a result, in `rest`.

    Args:
        results: The dispatcher's.
        jobs: Its input, as jobs.
        ledger: The jobs that are taken.
        handlers: Are given every result before the caller; not opened yet.
        rooms: Where the visits take place.
        take_rest: Takes what is left of an input whose end is known; called when the run is cut short.
    """

    def __init__(
        self,
        results: AsyncGenerator[CrawlResult, None],
        jobs: AsyncGenerator[Job, None],
        ledger: Ledger,
        handlers: Handlers,
        rooms: Rooms,
        take_rest: Callable[[], None],
    ) -> None:
        self.rest: list[CrawlResult] = []
        self._results = results
        self._jobs = jobs
        self._ledger = ledger
        self._handlers = handlers
        self._rooms = rooms
        self._take_rest = take_rest
        self._scope: asyncio.Timeout | None = None
        self._left = asyncio.Event()
        self._left.set()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline_passed = False
        self._consumer: asyncio.Task[object] | None = None
        self._complete = False
        self._out_of_time = False
        self._ending: asyncio.Task[None] | None = None

    async def begin(self, run_timeout: float | None) -> None:
        """Open the sinks and start the clock.

        Raises:
            ConfigError: A sink could not be opened.
        """
        await self._handlers.open()
        self._rooms.add_run(self.end, self._terminate)
        if run_timeout is not None:
            self._timer = asyncio.get_running_loop().call_later(run_timeout, self._pass_deadline)

    async def next_result(self) -> CrawlResult | None:
        """The next result; None when there are no more, or none but those in `rest`."""
        if self._ending is not None or self._deadline_passed:
            return None
        self._consumer = asyncio.current_task()
        try:
            result = await self._next_of_dispatcher()
        except CrawlerClosedError:
            return None
        if result is None:
            self._complete = not self._deadline_passed
            return None
        # From here on it is the handlers': they have it even when the caller is cancelled meanwhile.
        self._ledger.hand_over(result)
        await self._handlers.give(result)
        return result

    async def end(self) -> None:
        """End the run, if it has not ended; complete even when the one who waits for it is cancelled."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())
        await asyncio.shield(self._ending)

    async def _next_of_dispatcher(self) -> CrawlResult | None:
        self._left.clear()
        try:
            async with self._rooms.until_closed(), asyncio.timeout(None) as self._scope:
                return await anext(self._results, None)
        except TimeoutError:
            if self._scope is not None and self._scope.expired():
                return None
            raise
        finally:
            self._scope = None
            self._left.set()

    def _pass_deadline(self) -> None:
        self._deadline_passed = True
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())
        elif self._ending is None:
            # The caller is busy with a result; the visits under way do not wait for that.
            self._ending = asyncio.get_running_loop().create_task(self._end())

    def _terminate(self) -> None:
        """Cancel whoever takes the results, so that all of the program ends in order."""
        if self._consumer is not None:
            self._consumer.cancel()

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self._stop()
            left = self._ledger.finished()
            reason = CLOSED if self._rooms.closed else DEADLINE_PASSED if self._deadline_passed else None
            if reason is not None and not self._complete:
                self._take_rest()
                left += self._ledger.unfinished(reason)
                self.rest = left
            await self._give(left)
        finally:
            await self._close_sinks()
            self._rooms.remove_run(self.end)

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(_STOP_AT_MOST):
                await self._left.wait()
                await self._results.aclose()
        except TimeoutError:
            logger.warning("a visit did not end within %.0f s after it was cancelled", _STOP_AT_MOST)
        await self._jobs.aclose()

    async def _give(self, left: list[CrawlResult]) -> None:
        """Give what was finished to the handlers, and let them finish."""
        if self._complete:
            return
        giving = asyncio.get_running_loop().create_task(self._give_each(left))
        if not await _done_within(giving, _GIVE_AT_MOST):
            self._out_of_time = True
            giving.cancel()
            self._handlers.interrupt()
            await _done_within(giving, _CLOSE_AT_MOST)
            logger.warning("handlers were not done %.0f s after the run was cut short", _GIVE_AT_MOST)

    async def _give_each(self, left: list[CrawlResult]) -> None:
        await self._handlers.settle()
        for result in left:
            try:
                await self._handlers.give(result)
            except asyncio.CancelledError:
                # A loop that shuts down cancels all there is; the rest still goes to the handlers.
                if self._out_of_time:
                    raise

    async def _close_sinks(self) -> None:
        try:
            async with asyncio.timeout(None if self._complete else _CLOSE_AT_MOST):
                await self._handlers.close()
        except TimeoutError:
            logger.warning("a sink was not closed %.0f s after the run was cut short", _CLOSE_AT_MOST)


async def _done_within(task: asyncio.Task[None], seconds: float) -> bool:
    """Wait for a task even when a loop that shuts down cancels whoever waits; returns whether it is done."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not task.done() and loop.time() < end:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([task], timeout=end - loop.time())
    return task.done()
