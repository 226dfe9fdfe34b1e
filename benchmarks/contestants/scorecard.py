"""What every contestant shares: the list of URLs in, one line of JSON out. Runs in every environment."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Scorecard:
    """What one crawl did: how many pages, in what time, and how much came out of them."""

    version: str
    """Of the package that crawled."""
    ok: int = 0
    failed: int = 0
    seconds: float = 0.0
    """From the first request to the last result; imports and set-up are not in it."""
    html_chars: int = 0
    cleaned_chars: int = 0
    markdown_chars: int = 0
    links: int = 0
    media: int = 0
    tables: int = 0
    metadata: int = 0
    titles: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    """How often each kind of failure came."""

    def __post_init__(self) -> None:
        self._started = 0.0

    def start(self) -> None:
        self._started = time.perf_counter()

    def stop(self) -> None:
        self.seconds = time.perf_counter() - self._started

    def fail(self, kind: str) -> None:
        self.failed += 1
        self.errors[kind[:100]] = self.errors.get(kind[:100], 0) + 1

    def print(self) -> None:
        sys.stdout.write(json.dumps(asdict(self)) + "\n")
        sys.stdout.flush()


def run_on_fastest_loop(crawl: Coroutine[None, None, None]) -> None:
    """Run the crawl on uvloop where there is one (every environment of the benchmark installs it)."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(crawl)
    else:
        uvloop.run(crawl)


def read_arguments() -> tuple[list[str], int]:
    """The URLs to crawl and the number of pages to work on at a time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", type=Path, help="a file with one URL a line")
    parser.add_argument("--concurrency", type=int, default=20)
    arguments = parser.parse_args()
    return arguments.urls.read_text(encoding="utf-8").split(), arguments.concurrency
