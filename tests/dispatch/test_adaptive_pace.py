"""The adaptive mode, against simulated hosts in virtual time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from nephila import CrawlResult, ErrorCode, HostLimits, Job, RateLimiter, SemaphoreDispatcher
from tests.dispatch.virtual_clock import run_virtually

pytestmark = pytest.mark.usefixtures("memory_read_at_once")


@dataclass
class Host:
    """Answers in `latency` seconds up to `capacity` requests at once; beyond that everything takes longer."""

    capacity: int = 8
    latency: float = 0.1
    steepness: float = 2.0
    per_second: float = float("inf")
    """More requests than this within a second are answered with 429."""
    active: int = 0
    seen: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    newest: deque[float] = field(default_factory=deque)

    async def visit(self, job: Job) -> CrawlResult:
        now = asyncio.get_running_loop().time()
        self.active += 1
        self.seen.append(self.active)
        while self.newest and self.newest[0] <= now - 1:
            self.newest.popleft()
        self.newest.append(now)
        status = 200 if len(self.newest) <= self.per_second else 429
        self.statuses.append(status)
        try:
            overload = max(1.0, self.active / self.capacity)
            await asyncio.sleep(self.latency * overload**self.steepness if status == 200 else 0.01)
        finally:
            self.active -= 1
        error = None if status == 200 else ErrorCode.HTTP
        return CrawlResult(url=job.url, success=status == 200, status_code=status, error_code=error)


def seconds_for(host: Host, count: int, limiter: RateLimiter) -> float:
    async def jobs() -> AsyncIterator[Job]:
        for number in range(count):
            yield Job(number, f"http://a/{number}", "a", 0.0)

    async def crawl() -> float:
        dispatcher = SemaphoreDispatcher(100, 100, rate_limiter=limiter)
        finished = [result async for result in dispatcher.run(jobs(), host.visit)]
        assert len(finished) == count
        assert all(result.success for result in finished)
        return asyncio.get_running_loop().time()

    return run_virtually(crawl())


@pytest.mark.parametrize("capacity", [4, 8, 20])
def test_it_settles_near_what_the_host_can_take_and_beats_both_extremes(capacity: int) -> None:
    adaptive = Host(capacity)
    taken = seconds_for(adaptive, 3000, RateLimiter((0, 0), adaptive=True))
    one_by_one = seconds_for(Host(capacity), 3000, RateLimiter((0, 0), max_per_host=1))
    all_at_once = seconds_for(Host(capacity), 3000, RateLimiter((0, 0), max_per_host=100))
    ideal = 3000 * 0.1 / capacity

    settled = adaptive.seen[1500:]
    assert capacity * 0.6 <= sum(settled) / len(settled) <= capacity * 1.5 + 1
    assert max(settled) <= capacity * 2
    assert taken < one_by_one / 2
    assert taken < all_at_once
    assert taken < ideal * 1.7


def test_it_starts_with_the_base_delay_and_ends_without() -> None:
    host = Host()
    taken = seconds_for(host, 500, RateLimiter((1.0, 3.0), adaptive=True))
    assert host.seen[:3] == [1, 1, 1]
    # 500 URLs with a pause of 3 s would take 1,500 s.
    assert 5 < taken < 60


def test_it_finds_the_rate_a_host_allows() -> None:
    host = Host(capacity=100, latency=0.02, per_second=10)
    taken = seconds_for(host, 1000, RateLimiter((0.5, 0.5), max_retries=10, adaptive=True))
    # At 10 a second it would take 100 s.
    assert 90 < taken < 250
    assert host.statuses.count(429) < 100


def test_time_outs_slow_it_down() -> None:
    limiter = RateLimiter((0, 0), adaptive=True)

    async def learn() -> tuple[int, int]:
        rooms = []
        for number, error in enumerate([None] * 200 + [ErrorCode.TIMEOUT]):
            now = float(number)
            for _ in range(limiter.room("a")):
                limiter.start("a", now)
            limiter.finished("a", 200 if error is None else None, error, now, now + 0.1)
            while limiter._hosts["a"].active:
                limiter.ended("a")
            rooms.append(limiter.room("a"))
        return rooms[-2], rooms[-1]

    before, after = run_virtually(learn())
    assert after == before // 2


def test_limits_of_a_host_hold_in_the_adaptive_mode() -> None:
    host = Host(capacity=50)
    limits = {"a": HostLimits(delay=0.1, concurrency=2)}
    taken = seconds_for(host, 300, RateLimiter((0, 0), adaptive=True, per_host=limits))
    assert taken >= 29.9
    assert max(host.seen) <= 2


def test_what_is_remembered_of_hosts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nephila.dispatch.rate_limiter._KEPT_HOSTS", 100)
    limiter = RateLimiter((0, 0), adaptive=True)

    async def visit_many() -> None:
        limiter.start("busy", 0.0)
        limiter.hold("held", 10.0)
        for number in range(1000):
            host = f"h{number}"
            assert limiter.start(host, 0.0)
            limiter.ended(host)

    run_virtually(visit_many())
    assert len(limiter._hosts) <= 100
    # What is under way or waited for is never forgotten.
    assert limiter.room("busy") == 0
    assert limiter.next_start("held") == 10.0
