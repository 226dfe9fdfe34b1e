"""Deadlines of many exchanges with one timer: a timer for each costs more than all else about a small page."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadlines:
    """Scopes that end at their deadlines; belongs to one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open: dict[Deadline, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = float("inf")

    def until(self, when: float) -> Deadline:
        """A scope that raises `TimeoutError` at a time on the loop's clock."""
        return Deadline(self, when)

    def close(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def add(self, deadline: Deadline) -> None:
        """Watch a deadline."""
        self._open[deadline] = None
        if deadline.when < self._next:
            self._arm(deadline.when)

    def remove(self, deadline: Deadline) -> None:
        """Watch it no more; the timer is left to find nothing."""
        del self._open[deadline]

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = when
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        self._next = float("inf")
        # A timer may come early by as much as the clock resolves, and was armed for a deadline that may be gone by now.
        now = self._loop.time() + 0.001
        for deadline in self._open:
            if deadline.when <= now:
                deadline.expire()
        waiting = [each.when for each in self._open if not each.expired()]
        if waiting:
            self._arm(min(waiting))


class Deadline:
    """One scope, as `asyncio.timeout_at` makes them, but without coroutines of its own: `with`, in a task."""

    __slots__ = ("_cancelling", "_deadlines", "_expired", "_task", "reason", "when")

    def __init__(self, deadlines: Deadlines, when: float) -> None:
        self._deadlines = deadlines
        self._expired = False
        self._task: asyncio.Task[object] | None = None
        self.when = when
        self.reason = ""

    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return self._expired

    def expire(self, reason: str = "") -> None:
        """End the scope now; the reason is given when that is before its time."""
        if not self._expired and self._task is not None:
            self.reason = reason
            self._expired = True
            self._task.cancel()

    def __enter__(self) -> Deadline:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._deadlines.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadlines.remove(self)
        task, self._task = self._task, None
        if not self._expired or task is None:
            return
        # As in asyncio.Timeout: only a cancellation that came from here becomes a time-out.
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
