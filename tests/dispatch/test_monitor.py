from __future__ import annotations

import asyncio
import io
import logging
import os
import random
import select
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from rich.console import Console

from nephila import (
    AsyncWebCrawler,
    ConfigError,
    CrawlerMonitor,
    CrawlResult,
    DisplayMode,
    ErrorCode,
    Job,
    MemoryAdaptiveDispatcher,
    RateLimiter,
    RunMonitor,
    SemaphoreDispatcher,
)
from tests.dispatch.counting import Count
from tests.dispatch.virtual_clock import run_virtually
from tests.site.server import Site

ROOT = Path(__file__).parents[2]


def shown(monitor: CrawlerMonitor, width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(monitor.render())
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def quiet(**options: object) -> CrawlerMonitor:
    return CrawlerMonitor(enable_ui=False, **options)  # type: ignore[arg-type]


def test_defaults_and_the_seam() -> None:
    monitor = CrawlerMonitor()
    assert (monitor.urls_total, monitor.refresh_rate, monitor.enable_ui, monitor.max_width) == (0, 1.0, True, 120)
    assert monitor.display_mode is DisplayMode.DETAILED
    assert monitor.log_interval is None
    assert isinstance(monitor, RunMonitor)


@pytest.mark.parametrize(
    "options",
    [{"refresh_rate": 0}, {"max_width": 0}, {"log_interval": -1}, {"urls_total": -1}, {"display_mode": "BOTH"}],
)
def test_what_cannot_be(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        CrawlerMonitor(**options)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), runs=st.integers(1, 3), stop_after=st.one_of(st.none(), st.integers(1, 15)))
def test_counts_add_up_over_runs_at_once(seed: int, runs: int, stop_after: int | None) -> None:
    chance = random.Random(seed)
    monitor = quiet()
    # Memory is real, and looking at it takes real time.
    dispatcher = MemoryAdaptiveDispatcher(
        max_session_permit=4,
        check_interval=100.0,
        rate_limiter=RateLimiter((0.0, 0.2), max_delay=5.0, max_retries=2),
        monitor=monitor,
    )

    async def visit(job: Job) -> CrawlResult:
        await asyncio.sleep(chance.choice([0.0, 0.01, 0.5, 20.0]))
        check()
        status = chance.choice([200, 200, 404, 429])
        return CrawlResult(url=job.url, success=status == 200, status_code=status)

    def check() -> None:
        stats = monitor.snapshot()
        assert stats.queued + stats.active + stats.retrying + stats.done + stats.failed == stats.accepted
        assert min(stats.queued, stats.active, stats.retrying) >= 0
        tasks = monitor.get_all_task_stats().values()
        assert sum(task["status"] == "IN_PROGRESS" for task in tasks) == stats.active

    async def jobs() -> AsyncIterator[Job]:
        for position in range(20):
            host = chance.choice("ab")
            yield Job(position, f"http://{host}/{position}", host, 0.0)

    async def one_run() -> int:
        results = 0
        stream = dispatcher.run_watched(jobs(), visit)
        async for _ in stream:
            results += 1
            check()
            if results == stop_after:
                break
        await stream.aclose()
        check()
        return results

    async def main() -> None:
        results = sum(await asyncio.gather(*(one_run() for _ in range(runs))))
        stats = monitor.snapshot()
        assert not stats.running
        assert stats.queued == stats.active == stats.retrying == 0
        assert stats.finished == stats.accepted
        assert stats.finished - stats.cancelled >= results
        if stop_after is None:
            assert (stats.accepted, stats.cancelled) == (20 * runs, 0)

    run_virtually(main())


def test_a_run_after_another_begins_anew() -> None:
    monitor = quiet()
    for position in (0, 1):
        run = monitor.begin_run(10)
        run.accepted(Job(position, "http://a/", "a", 0.0))
        run.ended()
        run.ended()
    stats = monitor.snapshot()
    assert (stats.accepted, stats.total) == (1, 10)


