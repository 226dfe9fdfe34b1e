"""What a dispatcher is. Write your own by giving `run`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from nephila.dispatch.job import Job
from nephila.dispatch.rate_limiter import RateLimiter
from nephila.errors import UnsupportedOptionError
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
        monitor: Not built in this version.
    """

    def __init__(self, rate_limiter: RateLimiter | None = None, monitor: object | None = None) -> None:
        if monitor is not None:
            raise UnsupportedOptionError("monitor: the live view is not built in this version; leave it out.")
        self.rate_limiter = rate_limiter

    @abstractmethod
    def run(self, jobs: AsyncIterator[Job], visit: Visit) -> AsyncGenerator[CrawlResult, None]:
        """Visit every job and yield the results as they are finished."""
