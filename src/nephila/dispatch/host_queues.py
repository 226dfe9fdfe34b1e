"""One queue for each host, and always the next host that may go."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from nephila.dispatch.job import Job


@dataclass(slots=True, eq=False)
class _Host:
    name: str
    counted: int = 0
    """Its part of `ready_jobs`."""
    jobs: deque[Job] = field(default_factory=deque)


class HostQueues:
    """Jobs by host. A host with jobs is either ready, or waits in a heap for its time; every step costs O(log n).

    Hosts take turns: one that has just been served goes behind all that are ready. A job that has waited longer than
    `fairness_timeout` goes before every other that is ready.

    Args:
        next_start: When the next request to a host may start.
        is_paced: Whether there is a pause between requests to a host, so that only one of its jobs may go at a time.
        fairness_timeout: Seconds.
    """

    def __init__(
        self,
        next_start: Callable[[str], float],
        is_paced: Callable[[str], bool],
        fairness_timeout: float = float("inf"),
    ) -> None:
        self._next_start = next_start
        self._is_paced = is_paced
        self._fairness_timeout = fairness_timeout
        self._hosts: dict[str, _Host] = {}
        self._ready: list[tuple[int, float, int, _Host]] = []
        self._timed: list[tuple[float, int, _Host]] = []
        self._turn = 0
        self._size = 0
        self._ready_jobs = 0

    def __len__(self) -> int:
        return self._size

    @property
    def ready_jobs(self) -> int:
        """Jobs that may go now, as far as known since the last `take`: one for each paced host, all of the others."""
        return self._ready_jobs

    def add(self, job: Job, now: float, *, first: bool = False) -> None:
        """Queue a job; `first` puts it before the others of its host."""
        host = self._hosts.get(job.host)
        new = host is None
        if host is None:
            host = self._hosts[job.host] = _Host(job.host)
        if first:
            host.jobs.appendleft(job)
        else:
            host.jobs.append(job)
        self._size += 1
        if new:
            self._schedule(host, now)
        elif host.counted and not self._is_paced(host.name):
            host.counted += 1
            self._ready_jobs += 1

    def take(self, now: float) -> Job | None:
        """The next job that may go, or None when every host has to wait."""
        while self._timed and self._timed[0][0] <= now:
            self._schedule(heapq.heappop(self._timed)[2], now)
        while self._ready:
            host = heapq.heappop(self._ready)[3]
            self._ready_jobs -= host.counted
            host.counted = 0
            if self._next_start(host.name) > now:
                # Another run that shares the pace was faster, or the host asked for a pause meanwhile.
                self._schedule(host, now)
                continue
            self._size -= 1
            return host.jobs.popleft()
        return None

    def served(self, host_name: str, now: float) -> None:
        """The request for the job just taken has been counted; put its host back in line."""
        host = self._hosts[host_name]
        if host.jobs:
            self._schedule(host, now)
        else:
            del self._hosts[host_name]

    def next_time(self) -> float | None:
        """When the next waiting host may go; None when none waits."""
        return self._timed[0][0] if self._timed else None

    def drain(self) -> list[Job]:
        """Take out every job."""
        jobs = [job for host in self._hosts.values() for job in host.jobs]
        self._hosts.clear()
        self._ready.clear()
        self._timed.clear()
        self._size = self._ready_jobs = 0
        return jobs

    def _schedule(self, host: _Host, now: float) -> None:
        self._turn += 1
        start = self._next_start(host.name)
        if start > now:
            heapq.heappush(self._timed, (start, self._turn, host))
            return
        accepted_at = host.jobs[0].accepted_at
        overdue = now - accepted_at > self._fairness_timeout
        key = (0, accepted_at) if overdue else (1, float(self._turn))
        heapq.heappush(self._ready, (*key, self._turn, host))
        host.counted = 1 if self._is_paced(host.name) else len(host.jobs)
        self._ready_jobs += host.counted
