"""SIGTERM during a run: Python's own answer to it is to vanish, with everything that was finished."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType

EXIT_CODE = 128 + signal.SIGTERM
"""What a shell says of a process that SIGTERM has ended."""


class Termination:
    """Tells the running loop of a SIGTERM, as `asyncio.run` does it for SIGINT.

    The tasks that take the results of runs are cancelled; when the runs have ended, `SystemExit` is raised there (or,
    when they were busy elsewhere, where the crawler is closed), so that the program ends in order with the exit code
    of SIGTERM. The second SIGTERM ends it at once.

    Only in the main thread, and only when nobody else has said what SIGTERM is to do; what it did before is put back
    by `forget`.

    Args:
        callback: Called on the loop.
    """

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback
        self._loop = asyncio.get_running_loop()
        self._watching = False
        # One object, to know it by.
        self._own_handler = self._handle
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._own_handler)
            self._watching = True

    def forget(self) -> None:
        """Watch no more."""
        if self._watching and signal.getsignal(signal.SIGTERM) is self._own_handler:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._watching = False

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        # The second one does what it always did.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._loop.call_soon_threadsafe(self._callback)
