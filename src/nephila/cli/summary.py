"""What a run came to: counts, rates and one example for every kind of failure."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nephila.errors import ErrorCode

if TYPE_CHECKING:
    from nephila.result import CrawlResult

_LONGEST_URL: Final = 100
_LONGEST_MESSAGE: Final = 200


@dataclass(slots=True)
class Failure:
    """The failures of one error code.

    Attributes:
        count: How many.
        url: The URL of the first.
        message: The sentence of the first.
    """

    url: str
    message: str
    count: int = 0


@dataclass(slots=True)
class Summary:
    """Counts the results of a run.

    Attributes:
        succeeded: Pages fetched and read.
        wire_bytes: Bytes received for them and for the failed ones.
        failures: By error code, in the order they first came.
        warnings: Pages with a warning, such as a selector without a match.
        warning: The first warning, with its URL.
        interrupted: Whether the run was stopped before its end.
        started: `time.monotonic()` at the start.
    """

    succeeded: int = 0
    wire_bytes: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    warnings: int = 0
    warning: str = ""
    interrupted: bool = False
    started: float = field(default_factory=time.monotonic)

    def add(self, result: CrawlResult) -> None:
        """Count one result."""
        if result.cache_status in (None, "miss"):
            self.wire_bytes += result.wire_bytes
        if result.warnings:
            self.warnings += 1
            self.warning = self.warning or _on_one_line(result.url, " ".join(result.warnings))
        if result.success:
            self.succeeded += 1
            return
        code = str(result.error_code or ErrorCode.INTERNAL)
        failure = self.failures.get(code)
        if failure is None:
            failure = self.failures[code] = Failure(result.url, result.error_message or "")
        failure.count += 1

    @property
    def failed(self) -> int:
        """Results that are not a success."""
        return sum(failure.count for failure in self.failures.values())

    @property
    def total(self) -> int:
        """All results."""
        return self.succeeded + self.failed

    def lines(self) -> list[str]:
        """The summary as lines of text."""
        seconds = max(time.monotonic() - self.started, 0.001)
        pages = _plural(self.total, "page")
        verb = "Interrupted after" if self.interrupted else "Crawled"
        rate = self.total / seconds
        lines = [
            f"{verb} {pages} in {duration(seconds)}: {self.succeeded:,} ok, {self.failed:,} failed; "
            f"{rate:,.1f} pages/s, {size(self.wire_bytes)} received."
        ]
        width = max((len(code) for code in self.failures), default=0)
        for code, failure in sorted(self.failures.items(), key=lambda item: -item[1].count):
            lines.append(f"  {code:<{width}} {failure.count:>6,}  {example(failure)}")
        if self.warnings:
            lines.append(f"Warnings on {_plural(self.warnings, 'page')}, such as {self.warning}")
        return lines


def example(failure: Failure) -> str:
    """The first failure of a kind, on one line."""
    return _on_one_line(failure.url, failure.message)


def _on_one_line(url: str, sentence: str) -> str:
    return f"{shorten(url, _LONGEST_URL)}: {shorten(sentence, _LONGEST_MESSAGE)}"


def shorten(text: str, length: int) -> str:
    """Text on one line of at most `length` characters, without control characters."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    return "".join(letter if letter.isprintable() else " " for letter in cut)


def size(count: int) -> str:
    """A number of bytes for people, in powers of a thousand."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"


def duration(seconds: float) -> str:
    """A time for people: `3.4 s`, `12 min 5 s`, `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
