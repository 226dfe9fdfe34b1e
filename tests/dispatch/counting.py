"""A second count of a run, kept in the plainest way, to compare statistics with at every step."""

from __future__ import annotations

from collections.abc import Callable

from nephila import CrawlResult, CrawlStats, Job


class Count:
    """Observer that keeps the state of each job by name and compares after each step."""

    def __init__(self, snapshot: Callable[[], CrawlStats]) -> None:
        self.snapshot = snapshot
        self.states: dict[int, str] = {}
        self.repeated_visits = 0
        self.steps = 0
        self.has_ended = False

    def accepted(self, job: Job) -> None:
        assert job.position not in self.states
        self._step(job, "queued")

    def began(self, job: Job) -> None:
        assert self.states[job.position] in ("queued", "retrying")
        self._step(job, "active")

    def repeated(self, job: Job, result: CrawlResult) -> None:
        assert self.states[job.position] == "active"
        self.repeated_visits += 1
        self._step(job, "retrying")

    def finished(self, job: Job, result: CrawlResult) -> None:
        assert self.states[job.position] in ("queued", "active")
        self._step(job, "done" if result.success else "failed")

    def measured(self, memory: float, permits: int) -> None:
        self.compare()

    def ended(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            for position, state in self.states.items():
                if state not in ("done", "failed"):
                    self.states[position] = "failed"
            self.compare()

    def _step(self, job: Job, state: str) -> None:
        self.states[job.position] = state
        self.compare()

    def compare(self) -> None:
        self.steps += 1
        stats = self.snapshot()
        states = list(self.states.values())
        assert stats.accepted == len(states)
        for name in ("queued", "active", "retrying", "done", "failed"):
            assert getattr(stats, name) == states.count(name), name
        assert stats.queued + stats.active + stats.retrying + stats.done + stats.failed == stats.accepted
        assert stats.retries == self.repeated_visits
        assert sum(stats.errors.values()) == stats.failed
        assert sum(host.done + host.failed for host in stats.hosts) == stats.finished - stats.cancelled
