"""`CrawlerMonitor`: a live view of runs on the terminal, and the same numbers as objects and as log records."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import TYPE_CHECKING

from nephila.dispatch.crawl_stats import CrawlStats
from nephila.dispatch.job import Job
from nephila.dispatch.memory import MemoryGauge
from nephila.dispatch.monitored_run import MonitoredRun
from nephila.dispatch.rate_limiter import host_key
from nephila.dispatch.statistics import RunStatistics
from nephila.dispatch.tasks import TaskBoard, TaskStats, TaskStatus
from nephila.dispatch.ticker import Ticker
from nephila.errors import ConfigError
from nephila.models import JSONValue
from nephila.options.enums import DisplayMode
from nephila.result import CrawlResult

if TYPE_CHECKING:
    from rich.console import RenderableType

    from nephila.dispatch.monitor_view import LiveView


class CrawlerMonitor:
    """Shows how runs go.

    Give it to a dispatcher (`MemoryAdaptiveDispatcher(monitor=CrawlerMonitor())`): it begins with a run and ends with
    it. Runs of the dispatcher that are under way at once are shown as one; a run that begins when none is under way
    begins with all numbers at 0. A program without a dispatcher of this package calls `start`, `add_task`,
    `update_task` and `stop` itself.

    The view is drawn on stderr, and only where that is a terminal. There is no key to leave it: reading keys would
    change the terminal's settings under the program. Ctrl+C ends the program as ever. It may be used from any thread.

    Args:
        urls_total: URLs there will be, for the estimate of the end; 0 means the length of the run's input, if known.
        refresh_rate: Seconds between two drawings.
        enable_ui: Whether to draw at all.
        max_width: Columns of the view at most.
        display_mode: A line for every task, or hosts and totals only.
        log_interval: Seconds between two log records (logger `nephila.monitor`, level INFO); one more at the end.
            None means no records.
    """

    def __init__(
        self,
        urls_total: int = 0,
        refresh_rate: float = 1.0,
        enable_ui: bool = True,
        max_width: int = 120,
        display_mode: DisplayMode | str = DisplayMode.DETAILED,
        log_interval: float | None = None,
    ) -> None:
        for name, value in (("refresh_rate", refresh_rate), ("max_width", max_width), ("log_interval", log_interval)):
            if value is not None and not value > 0:
                raise ConfigError(f"{name} has to be above 0, not {value!r}.")
        if urls_total < 0:
            raise ConfigError(f"urls_total cannot be negative, not {urls_total!r}.")
        try:
            self.display_mode = DisplayMode(display_mode)
        except ValueError:
            modes = " or ".join(repr(str(mode)) for mode in DisplayMode)
            raise ConfigError(f"display_mode is {modes}, not {display_mode!r}.") from None
        self.urls_total = urls_total
        self.refresh_rate = refresh_rate
        self.enable_ui = enable_ui
        self.max_width = max_width
        self.log_interval = log_interval
        self._lock = threading.RLock()
        self._ticker: Ticker | None = None
        self._open_runs = 0
        self._started = False
        self._reset(None)

    def _reset(self, run_total: int | None) -> None:
        total = self.urls_total or run_total
        try:
            clock = asyncio.get_running_loop().time
        except RuntimeError:
            clock = time.monotonic
        self._statistics = RunStatistics(total, clock)
        self._board = TaskBoard()
        self._jobs: dict[str, Job] = {}
        self._added = self._runs = 0
        self._said_status = ""
        self._said_queue: dict[str, float] | None = None

    def begin_run(self, total: int | None = None) -> MonitoredRun:
        """A run of a dispatcher begins; returns the observer that is told of its steps."""
        with self._lock:
            if not self._open_runs and not self._started:
                self._reset(total)
                self._start_ticker()
            self._open_runs += 1
            self._runs += 1
            return MonitoredRun(self._runs, self._lock, self._statistics, self._board, self._end_run)

    def _end_run(self) -> None:
        """A run has ended; the last one ends the view."""
        with self._lock:
            self._open_runs -= 1
            if not self._open_runs and not self._started:
                self._statistics.ended()
        if not self._open_runs and not self._started:
            self._stop_ticker()

    def start(self) -> None:
        """Begin with all numbers at 0; not needed with a dispatcher of this package."""
        with self._lock:
            if self._started:
                return
            self._reset(None)
            self._started = True
            self._start_ticker()

    def stop(self) -> None:
        """End the view; tasks that are not finished count as cancelled."""
        with self._lock:
            if not self._started:
                return
            self._started = False
            left = [task.status for task in map(self._board.forget, self._jobs) if task is not None]
            self._jobs.clear()
            self._statistics.abandon(
                left.count(TaskStatus.QUEUED), left.count(TaskStatus.IN_PROGRESS), left.count(TaskStatus.RETRYING)
            )
            if self._open_runs:
                # The last of the runs ends the view.
                return
            self._statistics.ended()
        self._stop_ticker()

    def snapshot(self) -> CrawlStats:
        """The numbers as they are now."""
        with self._lock:
            return self._statistics.snapshot()

    def add_task(self, task_id: str, url: str) -> None:
        """A URL was queued.

        Raises:
            ConfigError: There is an open task of this id.
        """
        with self._lock:
            if task_id in self._jobs:
                raise ConfigError(f"add_task: there is a task {task_id!r} already.")
            job = self._jobs[task_id] = Job(self._added, url, host_key(url), 0.0)
            self._added += 1
            self._statistics.accepted(job)
            self._board.put(TaskStats(task_id, url, enqueue_time=time.time()))

    def update_task(
        self,
        task_id: str,
        status: TaskStatus | str | None = None,
        start_time: float | None = None,
        end_time: float | None = None,
        memory_usage: float | None = None,
        peak_memory: float | None = None,
        error_message: str | None = None,
        retry_count: int | None = None,
        wait_time: float | None = None,
        http_status: int | None = None,
    ) -> None:
        """Something about a task has changed.

        Args:
            task_id: As given to `add_task`.
            status: QUEUED, IN_PROGRESS, RETRYING, COMPLETED or FAILED; QUEUED after a visit means RETRYING.
            start_time: When its last visit started, seconds since the epoch; None means now, when it starts.
            end_time: When it was finished; None means now, when it is.
            memory_usage: Memory in MB.
            peak_memory: The most of it so far, in MB.
            error_message: Why it failed.
            retry_count: Visits after the first; None means as many as were told.
            wait_time: Seconds it has waited for its turns.
            http_status: The status of the answer.

        Raises:
            ConfigError: There is no open task of this id, or no such status.
        """
        told = {
            "start_time": start_time,
            "end_time": end_time,
            "memory_usage": memory_usage,
            "peak_memory": peak_memory,
            "error_message": error_message,
            "retry_count": retry_count,
            "wait_time": wait_time,
            "http_status": http_status,
        }
        with self._lock:
            job, task = self._jobs.get(task_id), self._board.get(task_id)
            if job is None or task is None:
                raise ConfigError(f"update_task: there is no open task {task_id!r}.")
            new_status = TaskStatus.of(status) if status is not None else None
            task.update(told)
            job.waited = task.wait_time
            if new_status is not None:
                self._move(job, task, new_status)

    def _move(self, job: Job, task: TaskStats, status: TaskStatus) -> None:
        """Count a task into its new status."""
        if status is TaskStatus.QUEUED and job.attempts:
            status = TaskStatus.RETRYING
        if status is task.status:
            return
        loop_now, now = self._statistics.now(), time.time()
        if task.status is not TaskStatus.IN_PROGRESS:
            # Whatever follows, a visit came first.
            job.attempts += 1
            job.started_at = loop_now
            task.retry_count = max(task.retry_count, job.attempts - 1)
            task.start_time = task.start_time or now
            self._statistics.began(job)
        task.status = status
        if status is TaskStatus.IN_PROGRESS:
            return
        result = CrawlResult(url=task.url, success=status is TaskStatus.COMPLETED, status_code=task.http_status)
        if status is TaskStatus.RETRYING:
            self._statistics.repeated(job, result)
            task.start_time = 0.0
            return
        if task.end_time is None:
            task.end_time = now
        job.started_at = loop_now - task.duration(now)
        self._statistics.finished(job, result)
        self._board.finish(task)
        del self._jobs[task.task_id]

    def update_memory_status(self, memory_status: str) -> None:
        """Say how memory is: NORMAL, PRESSURE, CRITICAL, or whatever describes it."""
        with self._lock:
            self._said_status = memory_status

    def update_queue_statistics(self, total_queued: int, highest_wait_time: float, avg_wait_time: float) -> None:
        """Say how long the queue is, in tasks, and how long they have been waiting, in seconds."""
        with self._lock:
            self._said_queue = {
                "total_queued": total_queued,
                "highest_wait_time": highest_wait_time,
                "avg_wait_time": avg_wait_time,
            }

    def get_task_stats(self, task_id: str) -> dict[str, JSONValue] | None:
        """The fields of `TaskStats`; None when there is no such task, or it was finished a thousand tasks ago."""
        with self._lock:
            task = self._board.get(task_id)
            return task.model_dump() if task is not None else None

    def get_all_task_stats(self) -> dict[str, dict[str, JSONValue]]:
        """The same by id: the open tasks (of a run: those being visited) and the last thousand finished ones."""
        with self._lock:
            return {task.task_id: task.model_dump() for task in self._board}

    def get_memory_status(self) -> str:
        """What was said last; in a run NORMAL, PRESSURE while visits are held back, CRITICAL when only one is left."""
        with self._lock:
            if self._said_status:
                return self._said_status
            stats = self._statistics
            if stats.permits is None or stats.permits >= stats.most_permits:
                return "NORMAL"
            return "CRITICAL" if stats.permits == 1 else "PRESSURE"

    def get_queue_stats(self) -> dict[str, float]:
        """`total_queued`, `highest_wait_time`, `avg_wait_time`: as said last, or of the run's finished URLs."""
        with self._lock:
            if self._said_queue is not None:
                return dict(self._said_queue)
            stats = self._statistics.snapshot()
            return {
                "total_queued": stats.queued + stats.retrying,
                "highest_wait_time": stats.longest_wait,
                "avg_wait_time": stats.wait_seconds / max(1, stats.finished - stats.cancelled),
            }

    def get_summary(self) -> dict[str, JSONValue]:
        """The run in a dict.

        Returns:
            `runtime` (seconds), `urls_total` (as far as it is known), `urls_completed` (finished, failed or not),
            `completion_percentage`, `status_counts`, `memory_status`, `peak_memory_percent` (of the memory limit,
            taken by the process tree), `peak_memory_time` (seconds since the epoch), `avg_task_duration` (seconds of
            a visit), `estimated_completion_time` (seconds since the epoch), `requeue_rate` (percent of the visits)
            and `requeued_count`; None for what is not known.
        """
        with self._lock:
            stats, peak_time = self._statistics.snapshot(), self._statistics.peak_memory_time
            mean, memory_status = self._statistics.mean_latency, self.get_memory_status()
        urls_total = max(stats.total or 0, stats.accepted)
        visits = stats.finished - stats.cancelled + stats.retries
        peak = stats.peak_memory
        return {
            "runtime": stats.elapsed,
            "urls_total": urls_total,
            "urls_completed": stats.finished,
            "completion_percentage": 100.0 * stats.finished / urls_total if urls_total else 0.0,
            "status_counts": {
                "QUEUED": stats.queued,
                "IN_PROGRESS": stats.active,
                "RETRYING": stats.retrying,
                "COMPLETED": stats.done,
                "FAILED": stats.failed,
            },
            "memory_status": memory_status,
            "peak_memory_percent": 100.0 * peak * 1e6 / MemoryGauge().limit_bytes() if peak is not None else None,
            "peak_memory_time": peak_time,
            "avg_task_duration": mean,
            "estimated_completion_time": time.time() + stats.eta if stats.eta is not None else None,
            "requeue_rate": 100.0 * stats.retries / visits if visits else 0.0,
            "requeued_count": stats.retries,
        }

    def render(self) -> RenderableType:
        """The view as it is now, for `rich.console.Console.print`."""
        # Imported here: rich takes a while to load, and most runs are not watched.
        from nephila.dispatch.monitor_view import picture

        with self._lock:
            stats, memory_status = self._statistics.snapshot(), self.get_memory_status()
            tasks = list(self._board) if self.display_mode is DisplayMode.DETAILED else None
        return picture(stats, tasks, memory_status)

    def _start_ticker(self) -> None:
        view: LiveView | None = None
        if self.enable_ui and sys.stderr is not None and sys.stderr.isatty():
            from nephila.dispatch.monitor_view import LiveView

            view = LiveView.on_terminal(self.render, self.max_width)
        if view is not None or self.log_interval is not None:
            self._ticker = Ticker(self.snapshot, view, self.refresh_rate, self.log_interval)

    def _stop_ticker(self) -> None:
        ticker, self._ticker = self._ticker, None
        if ticker is not None:
            ticker.stop()
