"""Nephila with its browser: everything it derives from a page by default. `BENCH_MODE` is its `fetch_mode`."""

from __future__ import annotations

import os

from completeness import BROWSER, count
from scorecard import Scorecard, read_arguments, run_on_fastest_loop

from nephila import AsyncWebCrawler, BrowserConfig, CacheMode, CrawlerRunConfig, MemoryAdaptiveDispatcher, __version__


async def crawl(urls: list[str], concurrency: int, score: Scorecard) -> None:
    config = CrawlerRunConfig(
        stream=True, cache_mode=CacheMode.BYPASS, fetch_mode=os.environ.get("BENCH_MODE", "browser")
    )
    if config.fetch_mode == "browser":
        # Nothing comes later on these pages, for anybody. `auto` keeps the default.
        config = config.clone(delay_before_return_html=0)
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=concurrency)
    score.start()
    async with AsyncWebCrawler(config=BrowserConfig()) as crawler:
        async for result in await crawler.arun_many(urls, config=config, dispatcher=dispatcher):
            if result.success:
                score.markdown_chars += len(result.markdown.raw_markdown)
                score.links += sum(len(group) for group in result.links.values())
                count(score, result.url, result.html)
            else:
                score.fail(str(result.error_code or result.error_message))
    score.stop()


def main() -> None:
    if BROWSER:
        os.environ["NEPHILA_BROWSER"] = BROWSER
    urls, concurrency = read_arguments()
    score = Scorecard(__version__)
    run_on_fastest_loop(crawl(urls, concurrency, score))
    score.print()


if __name__ == "__main__":
    main()
