"""The tasks a monitor shows one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from nephila.errors import ConfigError
from nephila.models import JSONValue

_KEPT_TASKS = 1_000
"""Finished tasks that are remembered, the newest."""


class TaskStatus(StrEnum):
    """What becomes of one URL."""

    QUEUED = "QUEUED"
    """It waits for its first visit."""
    IN_PROGRESS = "IN_PROGRESS"
    """It is being visited."""
    RETRYING = "RETRYING"
    """It waits to be visited again."""
    COMPLETED = "COMPLETED"
    """It has a successful result."""
    FAILED = "FAILED"
    """It has a failed result."""

    @classmethod
    def of(cls, text: str) -> TaskStatus:
        """The status of this name.

        Raises:
            ConfigError: There is none.
        """
        try:
            return cls(text)
        except ValueError:
            raise ConfigError(f"{text!r} is no task status; there are {', '.join(cls)}.") from None


@dataclass(slots=True)
class TaskStats:
    """One URL as a monitor shows it.

    Attributes:
        task_id: Unique in the monitor.
        url: As given.
        status: How far it is.
        enqueue_time: When the monitor was told of it, seconds since the epoch.
        start_time: When its last visit started, seconds since the epoch; 0 before.
        end_time: When it was finished, seconds since the epoch; None before.
        memory_usage: Memory in MB, as last told.
        peak_memory: The highest of these.
        error_message: Why it failed; empty otherwise.
        retry_count: Visits after the first.
        wait_time: Seconds it has waited for its turns.
        http_status: The last HTTP status; None without one.
    """

    task_id: str
    url: str
    status: TaskStatus = TaskStatus.QUEUED
    enqueue_time: float = 0.0
    start_time: float = 0.0
    end_time: float | None = None
    memory_usage: float = 0.0
    peak_memory: float = 0.0
    error_message: str = ""
    retry_count: int = 0
    wait_time: float = 0.0
    http_status: int | None = None

    def update(self, told: Mapping[str, float | str | None]) -> None:
        """Set the fields told of; None leaves one as it is."""
        for name, value in told.items():
            if value is not None:
                setattr(self, name, value)
        self.peak_memory = max(self.peak_memory, self.memory_usage)

    def duration(self, now: float) -> float:
        """Seconds of the last visit so far; 0 while there is none."""
        if not self.start_time or self.status in (TaskStatus.QUEUED, TaskStatus.RETRYING):
            return 0.0
        return max(0.0, (self.end_time if self.end_time is not None else now) - self.start_time)

    def model_dump(self) -> dict[str, JSONValue]:
        """The fields as a dict."""
        dumped: dict[str, JSONValue] = {item.name: getattr(self, item.name) for item in fields(self)}
        dumped["status"] = str(self.status)
        return dumped


class TaskBoard:
    """Open tasks, and the finished ones of late."""

    def __init__(self) -> None:
        self._open: dict[str, TaskStats] = {}
        self._finished: dict[str, TaskStats] = {}

    def __iter__(self) -> Iterator[TaskStats]:
        """The open tasks in the order of their first steps, then the finished ones, the newest first."""
        yield from self._open.values()
        yield from reversed(self._finished.values())

    def get(self, task_id: str) -> TaskStats | None:
        """A task, unless it was finished long ago."""
        return self._open.get(task_id) or self._finished.get(task_id)

    def put(self, task: TaskStats) -> None:
        """Add an open task."""
        self._open[task.task_id] = task

    def forget(self, task_id: str) -> TaskStats | None:
        """Drop an open task that will not be finished, and return it."""
        return self._open.pop(task_id, None)

    def finish(self, task: TaskStats) -> None:
        """The task is final; it is kept until a thousand others are."""
        self._open.pop(task.task_id, None)
        self._finished[task.task_id] = task
        if len(self._finished) > _KEPT_TASKS:
            del self._finished[next(iter(self._finished))]
