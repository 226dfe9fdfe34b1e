"""What reading a page costs on one core."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.quality.words import pages
from nephila.extract.document import read
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions

MARKDOWN_MS = 1.2
EVERYTHING_MS = 4.0
ROUNDS = 5


def rows() -> Iterator[tuple[str, str, str, bool | None]]:
    """What was measured, the figure, its floor, and whether it is reached."""
    sample = pages()
    if not sample:
        yield "milliseconds a page", "no corpus here", "", None
        return
    generator, options = DefaultMarkdownGenerator(), ReadingOptions()
    markdown = [
        _milliseconds(lambda page=page: generator.generate_markdown(page, "https://x.example/", citations=False))
        for page in sample
    ]
    raw = [RawPage("https://x.example/", page.encode(), "text/html; charset=utf-8") for page in sample]
    everything = [_milliseconds(lambda page=page: read(page, options)) for page in raw]
    yield _row("raw Markdown alone, parsing included, median page", markdown, MARKDOWN_MS)
    yield _row("everything but fit_markdown, median page", everything, EVERYTHING_MS)


def _row(name: str, times: list[float], limit: float) -> tuple[str, str, str, bool | None]:
    median = statistics.median(times)
    return name, f"{median:.2f} ms (mean {statistics.fmean(times):.2f})", f"{limit} ms", median <= limit


def _milliseconds(action: Callable[[], object]) -> float:
    """The processor time of the quickest of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time_ns()
        action()
        best = min(best, (time.process_time_ns() - started) / 1e6)
    return best
