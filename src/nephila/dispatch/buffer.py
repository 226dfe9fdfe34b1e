"""The results that wait for the consumer of a run: bounded in number and in bytes."""

from __future__ import annotations

import asyncio
from collections import deque

from nephila.result import CrawlResult

MAX_BYTES = 64_000_000
"""What the results that wait, and those of the visits under way, may take together while the consumer is busy."""

_WHILE_WANTED = 4
"""Times as much may be under way while the consumer waits: then it is the crawl that is slow."""

_FIRST_GUESS = 1_000_000
"""Bytes a result takes, until some were seen."""

_WEIGHT = 0.1
"""Of the newest result in the average."""


class ResultBuffer:
    """Results in the order they are finished.

    How much a visit under way will bring is estimated by what the ones before it brought, on average.

    Args:
        max_bytes: See `MAX_BYTES`.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._results: deque[tuple[CrawlResult, int]] = deque()
        self._held = 0
        self._typical = float(_FIRST_GUESS)
        self._wanted = False
        self._ended = False
        self._moved = asyncio.Event()

    def __len__(self) -> int:
        return len(self._results)

    @property
    def ended(self) -> bool:
        """Whether nothing is added any more."""
        return self._ended

    @property
    def held_bytes(self) -> int:
        """What the waiting results take, about."""
        return self._held

    def put(self, result: CrawlResult) -> None:
        """Add a finished result."""
        size = result.held_bytes()
        self._results.append((result, size))
        self._held += size
        self._typical += (size - self._typical) * _WEIGHT
        self._moved.set()

    def end(self) -> None:
        """Nothing is added any more."""
        self._ended = True
        self._moved.set()

    async def take(self) -> CrawlResult | None:
        """The next result, waited for; None when there are no more."""
        self._wanted = True
        try:
            while not self._results:
                if self._ended:
                    return None
                self._moved.clear()
                await self._moved.wait()
        finally:
            self._wanted = False
        result, size = self._results.popleft()
        self._held -= size
        return result

    def room(self, permits: int, under_way: int) -> int:
        """How many more visits may start, as far as their results are concerned."""
        by_number = permits - len(self._results)
        max_bytes = self._max_bytes * _WHILE_WANTED if self._wanted and not self._results else self._max_bytes
        by_bytes = int((max_bytes - self._held) / self._typical) - under_way
        if not self._results and not under_way:
            # One page larger than all of it must not stop the run.
            by_bytes = max(1, by_bytes)
        return min(by_number, by_bytes)
