"""Hosts that are suspended, and turns that are given back, without a network."""

from __future__ import annotations

import asyncio

import pytest

from nephila.dispatch.host_queues import HostQueues
from nephila.dispatch.job import Job
from nephila.dispatch.rate_limiter import RateLimiter


def test_a_host_that_may_go_sooner_is_taken_once() -> None:
    starts = {"a": 100.0}
    queues = HostQueues(lambda host: starts[host], lambda _host: 9)
    for position in range(2):
        queues.add(Job(position, "", "a", 0.0), 0.0)
    assert queues.take(1.0) is None
    assert not queues.wake("a", 1.0)
    starts["a"] = 0.0
    assert queues.wake("a", 1.0)
    taken = []
    for now in (1.0, 1.0, 101.0, 102.0):
        job = queues.take(now)
        if job is not None:
            queues.served("a", now)
            taken.append(job.position)
    assert taken == [0, 1]
    assert len(queues) == 0


async def test_a_suspended_host_may_not_start() -> None:
    limiter = RateLimiter(0)
    told: list[str] = []
    limiter.listen(object(), told.append)
    now = asyncio.get_running_loop().time()
    limiter.suspend("a")
    limiter.suspend("a")
    limiter.resume("a")
    assert not limiter.start("a", now)
    assert limiter.next_start("a") == float("inf")
    limiter.resume("a")
    assert limiter.start("a", now)
    assert told == ["a", "a"]


async def test_a_turn_given_back_is_free_but_a_hold_is_kept() -> None:
    limiter = RateLimiter(10)
    now = asyncio.get_running_loop().time()
    assert limiter.start("a", now)
    assert not limiter.start("a", now)
    limiter.turn_back("a")
    assert limiter.start("a", now)
    limiter.hold("a", now + 5)
    limiter.turn_back("a")
    assert not limiter.start("a", now + 4)
    assert limiter.start("a", now + 5)


@pytest.mark.parametrize("adaptive", [False, True])
async def test_a_gap_is_kept_whatever_else_is_known(adaptive: bool) -> None:
    limiter = RateLimiter(0.01, adaptive=adaptive)
    loop = asyncio.get_running_loop()
    limiter.keep_gap("a", 0.1)
    assert limiter.start("a", loop.time())
    first = await limiter.before_send("a")
    assert first is not None
    assert not limiter.start("a", first + 0.09)
    await limiter.before_hop("a")
    assert loop.time() >= first + 0.1
    # One waits for the short gap, and whoever comes then is sent away.
    waiting = asyncio.create_task(limiter.before_send("a"))
    await asyncio.sleep(0)
    assert await limiter.before_send("a") is None
    second = await waiting
    assert second is not None
    assert second >= first + 0.2 - 0.001
    limiter.keep_gap("a", 0)
    limiter.ended("a")
    assert limiter.start("a", second + 0.2)
