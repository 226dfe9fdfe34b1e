"""Nephila over a stream of URLs made as they are asked for; results are dropped at once.

Prints a line of JSON, `{"done": n}`, for every hundredth of the stream, then its scorecard.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from scorecard import Scorecard, run_on_fastest_loop

from nephila import AsyncWebCrawler, CacheMode, CrawlerRunConfig, MemoryAdaptiveDispatcher, __version__


def make_urls(hosts: list[str], count: int) -> Iterator[str]:
    for number in range(count):
        yield f"http://{hosts[number % len(hosts)]}/s/{number:07d}"


async def soak(hosts: list[str], count: int, concurrency: int, score: Scorecard) -> None:
    config = CrawlerRunConfig(stream=True, cache_mode=CacheMode.BYPASS)
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=concurrency)
    step = max(1, count // 100)
    score.start()
    async with AsyncWebCrawler() as crawler:
        async for result in await crawler.arun_many(make_urls(hosts, count), config=config, dispatcher=dispatcher):
            if result.success:
                score.ok += 1
                score.markdown_chars += len(result.markdown.raw_markdown)
            else:
                score.fail(str(result.error_code or result.error_message))
            if (score.ok + score.failed) % step == 0:
                sys.stdout.write(json.dumps({"done": score.ok + score.failed}) + "\n")
                sys.stdout.flush()
    score.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("hosts", nargs="+")
    parser.add_argument("--urls", type=int, required=True)
    parser.add_argument("--concurrency", type=int, default=20)
    arguments = parser.parse_args()
    score = Scorecard(__version__)
    run_on_fastest_loop(soak(arguments.hosts, arguments.urls, arguments.concurrency, score))
    score.print()


if __name__ == "__main__":
    main()
