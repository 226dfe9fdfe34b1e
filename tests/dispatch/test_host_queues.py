"""The queues by host, at the size where a rescan would show."""

from __future__ import annotations

import time

import pytest

from nephila.dispatch.host_limits import UNLIMITED
from nephila.dispatch.host_queues import HostQueues
from nephila.dispatch.job import Job


def percentile_of_takes(entries: int, hosts: int) -> float:
    """The 99th percentile of the seconds that taking the next job takes, with `entries` jobs waiting."""
    now = 0.0
    queues = HostQueues(lambda _host: 0.0, lambda _host: UNLIMITED)
    for number in range(entries):
        queues.add(Job(number, "", f"host{number % hosts}", 0.0), now)
    taken: set[int] = set()
    seconds = []
    for _ in range(1000):
        begin = time.perf_counter()
        job = queues.take(now)
        assert job is not None
        queues.served(job.host, now)
        seconds.append(time.perf_counter() - begin)
        taken.add(job.position)
    assert len(taken) == 1000
    assert len(queues) == entries - 1000
    return sorted(seconds)[990]


@pytest.mark.slow
def test_the_next_job_is_found_as_fast_among_a_million_as_among_a_thousand() -> None:
    assert percentile_of_takes(1_000, 100) < 0.005
    assert percentile_of_takes(1_000_000, 100_000) < 0.005
