"""The least speed that a body has to come with."""

from __future__ import annotations

import asyncio

from nephila.fetch.deadlines import Deadline


class MinimumSpeed:
    """Ends a time-out scope early when too little arrives in it.

    Looked at once in a stretch of time rather than with every piece, so that a body that comes at once costs nothing.

    Attributes:
        received: Bytes so far; kept up to date by whoever receives them.
    """

    __slots__ = ("_handle", "_loop", "_mark", "_rate", "_scope", "_wanted", "_window", "received")

    def __init__(self, scope: Deadline, bytes_per_second: int, window: float) -> None:
        self._scope = scope
        self._wanted = bytes_per_second * window
        self._window = window
        self._mark = 0
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self.received = 0
        self._rate = bytes_per_second

    def start(self) -> None:
        """Begin to measure."""
        if self._wanted > 0:
            self._handle = self._loop.call_later(self._window, self._look)

    def stop(self) -> None:
        """Nothing more is expected."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        if self.received - self._mark >= self._wanted:
            self._mark = self.received
            self._handle = self._loop.call_later(self._window, self._look)
        elif not self._scope.expired():
            self._scope.expire(f"sent less than {self._rate} bytes a second (min_speed).")
