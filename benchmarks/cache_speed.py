"""What the page cache saves: the same crawl without it, filling it, and out of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environments import run_variables
from benchmarks.plan import CONCURRENCY, Plan

CRAWL_SECONDS = 300.0


@dataclass(frozen=True)
class CacheCrawl:
    """One crawl."""

    crawl: str
    """`off`, `cold` or `warm`."""
    seconds: float
    cpu: float
    ok: int
    statuses: dict[str, int]
    """How many results had which `cache_status`."""


@dataclass(frozen=True)
class CacheSpeed:
    """All three."""

    pages: int
    crawls: list[CacheCrawl] = field(default_factory=list)
    trouble: str = ""

    def times_faster(self, than: str) -> float:
        """How many times faster the warm crawl was than another."""
        seconds = {crawl.crawl: crawl.seconds for crawl in self.crawls}
        return seconds[than] / seconds["warm"]


def measure_cache(plan: Plan, urls: list[str], scratch: Path) -> CacheSpeed:
    """Crawl the pages three times in one process."""
    listed = scratch / "cache-urls.txt"
    listed.write_text("\n".join(urls) + "\n", encoding="utf-8")
    command = [sys.executable, str(plan.programs / "nephila_cache.py"), str(listed), f"--concurrency={CONCURRENCY}"]
    try:
        finished = subprocess.run(
            command,
            env=run_variables(scratch, plan.source),
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=CRAWL_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        return CacheSpeed(len(urls), trouble=(error.stderr.strip().splitlines() or ["no message"])[-1])
    except subprocess.TimeoutExpired:
        return CacheSpeed(len(urls), trouble=f"took longer than {CRAWL_SECONDS:.0f} s")
    return CacheSpeed(len(urls), [CacheCrawl(**json.loads(line)) for line in finished.stdout.splitlines()])
