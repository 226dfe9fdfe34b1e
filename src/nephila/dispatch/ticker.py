"""The thread that draws a monitor's view and writes its log records."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from nephila.dispatch.crawl_stats import CrawlStats

logger = logging.getLogger("nephila.monitor")


_CANNOT_WRITE = (OSError, ValueError)
"""The terminal has gone, was closed, or has no such characters."""


class View(Protocol):
    """Something that can be drawn over and over."""

    def draw(self) -> None:
        """Draw what is the case now."""
        ...

    def close(self) -> None:
        """Leave the last drawing where it is."""
        ...


class Ticker:
    """Draws and logs at regular times until it is stopped, and once more then.

    A thread, because a program that drives a monitor itself need not have an event loop, and so that a view does not
    stand still while the loop is busy.

    Args:
        snapshot: Gives the numbers.
        view: What is drawn; None for nothing.
        refresh_rate: Seconds between two drawings.
        log_interval: Seconds between two log records; None for no records.
    """

    def __init__(
        self,
        snapshot: Callable[[], CrawlStats],
        view: View | None,
        refresh_rate: float,
        log_interval: float | None,
    ) -> None:
        self._snapshot = snapshot
        self._view = view
        self._refresh_rate = refresh_rate
        self._log_interval = log_interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nephila-monitor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after a last drawing and a last record."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pauses = [self._refresh_rate] if self._view is not None else []
        pauses += [self._log_interval] if self._log_interval is not None else []
        next_record = time.monotonic() + (self._log_interval or 0.0)
        self._draw()
        while not self._stopping.wait(min(pauses)):
            self._draw()
            if self._log_interval is not None and time.monotonic() >= next_record:
                next_record += self._log_interval
                logger.info("%s", self._snapshot().line())
        self._draw()
        self._close()
        if self._log_interval is not None:
            logger.info("%s", self._snapshot().summary())

    def _draw(self) -> None:
        if self._view is None:
            return
        try:
            self._view.draw()
        except _CANNOT_WRITE as error:
            # The crawl does not need it.
            logger.warning("the view of the crawl cannot be drawn any more: %s", error)
            self._close()

    def _close(self) -> None:
        view, self._view = self._view, None
        if view is None:
            return
        try:
            view.close()
        except _CANNOT_WRITE as error:
            logger.debug("the view of the crawl could not be closed: %s", error)
