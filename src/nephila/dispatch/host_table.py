"""What is known of each host of a run, in bounded memory."""

from __future__ import annotations

from nephila.result import CrawlResult

_KEPT_HOSTS = 1_000
_KINDS = 24
"""Statuses counted apart for one host at most; a server may make up any number of them."""

_FIRST_ERROR_STATUS = 400


class HostCounts:
    """Counts of one host, or of several in one."""

    __slots__ = ("done", "errors", "failed", "problems", "retries", "seconds", "statuses")

    def __init__(self) -> None:
        self.done = self.failed = self.retries = self.problems = 0
        self.seconds = 0.0
        self.errors: dict[str, int] = {}
        self.statuses: dict[int, int] = {}

    def count_visit(self, result: CrawlResult, seconds: float) -> None:
        """Count how one visit ended, whether it is final or not."""
        self.seconds += seconds
        if result.success:
            return
        self.problems += 1
        code = error_name(result)
        self.errors[code] = self.errors.get(code, 0) + 1
        status = result.status_code
        if status is not None and status >= _FIRST_ERROR_STATUS:
            counted = self.statuses.get(status, 0)
            if counted or len(self.statuses) < _KINDS:
                self.statuses[status] = counted + 1

    def take_in(self, other: HostCounts) -> None:
        """Add the counts of another."""
        self.done += other.done
        self.failed += other.failed
        self.retries += other.retries
        self.problems += other.problems
        self.seconds += other.seconds
        for code, count in other.errors.items():
            self.errors[code] = self.errors.get(code, 0) + count
        for status, count in other.statuses.items():
            if status in self.statuses or len(self.statuses) < _KINDS:
                self.statuses[status] = self.statuses.get(status, 0) + count


class HostTable:
    """The hosts with the most to tell (failed visits first, then visits); the rest is summed.

    Twice as many hosts as are shown are followed, and the lesser half is folded into the sum whenever there are more:
    a host may have visits in the sum from before it had much to tell.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, HostCounts] = {}
        self.rest = HostCounts()
        self.folded = 0

    def of(self, host: str) -> HostCounts:
        """The counts of a host."""
        counts = self._hosts.get(host)
        if counts is None:
            if len(self._hosts) >= 2 * _KEPT_HOSTS:
                self._fold()
            counts = self._hosts[host] = HostCounts()
        return counts

    def ranked(self) -> list[tuple[str, HostCounts]]:
        """The hosts that are followed, the one with the most to tell first."""
        return sorted(self._hosts.items(), key=_rank)

    def most_telling(self) -> tuple[list[tuple[str, HostCounts]], HostCounts, int]:
        """The hosts shown, the sum of the others, and how often one was added to that sum."""
        ranked = self.ranked()
        if len(ranked) <= _KEPT_HOSTS and not self.folded:
            return ranked, self.rest, 0
        others = HostCounts()
        others.take_in(self.rest)
        for _, counts in ranked[_KEPT_HOSTS:]:
            others.take_in(counts)
        return ranked[:_KEPT_HOSTS], others, self.folded + len(ranked[_KEPT_HOSTS:])

    def _fold(self) -> None:
        ranked = self.ranked()
        for _, counts in ranked[_KEPT_HOSTS:]:
            self.rest.take_in(counts)
        self.folded += len(ranked) - _KEPT_HOSTS
        self._hosts = dict(ranked[:_KEPT_HOSTS])


def error_name(result: CrawlResult) -> str:
    """The error code of a failed result; `unknown` when whoever made it gave none."""
    return str(result.error_code or "unknown")


def _rank(entry: tuple[str, HostCounts]) -> tuple[int, int]:
    counts = entry[1]
    return (-counts.problems, -counts.done - counts.failed)
