"""Waiting for what happens elsewhere: in another process, or in the test site's thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psutil


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


def children() -> list[psutil.Process]:
    """Every process below this one, zombies included."""
    return psutil.Process().children(recursive=True)
