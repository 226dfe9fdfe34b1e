"""Visits that asked their host for nothing: it owes no pause, and the others keep theirs. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from nephila import CrawlResult, HostLimits, Job, RateLimiter, SemaphoreDispatcher
from nephila.attempt import Fetched
from tests.dispatch.test_run import World, urls_of
from tests.dispatch.virtual_clock import run_virtually

pytestmark = pytest.mark.usefixtures("memory_read_at_once")

DELAY = 10.0


def crawl(count: int, is_known: Callable[[int], bool], limiter: RateLimiter) -> tuple[list[float], float]:
    """When requests were sent for the pages that are not known, and how long the crawl took."""
    sent: list[float] = []

    async def visit(job: Job) -> CrawlResult:
        assert job.attempt is not None
        await asyncio.sleep(0.001)
        if is_known(job.position):
            job.attempt.spared()
        else:
            await job.attempt.before_send(job.url)
            sent.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.2)
            job.attempt.settle(Fetched(200))
        return CrawlResult(url=job.url, success=True)

    async def main() -> float:
        dispatcher = SemaphoreDispatcher(5, rate_limiter=limiter)
        results = [result async for result in dispatcher.run(World().jobs(urls_of("a", count)), visit)]
        assert len(results) == count
        return asyncio.get_running_loop().time()

    return sent, run_virtually(main())


@pytest.mark.parametrize("limits", [{}, {"max_per_host": 1}, {"per_host": {"a": HostLimits(concurrency=2)}}], ids=str)
def test_known_pages_take_no_turn(limits: dict[str, object]) -> None:
    _, seconds = crawl(200, lambda _: True, RateLimiter((DELAY, DELAY), **limits))  # type: ignore[arg-type]
    assert seconds < 5


@pytest.mark.parametrize("every", [2, 3, 7])
def test_the_others_keep_their_pause(every: int) -> None:
    sent, seconds = crawl(40, lambda position: position % every != 0, RateLimiter((DELAY, DELAY)))
    assert all(later - earlier >= DELAY - 1e-6 for earlier, later in pairwise(sent))
    assert seconds < len(sent) * DELAY + 5


def test_a_hold_outlasts_a_spared_visit() -> None:
    limiter = RateLimiter((0.0, 0.0))
    limiter.hold("a", 50.0)
    assert not limiter.start("a", 1.0)
    assert limiter.start("a", 51.0)
    limiter.hold("a", 99.0)
    limiter.turn_back("a")
    assert limiter.next_start("a") == 99.0
