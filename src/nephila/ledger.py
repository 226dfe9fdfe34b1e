"""Which URLs a run has taken and not yet answered, so that none is lost when it is cut short."""

from __future__ import annotations

from nephila.dispatch.job import Job
from nephila.errors import ErrorCode
from nephila.models import DispatchResult
from nephila.result import CrawlResult
from nephila.visit import refused


class Ledger:
    """The jobs of one run from the moment they are taken from the input until their result is handed over.

    It is as long as the dispatcher reads ahead, whatever the number of URLs.
    """

    def __init__(self) -> None:
        self._open: dict[int, Job | CrawlResult] = {}
        self.taken = 0
        """Jobs taken so far, and so the position of the next."""

    def take(self, job: Job) -> None:
        """The job was taken from the input."""
        self._open[job.position] = job
        self.taken += 1

    def finish(self, job: Job, result: CrawlResult) -> None:
        """The job was visited; the dispatcher may still visit it again."""
        if result.dispatch_result is None:
            # A dispatcher that sets it itself keeps the position.
            result.dispatch_result = _position_only(job, 1)
        self._open[job.position] = result

    def hand_over(self, result: CrawlResult) -> None:
        """The result leaves the run."""
        if result.dispatch_result is not None:
            self._open.pop(result.dispatch_result.position, None)

    def finished(self) -> list[CrawlResult]:
        """The results that are left, in the order of the input; they leave the run."""
        found = {position: entry for position, entry in self._open.items() if isinstance(entry, CrawlResult)}
        for position in found:
            del self._open[position]
        return [found[position] for position in sorted(found)]

    def unfinished(self, reason: str) -> list[CrawlResult]:
        """A cancelled result for each job that has none, in the order of the input; they leave the run."""
        found = {position: entry for position, entry in self._open.items() if isinstance(entry, Job)}
        for position in found:
            del self._open[position]
        return [_cancelled(found[position], reason) for position in sorted(found)]


def _cancelled(job: Job, reason: str) -> CrawlResult:
    result = refused(job.url, ErrorCode.CANCELLED, reason)
    result.dispatch_result = _position_only(job, job.attempts)
    return result


def _position_only(job: Job, attempts: int) -> DispatchResult:
    return DispatchResult(task_id=f"{id(job):x}-{job.position}", position=job.position, attempts=attempts)
