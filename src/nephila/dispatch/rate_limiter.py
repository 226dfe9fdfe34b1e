"""The pace of each host: a pause between requests, longer after a host has said it is too fast."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from nephila.errors import ConfigError
from nephila.net.url import parse

_KEPT_HOSTS = 100_000
"""Hosts whose pace is remembered; the ones that have been idle longest are forgotten first."""


@dataclass(slots=True)
class HostPace:
    """What is known of one host.

    Attributes:
        next_start: No request starts before this time (event loop's clock).
        delay: Seconds between requests while the host is slowed down; 0 means the base delay.
        failures: Rate-limit answers in a row.
    """

    next_start: float = 0.0
    delay: float = 0.0
    failures: int = 0


class RateLimiter:
    """Spaces the requests to each host and slows down for hosts that ask for it.

    Requests to one host start at least a delay drawn from `base_delay` apart. An answer with one of
    `rate_limit_codes` doubles the host's delay (with jitter, up to `max_delay`); `Retry-After` holds back the whole
    host for as long as it says. Such a URL goes back to its host's queue, up to `max_retries` times. Every other
    answer shortens the delay by a quarter until it is the base delay again.

    Args:
        base_delay: Seconds, a number or a (shortest, longest) pair to draw from.
        max_delay: Seconds; a longer `Retry-After` makes the answer final instead of being waited for.
        max_retries: Visits repeated for one URL.
        rate_limit_codes: Statuses that mean "slower"; None means 429 and 503.
    """

    def __init__(
        self,
        base_delay: float | tuple[float, float] = (1.0, 3.0),
        max_delay: float = 60.0,
        max_retries: int = 3,
        rate_limit_codes: Iterable[int] | None = None,
    ) -> None:
        shortest, longest = base_delay if isinstance(base_delay, tuple | list) else (base_delay, base_delay)
        if not 0 <= shortest <= longest:
            raise ConfigError(f"base_delay {base_delay!r} is not a pair of seconds (shortest, longest).")
        if max_delay < 0 or max_retries < 0:
            raise ConfigError("max_delay and max_retries cannot be negative.")
        self.base_delay = (float(shortest), float(longest))
        self.max_delay = max_delay
        self.max_retries = max_retries
        codes = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
        self.rate_limit_codes = frozenset(codes if rate_limit_codes is None else rate_limit_codes)
        self._hosts: dict[str, HostPace] = {}

    def next_start(self, host: str) -> float:
        """When the next request to `host` may start; in the past when it may start now."""
        pace = self._hosts.get(host)
        return pace.next_start if pace is not None else 0.0

    def started(self, host: str, now: float) -> None:
        """A request to `host` starts."""
        pace = self._pace(host)
        pause = pace.delay or random.uniform(*self.base_delay)  # noqa: S311 - jitter, not a secret
        pace.next_start = max(pace.next_start, now) + pause

    def finished(self, host: str, now: float, status: int | None, retry_after: float | None) -> bool:
        """A request to `host` has ended; returns whether it is worth repeating."""
        pace = self._pace(host)
        if status not in self.rate_limit_codes:
            pace.failures = 0
            if pace.delay:
                pace.delay *= 0.75
                if pace.delay <= self.base_delay[1]:
                    pace.delay = 0.0
            return False
        pace.failures += 1
        doubled = max(pace.delay, self.base_delay[1], 0.1) * 2 * random.uniform(0.75, 1.25)  # noqa: S311
        pace.delay = min(doubled, self.max_delay)
        pause = pace.delay if retry_after is None else min(retry_after, self.max_delay)
        pace.next_start = max(pace.next_start, now + pause)
        return retry_after is None or retry_after <= self.max_delay

    async def wait_if_needed(self, url: str) -> None:
        """Wait until a request to the URL's host may start, and count it as started."""
        host = host_key(url)
        now = asyncio.get_running_loop().time()
        start = max(self.next_start(host), now)
        # Taken before sleeping, so that several waiters of one host do not wake together.
        self.started(host, start)
        await asyncio.sleep(start - now)

    def update_delay(self, url: str, status_code: int) -> bool:
        """Tell how the URL's host answered; False once it has limited more than `max_retries` times in a row."""
        host = host_key(url)
        now = asyncio.get_running_loop().time()
        self.finished(host, now, status_code, None)
        return self._pace(host).failures <= self.max_retries

    def _pace(self, host: str) -> HostPace:
        pace = self._hosts.pop(host, None) or HostPace()
        self._hosts[host] = pace
        if len(self._hosts) > _KEPT_HOSTS:
            del self._hosts[next(iter(self._hosts))]
        return pace


def host_key(url: object) -> str:
    """Host and port of a URL, the unit of pacing; empty when it has none."""
    if not isinstance(url, str) or url[:4].lower() == "raw:":
        return ""
    parsed = parse(url)
    return parsed.host if parsed is not None else ""
