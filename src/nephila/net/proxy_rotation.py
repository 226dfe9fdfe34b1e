"""Proxies in turn, with regard to their health."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from nephila.errors import ConfigError
from nephila.options.proxy import ProxyConfig
from nephila.options.strategies import ProxyOutcome, ProxyRotationStrategy

_LATENCY_WEIGHT: Final = 0.2
"""Of the newest try in the moving average of latencies."""

_MAX_SESSIONS: Final = 100_000
"""Sessions remembered at once; the oldest one makes room."""


@dataclass(frozen=True, slots=True)
class ProxyStatistics:
    """How a proxy has done so far.

    Attributes:
        server: `scheme://host:port`, without user and password.
        successes: Tries in which an answer came through it.
        failures: Tries in which it failed.
        ejected_until: When it is tried again, in seconds since the epoch; None when it is in use.
        latency: Seconds its successful tries took, a moving average; None before the first one.
        reason: Its last failure, in a sentence; empty when there was none.
    """

    server: str
    successes: int
    failures: int
    ejected_until: float | None
    latency: float | None
    reason: str


@dataclass(slots=True)
class _Health:
    proxy: ProxyConfig
    successes: int = 0
    failures: int = 0
    in_a_row: int = 0
    ejections: int = 0
    probing: bool = False
    until: float = 0.0
    latency: float | None = None
    reason: str = ""


@dataclass(slots=True)
class _Session:
    health: _Health
    ends: float | None = field(default=None)


class RoundRobinProxyStrategy(ProxyRotationStrategy):
    """One proxy after the other, without those that fail.

    A proxy that fails `eject_after` times in a row is left out for `cool_down` seconds. Then one try goes through it:
    if that works it is back, if not it is left out for twice as long, up to `max_cool_down`. While all of them are left
    out, the one whose time is over first is taken: a proxy that may work is better than none, and nothing is ever sent
    without one.

    Safe to use from several tasks, threads, crawlers and configs at once.

    Args:
        proxies: The proxies, as `ProxyConfig`s, strings or dicts.
        eject_after: Failures in a row.
        cool_down: Seconds.
        max_cool_down: Seconds.
        blocked_statuses: Statuses of answers that count as failures of the proxy, such as 403 and 429.

    Raises:
        ConfigError: A number is out of range, or a proxy cannot be read.
    """

    def __init__(
        self,
        proxies: Iterable[ProxyConfig | str] | None = None,
        eject_after: int = 3,
        cool_down: float = 30.0,
        max_cool_down: float = 1800.0,
        blocked_statuses: Iterable[int] = (),
    ) -> None:
        if eject_after < 1 or cool_down <= 0 or max_cool_down < cool_down:
            raise ConfigError("RoundRobinProxyStrategy: eject_after is at least 1, and 0 < cool_down <= max_cool_down.")
        self.eject_after = eject_after
        self.cool_down = cool_down
        self.max_cool_down = max_cool_down
        self.blocked_statuses = tuple(sorted(blocked_statuses))
        self._clock: Callable[[], float] = time.time
        self._lock = threading.Lock()
        self._known: dict[str, _Health] = {}
        self._turn = 0
        self._sessions: dict[str, _Session] = {}
        self.add_proxies(list(proxies or ()))

    @property
    def proxies(self) -> list[ProxyConfig]:
        """The proxies in their order."""
        with self._lock:
            return [health.proxy for health in self._known.values()]

    def add_proxies(self, proxies: Sequence[ProxyConfig | str]) -> None:
        """Add proxies at the end; those that are there already keep their place and their record."""
        read = [_read(proxy) for proxy in proxies]
        with self._lock:
            for proxy in read:
                self._known.setdefault(proxy.url(), _Health(proxy))

    async def get_next_proxy(self) -> ProxyConfig | None:
        """The next proxy that is not left out; None when there are no proxies at all."""
        with self._lock:
            health = self._next(self._clock())
            return None if health is None else health.proxy

    async def get_proxy_for_session(self, session_id: str, ttl: float | None = None) -> ProxyConfig | None:
        """The proxy of a session: the same until `ttl` seconds are over, or until it is ejected."""
        now = self._clock()
        with self._lock:
            session = self._sessions.get(session_id)
            if session is not None and _lasts(session, now) and session.health.until <= now:
                return self._handed_out(session.health, now).proxy
            health = self._next(now)
            if health is None:
                return None
            self._sessions.pop(session_id, None)
            self._sessions[session_id] = _Session(health, None if ttl is None else now + ttl)
            if len(self._sessions) > _MAX_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            return health.proxy

    async def release_session(self, session_id: str) -> None:
        """Forget the session's proxy."""
        with self._lock:
            self._sessions.pop(session_id, None)

    def get_session_proxy(self, session_id: str) -> ProxyConfig | None:
        """The proxy of a session; None when it has none, or its time is over."""
        return self.get_active_sessions().get(session_id)

    def get_active_sessions(self) -> dict[str, ProxyConfig]:
        """The proxies of the sessions whose time is not over."""
        now = self._clock()
        with self._lock:
            return {name: session.health.proxy for name, session in self._sessions.items() if _lasts(session, now)}

    async def cleanup_expired_sessions(self) -> int:
        """Forget the sessions whose time is over; returns how many there were."""
        now = self._clock()
        with self._lock:
            ended = [name for name, session in self._sessions.items() if not _lasts(session, now)]
            for name in ended:
                del self._sessions[name]
            return len(ended)

    def record(self, proxy: ProxyConfig, outcome: ProxyOutcome) -> None:
        """Score the proxy up or down."""
        ok = False if outcome.status_code in self.blocked_statuses else outcome.ok
        with self._lock:
            health = self._known.get(proxy.url())
            if health is None or ok is None:
                return
            if ok:
                self._succeeded(health, outcome.seconds)
            else:
                self._failed(health, outcome.reason or f"status {outcome.status_code}")

    def statistics(self) -> list[ProxyStatistics]:
        """How each proxy has done so far."""
        now = self._clock()
        with self._lock:
            return [
                ProxyStatistics(
                    health.proxy.server,
                    health.successes,
                    health.failures,
                    health.until if health.ejections and health.until > now else None,
                    health.latency,
                    health.reason,
                )
                for health in self._known.values()
            ]

    def _next(self, now: float) -> _Health | None:
        everyone = list(self._known.values())
        if not everyone:
            return None
        for step in range(len(everyone)):
            place = (self._turn + step) % len(everyone)
            if everyone[place].until <= now:
                self._turn = place + 1
                chosen = everyone[place]
                break
        else:
            chosen = min(everyone, key=lambda health: health.until)
        return self._handed_out(chosen, now)

    def _handed_out(self, health: _Health, now: float) -> _Health:
        if health.ejections:
            # Only this try is the probe; others are sent elsewhere until it has ended.
            health.probing = True
            health.until = max(health.until, now + self._pause(health.ejections))
        return health

    def _pause(self, ejections: int) -> float:
        # The exponent is bounded: a float of 2**1100 cannot be had.
        return min(self.cool_down * 2.0 ** min(ejections - 1, 60), self.max_cool_down)

    def _succeeded(self, health: _Health, seconds: float) -> None:
        health.successes += 1
        health.in_a_row = health.ejections = 0
        health.until = 0.0
        health.probing = False
        old = health.latency
        health.latency = seconds if old is None else old + _LATENCY_WEIGHT * (seconds - old)

    def _failed(self, health: _Health, reason: str) -> None:
        health.failures += 1
        health.in_a_row += 1
        health.reason = reason
        now = self._clock()
        if health.ejections == 0 and health.in_a_row >= self.eject_after:
            health.ejections = 1
            health.until = now + self._pause(1)
        elif health.probing:
            # What was still under way when the proxy was ejected is no probe, and says nothing new.
            health.ejections += 1
            health.until = now + self._pause(health.ejections)
        health.probing = False


def _read(proxy: ProxyConfig | str | object) -> ProxyConfig:
    if isinstance(proxy, ProxyConfig):
        return proxy
    if isinstance(proxy, str):
        return ProxyConfig.from_string(proxy)
    if isinstance(proxy, dict):
        return ProxyConfig.from_kwargs(proxy)
    raise ConfigError(f"A proxy is a ProxyConfig, a string or a dict, not a {type(proxy).__name__}.")


def _lasts(session: _Session, now: float) -> bool:
    return session.ends is None or now < session.ends
