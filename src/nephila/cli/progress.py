"""What people see on standard error: sentences, and a progress bar at a terminal."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Protocol

from nephila.cli.summary import duration

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from nephila.cli.summary import Summary


def tell(sentence: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is None:
        return
    with contextlib.suppress(BrokenPipeError):  # nobody is left to be told anything
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()


def watched() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


class Progress(Protocol):
    """Shows how far a run has come."""

    def show(self, summary: Summary) -> None:
        """Show the counts as they are now."""

    def close(self) -> None:
        """Take the display away."""


class NoProgress:
    """Shows nothing."""

    def show(self, summary: Summary) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing to take away."""


class Bar:
    """A line with a bar (a count when the total is unknown), failures, pages per second and the time left.

    Args:
        total: How many URLs there are; None when unknown.
    """

    def __init__(self, total: int | None) -> None:
        self._progress = _rich_progress(total)
        self._task = self._progress.add_task("Crawling", total=total, failed="")
        self._progress.start()

    def show(self, summary: Summary) -> None:
        """Show the counts as they are now."""
        failed = f"{summary.failed:,} failed" if summary.failures else ""
        self._progress.update(self._task, completed=summary.total, failed=failed)

    def close(self) -> None:
        """Take the display away."""
        self._progress.stop()


def _rich_progress(total: int | None) -> RichProgress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text

    # Rich's own speed and time left are those of the last moment, and pages come in bursts.
    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.completed / task.elapsed:,.1f} pages/s" if task.elapsed else "")

    class TimeLeft(ProgressColumn):
        def render(self, task: Task) -> Text:
            if not task.elapsed or not task.completed or task.remaining is None:
                return Text("")
            return Text(f"{duration(task.elapsed / task.completed * task.remaining)} left")

    failed = TextColumn("{task.fields[failed]}", style="red")
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}")]
    if total is None:
        columns += [TextColumn("{task.completed:,.0f} pages"), Speed(), failed, TimeElapsedColumn()]
    else:
        columns += [BarColumn(), MofNCompleteColumn(), Speed(), TimeLeft(), failed]
    return Progress(*columns, console=Console(file=sys.stderr), transient=True, refresh_per_second=5)