def test_a_program_of_its_own_drives_it() -> None:
    monitor = quiet(urls_total=4)
    monitor.start()
    count = Count(monitor.snapshot)
    urls = [f"https://{host}.example/" for host in "abcd"]
    for url in urls:
        monitor.add_task(url, url)
        count.accepted(Job(urls.index(url), url, "", 0.0))
    monitor.update_task(urls[0], "IN_PROGRESS")
    monitor.update_task(urls[0], status="COMPLETED", memory_usage=12.5, wait_time=0.5)
    monitor.update_task(urls[1], "IN_PROGRESS", start_time=time.time() - 2)
    monitor.update_task(urls[1], "QUEUED", error_message="429")
    monitor.update_task(urls[2], "FAILED", start_time=10.0, end_time=13.0, error_message="gone", http_status=410)
    stats = monitor.snapshot()
    assert (stats.queued, stats.active, stats.retrying, stats.done, stats.failed) == (1, 0, 1, 1, 1)
    assert monitor.get_task_stats(urls[0]) == {
        "task_id": urls[0],
        "url": urls[0],
        "status": "COMPLETED",
        "memory_usage": 12.5,
        "peak_memory": 12.5,
        "error_message": "",
        "retry_count": 0,
        "wait_time": 0.5,
        "http_status": None,
    } | {name: monitor.get_task_stats(urls[0])[name] for name in ("enqueue_time", "start_time", "end_time")}  # type: ignore[index]
    assert list(monitor.get_all_task_stats()) == [urls[1], urls[3], urls[2], urls[0]]
    assert monitor.get_task_stats("nothing") is None
    summary = monitor.get_summary()
    assert set(summary) == {
        "runtime",
        "urls_total",
        "urls_completed",
        "completion_percentage",
        "status_counts",
        "memory_status",
        "peak_memory_percent",
        "peak_memory_time",
        "avg_task_duration",
        "estimated_completion_time",
        "requeue_rate",
        "requeued_count",
    }
    assert (summary["urls_total"], summary["urls_completed"], summary["completion_percentage"]) == (4, 2, 50.0)
    assert summary["status_counts"] == {"QUEUED": 1, "IN_PROGRESS": 0, "RETRYING": 1, "COMPLETED": 1, "FAILED": 1}
    assert (summary["requeued_count"], summary["requeue_rate"]) == (1, pytest.approx(100 / 3))
    assert monitor.snapshot().statuses == {"410": 1}
    monitor.stop()
    stats = monitor.snapshot()
    assert (stats.cancelled, stats.queued, stats.retrying, stats.running) == (2, 0, 0, False)
    with pytest.raises(ConfigError, match="no open task"):
        monitor.update_task(urls[3], "IN_PROGRESS")


def test_a_repeated_task_has_the_times_of_its_last_visit() -> None:
    monitor = quiet()
    monitor.add_task("a", "https://a.example/")
    monitor.update_task("a", "IN_PROGRESS", start_time=100.0)
    monitor.update_task("a", "RETRYING", memory_usage=9.0)
    monitor.update_task("a", "IN_PROGRESS", start_time=200.0, memory_usage=7.0)
    monitor.update_task("a", "COMPLETED", end_time=203.0)
    task = monitor.get_task_stats("a")
    assert task is not None
    assert (task["start_time"], task["end_time"], task["retry_count"]) == (200.0, 203.0, 1)
    assert (task["memory_usage"], task["peak_memory"]) == (7.0, 9.0)
    assert monitor.snapshot().retries == 1


def test_stopping_does_not_end_what_a_dispatcher_runs() -> None:
    monitor = quiet(log_interval=60.0)
    monitor.start()
    monitor.add_task("a", "https://a.example/")
    run = monitor.begin_run()
    run.accepted(Job(0, "http://a/", "a", 0.0))
    monitor.stop()
    stats = monitor.snapshot()
    assert (stats.running, stats.accepted, stats.queued, stats.cancelled) == (True, 2, 1, 1)
    assert threads() == ["nephila-monitor"]
    run.ended()
    assert (monitor.snapshot().running, monitor.snapshot().cancelled, threads()) == (False, 2, [])


def test_what_it_is_told_of_memory_and_the_queue() -> None:
    monitor = quiet()
    assert monitor.get_memory_status() == "NORMAL"
    assert monitor.get_queue_stats() == {"total_queued": 0, "highest_wait_time": 0.0, "avg_wait_time": 0.0}
    monitor.update_memory_status("PRESSURE")
    monitor.update_queue_statistics(7, 3.5, 1.25)
    assert monitor.get_memory_status() == "PRESSURE"
    assert monitor.get_queue_stats() == {"total_queued": 7, "highest_wait_time": 3.5, "avg_wait_time": 1.25}


