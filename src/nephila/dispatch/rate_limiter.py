"""The pace of each host: a pause between requests, a limit at once, and what becomes of a URL that was refused."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

from nephila.dispatch.adaptive_pace import AdaptivePace
from nephila.dispatch.host_limits import Delay, HostLimits, HostPace, pair_of, require_concurrency
from nephila.errors import ConfigError, ErrorCode
from nephila.judge import RETRY_ERRORS
from nephila.net.url import is_raw, parse

_KEPT_HOSTS = 100_000
"""Hosts whose pace is remembered; the ones that have been idle longest are forgotten first."""

_PATIENCE = 0.25
"""Seconds a visit holds its place for the gap that a robots.txt asks for."""

RETRY_ON = frozenset((ErrorCode.CONNECT, ErrorCode.TIMEOUT, ErrorCode.CONNECTION_LOST))
"""The default of `retry_on`. A name that does not resolve or a proxy that refuses seldom changes within seconds."""

_OVERLOADED = frozenset((ErrorCode.CONNECT, ErrorCode.TIMEOUT, ErrorCode.CONNECTION_LOST))
"""Failures that a host with too much to do may cause."""


class RateLimiter:
    """Keeps each host's limits, slows down for hosts that ask for it, and tries again.

    Requests to one host are at least a delay drawn from `base_delay` apart, as the host sees them, and never more
    than `max_per_host` at once. An answer with one of `rate_limit_codes` doubles the host's delay (with jitter, up to
    `max_delay`); every other answer shortens it by a quarter until it is the base delay again.

    A URL that was answered so, or that failed with one of `retry_on`, goes back to its host's queue up to
    `max_retries` times, and rests there for a random time between 0 and 1, 2, 4, ... seconds, at most `max_delay`
    ("full jitter", M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Other URLs of its host
    go on meanwhile. Only requests with an idempotent method are repeated.

    `Retry-After` on such an answer holds back the whole host for as long as it says, and does not count as a retry;
    one URL is held back so 10 times at most. With `max_retries=0` nothing is repeated.

    A limiter may be shared by dispatchers, runs and threads; their requests then count together.

    Args:
        base_delay: Seconds, a number or a (shortest, longest) pair to draw from.
        max_delay: Seconds; the longest pause between requests to a host that is slowed down, and the longest rest.
        max_retries: Visits repeated for one URL; the larger of this and the config's `max_retries` counts.
        rate_limit_codes: Statuses that mean "slower"; None means 429 and 503.
        retry_on: Error codes worth a retry: of dns, connect, proxy, timeout and connection_lost.
        max_per_host: Visits at once to one host; None means no limit but the dispatcher's.
        adaptive: Find out for each host how fast it may go: from `base_delay` and one at a time on, faster while it
            answers as quickly as before, slower when its latency grows, it fails or says that it is too much.
        per_host: Limits by host name, with or without a port; they are kept in the adaptive mode too.
        max_retry_after: Seconds; a longer `Retry-After` makes the answer final, and holds the host for `max_delay`.

    Raises:
        ConfigError: A value cannot be used.
    """

    def __init__(
        self,
        base_delay: Delay = (1.0, 3.0),
        max_delay: float = 60.0,
        max_retries: int = 3,
        rate_limit_codes: Iterable[int] | None = None,
        *,
        retry_on: Iterable[ErrorCode | str] = RETRY_ON,
        max_per_host: int | None = None,
        adaptive: bool = False,
        per_host: Mapping[str, HostLimits] | None = None,
        max_retry_after: float = 300.0,
    ) -> None:
        self.base_delay = pair_of(base_delay, "base_delay")
        if not (max_delay >= 0 and max_retries >= 0 and max_retry_after >= 0):
            raise ConfigError("max_delay, max_retries and max_retry_after cannot be negative.")
        require_concurrency(max_per_host, "max_per_host")
        self.max_delay = max_delay
        self.max_retries = max_retries
        codes = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
        self.rate_limit_codes = frozenset(codes if rate_limit_codes is None else rate_limit_codes)
        self.retry_on = _checked_codes(retry_on)
        self.max_per_host = max_per_host
        self.adaptive = adaptive
        self.per_host = {_host_name(name): limits for name, limits in (per_host or {}).items()}
        self.max_retry_after = max_retry_after
        self._hosts: OrderedDict[str, HostPace] = OrderedDict()
        self._listeners: dict[object, Callable[[str], None]] = {}
        self._lock = threading.Lock()

    def next_start(self, host: str) -> float:
        """When the next visit to `host` may start; in the past when it may start now."""
        pace = self._hosts.get(host)
        return pace.may_start if pace is not None else 0.0

    def room(self, host: str) -> int:
        """Visits to `host` that may start together, besides those under way."""
        pace = self._hosts.get(host)
        if pace is None:
            with self._lock:
                pace = self._pace(host)
        return pace.room

    def start(self, host: str, now: float) -> bool:
        """Count a visit to `host` as started; False when it may not start now."""
        with self._lock:
            pace = self._pace(host)
            if pace.may_start > now or pace.room < 1:
                return False
            pace.active += 1
            pace.next_start = now + pace.pause()
            return True

    def ended(self, host: str) -> None:
        """A visit to `host` has ended, however it did."""
        with self._lock:
            pace = self._hosts[host]
            pace.active -= 1
        if pace.is_limited:
            self._tell(host)

    def finished(self, host: str, status: int | None, error: ErrorCode | None, began: float, now: float) -> None:
        """A request to `host` sent at `began` has got its answer, or failed: go on slower or faster."""
        with self._lock:
            self._adjust(self._pace(host), status, error, began, now)

    def hold(self, host: str, until: float) -> None:
        """Send nothing to `host` before `until`."""
        with self._lock:
            pace = self._pace(host)
            pace.held_until = max(pace.held_until, until)
            pace.next_start = max(pace.next_start, until)

    async def before_send(self, host: str) -> float | None:
        """Wait until a request may be sent to `host`, count it as sent, and return when that was.

        Visits start a delay apart, but what comes before the first byte (a name look-up, a connection, a TLS handshake)
        takes one longer than the other, so that their requests could still arrive together. Measured here, between
        the connection and the request, the gap is the one the host sees. The wait is short, because it only makes up
        for such differences; None, and nothing is sent, when there would have to be a longer one: the host has asked
        for it meanwhile, or its robots.txt wants a long gap.
        """
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            with self._lock:
                pace = self._pace(host)
                if pace.held_until > now:
                    return None
                wait = pace.last_sent + pace.shortest_gap() - now
                if wait <= 0:
                    pace.last_sent = now
                    return now
                if pace.floor and (pace.waiting or wait > _PATIENCE):
                    # It started before the host's crawl delay was known, like many others perhaps.
                    behind = pace.last_sent + pace.shortest_gap() * (1 + pace.waiting)
                    pace.next_start = max(pace.next_start, behind)
                    return None
                pace.waiting += 1
            try:
                await asyncio.sleep(wait)
            finally:
                with self._lock:
                    pace.waiting -= 1

    def sent(self, host: str, now: float) -> None:
        """A request was sent to `host` without a turn (the hop of a redirect): the next has to wait from here."""
        with self._lock:
            pace = self._pace(host)
            pace.last_sent = now
            pace.next_start = max(pace.next_start, now + pace.shortest_gap())

    async def before_hop(self, host: str) -> None:
        """Count the hop of a redirect, which leaves at once unless the host's robots.txt asks for a gap."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            pace = self._hosts.get(host)
            wait = pace.last_sent + pace.floor - now if pace is not None and pace.floor else 0.0
            if wait <= 0:
                self.sent(host, now)
                return
            await asyncio.sleep(wait)

    def keep_gap(self, host: str, seconds: float) -> None:
        """Keep requests to `host` at least so far apart from now on, whatever else is configured; 0 ends that."""
        pace = self._hosts.get(host)
        if seconds == (pace.floor if pace is not None else 0.0):
            return
        with self._lock:
            pace = self._pace(host)
            pace.floor = seconds
            pace.next_start = max(pace.next_start, pace.last_sent + seconds)

    def turn_back(self, host: str) -> None:
        """The visit just started has sent nothing and will not: its turn is free again."""
        with self._lock:
            pace = self._pace(host)
            pace.next_start = max(pace.held_until, pace.last_sent + pace.shortest_gap())
        self._tell(host)

    def suspend(self, host: str) -> None:
        """Start no visit to `host` until `resume`, which has to be called as often."""
        with self._lock:
            self._pace(host).suspended += 1

    def resume(self, host: str) -> None:
        """One reason less to wait."""
        with self._lock:
            self._pace(host).suspended -= 1
        self._tell(host)

    def listen(self, listener: object, callback: Callable[[str], None]) -> None:
        """Call `callback` with each host that may take a visit sooner than was known, until `leave(listener)`."""
        self._listeners[listener] = callback

    def leave(self, listener: object) -> None:
        """Stop listening."""
        del self._listeners[listener]

    async def wait_if_needed(self, url: str) -> None:
        """Wait until a request to the URL's host may start, and count it as started."""
        host = host_key(url)
        now = asyncio.get_running_loop().time()
        with self._lock:
            pace = self._pace(host)
            start = max(pace.next_start, now)
            # Taken before sleeping, so that several waiters of one host do not wake together.
            pace.next_start = start + pace.pause()
        await asyncio.sleep(start - now)

    def update_delay(self, url: str, status_code: int) -> bool:
        """Tell how the URL's host answered; False once it has limited more than `max_retries` times in a row."""
        host = host_key(url)
        now = asyncio.get_running_loop().time()
        self.finished(host, status_code, None, now, now)
        return self._hosts[host].failures <= self.max_retries

    def _tell(self, host: str) -> None:
        for tell in list(self._listeners.values()):
            tell(host)

    def _adjust(self, pace: HostPace, status: int | None, error: ErrorCode | None, began: float, now: float) -> None:
        """Slow down or speed up."""
        if status in self.rate_limit_codes:
            pace.limited(began, now, self.max_delay)
            pace.next_start = max(pace.next_start, now + pace.delay)
        elif error in _OVERLOADED or (status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR):
            pace.failed(began, now)
        elif status is not None:
            pace.answered(began, now - began)

    def _pace(self, host: str) -> HostPace:
        """The host's pace, made when it is new, and now the last to be forgotten."""
        pace = self._hosts.get(host)
        if pace is None:
            pace = self._hosts[host] = self._new_pace(host)
            if len(self._hosts) > _KEPT_HOSTS:
                self._forget()
        else:
            self._hosts.move_to_end(host)
        return pace

    def _new_pace(self, host: str) -> HostPace:
        limits = self.per_host.get(host) if self.per_host else None
        if limits is None and self.per_host:
            name, _, port = host.rpartition(":")
            limits = self.per_host.get(name) if port.isdigit() else None
        delay, concurrency = self.base_delay, self.max_per_host or 0
        if limits is not None:
            delay = delay if limits.delay is None else pair_of(limits.delay, "delay")
            concurrency = limits.concurrency or concurrency
        if self.adaptive:
            return AdaptivePace(delay, concurrency, fixed=limits is not None and limits.delay is not None)
        return HostPace(delay, concurrency)

    def _forget(self) -> None:
        """Forget the oldest host that has nothing under way and no pause to be kept; two looks for each new host."""
        now = asyncio.get_running_loop().time()
        for _ in range(2):
            host = next(iter(self._hosts))
            pace = self._hosts[host]
            if not pace.active and pace.may_start <= now:
                del self._hosts[host]
                if len(self._hosts) <= _KEPT_HOSTS:
                    return
            else:
                self._hosts.move_to_end(host)


def host_key(url: object) -> str:
    """Host and port of a URL, the unit of pacing; empty when it has none."""
    if not isinstance(url, str) or is_raw(url):
        return ""
    parsed = parse(url)
    return parsed.host if parsed is not None else ""


def _host_name(name: str) -> str:
    """A name in `per_host` as URLs have it: lower case, in ASCII."""
    key = host_key(f"http://{name}/")
    if not key or "/" in name or "@" in name:
        raise ConfigError(f"per_host: {name!r} is not a host name such as 'shop.example' or 'shop.example:8080'.")
    return key


def _checked_codes(codes: Iterable[ErrorCode | str]) -> frozenset[ErrorCode]:
    given = frozenset(codes)
    wrong = sorted(str(code) for code in given if code not in RETRY_ERRORS)
    if wrong:
        known = ", ".join(sorted(RETRY_ERRORS))
        raise ConfigError(f"retry_on: {', '.join(wrong)} does not go away by trying again; there are {known}.")
    return frozenset(ErrorCode(code) for code in given)
