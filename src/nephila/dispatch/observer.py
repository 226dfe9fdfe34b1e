"""The seam through which a run is watched: counters, a live view, logs."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from nephila.dispatch.job import Job
from nephila.result import CrawlResult


class RunObserver(Protocol):
    """Told of every step of every job, in order, on the event loop of the run; must return at once and never raise.

    A job is accepted once, then begins and is repeated any number of times, and is finished once, unless the run is
    cut short. So at any time: accepted = waiting + under way + finished.
    """

    def accepted(self, job: Job) -> None:
        """The job was read from the input."""
        ...

    def began(self, job: Job) -> None:
        """A visit starts; `job.attempts` counts it."""
        ...

    def repeated(self, job: Job, result: CrawlResult) -> None:
        """The visit gave `result`, which is not final: the job goes back to its queue."""
        ...

    def finished(self, job: Job, result: CrawlResult) -> None:
        """The job has its final result."""
        ...

    def measured(self, memory: float, permits: int) -> None:
        """What the process tree takes, in MB, and how many visits may be under way."""
        ...

    def ended(self) -> None:
        """The run is over, however it ended; nothing follows."""
        ...


@runtime_checkable
class RunMonitor(Protocol):
    """What a dispatcher takes as `monitor`: told of every run of the dispatcher."""

    def begin_run(self, total: int | None = None) -> RunObserver:
        """A run begins; returns what is told of its steps. `total` is the length of the input, if known."""
        ...
