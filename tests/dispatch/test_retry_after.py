from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate

import pytest

from nephila.dispatch.retry_after import retry_after_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), (" 120 ", 120.0), ("1.5", 1.5), ("3, 5", 3.0), ("9" * 18, float("9" * 18))],
)
def test_seconds(value: str, seconds: float) -> None:
    assert retry_after_seconds(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "0",
        "-3",
        "soon",
        "3 minutes",
        "inf",
        "nan",
        "1e9",
        "9" * 5000,
        "Wed, 99 Oct 99999999 07:28:00 GMT",
        "٣",
    ],
)
def test_nothing_to_wait_for(value: str | None) -> None:
    assert retry_after_seconds(value) is None


def test_a_date() -> None:
    seconds = retry_after_seconds(formatdate(time.time() + 10, usegmt=True))
    assert seconds is not None
    assert 8.9 < seconds <= 10


def test_a_date_in_the_form_of_asctime_is_in_gmt_too() -> None:
    date = datetime.now(UTC) + timedelta(seconds=10)
    seconds = retry_after_seconds(date.strftime("%a %b %d %H:%M:%S %Y"))
    assert seconds is not None
    assert 8.9 < seconds <= 10


def test_a_date_that_is_over() -> None:
    assert retry_after_seconds(format_datetime(datetime.now(UTC) - timedelta(days=1))) is None
