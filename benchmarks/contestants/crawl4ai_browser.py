"""Crawl4AI with its browser strategy: everything it derives from a page by default.

Its best settings for this race: those of its HTTP strategy beside this file, no delay before the HTML is taken, and
pages closed as it does by default.
"""

from __future__ import annotations

from importlib.metadata import version

import playwright.async_api
from completeness import count, use_browser
from crawl4ai import AsyncWebCrawler, BrowserConfig, CacheMode, CrawlerRunConfig, MemoryAdaptiveDispatcher
from crawl4ai_http import SilentLogger
from scorecard import Scorecard, read_arguments, run_on_fastest_loop


async def crawl(urls: list[str], concurrency: int, score: Scorecard) -> None:
    dispatcher = MemoryAdaptiveDispatcher(
        memory_threshold_percent=98.0,
        critical_threshold_percent=99.5,
        recovery_threshold_percent=97.0,
        max_session_permit=concurrency,
        rate_limiter=None,
    )
    config = CrawlerRunConfig(
        cache_mode=CacheMode.BYPASS,
        stream=True,
        verbose=False,
        check_robots_txt=False,
        mean_delay=0,
        max_range=0,
        delay_before_return_html=0,
    )
    browser = BrowserConfig(headless=True, verbose=False)
    score.start()
    async with AsyncWebCrawler(config=browser, logger=SilentLogger()) as crawler:
        async for result in await crawler.arun_many(urls, config=config, dispatcher=dispatcher):
            if result.success:
                score.markdown_chars += len(result.markdown.raw_markdown)
                score.links += sum(len(group) for group in result.links.values())
                count(score, result.url, result.html)
            else:
                score.fail(str(result.error_message).strip().splitlines()[0] if result.error_message else "no message")
    score.stop()


def main() -> None:
    use_browser(playwright.async_api.BrowserType)
    urls, concurrency = read_arguments()
    score = Scorecard(version("crawl4ai"))
    run_on_fastest_loop(crawl(urls, concurrency, score))
    score.print()


if __name__ == "__main__":
    main()
