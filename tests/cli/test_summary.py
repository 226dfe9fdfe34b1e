from __future__ import annotations

import time

import pytest

from nephila.cli.summary import Summary, duration, size
from nephila.errors import ErrorCode
from nephila.result import CrawlResult


def failed(url: str, code: ErrorCode) -> CrawlResult:
    return CrawlResult(url=url, error_code=code, error_message=f"It was {code}\nfor \x1b[31m reasons.")


def test_summary_counts_by_code_with_one_example() -> None:
    summary = Summary(started=time.monotonic() - 2)
    for _ in range(3):
        summary.add(CrawlResult(url="https://ok.example/", success=True, wire_bytes=500))
    summary.add(failed("https://a.example/", ErrorCode.TIMEOUT))
    for number in range(2):
        summary.add(failed(f"https://b.example/{number}", ErrorCode.DNS))
    head, first, second = summary.lines()
    assert head.startswith("Crawled 6 pages in 2.0 s: 3 ok, 3 failed; 3.0 pages/s, 1.5 kB received.")
    assert first.split() == ["dns", "2", "https://b.example/0:", "It", "was", "dns", "for", "[31m", "reasons."]
    assert second.split()[:3] == ["timeout", "1", "https://a.example/:"]
    assert "\x1b" not in first


def test_interruption_and_warnings_are_told() -> None:
    summary = Summary(interrupted=True)
    summary.add(CrawlResult(url="https://ok.example/", success=True, warnings=["Nothing matches 'x'."]))
    head, warning = summary.lines()
    assert head.startswith("Interrupted after 1 page in ")
    assert warning == "Warnings on 1 page, such as https://ok.example/: Nothing matches 'x'."


@pytest.mark.parametrize(("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e9, "2.5 GB")])
def test_size(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.31, "0.3 s"), (65, "1 min 5 s"), (12_000, "3 h 20 min")])
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
