"""What whoever schedules visits and a single visit tell each other about one attempt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from nephila.errors import ErrorCode, NephilaError


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a fetch ended.

    Attributes:
        status: Of the final answer; None when there was none.
        error: What failed; None when nothing did.
        retry_after: The `Retry-After` header of the final answer.
        of_the_moment: Whether the failure may be gone a moment later.
        repeatable: Whether the request may be sent again (its method is idempotent).
        max_retries: How often the caller's config wants a failure of the moment repeated.
    """

    status: int | None
    error: ErrorCode | None = None
    retry_after: str | None = None
    of_the_moment: bool = False
    repeatable: bool = True
    max_retries: int = 0


class PostponedError(NephilaError):
    """The visit would have to wait for too long: nothing was sent, the URL goes back to its queue."""


class Attempt(Protocol):
    """One attempt at a URL, as the scheduler sees it; a visit without one paces and repeats nothing but by itself."""

    async def before_send(self, url: str) -> None:
        """Wait until the request may leave; called with a connection at hand, for every hop of a redirect chain.

        Raises:
            PostponedError: It may not, for longer than a visit can wait; the visit is over.
        """
        ...

    def sent(self, url: str) -> None:
        """Told that a request left on the visit's behalf that is not the visit's own, such as one for robots.txt."""
        ...

    def crawl_delay(self, url: str, seconds: float) -> None:
        """Told how far apart the URL's host wants requests to be; 0 when it does not say."""
        ...

    def postpone_until(self, url: str, event: asyncio.Future[None]) -> None:
        """The visit can only go on after `event`: it goes back to its queue until then.

        Raises:
            PostponedError: Always; the visit is over.
        """
        ...

    def spared(self) -> None:
        """Told, instead of `settle`, that nothing had to be fetched: the host was not asked, and owes no pause."""
        ...

    def settle(self, fetched: Fetched) -> bool:
        """Told how the fetch ended; returns whether the URL will be visited again, so that this visit is over."""
        ...
