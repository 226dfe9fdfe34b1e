"""The sessions of a crawler: a cookie jar for each `session_id`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nephila.models import JSONValue
from nephila.net.cookie_jar import CookieJar

IDLE_SECONDS: Final = 1800.0
"""A session that no visit has used for so long is forgotten."""

MAX_SESSIONS: Final = 1000
"""The session that was used longest ago makes room for one more."""


@dataclass(slots=True)
class Session:
    """What visits with one `session_id` share.

    Attributes:
        session_id: Its name.
        jar: Its cookies.
        origins: Local storage by origin as it was imported; plain HTTP has no use for it.
        used: When a visit last used it, on the store's clock.
    """

    session_id: str
    jar: CookieJar
    origins: list[JSONValue] = field(default_factory=list)
    used: float = 0.0


class Sessions:
    """Sessions by their ids, bounded in number and in idle time; safe to use from several threads.

    A visit under way keeps the jar it began with, also when the session is closed meanwhile.

    Args:
        begin: Makes a new session's jar.
        idle_seconds: See `IDLE_SECONDS`.
        limit: See `MAX_SESSIONS`.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        begin: Callable[[], CookieJar] = CookieJar,
        idle_seconds: float = IDLE_SECONDS,
        limit: int = MAX_SESSIONS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._begin = begin
        self._idle_seconds = idle_seconds
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def get(self, session_id: str) -> Session:
        """The session of that name, begun when there is none; counts as a use."""
        now = self._clock()
        with self._lock:
            self._forget_idle(now)
            session = self._sessions.pop(session_id, None) or Session(session_id, self._begin())
            session.used = now
            # At the end: the first one is always the one that was used longest ago.
            self._sessions[session_id] = session
            if len(self._sessions) > self._limit:
                del self._sessions[next(iter(self._sessions))]
            return session

    def find(self, session_id: str) -> Session | None:
        """The session of that name, if there is one; no use."""
        with self._lock:
            self._forget_idle(self._clock())
            return self._sessions.get(session_id)

    def kill(self, session_id: str) -> bool:
        """Forget a session; returns whether there was one."""
        with self._lock:
            return self._sessions.pop(session_id, None) is not None

    def ids(self) -> list[str]:
        """The names of the sessions, the one used longest ago first."""
        with self._lock:
            self._forget_idle(self._clock())
            return list(self._sessions)

    def _forget_idle(self, now: float) -> None:
        while self._sessions:
            oldest = next(iter(self._sessions.values()))
            if now - oldest.used <= self._idle_seconds:
                return
            del self._sessions[oldest.session_id]
