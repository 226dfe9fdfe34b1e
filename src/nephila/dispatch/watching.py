"""Watches a dispatcher that knows nothing of observers: by what it reads, visits and yields."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from nephila.dispatch.job import Job
from nephila.dispatch.observer import RunObserver
from nephila.result import CrawlResult


@dataclass(slots=True)
class _Open:
    """A job that was read and whose result was not yielded yet."""

    job: Job
    visits: int = 0
    under_way: int = 0
    result: CrawlResult | None = None


class OutsideWatch:
    """Tells observers of a run what can be seen of it from outside.

    A job is under way from its first visit until its result is yielded; that a visit was not the last is seen when
    the next one begins. Results are told apart by the position in their `dispatch_result`. Memory and permits are not
    seen. `Job.attempts` and the times of a job are set where the dispatcher leaves them alone.

    Args:
        watchers: Gives the observers, when the run begins.
    """

    def __init__(self, watchers: Callable[[], Sequence[RunObserver]]) -> None:
        self._watchers = watchers
        self._observers: Sequence[RunObserver] = ()
        self._open: dict[int, _Open] = {}

    async def results(
        self,
        run: Callable[[AsyncIterator[Job], Callable[[Job], Awaitable[CrawlResult]]], AsyncGenerator[CrawlResult, None]],
        jobs: AsyncIterator[Job],
        visit: Callable[[Job], Awaitable[CrawlResult]],
    ) -> AsyncGenerator[CrawlResult, None]:
        """The results of `run`."""

        async def visit_seen(job: Job) -> CrawlResult:
            return await self._visit(job, visit)

        self._observers = self._watchers()
        results = run(self._jobs(jobs), visit_seen)
        try:
            async for result in results:
                self._yielded(result)
                yield result
        finally:
            await results.aclose()
            for observer in self._observers:
                observer.ended()

    async def _jobs(self, jobs: AsyncIterator[Job]) -> AsyncIterator[Job]:
        loop = asyncio.get_running_loop()
        async for job in jobs:
            job.accepted_at = loop.time()
            self._open[job.position] = _Open(job)
            for observer in self._observers:
                observer.accepted(job)
            yield job

    async def _visit(self, job: Job, visit: Callable[[Job], Awaitable[CrawlResult]]) -> CrawlResult:
        entry = self._open.get(job.position)
        if entry is None:
            # Its result was yielded before.
            return await visit(job)
        self._begin(entry)
        try:
            result = await visit(job)
        finally:
            entry.under_way -= 1
        entry.result = result
        return result

    def _begin(self, entry: _Open) -> None:
        job, now = entry.job, asyncio.get_running_loop().time()
        starts = entry.visits == 0
        if entry.result is not None and not entry.under_way:
            result, entry.result = entry.result, None
            starts = True
            for observer in self._observers:
                observer.repeated(job, result)
        entry.under_way += 1
        if not starts:
            # A second visit of the same job at the same time, or one after a visit that was given up.
            return
        entry.visits += 1
        job.attempts = max(job.attempts, entry.visits)
        job.started_at = now
        if entry.visits == 1:
            job.waited = max(job.waited, now - job.accepted_at)
        for observer in self._observers:
            observer.began(job)

    def _yielded(self, result: CrawlResult) -> None:
        if result.dispatch_result is None:
            return
        entry = self._open.pop(result.dispatch_result.position, None)
        if entry is not None:
            for observer in self._observers:
                observer.finished(entry.job, result)
