"""Nephila over the same pages three times: without a cache, filling one, and out of it.

Prints a line of JSON for each, `{"crawl": name, "seconds": s, "cpu": s, "ok": n, "statuses": {...}}`. Crawlers are
built and closed within the clock. Without pauses between requests, so that it is the work that is measured.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections import Counter

from scorecard import read_arguments, run_on_fastest_loop

from nephila import AsyncWebCrawler, CacheMode, CrawlerRunConfig, MemoryAdaptiveDispatcher


async def crawl(name: str, mode: CacheMode, urls: list[str], concurrency: int, folder: str) -> None:
    config = CrawlerRunConfig(stream=True, cache_mode=mode)
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=concurrency)
    statuses: Counter[str] = Counter()
    ok, cpu, started = 0, cpu_seconds(), time.perf_counter()
    async with AsyncWebCrawler(base_directory=folder) as crawler:
        async for result in await crawler.arun_many(urls, config=config, dispatcher=dispatcher):
            ok += result.success and bool(result.cleaned_html)
            statuses[str(result.cache_status)] += 1
    seconds = time.perf_counter() - started
    line = {"crawl": name, "seconds": seconds, "cpu": cpu_seconds() - cpu, "ok": ok, "statuses": statuses}
    sys.stdout.write(json.dumps(line) + "\n")


def cpu_seconds() -> float:
    """Of this process and of the workers that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def crawl_three_times(urls: list[str], concurrency: int) -> None:
    with tempfile.TemporaryDirectory(prefix="nephila-cache-") as folder:
        await crawl("off", CacheMode.BYPASS, urls, concurrency, folder)
        await crawl("cold", CacheMode.ENABLED, urls, concurrency, folder)
        await crawl("warm", CacheMode.ENABLED, urls, concurrency, folder)


def main() -> None:
    urls, concurrency = read_arguments()
    run_on_fastest_loop(crawl_three_times(urls, concurrency))


if __name__ == "__main__":
    main()
