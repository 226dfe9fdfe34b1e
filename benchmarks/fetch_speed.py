"""How fast pages are fetched when nothing else is done with them, beside the same HTTP client used bare."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.environments import run_variables
from benchmarks.plan import CONCURRENCY, Plan

Get = Callable[[str], Awaitable[int]]


@dataclass(frozen=True)
class FetchSpeed:
    """Pages a second over one and the same event loop, in turns."""

    bare: float = 0.0
    """aiohttp alone with the same settings, median."""
    own: float = 0.0
    """Nephila's fetcher, median."""
    part: float = 0.0
    """Pages for a second of processor time, beside those of the bare client: the median of the rounds' own ratios.

    Both clients keep one processor busy, so on an idle machine it is the ratio of their speeds; what else runs
    disturbs it less.
    """
    trouble: str = ""


def measure_fetch(plan: Plan, urls: Sequence[str], scratch: Path) -> FetchSpeed:
    """Measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.fetch_speed", "--rounds", str(11 if plan.quick else 25)]
    try:
        finished = subprocess.run(
            command,
            env=run_variables(scratch, plan.source),
            cwd=plan.repository,
            input="\n".join(urls),
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        return FetchSpeed(trouble=(error.stderr.strip().splitlines() or ["no message"])[-1])
    return FetchSpeed(**json.loads(finished.stdout.splitlines()[-1]))


# --- in the process that measures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lap:
    """One round of one client: pages a second, by the clock on the wall and by the processor's."""

    by_wall: float
    by_processor: float


async def timed(get: Get, urls: Sequence[str]) -> Lap:
    """Fetch every URL, so many at a time."""
    waiting = iter(urls)

    async def fetch_some() -> None:
        for url in waiting:
            if not await get(url):
                raise RuntimeError(f"{url} has no body")

    # What the other client has left behind is not to be paid for by this one.
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(fetch_some() for _ in range(CONCURRENCY)))
    return Lap(len(urls) / (time.perf_counter() - wall), len(urls) / (time.process_time() - processor))


async def measure(urls: Sequence[str], rounds: int) -> dict[str, float]:
    """Rounds of both, in turns."""
    import aiohttp

    from nephila import BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig
    from nephila.fetch.http import HttpFetcher
    from nephila.identity import CrawlerIdentity
    from nephila.plan import VisitPlan

    loop = asyncio.get_running_loop()
    fetcher = HttpFetcher()
    browser, http = BrowserConfig(), HTTPCrawlerConfig()
    plan = VisitPlan.of(CrawlerRunConfig(), browser, http, CrawlerIdentity(browser, http))

    async def own(url: str) -> int:
        return len((await fetcher.fetch(plan.request(url), loop.time() + plan.timeout)).body)

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=1 << 20,
        headers=plan.headers,
    ) as session:

        async def bare(url: str) -> int:
            async with session.get(url, allow_redirects=False) as answer:
                return len(await answer.read())

        # Connections are made, and everything is imported, before the clock runs.
        for get in (bare, own):
            await timed(get, urls[:200])
        rounds_of: dict[Get, list[Lap]] = {bare: [], own: []}
        for number in range(rounds):
            for get in (bare, own) if number % 2 else (own, bare):
                rounds_of[get].append(await timed(get, urls))
    await fetcher.close()
    laps = list(zip(rounds_of[bare], rounds_of[own], strict=True))
    return {
        "bare": median(lap.by_wall for lap, _ in laps),
        "own": median(lap.by_wall for _, lap in laps),
        "part": median(own_lap.by_processor / bare_lap.by_processor for bare_lap, own_lap in laps),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure fetching alone, of the URLs on standard input.")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(measure(sys.stdin.read().split(), arguments.rounds))))


if __name__ == "__main__":
    main()
