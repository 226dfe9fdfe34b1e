"""How a monitor looks on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nephila.dispatch.crawl_stats import CrawlStats, HostStats, duration_text, size_text
from nephila.dispatch.tasks import TaskStats, TaskStatus

_TASKS_SHOWN = 20
_HOSTS_SHOWN = 15
_LONGEST_TEXT = 300
_STYLES = {TaskStatus.COMPLETED: "green", TaskStatus.FAILED: "red", TaskStatus.IN_PROGRESS: "cyan"}


class LiveView:
    """A picture that is drawn over itself on stderr.

    Args:
        console: Where.
        render: Gives the picture.
    """

    def __init__(self, console: Console, render: Callable[[], RenderableType]) -> None:
        self._render = render
        # Prints of the program go above the picture; only where they would else go through it.
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=sys.stdout is not None and sys.stdout.isatty()
        )
        self._live.start()

    @classmethod
    def on_terminal(cls, render: Callable[[], RenderableType], max_width: int) -> LiveView | None:
        """A view on stderr; None when that cannot be drawn on."""
        console = Console(stderr=True)
        if not console.is_terminal or console.is_dumb_terminal:
            return None
        console.width = min(console.width, max_width)
        return cls(console, render)

    def draw(self) -> None:
        """Draw what is the case now."""
        self._live.update(self._render(), refresh=True)

    def close(self) -> None:
        """Leave the last drawing where it is."""
        self._live.stop()


def picture(stats: CrawlStats, tasks: Iterable[TaskStats] | None, memory_status: str) -> RenderableType:
    """The totals, with a line for each task, or for each host when there are no tasks to show."""
    rows = _hosts(stats) if tasks is None else _tasks(list(tasks), stats)
    return Group(_totals(stats, memory_status), rows)


def _totals(stats: CrawlStats, memory_status: str) -> Table:
    totals = Table.grid(padding=(0, 2))
    total = max(stats.total or 0, stats.accepted)
    share = f"{100 * stats.finished / total:.0f} % of {total:,}" if stats.total else f"{stats.finished:,} finished"
    left = f", {duration_text(stats.eta)} left" if stats.eta is not None else ""
    totals.add_row("Progress", Text(f"{share} in {duration_text(stats.elapsed)}{left}"))
    totals.add_row(
        "URLs",
        Text(
            f"{stats.queued:,} queued, {stats.active:,} active, {stats.retrying:,} to be retried, "
            f"{stats.done:,} done, {stats.failed:,} failed"
        ),
    )
    totals.add_row(
        "Speed",
        Text(
            f"{stats.recent_pages_per_second:,.1f} pages/s now, {stats.pages_per_second:,.1f} in all, "
            f"{size_text(stats.bytes)} received"
        ),
    )
    if stats.latency_p50 is not None:
        totals.add_row(
            "Visits",
            Text(f"p50 {stats.latency_p50:.2f} s, p90 {stats.latency_p90:.2f} s, p99 {stats.latency_p99:.2f} s"),
        )
    if stats.memory is not None:
        totals.add_row(
            "Memory",
            Text(
                f"{stats.memory:,.0f} MB, {stats.peak_memory:,.0f} MB at most; {_clean(memory_status)}, "
                f"{stats.permits} visits at once"
            ),
        )
    return totals


def _tasks(tasks: list[TaskStats], stats: CrawlStats) -> RenderableType:
    now = time.time()
    table = _table(("Status", 11), ("HTTP", 4), ("Tries", 5), ("Waited", 8), ("Took", 8))
    for task in tasks[:_TASKS_SHOWN]:
        style = _STYLES.get(task.status, "")
        table.add_row(
            _text(task.url),
            Text(task.status, style=style),
            str(task.http_status or ""),
            str(task.retry_count + 1),
            f"{task.wait_time:.1f} s",
            f"{task.duration(now):.1f} s",
        )
    hidden = stats.active + stats.finished - stats.cancelled - min(len(tasks), _TASKS_SHOWN)
    return Group(table, Text(f"and {hidden:,} more", style="dim")) if hidden > 0 else table


def _hosts(stats: CrawlStats) -> RenderableType:
    table = _table(("Done", 9), ("Failed", 9), ("Repeated", 9), ("Mean", 8), ("Errors", 28), first="Host")
    for host in stats.hosts[:_HOSTS_SHOWN]:
        table.add_row(
            _text(host.host or "(local)"),
            f"{host.done:,}",
            f"{host.failed:,}",
            f"{host.retries:,}",
            f"{host.mean_latency:.2f} s",
            _text(_problems(host)),
        )
    hidden = len(stats.hosts) - _HOSTS_SHOWN
    more = f"and {hidden:,} more hosts" if stats.other_hosts is None else f"and more than {hidden:,} other hosts"
    return Group(table, Text(more, style="dim")) if hidden > 0 else table


def _table(*columns: tuple[str, int], first: str = "URL") -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_edge=False)
    table.add_column(first, ratio=1, no_wrap=True, overflow="ellipsis")
    for name, width in columns:
        table.add_column(name, max_width=width, no_wrap=True, overflow="ellipsis")
    return table


def _problems(host: HostStats) -> str:
    """Statuses where the server answered, codes where it did not."""
    found = dict(host.statuses)
    found |= {code: count for code, count in host.errors.items() if code != "http"}
    return ", ".join(f"{name} x{count:,}" for name, count in sorted(found.items(), key=lambda item: -item[1]))


def _text(text: str) -> Text:
    """Text from outside: shown as it is, not obeyed by rich or by the terminal."""
    return Text(_clean(text))


def _clean(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:_LONGEST_TEXT])
