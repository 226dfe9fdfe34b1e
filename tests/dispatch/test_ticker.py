from __future__ import annotations

import logging
import time

import pytest

from nephila import CrawlStats
from nephila.dispatch.ticker import Ticker


class Broken:
    """A terminal that goes away after a few drawings."""

    def __init__(self, drawings: int, error: Exception) -> None:
        self.left = drawings
        self.drawn = 0
        self.closed = 0
        self.error = error

    def draw(self) -> None:
        if not self.left:
            raise self.error
        self.left -= 1
        self.drawn += 1

    def close(self) -> None:
        self.closed += 1
        if not self.left:
            raise self.error


@pytest.mark.parametrize(
    "error", [OSError("gone"), ValueError("closed"), UnicodeEncodeError("ascii", "\u2500", 0, 1, "no")]
)
def test_a_terminal_that_goes_away(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    view = Broken(2, error)
    with caplog.at_level(logging.INFO, "nephila.monitor"):
        ticker = Ticker(CrawlStats, view, refresh_rate=0.01, log_interval=0.03)
        end = time.monotonic() + 10
        while sum("URLs finished" in record.message for record in caplog.records) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
        ticker.stop()
    assert (view.drawn, view.closed) == (2, 1)
    assert sum("cannot be drawn" in record.message for record in caplog.records) == 1
    assert caplog.records[-1].message.startswith("0 URLs in")


def test_the_last_drawing_is_of_the_end() -> None:
    view = Broken(1000, OSError())
    ticker = Ticker(CrawlStats, view, refresh_rate=60.0, log_interval=None)
    begin = time.monotonic()
    ticker.stop()
    assert time.monotonic() - begin < 10
    assert (view.drawn, view.closed) == (2, 1)
