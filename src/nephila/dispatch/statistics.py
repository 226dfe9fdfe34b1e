"""Counts what happens in a run, for a few microseconds a URL and in bounded memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from nephila.dispatch.crawl_stats import CrawlStats, HostStats
from nephila.dispatch.histogram import LatencyHistogram
from nephila.dispatch.host_table import HostCounts, HostTable, error_name
from nephila.dispatch.job import Job
from nephila.errors import ErrorCode
from nephila.result import CrawlResult

_RECENT = 10
"""Seconds that the recent speed is of."""

_FIRST_ERROR_STATUS = 400


class RunStatistics:
    """An observer that keeps the numbers of one run.

    Args:
        total: Length of the input; None when it is not known.
        clock: Seconds on the clock that the times of jobs are of: the event loop's.

    Attributes:
        peak_memory_time: When the most memory was measured, seconds since the epoch; None before.
    """

    def __init__(self, total: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._epoch = time.time()
        self._start = clock()
        self._end: float | None = None
        self._accepted = self._queued = self._active = self._retrying = 0
        self._done = self._failed = self._cancelled = self._retries = 0
        self._bytes = self._textless = 0
        self._waited = self._longest_wait = 0.0
        self._memory: float | None = None
        self._peak_memory = 0.0
        self.peak_memory_time: float | None = None
        self._permits: int | None = None
        self._fewest_permits = self._most_permits = 0
        self._errors: dict[str, int] = {}
        self._statuses: dict[int, int] = {}
        self._latency = LatencyHistogram()
        self._hosts = HostTable()
        self._recent: deque[list[int]] = deque(maxlen=_RECENT + 1)

    @property
    def permits(self) -> int | None:
        """How many visits may be under way; None when nobody says."""
        return self._permits

    @property
    def most_permits(self) -> int:
        """The most that ever might."""
        return self._most_permits

    @property
    def mean_latency(self) -> float | None:
        """Seconds a visit took on average; None before the first has ended."""
        return self._latency.total / self._latency.count if self._latency.count else None

    def now(self) -> float:
        """The time on the clock of the run."""
        return self._clock()

    def accepted(self, job: Job) -> None:
        """The job was read from the input."""
        self._accepted += 1
        self._queued += 1

    def began(self, job: Job) -> None:
        """A visit starts."""
        if job.attempts > 1:
            self._retrying -= 1
        else:
            self._queued -= 1
        self._active += 1

    def repeated(self, job: Job, result: CrawlResult) -> None:
        """The job goes back to its queue."""
        self._active -= 1
        self._retrying += 1
        self._retries += 1
        self._count_visit(job, result, self._clock()).retries += 1

    def finished(self, job: Job, result: CrawlResult) -> None:
        """The job has its final result."""
        now = self._clock()
        if job.attempts:
            self._active -= 1
            host = self._count_visit(job, result, now)
        else:
            # Answered by a dispatcher without a visit.
            self._queued -= 1
            host = self._hosts.of(job.host)
        if result.success:
            self._done += 1
            host.done += 1
            if _is_textless(result):
                self._textless += 1
        else:
            self._failed += 1
            host.failed += 1
            code = error_name(result)
            self._errors[code] = self._errors.get(code, 0) + 1
        waited = job.waited
        self._waited += waited
        if waited > self._longest_wait:
            self._longest_wait = waited
        second = int(now)
        if not self._recent or self._recent[-1][0] != second:
            self._recent.append([second, 0])
        self._recent[-1][1] += 1

    def handler_failed(self, host: str, result: CrawlResult) -> None:
        """A handler of the caller has failed on a page that had been counted as done."""
        counts, code = self._hosts.of(host), error_name(result)
        for kept in (self._errors, counts.errors):
            kept[code] = kept.get(code, 0) + 1
        self._done -= 1
        self._failed += 1
        counts.done -= 1
        counts.failed += 1
        counts.problems += 1

    def measured(self, memory: float, permits: int) -> None:
        """What the process tree takes, in MB, and how many visits may be under way."""
        self._memory = memory
        if memory > self._peak_memory:
            self._peak_memory, self.peak_memory_time = memory, time.time()
        first = self._permits is None
        self._permits = permits
        self._fewest_permits = permits if first else min(self._fewest_permits, permits)
        self._most_permits = max(self._most_permits, permits)

    def abandon(self, queued: int, active: int, retrying: int) -> None:
        """So many jobs of each state were left when the run was cut short: they have failed as `cancelled`."""
        left = queued + active + retrying
        self._queued -= queued
        self._active -= active
        self._retrying -= retrying
        self._failed += left
        self._cancelled += left
        if left:
            code = str(ErrorCode.CANCELLED)
            self._errors[code] = self._errors.get(code, 0) + left

    def left_out(self, job: Job) -> None:
        """The job was read from the input when the run had been cut short already."""
        self.accepted(job)
        self.abandon(queued=1, active=0, retrying=0)

    def ended(self) -> None:
        """The run is over: what is left was cancelled, and the clock stands still."""
        if self._end is not None:
            return
        self.abandon(self._queued, self._active, self._retrying)
        self._end = self._clock()
        # The event loop's clock keeps the loop, which may be closed soon.
        self._clock = time.monotonic

    def snapshot(self) -> CrawlStats:
        """The numbers as they are now; call it on the thread of the run."""
        now = self._clock() if self._end is None else self._end
        elapsed = max(0.0, now - self._start)
        finished = self._done + self._failed
        recent = self._recent_speed(now, elapsed)
        hosts, others, folded = self._hosts.most_telling()
        measured = self._permits is not None
        return CrawlStats(
            started_at=self._epoch,
            elapsed=elapsed,
            running=self._end is None,
            total=self._total,
            accepted=self._accepted,
            queued=self._queued,
            active=self._active,
            retrying=self._retrying,
            done=self._done,
            failed=self._failed,
            cancelled=self._cancelled,
            retries=self._retries,
            bytes=self._bytes,
            pages_per_second=(finished - self._cancelled) / elapsed if elapsed else 0.0,
            recent_pages_per_second=recent,
            latency_p50=self._latency.percentile(50),
            latency_p90=self._latency.percentile(90),
            latency_p99=self._latency.percentile(99),
            wait_seconds=self._waited,
            longest_wait=self._longest_wait,
            memory=self._memory,
            peak_memory=self._peak_memory if self._memory is not None else None,
            permits=self._permits,
            fewest_permits=self._fewest_permits if measured else None,
            most_permits=self._most_permits if measured else None,
            eta=self._eta(finished, recent),
            errors=dict(self._errors),
            statuses=_by_text(self._statuses),
            textless=self._textless,
            hosts=tuple(_host_stats(name, counts) for name, counts in hosts),
            other_hosts=_host_stats("", others) if folded else None,
        )

    def _count_visit(self, job: Job, result: CrawlResult, now: float) -> HostCounts:
        seconds = now - job.started_at
        self._latency.add(seconds)
        if result.cache_status in (None, "miss"):
            # What comes from the cache did not come over the wire.
            self._bytes += result.wire_bytes
        status = result.status_code
        if status is not None and status >= _FIRST_ERROR_STATUS:
            self._statuses[status] = self._statuses.get(status, 0) + 1
        host = self._hosts.of(job.host)
        host.count_visit(result, seconds)
        return host

    def _recent_speed(self, now: float, elapsed: float) -> float:
        """Results per second since the begin of the second `_RECENT` seconds ago, or since the start of the run."""
        first = int(now) - _RECENT + 1
        counted = sum(count for second, count in self._recent if second >= first)
        seconds = min(elapsed, now - first)
        return counted / seconds if seconds > 0 else 0.0

    def _eta(self, finished: int, speed: float) -> float | None:
        if self._total is None or self._end is not None or not speed:
            return None
        return max(0, self._total - finished) / speed


def _host_stats(name: str, counts: HostCounts) -> HostStats:
    visits = counts.done + counts.failed + counts.retries
    return HostStats(
        host=name,
        done=counts.done,
        failed=counts.failed,
        retries=counts.retries,
        errors=dict(counts.errors),
        statuses=_by_text(counts.statuses),
        mean_latency=counts.seconds / visits if visits else 0.0,
    )


def _by_text(statuses: dict[int, int]) -> dict[str, int]:
    return {str(status): count for status, count in statuses.items()}


def _is_textless(result: CrawlResult) -> bool:
    """Whether a page is HTML without any text, and not because an option chose a part that is not there."""
    if result.warnings or "html" not in result.content_type:
        return False
    markdown = result.markdown
    return not markdown or markdown.isspace()