def test_memory_of_a_run() -> None:
    monitor = quiet()
    run = monitor.begin_run()
    for permits, status in ((20, "NORMAL"), (15, "PRESSURE"), (1, "CRITICAL"), (20, "NORMAL")):
        run.measured(100.0, permits)
        assert monitor.get_memory_status() == status
    summary = monitor.get_summary()
    assert isinstance(summary["peak_memory_percent"], float)
    assert 0 < summary["peak_memory_percent"] < 100
    assert summary["peak_memory_time"] == pytest.approx(time.time(), abs=60)


@pytest.mark.parametrize(
    ("task_id", "told", "message"),
    [
        ("b", {"status": "COMPLETED"}, "no open task 'b'"),
        ("a", {"status": "DONE"}, "'DONE' is no task status"),
    ],
)
def test_updates_that_mean_nothing(task_id: str, told: dict[str, str], message: str) -> None:
    monitor = quiet()
    monitor.add_task("a", "https://a.example/")
    with pytest.raises(ConfigError, match=message):
        monitor.update_task(task_id, **told)
    with pytest.raises(ConfigError, match="already"):
        monitor.add_task("a", "https://a.example/")


def test_the_detailed_view() -> None:
    monitor = quiet(urls_total=10)
    run = monitor.begin_run()
    jobs = [Job(n, f"https://a.example/{n}", "a.example", 0.0, attempts=1, waited=1.5) for n in range(4)]
    for job in jobs:
        run.accepted(job)
    for job in jobs[:3]:
        run.began(job)
    run.finished(jobs[0], CrawlResult(url=jobs[0].url, success=True, status_code=200))
    run.finished(jobs[1], CrawlResult(url=jobs[1].url, status_code=404, error_code=ErrorCode.HTTP))
    run.measured(123.4, 20)
    lines = shown(monitor)
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    assert "20 % of 10" in text
    assert "1 queued, 1 active, 0 to be retried, 1 done, 1 failed" in text
    assert "123 MB, 123 MB at most; NORMAL, 20 visits at once" in text
    rows = [line.split() for line in lines if line.startswith("https://")]
    assert [(row[0][-1], row[1]) for row in rows] == [("2", "IN_PROGRESS"), ("1", "FAILED"), ("0", "COMPLETED")]
    assert rows[1][2:6] == ["404", "1", "1.5", "s"]


def test_the_view_shows_some_of_many_tasks() -> None:
    monitor = quiet()
    run = monitor.begin_run()
    for position in range(50):
        job = Job(position, f"https://a.example/{position}", "a.example", 0.0, attempts=1)
        run.accepted(job)
        run.began(job)
    lines = shown(monitor)
    assert sum(line.startswith("https://") for line in lines) == 20
    assert lines[-1] == "and 30 more"


def test_the_aggregated_view() -> None:
    monitor = quiet(display_mode="AGGREGATED")
    run = monitor.begin_run()
    for position in range(40):
        host = "slow.example" if position % 2 else f"host{position}.example"
        job = Job(position, f"https://{host}/", host, 0.0, attempts=1, started_at=time.monotonic() - 1)
        run.accepted(job)
        run.began(job)
        status = 429 if host == "slow.example" else 200
        run.finished(
            job, CrawlResult(url=job.url, success=status == 200, status_code=status, error_code=ErrorCode.HTTP)
        )
    lines = shown(monitor, 90)
    assert max(map(len, lines)) <= 90
    first = next(line for line in lines if "slow.example" in line).split()
    assert first == ["slow.example", "0", "20", "0", "1.00", "s", "429", "x20"]
    assert sum(".example" in line for line in lines) == 15
    assert lines[-1] == "and 6 more hosts"
    assert not any(line.startswith("https://") for line in lines)


def test_what_pages_are_called_is_not_obeyed() -> None:
    monitor = quiet()
    monitor.add_task("a", "https://a.example/[red]\x1b[2J\x07\n" + "x" * 10_000)
    text = "\n".join(shown(monitor, 200))
    assert "[red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text
    assert len(text) < 2_000


