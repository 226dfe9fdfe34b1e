"""What one run of the benchmark does: the contestants, how many pages each gets, how often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONCURRENCY = 20
PARTS = ("pipeline", "import", "coldstart", "soak", "dispatch", "cache", "fetch")


@dataclass(frozen=True)
class Contestant:
    """One program of `contestants/`."""

    name: str
    """As in the table and on the command line."""
    program: str
    environment: str
    """A key of `environments.PEERS`, or `nephila`."""
    produces: str
    pages: int | None
    """Pages in a full run, None for all; the slow ones get a sample with the same mix of sizes."""
    quick_pages: int


CONTESTANTS = (
    Contestant("nephila", "nephila_stream.py", "nephila", "everything", None, 600),
    Contestant("crawl4ai", "crawl4ai_http.py", "crawl4ai", "everything", 120, 50),
    Contestant("crawlee-bs", "crawlee_beautifulsoup.py", "crawlee", "title, links", 300, 120),
    Contestant("crawlee-parsel", "crawlee_parsel.py", "crawlee", "title, links", None, 600),
    Contestant("scrapy", "scrapy_spider.py", "scrapy", "title, links", None, 600),
)


@dataclass(frozen=True)
class Plan:
    """The sizes of a run."""

    quick: bool
    repository: Path
    parts: tuple[str, ...] = PARTS
    contestants: tuple[Contestant, ...] = CONTESTANTS

    @property
    def source(self) -> Path:
        """Where this tree's own package is imported from."""
        return self.repository / "src"

    @property
    def bench_folder(self) -> Path:
        """Environments and results; ignored by git."""
        return self.repository / ".bench"

    @property
    def programs(self) -> Path:
        return self.repository / "benchmarks" / "contestants"

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 3

    @property
    def pipeline_seconds(self) -> float:
        """No further round is started when it could not end within this time."""
        return 60.0 if self.quick else 270.0

    @property
    def starts(self) -> int:
        """Fresh processes for import times and cold starts."""
        return 3 if self.quick else 9

    @property
    def soak_urls(self) -> int:
        return 10_000 if self.quick else 100_000

    @property
    def soak_seconds(self) -> float:
        """When the long stream is given up."""
        return 120.0 if self.quick else 400.0

    @property
    def cache_pages(self) -> int:
        """Pages of the crawls with the page cache, at most."""
        return 400 if self.quick else 1_329

    def pages_of(self, contestant: Contestant, available: int) -> int:
        """How many of the pages a contestant crawls."""
        wanted = contestant.quick_pages if self.quick else contestant.pages
        return available if wanted is None else min(wanted, available)


def choose(names: str) -> tuple[Contestant, ...]:
    """The contestants of a comma-separated list; all of them for an empty one.

    Raises:
        ValueError: A name is not a contestant's.
    """
    if not names:
        return CONTESTANTS
    known = {contestant.name: contestant for contestant in CONTESTANTS}
    unknown = [name for name in names.split(",") if name not in known]
    if unknown:
        raise ValueError(f"No contestant named {', '.join(unknown)}; there are {', '.join(known)}.")
    return tuple(known[name] for name in names.split(","))
