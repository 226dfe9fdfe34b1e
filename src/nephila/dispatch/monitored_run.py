"""What tells a monitor of one run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from nephila.dispatch.job import Job
from nephila.dispatch.statistics import RunStatistics
from nephila.dispatch.tasks import TaskBoard, TaskStats, TaskStatus
from nephila.result import CrawlResult


class MonitoredRun:
    """An observer that adds its run to the numbers and tasks of a monitor.

    Args:
        number: Makes the run's task ids its own.
        lock: Guards the two that follow; the view reads them on a thread of its own.
        statistics: The numbers of all the monitor's runs.
        board: Their tasks. Only those being visited are put on it, so it does not grow with the queue.
        end: Called once, when the run has ended.
    """

    def __init__(
        self, number: int, lock: threading.RLock, statistics: RunStatistics, board: TaskBoard, end: Callable[[], None]
    ) -> None:
        self._number = number
        self._lock = lock
        self._statistics = statistics
        self._board = board
        self._end: Callable[[], None] | None = end
        self._queued = self._retrying = 0
        self._active: dict[int, TaskStats] = {}
        self._memory = 0.0

    def accepted(self, job: Job) -> None:
        """The job was read from the input."""
        with self._lock:
            self._queued += 1
            self._statistics.accepted(job)

    def began(self, job: Job) -> None:
        """A visit starts."""
        now = time.time()
        task = TaskStats(
            f"{self._number}-{job.position}",
            job.url,
            TaskStatus.IN_PROGRESS,
            enqueue_time=now - (job.started_at - job.accepted_at),
            start_time=now,
            retry_count=job.attempts - 1,
            wait_time=job.waited,
        )
        with self._lock:
            if job.attempts > 1:
                self._retrying -= 1
            else:
                self._queued -= 1
            self._active[job.position] = task
            self._board.put(task)
            self._statistics.began(job)

    def repeated(self, job: Job, result: CrawlResult) -> None:
        """The job goes back to its queue."""
        with self._lock:
            task = self._active.pop(job.position)
            self._retrying += 1
            self._board.forget(task.task_id)
            self._statistics.repeated(job, result)

    def finished(self, job: Job, result: CrawlResult) -> None:
        """The job has its final result."""
        with self._lock:
            task = self._active.pop(job.position, None)
            if task is None:
                # Answered by a dispatcher without a visit.
                self._queued -= 1
                task = TaskStats(f"{self._number}-{job.position}", job.url)
            task.status = TaskStatus.COMPLETED if result.success else TaskStatus.FAILED
            task.end_time = time.time()
            task.error_message = result.error_message or ""
            task.http_status = result.status_code
            task.memory_usage = task.peak_memory = self._memory
            self._board.finish(task)
            self._statistics.finished(job, result)

    def measured(self, memory: float, permits: int) -> None:
        """What the process tree takes, in MB, and how many visits may be under way."""
        with self._lock:
            self._memory = memory
            self._statistics.measured(memory, permits)

    def ended(self) -> None:
        """The run is over."""
        with self._lock:
            end, self._end = self._end, None
            if end is None:
                return
            for task in self._active.values():
                self._board.forget(task.task_id)
            self._statistics.abandon(self._queued, len(self._active), self._retrying)
            self._active, self._queued, self._retrying = {}, 0, 0
        end()
