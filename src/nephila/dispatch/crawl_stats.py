"""`CrawlStats`: the numbers of a run at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from nephila.dispatch.advice import advice_for
from nephila.models import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStats:
    """The numbers of one host.

    Attributes:
        host: Host and port; empty for local input and for what is not a URL.
        done: URLs with a successful result.
        failed: URLs with a failed result.
        retries: Visits that were repeated.
        errors: Error codes of all its visits, also of those that were repeated.
        statuses: Statuses from 400 up of all its visits.
        mean_latency: Seconds one visit took on average.
    """

    host: str
    done: int = 0
    failed: int = 0
    retries: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    mean_latency: float = 0.0

    @property
    def visits(self) -> int:
        """Visits that have ended."""
        return self.done + self.failed + self.retries

    def model_dump(self) -> dict[str, JSONValue]:
        """The fields as a dict that JSON can hold."""
        return {
            "host": self.host,
            "done": self.done,
            "failed": self.failed,
            "retries": self.retries,
            "errors": dict(self.errors),
            "statuses": dict(self.statuses),
            "mean_latency": self.mean_latency,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStats:
    """The numbers of a run at one moment; at any time queued + active + retrying + done + failed = accepted.

    Attributes:
        started_at: When the run started, seconds since the epoch; 0 when there was none.
        elapsed: Seconds from the start until now, or until the end of the run.
        running: Whether the run is still going on.
        total: Length of the input; None when it is not known.
        accepted: URLs read from the input.
        queued: URLs that wait for their first visit.
        active: URLs that are being visited.
        retrying: URLs that wait to be visited again.
        done: URLs with a successful result.
        failed: URLs with a failed result, those of `cancelled` included.
        cancelled: URLs that were left when the run was cut short.
        retries: Visits that were repeated.
        bytes: Bytes received for bodies, as they came over the wire.
        pages_per_second: Results per second of the whole run.
        recent_pages_per_second: Results per second of the last 10 seconds of the run.
        latency_p50: Seconds that half of the visits took at most; within 2.5 %. None before the first has ended.
        latency_p90: The same for 90 % of the visits.
        latency_p99: The same for 99 % of the visits.
        wait_seconds: Seconds the finished URLs have waited for their turns, in all.
        longest_wait: The most seconds one of them waited.
        memory: Memory of the process tree in MB; None when the dispatcher does not measure it.
        peak_memory: The highest of the run.
        permits: Visits that may be made at once; None when the dispatcher does not say.
        fewest_permits: The fewest of the run.
        most_permits: The most of the run.
        eta: Seconds until the end at the recent speed; None when the length of the input or the speed is not known.
        errors: Failed results by error code.
        statuses: Results by status from 400 up, of all visits, also of those that were repeated.
        textless: HTML pages that were fetched and held no text.
        hosts: The 1,000 hosts with the most to tell (failed visits, then visits), that one first.
        other_hosts: The sum of the others; None when there are none.
    """

    started_at: float = 0.0
    elapsed: float = 0.0
    running: bool = False
    total: int | None = None
    accepted: int = 0
    queued: int = 0
    active: int = 0
    retrying: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    retries: int = 0
    bytes: int = 0
    pages_per_second: float = 0.0
    recent_pages_per_second: float = 0.0
    latency_p50: float | None = None
    latency_p90: float | None = None
    latency_p99: float | None = None
    wait_seconds: float = 0.0
    longest_wait: float = 0.0
    memory: float | None = None
    peak_memory: float | None = None
    permits: int | None = None
    fewest_permits: int | None = None
    most_permits: int | None = None
    eta: float | None = None
    errors: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    textless: int = 0
    hosts: tuple[HostStats, ...] = ()
    other_hosts: HostStats | None = None

    @property
    def finished(self) -> int:
        """URLs with a result, successful or not."""
        return self.done + self.failed

    def model_dump(self) -> dict[str, JSONValue]:
        """The fields as a dict that JSON can hold."""
        dumped: dict[str, JSONValue] = {name: getattr(self, name) for name in _PLAIN}
        dumped["errors"], dumped["statuses"] = dict(self.errors), dict(self.statuses)
        dumped["hosts"] = [host.model_dump() for host in self.hosts]
        dumped["other_hosts"] = self.other_hosts.model_dump() if self.other_hosts is not None else None
        return dumped

    def advice(self) -> list[str]:
        """Sentences about what is worth changing; empty when nothing is."""
        return advice_for(self)

    def line(self) -> str:
        """The counts and rates in one line, as the monitor logs them."""
        share = f" of {self.total:,}" if self.total is not None else ""
        parts = [
            f"{self.finished:,}{share} URLs finished",
            f"{self.failed:,} failed",
            f"{self.active:,} active, {self.queued:,} queued, {self.retrying:,} to be retried",
            f"{self.recent_pages_per_second:,.1f} pages/s",
        ]
        if self.memory is not None:
            parts.append(f"{self.memory:,.0f} MB")
        if self.eta is not None and self.running:
            parts.append(f"{duration_text(self.eta)} left")
        return "; ".join(parts)

    def summary(self) -> str:
        """The run in a few lines of text, with the advice there is."""
        lines = [
            f"{self.finished:,} URLs in {duration_text(self.elapsed)}: {self.done:,} done, {self.failed:,} failed"
            + (f" ({_counts(self.errors)})" if self.errors else ""),
            f"{self.pages_per_second:,.1f} pages/s, {size_text(self.bytes)} received, {self.retries:,} visits repeated",
        ]
        open_now = self.accepted - self.finished
        if open_now:
            lines.append(f"{self.active:,} active, {self.queued:,} queued, {self.retrying:,} to be retried")
        if self.latency_p50 is not None:
            lines.append(
                f"half of the visits took {self.latency_p50:.2f} s at most, 90 % {self.latency_p90:.2f} s, "
                f"99 % {self.latency_p99:.2f} s; the longest wait for a turn was {self.longest_wait:.1f} s"
            )
        if self.peak_memory is not None:
            lines.append(f"{self.peak_memory:,.0f} MB of memory at most, {self.most_permits} visits at once at most")
        return "\n".join([*lines, *self.advice()])


_NESTED = frozenset({"errors", "statuses", "hosts", "other_hosts"})
_PLAIN = tuple(item.name for item in fields(CrawlStats) if item.name not in _NESTED)


def duration_text(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def size_text(count: int) -> str:
    """Bytes as people say them."""
    if count < 1000:
        return f"{count} bytes"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:,.1f} {unit}"
    return f"{size / 1000:,.1f} TB"


def _counts(counts: dict[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda entry: -entry[1])
    return ", ".join(f"{name} {count:,}" for name, count in ranked)
