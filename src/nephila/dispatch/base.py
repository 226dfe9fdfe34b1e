"""What a dispatcher is. Write your own by giving `run`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeAlias

from nephila.dispatch.job import Job
from nephila.dispatch.observer import RunMonitor, RunObserver
from nephila.dispatch.rate_limiter import RateLimiter
from nephila.dispatch.watching import OutsideWatch
from nephila.errors import ConfigError
from nephila.result import CrawlResult

Visit: TypeAlias = Callable[[Job], Awaitable[CrawlResult]]
"""Visits the URL of a job once. Never raises but for cancellation: failures are results."""


class BaseDispatcher(ABC):
    """Decides when and how many URLs are visited, not what a visit does.

    A dispatcher of your own needs one method, `run`. It may read ahead in `jobs` as far as it likes, visit in any
    order and more than once, but yields exactly one result for each job; when it is closed early (`aclose`) it
    cancels what is under way before it returns. A result comes from the visit with a `dispatch_result` that holds
    the job's position; a dispatcher that sets one itself keeps the position.

    Args:
        rate_limiter: The pace of each host; None means no pause between requests to one host.
        monitor: A `CrawlerMonitor`, which is told of every run; None means that nobody looks on.
    """

    monitor: RunMonitor | None = None

    def __init__(self, rate_limiter: RateLimiter | None = None, monitor: RunMonitor | None = None) -> None:
        if monitor is not None and not isinstance(monitor, RunMonitor):
            raise ConfigError(f"monitor is a CrawlerMonitor, not a {type(monitor).__name__}.")
        self.rate_limiter = rate_limiter
        self.monitor = monitor

    @abstractmethod
    def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        """Visit every job and yield the results as they are finished."""

    def run_watched(
        self,
        jobs: AsyncIterator[Job],
        visit: Visit,
        observers: Sequence[RunObserver] = (),
        total: int | None = None,
    ) -> AsyncGenerator[CrawlResult, None]:
        """The same as `run`, with the observers and the monitor told of every step; this is what crawlers call.

        Whatever can be seen from outside of `run` is told; there is no need to give a method of your own.

        Args:
            jobs: The URLs.
            visit: Visits one.
            observers: Who is told, besides the monitor.
            total: Length of the input; None when it is not known.
        """
        return OutsideWatch(lambda: self._watchers(observers, total)).results(self.run, jobs, visit)

    def _watchers(self, observers: Sequence[RunObserver], total: int | None) -> tuple[RunObserver, ...]:
        return (*observers, self.monitor.begin_run(total)) if self.monitor is not None else tuple(observers)
