"""How fast one host may go, found out by trying: additive increase, multiplicative decrease.

The rule is that of TCP (Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance",
1989; slow start and threshold as in RFC 5681), with latency as an early sign of too much, as in TCP Vegas.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from nephila.dispatch.host_limits import HostPace

_MOST = 100
"""Visits at once to a host for which no limit is configured."""

_TOO_SLOW = 1.5
"""A mean latency of so many times the lowest one means that requests wait for each other at the host."""

_WEIGHT = 0.1
"""Of a new latency in the moving mean."""

_DRIFT = 1.0005
"""The lowest mean is forgotten by this factor with every answer, so that a host that has become slower for good is
not held against its better days."""

_FEW = 8
"""Answers before the moving mean says something."""

_BACK_TO_BACK = 0.002
"""A pause below this is none."""

_CAREFUL = 0.98
"""Close to the pause at which the host has protested, a good answer shortens it only by this factor."""

_FIRST_PAUSE = 0.05


@dataclass(slots=True, eq=False)
class AdaptivePace(HostPace):
    """A host that is approached with its base delay and one request at a time, and then gone faster and faster.

    Attributes:
        fixed: Whether the delay is configured for this very host, and so never undercut.
        window: Visits at once.
        slow_start: Whether nothing has ever been too much.
        mean: Moving mean of the latency in seconds; 0 without one.
        lowest: The lowest mean, slowly forgotten.
        answers: Since the last decrease.
        edge: The pause at which the host last protested; 0 when it never has.
    """

    fixed: bool = False
    window: float = 1.0
    slow_start: bool = True
    mean: float = 0.0
    lowest: float = 0.0
    answers: int = 0
    edge: float = 0.0

    def __post_init__(self) -> None:
        if not self.fixed:
            # A delay is only what one begins with.
            self.delay = self.base[1]
            self.base = (0.0, 0.0)

    @property
    def room(self) -> int:
        """Visits that may start besides those under way."""
        free = int(self.window) - self.active
        return min(free, 1) if self.delay or self.base[1] or self.floor else free

    @property
    def is_limited(self) -> bool:
        """Always."""
        return True

    def answered(self, began: float, latency: float) -> None:
        """A good answer: go on a little faster, unless answers take longer and longer."""
        self.failures = 0
        if began < self.slowed_at:
            return
        self.answers += 1
        self.mean = latency if not self.mean else self.mean + _WEIGHT * (latency - self.mean)
        if self.answers >= _FEW:
            self.lowest = min(self.mean, self.lowest * _DRIFT) if self.lowest else self.mean
            if self.mean > self.lowest * _TOO_SLOW and self.window > 1:
                # Far enough to go below what the host can take, where the lowest latency shows itself again.
                self._decrease(began + latency, 0.7)
                return
            if self.window == 1:
                # Alone at the host: this is how long it takes by now.
                self.lowest = self.mean
        if self.delay:
            self.delay *= _CAREFUL if self.delay < 2 * self.edge else 0.75
            if self.delay <= max(self.base[1], _BACK_TO_BACK):
                self.delay = 0.0
        if self.active >= int(self.window):
            # A window that is not used up proves nothing about a larger one.
            grown = self.window + (1.0 if self.slow_start else 1.0 / self.window)
            self.window = min(grown, float(self.concurrency or _MOST))

    def failed(self, began: float, now: float) -> None:
        """A time-out or a lost connection: the host may have too much to do."""
        if began >= self.slowed_at:
            self._decrease(now, 0.5)

    def limited(self, began: float, now: float, longest: float) -> None:
        """The host has said that it is too much: half as many at once, and half as often."""
        self.failures += 1
        if began < self.slowed_at:
            return
        # What the host was asked for when it protested: the pause there was, or the one that so many at once come to.
        current = self.delay or max(self.base[1], self.mean / self.window, _FIRST_PAUSE / 2)
        if self.failures == 1:
            self.edge = current
        doubled = max(current * 2, _FIRST_PAUSE) * random.uniform(0.9, 1.1)  # noqa: S311 - jitter, not a secret
        self.delay = max(min(doubled, longest), self.base[1])
        self._decrease(now, 0.5)

    def _decrease(self, now: float, factor: float) -> None:
        """Fewer at once; requests under way were sent before and say nothing more."""
        self.slow_start = False
        self.window = max(1.0, self.window * factor)
        self.slowed_at = now
        self.answers = 0
        self.mean = 0.0
