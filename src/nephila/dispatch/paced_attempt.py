"""One attempt at a URL whose host has a pace: when its request leaves, and whether there will be another."""

from __future__ import annotations

import asyncio
import random
from http import HTTPStatus

from nephila.attempt import Fetched, PostponedError
from nephila.dispatch.job import Job
from nephila.dispatch.rate_limiter import RateLimiter, host_key
from nephila.dispatch.retry_after import retry_after_seconds
from nephila.errors import ErrorCode
from nephila.judge import RETRY_ERRORS, RETRY_STATUSES
from nephila.result import CrawlResult

_FIRST_REST = 1.0
"""Seconds the first retry rests at most; doubled with every retry."""

_MAX_HOLDS = 10
"""How often one URL is held back by `Retry-After`, which does not count as a retry."""

_DOUBLINGS = 30
"""More would only make large numbers."""


class PacedAttempt:
    """One attempt of a job; see `nephila.attempt.Attempt`.

    Attributes:
        reason: Why there will be another attempt; empty when there will not.
        rest: Seconds before it goes back to its host's queue.
        postponed: Whether it was no attempt in the end: nothing was sent, and there will be another.
    """

    __slots__ = ("_began", "_job", "_limiter", "_sent", "_settled", "postponed", "reason", "rest")

    def __init__(self, limiter: RateLimiter, job: Job, began: float) -> None:
        self._limiter = limiter
        self._job = job
        self._began = began
        self._sent = False
        self._settled = False
        self.postponed = False
        self.reason = ""
        self.rest = 0.0

    async def before_send(self, url: str) -> None:
        """Let the request leave no sooner than its host allows.

        A redirect is part of its visit, so it is followed at once unless a robots.txt asks for more; the next visit to
        its host has to wait from it.
        """
        if self._sent:
            await self._limiter.before_hop(host_key(url))
            return
        self._sent = True
        sent_at = await self._limiter.before_send(self._job.host)
        if sent_at is None:
            self._postpone("the host asked for a pause")
        else:
            self._began = sent_at

    def sent(self, url: str) -> None:
        """Count a request that is not the visit's own; the next to its host has to wait from it."""
        self._limiter.sent(host_key(url), asyncio.get_running_loop().time())

    def crawl_delay(self, url: str, seconds: float) -> None:
        """Keep the gap that a host asks for."""
        self._limiter.keep_gap(host_key(url), seconds)

    def postpone_until(self, url: str, event: asyncio.Future[None]) -> None:
        """Go back to the queue, and let no visit to the host start before `event`."""
        limiter, host = self._limiter, host_key(url)
        limiter.suspend(host)
        event.add_done_callback(lambda _: limiter.resume(host))
        self._postpone("robots.txt was not there yet")

    def spared(self) -> None:
        """Give the host's turn back."""
        self._settled = True
        self._limiter.turn_back(self._job.host)

    def settle(self, fetched: Fetched) -> bool:
        """Adjust the host's pace, and decide whether the URL goes back to its queue."""
        now = asyncio.get_running_loop().time()
        self._settled = True
        job, limiter = self._job, self._limiter
        if fetched.error is ErrorCode.ROBOTS and not self._sent:
            limiter.turn_back(job.host)
            return False
        limiter.finished(job.host, fetched.status, fetched.error, self._began, now)
        if fetched.error is None and fetched.status not in limiter.rate_limit_codes:
            return False
        self.reason = self._why_again(fetched, now) if fetched.repeatable else ""
        return bool(self.reason)

    def settle_by_result(self, result: CrawlResult) -> None:
        """Do it for a visit that has not."""
        if self._settled:
            return
        error, status = result.error_code, result.status_code
        of_the_moment = error in RETRY_ERRORS or status in RETRY_STATUSES
        self.settle(Fetched(status, error, result.response_headers.get("retry-after"), of_the_moment))

    def _postpone(self, reason: str) -> None:
        """Go back to the queue: nothing was sent, so nothing counts, and the slot is another host's meanwhile."""
        job = self._job
        self._settled = self.postponed = True
        self.reason = job.repeat_reason or reason
        if job.reasons and job.attempts > 1:
            del job.reasons[-1]
        job.attempts -= 1
        raise PostponedError(self.reason)

    def _why_again(self, fetched: Fetched, now: float) -> str:
        job, limiter = self._job, self._limiter
        limited = fetched.status in limiter.rate_limit_codes
        wanted = fetched.max_retries if fetched.of_the_moment else 0
        budget = max(wanted, limiter.max_retries if limited or fetched.error in limiter.retry_on else 0)
        if limited and (asked := retry_after_seconds(fetched.retry_after)) is not None:
            if asked > limiter.max_retry_after:
                limiter.hold(job.host, now + min(asked, limiter.max_delay))
                return ""
            limiter.hold(job.host, now + asked)
            if not budget or job.holds >= _MAX_HOLDS:
                return ""
            job.holds += 1
            return f"{_name(fetched)}, Retry-After {asked:.0f} s"
        if job.retries >= budget:
            return ""
        longest = min(limiter.max_delay, _FIRST_REST * 2 ** min(job.retries, _DOUBLINGS))
        job.retries += 1
        self.rest = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
        return _name(fetched)


def _name(fetched: Fetched) -> str:
    """The failure in a few words."""
    if fetched.error is not None and (fetched.status is None or fetched.error in RETRY_ERRORS):
        return str(fetched.error)
    try:
        return f"{fetched.status} {HTTPStatus(fetched.status or 0).phrase}"
    except ValueError:
        return str(fetched.status)
