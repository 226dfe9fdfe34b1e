"""One run: jobs in, visits under way, results out, each bounded by the next."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

from nephila.dispatch.base import Visit
from nephila.dispatch.host_queues import HostQueues
from nephila.dispatch.job import Job
from nephila.dispatch.observer import RunObserver
from nephila.dispatch.permits import Permits
from nephila.dispatch.rate_limiter import RateLimiter
from nephila.dispatch.retry_after import retry_after_seconds
from nephila.models import DispatchResult
from nephila.result import CrawlResult

_LOOK_AHEAD = 10_000
"""Jobs read from the input at most while their hosts have to wait, to find hosts that need not."""

_LOCAL = ""
"""The host of local input and of what is not a URL: never paced."""


class Run:
    """Visits jobs as permits and hosts allow.

    Three bounds follow from each other, so that memory does not depend on the length of the input: results wait for
    the consumer up to the number of permits; visits start only when there is room for their results; the input is
    read only while a visit could start (or, when every host known has to wait, up to a fixed number of jobs ahead).
    """

    def __init__(
        self,
        jobs: AsyncIterator[Job],
        visit: Visit,
        permits: Permits,
        limiter: RateLimiter | None,
        fairness_timeout: float,
        observers: Sequence[RunObserver] = (),
    ) -> None:
        self._jobs = jobs
        self._visit = visit
        self._permits = permits
        self._limiter = limiter
        self._observers = observers
        self._queues = HostQueues(self._next_start, self._is_paced, fairness_timeout)
        self._results: deque[CrawlResult] = deque()
        self._active = 0
        self._input_ended = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._available = asyncio.Event()
        self._ended = False
        self._memory = self._peak_memory = 0.0
        self.failure: Exception | None = None

    def note_memory(self, megabytes: float) -> None:
        """Remember what the process tree takes, for the results that follow."""
        self._memory = megabytes
        self._peak_memory = max(self._peak_memory, megabytes)
        for observer in self._observers:
            observer.measured(megabytes, self._permits.limit)

    async def supervise(self) -> None:
        """Run until every job has its result, or until cancelled; every visit has ended when this returns."""
        self._permits.listen(self, self._changed.set)
        try:
            async with asyncio.TaskGroup() as group:
                intake = group.create_task(self._take_in())
                await self._start_visits(group)
                intake.cancel()
        finally:
            self._permits.leave(self)
            self.end()

    def end(self) -> None:
        """No more results will come; for a run whose `supervise` was cancelled before it began."""
        if self._ended:
            return
        self._ended = True
        self._available.set()
        for observer in self._observers:
            observer.ended()

    def fail(self, error: Exception) -> None:
        """Take in no more; once the visits under way have ended, the run ends with `error`."""
        if self.failure is None:
            self.failure = error
        self._input_ended = True
        self._queues.drain()
        self._changed.set()

    async def next_result(self) -> CrawlResult | None:
        """The next finished result; None when there are no more."""
        while not self._results:
            if self._ended:
                return None
            self._available.clear()
            await self._available.wait()
        result = self._results.popleft()
        self._changed.set()
        return result

    async def _take_in(self) -> None:
        """Read the input as far as it is needed."""
        loop = asyncio.get_running_loop()
        try:
            async for job in self._jobs:
                if self.failure is not None:
                    return
                job.accepted_at = job.queued_at = loop.time()
                self._queues.add(job, job.accepted_at)
                for observer in self._observers:
                    observer.accepted(job)
                self._changed.set()
                while not self._wants_input():
                    self._room.clear()
                    await self._room.wait()
        except Exception as error:  # noqa: BLE001 - the caller's iterable; raised again where it is consumed
            self.failure = self.failure or error
        finally:
            self._input_ended = True
            self._changed.set()

    def _wants_input(self) -> bool:
        wanted = min(self._permits.free, self._room_for_results()) + 1
        return self._queues.ready_jobs < wanted and len(self._queues) < _LOOK_AHEAD

    def _room_for_results(self) -> int:
        return self._permits.limit - len(self._results)

    async def _start_visits(self, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            now = loop.time()
            while self._permits.free and self._room_for_results() > 0:
                job = self._queues.take(now)
                if job is None:
                    break
                self._begin(job, now)
                group.create_task(self._run_visit(job))
            if self._input_ended and not self._queues and not self._active:
                return
            if not self._input_ended and self._wants_input():
                self._room.set()
            await self._wait_for_change(loop)

    async def _wait_for_change(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait until something happens, or until the next host may go."""
        may_start = self._permits.free and self._room_for_results() > 0
        next_time = self._queues.next_time() if may_start else None
        timer = loop.call_at(next_time, self._changed.set) if next_time is not None else None
        try:
            await self._changed.wait()
        finally:
            if timer is not None:
                timer.cancel()

    def _begin(self, job: Job, now: float) -> None:
        self._active += 1
        self._permits.take()
        if self._limiter is not None and job.host != _LOCAL:
            self._limiter.started(job.host, now)
        self._queues.served(job.host, now)
        job.attempts += 1
        job.started_at = now
        if job.attempts == 1:
            job.first_started_at = now
        job.waited += now - job.queued_at
        for observer in self._observers:
            observer.began(job)

    async def _run_visit(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        started_at = time.time()
        try:
            result = await self._visit(job)
        finally:
            self._active -= 1
            self._permits.give_back()
        now = loop.time()
        if self._is_worth_repeating(job, result, now):
            job.queued_at = now
            self._queues.add(job, now, first=True)
            for observer in self._observers:
                observer.repeated(job, result)
            self._changed.set()
            return
        result.dispatch_result = DispatchResult(
            task_id=f"{id(self):x}-{job.position}",
            position=job.position,
            start_time=started_at,
            end_time=time.time(),
            queue_time=job.first_started_at - job.accepted_at,
            wait_time=job.waited,
            attempts=job.attempts,
            memory_usage=self._memory,
            peak_memory=self._peak_memory,
            error_message=result.error_message or "",
        )
        for observer in self._observers:
            observer.finished(job, result)
        self._results.append(result)
        self._available.set()

    def _is_worth_repeating(self, job: Job, result: CrawlResult, now: float) -> bool:
        if self._limiter is None or job.host == _LOCAL:
            return False
        pause = retry_after_seconds(result.response_headers.get("retry-after"))
        limited = self._limiter.finished(job.host, now, result.status_code, pause)
        return limited and job.attempts <= self._limiter.max_retries and self.failure is None

    def _next_start(self, host: str) -> float:
        return self._limiter.next_start(host) if self._limiter is not None and host != _LOCAL else 0.0

    def _is_paced(self, host: str) -> bool:
        return self._limiter is not None and host != _LOCAL and self._limiter.base_delay[1] > 0
