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
    parked: bool = False
    """Whether it has as many visits under way as it may, and waits for one to end."""
    timed: float = 0.0
    """When it may go; 0 unless it waits for that."""
    turn: int = 0
    """Of its newest entry in a heap; older ones are void."""
    jobs: deque[Job] = field(default_factory=deque)


class HostQueues:
    """Jobs by host. A host with jobs is ready, waits in a heap for its time, or is parked until one of its visits ends.

    Every step costs O(log n). Hosts take turns: one that has just been served goes behind all that are ready. A job
    that has waited longer than `fairness_timeout` goes before every other that is ready. A job that rests is not yet
    in its host's queue, so that it holds up none of the others.

    Args:
        next_start: When the next visit to a host may start.
        room: How many visits to a host may start now, as far as those under way are concerned.
        fairness_timeout: Seconds.
    """

    def __init__(
        self,
        next_start: Callable[[str], float],
        room: Callable[[str], int],
        fairness_timeout: float = float("inf"),
    ) -> None:
        self._next_start = next_start
        self._room = room
        self._fairness_timeout = fairness_timeout
        self._hosts: dict[str, _Host] = {}
        self._ready: list[tuple[int, float, int, _Host]] = []
        self._timed: list[tuple[float, int, _Host]] = []
        self._resting: list[tuple[float, int, Job]] = []
        self._turn = 0
        self._size = 0
        self._ready_jobs = 0

    def __len__(self) -> int:
        return self._size

    @property
    def ready_jobs(self) -> int:
        """Jobs that may go now, as far as known since the last `take`."""
        return self._ready_jobs

    def add(self, job: Job, now: float, *, first: bool = False) -> None:
        """Queue a job; `first` puts it before the others of its host."""
        self._size += 1
        host = self._hosts.get(job.host)
        if host is None:
            host = self._hosts[job.host] = _Host(job.host)
            host.jobs.append(job)
            self._schedule(host, now)
            return
        if first:
            host.jobs.appendleft(job)
        else:
            host.jobs.append(job)
        if host.counted and host.counted < self._room(host.name):
            host.counted += 1
            self._ready_jobs += 1

    def rest(self, job: Job, until: float) -> None:
        """Queue a job, before the others of its host, once it is `until`."""
        self._size += 1
        self._turn += 1
        heapq.heappush(self._resting, (until, self._turn, job))

    def take(self, now: float) -> Job | None:
        """The next job that may go, or None when every host has to wait."""
        while self._resting and self._resting[0][0] <= now:
            self._size -= 1
            self.add(heapq.heappop(self._resting)[2], now, first=True)
        while self._timed and self._timed[0][0] <= now:
            _, turn, host = heapq.heappop(self._timed)
            if host.turn == turn:
                self._schedule(host, now)
        while self._ready:
            host = heapq.heappop(self._ready)[3]
            self._ready_jobs -= host.counted
            host.counted = 0
            if self._next_start(host.name) > now or self._room(host.name) < 1:
                # Another run that shares the pace was faster, or the host asked for a pause meanwhile.
                self._schedule(host, now)
                continue
            self._size -= 1
            return host.jobs.popleft()
        return None

    def served(self, host_name: str, now: float) -> None:
        """The visit for the job just taken has been counted; put its host back in line."""
        host = self._hosts[host_name]
        if host.jobs:
            self._schedule(host, now)
        else:
            del self._hosts[host_name]

    def wake(self, host_name: str, now: float) -> bool:
        """A visit to the host has ended, or it may go sooner; returns whether the host was waiting for that."""
        host = self._hosts.get(host_name)
        if host is None or not (host.parked or (host.timed and self._next_start(host_name) < host.timed)):
            return False
        host.parked = False
        self._schedule(host, now)
        return True

    def next_time(self) -> float | None:
        """When the next waiting host or resting job may go; None when none waits."""
        times = [heap[0][0] for heap in (self._timed, self._resting) if heap]
        return min(times) if times else None

    def drain(self) -> list[Job]:
        """Take out every job."""
        jobs = [job for host in self._hosts.values() for job in host.jobs]
        jobs += [job for _, _, job in self._resting]
        self._hosts.clear()
        self._ready.clear()
        self._timed.clear()
        self._resting.clear()
        self._size = self._ready_jobs = 0
        return jobs

    def _schedule(self, host: _Host, now: float) -> None:
        self._turn += 1
        host.turn, host.timed = self._turn, 0.0
        start = self._next_start(host.name)
        if start > now:
            host.timed = start
            heapq.heappush(self._timed, (start, self._turn, host))
            return
        room = self._room(host.name)
        if room < 1:
            host.parked = True
            return
        accepted_at = host.jobs[0].accepted_at
        overdue = now - accepted_at > self._fairness_timeout
        key = (0, accepted_at) if overdue else (1, float(self._turn))
        heapq.heappush(self._ready, (*key, self._turn, host))
        host.counted = min(room, len(host.jobs))
        self._ready_jobs += host.counted
