"""The built-in dispatchers: a fixed number of slots, or as many as memory allows."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

from nephila.dispatch.base import BaseDispatcher, Visit
from nephila.dispatch.job import Job
from nephila.dispatch.memory import MemoryGauge, process_tree_megabytes
from nephila.dispatch.observer import RunMonitor, RunObserver
from nephila.dispatch.permits import Permits
from nephila.dispatch.rate_limiter import RateLimiter
from nephila.dispatch.run import Run
from nephila.errors import ConfigError, MemoryPressureError
from nephila.result import CrawlResult

logger = logging.getLogger("nephila.dispatch")


_STOP_AT_MOST = 1.0
"""Seconds that cancelled visits are waited for."""


class _SlotDispatcher(BaseDispatcher):
    """Runs that share a number of permits and the pace of each host."""

    check_interval = 1.0

    def __init__(
        self, permits: int, fairness_timeout: float, rate_limiter: RateLimiter | None, monitor: RunMonitor | None
    ) -> None:
        super().__init__(rate_limiter, monitor)
        self._permits = Permits(permits)
        self._fairness_timeout = fairness_timeout

    def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        """Visit every job and yield the results as they are finished."""
        return self._results(jobs, visit)

    def run_watched(
        self,
        jobs: AsyncIterator[Job],
        visit: Visit,
        observers: Sequence[RunObserver] = (),
        total: int | None = None,
    ) -> AsyncGenerator[CrawlResult, None]:
        """The same as `run`, with the observers and the monitor told of every step."""
        if type(self).run is not _SlotDispatcher.run:
            # A subclass with a `run` of its own is to be run by that, and can only be watched from outside.
            return super().run_watched(jobs, visit, observers, total)
        return self._results(jobs, visit, lambda: self._watchers(observers, total))

    async def _results(
        self, jobs: AsyncIterator[Job], visit: Visit, watchers: Callable[[], Sequence[RunObserver]] = tuple
    ) -> AsyncGenerator[CrawlResult, None]:
        run = Run(jobs, visit, self._permits, self.rate_limiter, self._fairness_timeout, watchers())
        supervisor = asyncio.create_task(self._supervise(run))
        try:
            while (result := await run.next_result()) is not None:
                yield result
            await supervisor
            if run.failure is not None:
                raise run.failure
        finally:
            supervisor.cancel()
            # The caller's own code may hold a visit for longer than anybody wants to wait.
            await asyncio.wait([supervisor], timeout=_STOP_AT_MOST)
            run.end()

    async def _supervise(self, run: Run) -> None:
        watcher = asyncio.create_task(self._watch_memory(run))
        try:
            await run.supervise()
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    async def _watch_memory(self, run: Run) -> None:
        # Memory has no event to wait for: looking now and then is the only way.
        while not await self._look_at_memory(run):  # noqa: ASYNC110
            await asyncio.sleep(self.check_interval)

    async def _look_at_memory(self, run: Run) -> bool:
        """Note what is in use; returns whether the run has ended by it."""
        run.note_memory(await asyncio.to_thread(process_tree_megabytes))
        return False


class SemaphoreDispatcher(_SlotDispatcher):
    """A fixed number of visits at once.

    Args:
        semaphore_count: Visits at once.
        max_session_permit: An upper bound for `semaphore_count`.
        rate_limiter: The pace of each host; None means no pause.
        monitor: A `CrawlerMonitor`, which shows or logs how runs go; None means neither.
    """

    def __init__(
        self,
        semaphore_count: int = 5,
        max_session_permit: int = 20,
        rate_limiter: RateLimiter | None = None,
        monitor: RunMonitor | None = None,
    ) -> None:
        _require_positive(semaphore_count=semaphore_count, max_session_permit=max_session_permit)
        self.semaphore_count = semaphore_count
        self.max_session_permit = max_session_permit
        super().__init__(min(semaphore_count, max_session_permit), float("inf"), rate_limiter, monitor)


class MemoryAdaptiveDispatcher(_SlotDispatcher):
    """As many visits at once as memory allows, up to `max_session_permit`.

    Above `memory_threshold_percent` the number of visits at once is lowered by a quarter at every check; above
    `critical_threshold_percent` to one, so that the run always goes on, and what is garbage or idle is given back (a
    reading worker ends when it has had nothing to do for 10 seconds); below `recovery_threshold_percent` it is
    raised again by half. Percentages are of the container's memory limit, or the machine's memory without one.

    Args:
        memory_threshold_percent: Percent of memory in use above which fewer visits are made at once.
        critical_threshold_percent: Percent above which one visit at a time is made.
        recovery_threshold_percent: Percent below which more visits are made again.
        check_interval: Seconds between looks at memory.
        max_session_permit: Visits at once at most.
        fairness_timeout: Seconds after which a waiting URL goes before all others that may go.
        memory_wait_timeout: Seconds of critical memory after which the run ends with `MemoryPressureError`;
            None means never.
        rate_limiter: The pace of each host; None means no pause.
        monitor: A `CrawlerMonitor`, which shows or logs how runs go; None means neither.
    """

    def __init__(
        self,
        memory_threshold_percent: float = 90.0,
        critical_threshold_percent: float = 95.0,
        recovery_threshold_percent: float = 85.0,
        check_interval: float = 1.0,
        max_session_permit: int = 20,
        fairness_timeout: float = 600.0,
        memory_wait_timeout: float | None = 600.0,
        rate_limiter: RateLimiter | None = None,
        monitor: RunMonitor | None = None,
    ) -> None:
        _require_positive(max_session_permit=max_session_permit, check_interval=check_interval)
        self.memory_threshold_percent = memory_threshold_percent
        # Someone who only lowers the threshold means the other two to stay in order.
        self.critical_threshold_percent = max(critical_threshold_percent, memory_threshold_percent)
        self.recovery_threshold_percent = min(recovery_threshold_percent, memory_threshold_percent)
        self.check_interval = check_interval
        self.max_session_permit = max_session_permit
        self.fairness_timeout = fairness_timeout
        self.memory_wait_timeout = memory_wait_timeout
        self._gauge = MemoryGauge()
        self._critical_since: float | None = None
        self._last_look = float("-inf")
        super().__init__(max_session_permit, fairness_timeout, rate_limiter, monitor)

    async def _look_at_memory(self, run: Run) -> bool:
        await super()._look_at_memory(run)
        now = asyncio.get_running_loop().time()
        self._look(self._gauge.percent(), now)
        if self._critical_since is None or self.memory_wait_timeout is None:
            return False
        critical_for = now - self._critical_since
        if critical_for < self.memory_wait_timeout:
            return False
        message = (
            f"Memory has been above {self.critical_threshold_percent:g} % for {critical_for:.0f} s "
            "(memory_wait_timeout). Lower max_session_permit or give the process more memory."
        )
        run.fail(MemoryPressureError(message))
        return True

    def _look(self, percent: float, now: float) -> None:
        """Set the number of permits by what is in use; runs that share the dispatcher look once, not each."""
        if now - self._last_look < self.check_interval / 2:
            return
        self._last_look = now
        permits = self._permits
        if percent >= self.critical_threshold_percent:
            if self._critical_since is None:
                self._critical_since = now
                gc.collect()
            limit = 1
        else:
            self._critical_since = None
            if percent >= self.memory_threshold_percent:
                limit = permits.limit - max(1, permits.limit // 4)
            elif percent <= self.recovery_threshold_percent:
                limit = min(self.max_session_permit, permits.limit + max(1, permits.limit // 2))
            else:
                return
        if max(1, limit) != permits.limit:
            logger.debug("memory at %.0f %%: %d visits at once", percent, max(1, limit))
            permits.limit = limit


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if value <= 0:
            raise ConfigError(f"{name} has to be above 0, not {value!r}.")
