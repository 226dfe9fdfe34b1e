"""One run: jobs in, visits under way, results out, each bounded by the next."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence

from nephila.dispatch.base import Visit
from nephila.dispatch.buffer import ResultBuffer
from nephila.dispatch.host_limits import UNLIMITED
from nephila.dispatch.host_queues import HostQueues
from nephila.dispatch.job import Job
from nephila.dispatch.observer import RunObserver
from nephila.dispatch.paced_attempt import PacedAttempt
from nephila.dispatch.permits import Permits
from nephila.dispatch.rate_limiter import RateLimiter
from nephila.models import DispatchResult
from nephila.result import CrawlResult

_LOOK_AHEAD = 10_000
"""Jobs read from the input at most while their hosts have to wait, to find hosts that need not."""

_BREATH = 100
"""Jobs read from the input between two looks at everything else."""

_MAX_REASONS = 20
"""Reasons for repetitions kept with a job: the newest."""

_LOCAL = ""
"""The host of local input and of what is not a URL: never paced."""


class Run:
    """Visits jobs as permits and hosts allow.

    Three bounds follow from each other, so that memory does not depend on the length of the input: results wait for
    the consumer up to the number of permits and to 64 MB (`ResultBuffer`); visits start only when there is room for
    their results; the input is read only while a visit could start (or, when every host known has to wait, up to a
    fixed number of jobs ahead).
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
        self._queues = HostQueues(self._next_start, self._host_room, fairness_timeout)
        self._results = ResultBuffer()
        self._active = 0
        self._begun: dict[int, Job] = {}
        """Visits whose task has not taken its first step."""
        self._input_ended = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
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
        loop = asyncio.get_running_loop()

        def in_loop(tell: Callable[[], object]) -> None:
            if loop is _running_loop():
                tell()
            else:
                # On another thread, whose run may have ended, and its loop with it, just now.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(tell)

        self._permits.listen(self, lambda: in_loop(self._changed.set))
        if self._limiter is not None:
            self._limiter.listen(self, lambda host: in_loop(lambda: self._host_has_room(host)))
        try:
            async with asyncio.TaskGroup() as group:
                intake = group.create_task(self._take_in())
                await self._start_visits(group)
                intake.cancel()
        finally:
            for job in self._begun.values():
                # Cancelled before its first step, so that it could not do it itself.
                self._release(job)
            self._permits.leave(self)
            if self._limiter is not None:
                self._limiter.leave(self)
            self.end()

    def end(self) -> None:
        """No more results will come; for a run whose `supervise` was cancelled before it began."""
        if self._results.ended:
            return
        self._results.end()
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
        if not self._results:
            # More may start while the consumer waits.
            self._changed.set()
        result = await self._results.take()
        self._changed.set()
        return result

    async def _take_in(self) -> None:
        """Read the input as far as it is needed."""
        loop = asyncio.get_running_loop()
        taken = 0
        try:
            async for job in self._jobs:
                if self.failure is not None:
                    return
                job.accepted_at = job.queued_at = loop.time()
                self._queues.add(job, job.accepted_at)
                for observer in self._observers:
                    observer.accepted(job)
                self._changed.set()
                taken += 1
                if taken % _BREATH == 0:
                    # An input that never waits must not hold up the visits that could start.
                    await asyncio.sleep(0)
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
        return self._results.room(self._permits.limit, self._active)

    async def _start_visits(self, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            while (job := self._next_job(loop.time())) is not None:
                group.create_task(self._run_visits(job))
            if self._input_ended and not self._queues and not self._active:
                return
            if not self._input_ended and self._wants_input():
                self._room.set()
            await self._wait_for_change(loop)

    def _next_job(self, now: float) -> Job | None:
        """Begin the next job that may go; None when none may, or its result would find no room."""
        while self._permits.free and self._room_for_results() > 0:
            job = self._queues.take(now)
            if job is None:
                return None
            if self._may_begin(job, now):
                self._begin(job, now)
                return job
            # A run on another thread was faster.
            self._queues.add(job, now, first=True)
            self._queues.served(job.host, now)
        return None

    async def _wait_for_change(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait until something happens, or until the next host may go."""
        may_start = self._permits.free and self._room_for_results() > 0
        next_time = self._queues.next_time() if may_start else None
        if next_time == float("inf"):
            # Every host is suspended; whoever lets one go again tells.
            next_time = None
        timer = loop.call_at(next_time, self._changed.set) if next_time is not None else None
        try:
            await self._changed.wait()
        finally:
            if timer is not None:
                timer.cancel()

    def _may_begin(self, job: Job, now: float) -> bool:
        """Take a permit and the host's turn, or neither."""
        if not self._permits.take():
            return False
        if self._limiter is None or job.host == _LOCAL:
            return True
        if not self._limiter.start(job.host, now):
            self._permits.give_back()
            return False
        job.attempt = PacedAttempt(self._limiter, job, now)
        return True

    def _begin(self, job: Job, now: float) -> None:
        self._active += 1
        self._begun[job.position] = job
        self._queues.served(job.host, now)
        job.attempts += 1
        waited = now - job.queued_at
        job.waited += waited
        job.started_at = now
        if job.attempts == 1:
            job.first_started_at = now
        elif job.repeat_reason:
            job.reasons = [*(job.reasons or ())[1 - _MAX_REASONS :], f"{job.repeat_reason}, waited {waited:.1f} s"]
        if job.postponed:
            job.postponed = False
            return
        for observer in self._observers:
            observer.began(job)

    async def _run_visits(self, job: Job | None) -> None:
        """Make a visit and go on with the next at once, which takes less than a new task for each."""
        loop = asyncio.get_running_loop()
        while job is not None:
            await self._run_visit(job)
            job = self._next_job(loop.time())

    async def _run_visit(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        started_at = time.time()
        attempt = job.attempt
        del self._begun[job.position]
        try:
            result = await self._visit(job)
            if isinstance(attempt, PacedAttempt):
                attempt.settle_by_result(result)
        finally:
            self._release(job)
        if self._results.ended:
            # It held out against being cancelled for longer than anybody waited.
            return
        if isinstance(attempt, PacedAttempt) and attempt.reason and self.failure is None:
            self._repeat(job, attempt, result, loop.time())
            return
        result.dispatch_result = DispatchResult(
            task_id=f"{id(self):x}-{job.position}",
            position=job.position,
            start_time=started_at,
            end_time=time.time(),
            queue_time=job.first_started_at - job.accepted_at,
            wait_time=job.waited,
            attempts=job.attempts,
            retry_reasons=job.reasons or [],
            memory_usage=self._memory,
            peak_memory=self._peak_memory,
            error_message=result.error_message or "",
        )
        if attempt is not None and result.crawl_stats.get("attempts"):
            result.crawl_stats |= {"attempts": job.attempts, "retries": job.attempts - 1}
        for observer in self._observers:
            observer.finished(job, result)
        self._results.put(result)

    def _release(self, job: Job) -> None:
        """Give back what was taken for a visit."""
        self._active -= 1
        if self._limiter is not None and job.host != _LOCAL:
            self._limiter.ended(job.host)
        self._permits.give_back()

    def _repeat(self, job: Job, attempt: PacedAttempt, result: CrawlResult, now: float) -> None:
        """Put the job back into its host's queue, now or after its rest."""
        job.queued_at = now
        job.repeat_reason = attempt.reason
        if attempt.rest:
            self._queues.rest(job, now + attempt.rest)
        else:
            self._queues.add(job, now, first=True)
        job.postponed = attempt.postponed
        for observer in self._observers if not attempt.postponed else ():
            observer.repeated(job, result)
        self._changed.set()

    def _host_has_room(self, host: str) -> None:
        if self._queues.wake(host, asyncio.get_running_loop().time()):
            self._changed.set()

    def _next_start(self, host: str) -> float:
        return self._limiter.next_start(host) if self._limiter is not None and host != _LOCAL else 0.0

    def _host_room(self, host: str) -> int:
        return self._limiter.room(host) if self._limiter is not None and host != _LOCAL else UNLIMITED


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
