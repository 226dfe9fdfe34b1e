"""What is allowed at one host, and how fast it has turned out it may go."""

from __future__ import annotations

import random
from dataclasses import dataclass

from nephila.errors import ConfigError

Delay = float | tuple[float, float]
"""Seconds: a number, or a (shortest, longest) pair to draw from."""

_FIRST_PAUSE = 0.1
"""Seconds a host without a pause is slowed down to at first."""

UNLIMITED = 1 << 30
"""Visits at once where there is no limit."""

_SHORTENED = 0.75
"""A longer pause becomes this part of itself with every good answer."""


@dataclass(frozen=True, slots=True)
class HostLimits:
    """Limits of one host that replace those of the rate limiter.

    Attributes:
        delay: Seconds between requests, a number or a (shortest, longest) pair; None means `base_delay`.
        concurrency: Visits at once; None means `max_per_host`.
    """

    delay: Delay | None = None
    concurrency: int | None = None

    def __post_init__(self) -> None:
        if self.delay is not None:
            pair_of(self.delay, "delay")
        require_concurrency(self.concurrency, "concurrency")


def pair_of(delay: Delay, name: str) -> tuple[float, float]:
    """The shortest and the longest delay; raises ConfigError when they are none."""
    shortest, longest = delay if isinstance(delay, tuple | list) else (delay, delay)
    if not 0 <= shortest <= longest < float("inf"):
        raise ConfigError(f"{name} {delay!r} is not a pair of seconds (shortest, longest).")
    return float(shortest), float(longest)


def require_concurrency(concurrency: int | None, name: str) -> None:
    """Raise ConfigError unless it is None or at least 1."""
    if concurrency is not None and concurrency < 1:
        raise ConfigError(f"{name} has to be at least 1, or None for no limit of its own, not {concurrency!r}.")


@dataclass(slots=True, eq=False)
class HostPace:
    """What is known of one host; times are those of the event loop's clock.

    Attributes:
        base: The shortest and the longest delay, as configured.
        concurrency: Visits at once; 0 means no limit.
        next_start: No visit starts before.
        held_until: No request is sent before: the host has asked for it.
        last_sent: When the newest request was sent.
        delay: Seconds between requests while the host is slowed down; 0 means the base delay.
        slowed_at: When it was last slowed down; answers to requests from before say nothing new.
        failures: Rate-limit answers in a row.
        active: Visits under way, over all runs.
        floor: Seconds between requests that the host's robots.txt asks for; nothing goes below.
        waiting: Requests that wait for the gap after the last one.
        suspended: Reasons why no visit starts until something has happened.
    """

    base: tuple[float, float]
    concurrency: int = 0
    next_start: float = 0.0
    held_until: float = 0.0
    last_sent: float = float("-inf")
    delay: float = 0.0
    slowed_at: float = float("-inf")
    failures: int = 0
    active: int = 0
    floor: float = 0.0
    waiting: int = 0
    suspended: int = 0

    @property
    def may_start(self) -> float:
        """When the next visit may start; never, as long as the host is suspended."""
        return float("inf") if self.suspended else self.next_start

    @property
    def room(self) -> int:
        """Visits that may start besides those under way; at most one where there is a pause between them."""
        free = self.concurrency - self.active if self.concurrency else UNLIMITED
        return min(free, 1) if self.delay or self.base[1] or self.floor else free

    @property
    def is_limited(self) -> bool:
        """Whether the number of visits at once is limited."""
        return self.concurrency > 0

    def pause(self) -> float:
        """Seconds from one start to the next."""
        shortest, longest = self.base
        pause = self.delay or (shortest if shortest == longest else random.uniform(shortest, longest))  # noqa: S311
        return max(pause, self.floor)

    def shortest_gap(self) -> float:
        """Seconds that are always between two requests."""
        return max(self.delay or self.base[0], self.floor)

    def answered(self, began: float, latency: float) -> None:
        """A good answer to a request begun at `began`: take back some of the slowing down."""
        self.failures = 0
        if self.delay and began >= self.slowed_at:
            self.delay *= _SHORTENED
            if self.delay <= max(self.base[1], _FIRST_PAUSE / 2):
                self.delay = 0.0

    def failed(self, began: float, now: float) -> None:
        """A time-out or a lost connection: says nothing about how fast one may go."""

    def limited(self, began: float, now: float, longest: float) -> None:
        """The host has said that it is too much: double the pause, once for all requests that were under way."""
        self.failures += 1
        if began < self.slowed_at:
            return
        self.slowed_at = now
        doubled = max(self.delay, self.base[1], _FIRST_PAUSE) * 2 * random.uniform(0.75, 1.25)  # noqa: S311
        # Never below what is configured, even where that is above the longest pause.
        self.delay = max(min(doubled, longest), self.base[1])
