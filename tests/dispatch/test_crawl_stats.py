from __future__ import annotations

import dataclasses
import json

import pytest

from nephila import CrawlStats, HostStats
from nephila.dispatch.crawl_stats import duration_text, size_text

STATS = CrawlStats(
    elapsed=12.34,
    total=200,
    running=True,
    accepted=120,
    queued=3,
    active=5,
    retrying=2,
    done=100,
    failed=10,
    retries=4,
    bytes=12_345_678,
    pages_per_second=8.9,
    recent_pages_per_second=9.5,
    latency_p50=0.21,
    latency_p90=0.5,
    latency_p99=1.25,
    longest_wait=3.14,
    memory=300.0,
    peak_memory=410.4,
    permits=20,
    fewest_permits=20,
    most_permits=20,
    eta=75.0,
    errors={"timeout": 3, "http": 7},
    hosts=(HostStats(host="a.example", retries=4, errors={"http": 4}, statuses={"429": 4}),),
    other_hosts=HostStats(host="", done=7),
)


def test_every_field_is_dumped() -> None:
    dumped = STATS.model_dump()
    assert set(dumped) == {field.name for field in dataclasses.fields(CrawlStats)}
    assert json.loads(json.dumps(dumped)) == dumped
    assert dumped["hosts"] == [STATS.hosts[0].model_dump()]
    assert set(STATS.hosts[0].model_dump()) == {field.name for field in dataclasses.fields(HostStats)}
    assert CrawlStats().model_dump()["other_hosts"] is None


def test_summary() -> None:
    assert STATS.summary().splitlines() == [
        "110 URLs in 12.3 s: 100 done, 10 failed (http 7, timeout 3)",
        "8.9 pages/s, 12.3 MB received, 4 visits repeated",
        "5 active, 3 queued, 2 to be retried",
        "half of the visits took 0.21 s at most, 90 % 0.50 s, 99 % 1.25 s; the longest wait for a turn was 3.1 s",
        "410 MB of memory at most, 20 visits at once at most",
        "a.example answered 429 4 times: lower its concurrency or raise its delay.",
    ]
    assert CrawlStats().summary().splitlines() == [
        "0 URLs in 0.0 s: 0 done, 0 failed",
        "0.0 pages/s, 0 bytes received, 0 visits repeated",
    ]


def test_line() -> None:
    assert STATS.line() == (
        "110 of 200 URLs finished; 10 failed; 5 active, 3 queued, 2 to be retried; 9.5 pages/s; 300 MB; 1 min 15 s left"
    )
    assert CrawlStats().line() == ("0 URLs finished; 0 failed; 0 active, 0 queued, 0 to be retried; 0.0 pages/s")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (61, "1 min 01 s"), (3599.9, "1 h 00 min"), (7260, "2 h 01 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2e9, "2.0 GB"), (3e12, "3.0 TB"), (4e15, "4,000.0 TB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(int(count)) == text
