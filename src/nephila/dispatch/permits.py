"""How many visits may be under way, over all runs that share a dispatcher."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Permits:
    """A counted limit that may change while it is in use; whoever waits for a permit is told when one is free.

    It may be shared by runs on different threads; what a listener is told comes from any of them.

    Args:
        limit: Visits at once, at least 1.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._listeners: dict[object, Callable[[], None]] = {}
        self._lock = threading.Lock()

    @property
    def limit(self) -> int:
        """Visits at once."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        raised = limit > self._limit
        self._limit = max(1, limit)
        if raised:
            self._tell()

    @property
    def free(self) -> int:
        """Permits that can be taken now; lowering the limit takes effect as visits end."""
        return max(0, self._limit - self._taken)

    def take(self) -> bool:
        """Take one; False when somebody else was faster."""
        with self._lock:
            if self._taken >= self._limit:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Give one back."""
        with self._lock:
            self._taken -= 1
        self._tell()

    def listen(self, listener: object, callback: Callable[[], None]) -> None:
        """Call `callback` whenever a permit becomes free, until `leave(listener)`."""
        self._listeners[listener] = callback

    def leave(self, listener: object) -> None:
        """Stop listening."""
        del self._listeners[listener]

    def _tell(self) -> None:
        for callback in list(self._listeners.values()):
            callback()
