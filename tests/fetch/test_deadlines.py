"""Deadlines that share one timer."""

from __future__ import annotations

import asyncio

import pytest

from nephila.fetch.deadlines import Deadlines


async def test_a_deadline_that_is_gone_ends_nobody_else() -> None:
    deadlines = Deadlines()
    loop = asyncio.get_running_loop()
    with deadlines.until(loop.time() + 0.05):
        pass
    started = loop.time()
    with deadlines.until(started + 5):
        # The timer of the first one comes in the middle.
        await asyncio.sleep(0.15)
    assert loop.time() - started < 5
    deadlines.close()


async def test_each_ends_at_its_own_time() -> None:
    deadlines = Deadlines()
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def wait(seconds: float) -> float:
        with pytest.raises(TimeoutError), deadlines.until(started + seconds):
            await asyncio.sleep(60)
        return loop.time() - started - seconds

    late = await asyncio.gather(*(wait(seconds) for seconds in (0.3, 0.05, 0.2, 0.1)))
    assert all(-0.01 < seconds < 0.1 + 0.5 for seconds in late)
    deadlines.close()


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    deadlines = Deadlines()
    loop = asyncio.get_running_loop()

    async def wait() -> None:
        with deadlines.until(loop.time() + 60):
            await asyncio.sleep(60)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadlines.close()