def test_memory_does_not_grow_with_urls() -> None:
    monitor = quiet()
    run = monitor.begin_run()
    good = CrawlResult(url="", success=True)
    tracemalloc.start()
    try:
        for position in range(30_000):
            job = Job(position, f"https://a.example/{position}", f"host{position}", 0.0, attempts=1)
            run.accepted(job)
            run.began(job)
            run.finished(job, good)
        assert tracemalloc.get_traced_memory()[0] < 4_000_000
    finally:
        tracemalloc.stop()
    assert monitor.snapshot().done == 30_000
    assert len(monitor.get_all_task_stats()) == 1_000
    assert monitor.get_task_stats("1-0") is None
    assert monitor.get_task_stats("1-29999") is not None


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "nephila-monitor"]


async def test_records_of_a_real_crawl(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    monitor = quiet(log_interval=0.05)
    dispatcher = SemaphoreDispatcher(semaphore_count=2, monitor=monitor)
    urls = [site.url(f"/slow?ms=100&n={number}") for number in range(4)] + [site.url("/status/404")]
    with caplog.at_level(logging.INFO, "nephila.monitor"):
        async with AsyncWebCrawler() as crawler:
            results = await crawler.arun_many(urls, dispatcher=dispatcher, stream=False)
            stats = crawler.stats
    assert len(results) == 5
    assert threads() == []
    records = [record.getMessage() for record in caplog.records if record.name == "nephila.monitor"]
    assert len(records) >= 3
    assert "of 5 URLs finished" in records[0]
    assert records[-1].startswith("5 URLs in ")
    seen = monitor.snapshot()
    assert (seen.done, seen.failed, seen.errors) == (stats.done, stats.failed, stats.errors) == (4, 1, {"http": 1})
    assert seen.peak_memory is not None
    assert seen.peak_memory > 10


async def test_nothing_stays_behind_when_a_stream_is_left(site: Site) -> None:
    monitor = quiet(log_interval=60.0)
    dispatcher = SemaphoreDispatcher(semaphore_count=2, monitor=monitor)
    async with AsyncWebCrawler() as crawler:
        urls = (site.url(f"/page/{number}") for number in range(100))
        async with crawler.arun_many(urls, dispatcher=dispatcher, stream=True) as stream:
            async for _ in stream:
                assert threads() == ["nephila-monitor"]
                break
        assert threads() == []
        assert not monitor.snapshot().running
        assert monitor.snapshot().total is None


def test_rich_is_not_loaded_without_a_view() -> None:
    code = (
        "import asyncio, sys\n"
        "from nephila import AsyncWebCrawler, CrawlerMonitor, SemaphoreDispatcher\n"
        "async def main():\n"
        "    async with AsyncWebCrawler() as crawler:\n"
        "        dispatcher = SemaphoreDispatcher(monitor=CrawlerMonitor())\n"
        "        print(len(await crawler.arun_many(['raw:<p>x'], dispatcher=dispatcher)))\n"
        "asyncio.run(main())\n"
        "print('rich' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("1\nFalse\n", "")


def test_the_view_on_a_terminal() -> None:
    code = (
        "import asyncio, sys\n"
        "from nephila import AsyncWebCrawler, CrawlerMonitor, SemaphoreDispatcher\n"
        "async def main():\n"
        "    async with AsyncWebCrawler() as crawler:\n"
        "        dispatcher = SemaphoreDispatcher(monitor=CrawlerMonitor(refresh_rate=0.05))\n"
        "        for result in await crawler.arun_many(['raw:<p>one', 'raw:<p>two'], dispatcher=dispatcher):\n"
        "            print(result.markdown)\n"
        "asyncio.run(main())\n"
    )
    pty = pytest.importorskip("pty")
    terminal, inner = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "90", "LINES": "40"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=inner, cwd=ROOT, env=environment
    ) as process:
        os.close(inner)
        drawn = b""
        while select.select([terminal], [], [], 30)[0]:
            try:
                read = os.read(terminal, 65536)
            except OSError:
                break
            if not read:
                break
            drawn += read
        printed = process.communicate(timeout=30)[0]
    os.close(terminal)
    assert process.returncode == 0
    assert printed == b"one\ntwo\n"
    text = drawn.decode()
    assert "2 done, 0 failed" in text
    assert "raw:<p>one" in text
    assert "100 % of 2" in text
    assert text.rstrip().endswith("\x1b[?25h"), "the cursor has to be shown again"
