"""Crawl4AI with its HTTP strategy (no browser): everything it derives from a page by default.

Its best settings for this race: no rate limiter, no cache, as many connections as pages in work (its own default is
four a core), streaming (a batch keeps every page in memory), a memory threshold it never reaches, uvloop, and a
logger that does nothing (the one it has writes a file for every line, also when it is told to be quiet).
"""

from __future__ import annotations

from importlib.metadata import version

from crawl4ai import AsyncWebCrawler, CacheMode, CrawlerRunConfig, HTTPCrawlerConfig, MemoryAdaptiveDispatcher
from crawl4ai.async_crawler_strategy import AsyncHTTPCrawlerStrategy
from crawl4ai.async_logger import AsyncLoggerBase
from scorecard import Scorecard, read_arguments, run_on_fastest_loop


class SilentLogger(AsyncLoggerBase):
    verbose = False

    def debug(self, *args, **kwargs): ...

    def info(self, *args, **kwargs): ...

    def success(self, *args, **kwargs): ...

    def warning(self, *args, **kwargs): ...

    def error(self, *args, **kwargs): ...

    def url_status(self, *args, **kwargs): ...

    def error_status(self, *args, **kwargs): ...


def touch(result, score: Scorecard) -> None:
    markdown = result.markdown
    score.ok += 1
    score.html_chars += len(result.html)
    score.cleaned_chars += len(result.cleaned_html)
    score.markdown_chars += len(markdown.raw_markdown)
    len(markdown.markdown_with_citations), len(markdown.references_markdown)
    score.links += sum(len(group) for group in result.links.values())
    score.media += sum(len(group) for group in result.media.values())
    score.tables += len(result.tables or ())
    score.metadata += len(result.metadata or ())
    score.titles += bool((result.metadata or {}).get("title"))


async def crawl(urls: list[str], concurrency: int, score: Scorecard) -> None:
    strategy = AsyncHTTPCrawlerStrategy(
        browser_config=HTTPCrawlerConfig(), logger=SilentLogger(), max_connections=concurrency
    )
    dispatcher = MemoryAdaptiveDispatcher(
        memory_threshold_percent=98.0,
        critical_threshold_percent=99.5,
        recovery_threshold_percent=97.0,
        max_session_permit=concurrency,
        rate_limiter=None,
    )
    config = CrawlerRunConfig(
        cache_mode=CacheMode.BYPASS, stream=True, verbose=False, check_robots_txt=False, mean_delay=0, max_range=0
    )
    async with AsyncWebCrawler(crawler_strategy=strategy, logger=SilentLogger()) as crawler:
        score.start()
        async for result in await crawler.arun_many(urls, config=config, dispatcher=dispatcher):
            if result.success:
                touch(result, score)
            else:
                score.fail(str(result.error_message).strip().splitlines()[0] if result.error_message else "no message")
        score.stop()


def main() -> None:
    urls, concurrency = read_arguments()
    score = Scorecard(version("crawl4ai"))
    run_on_fastest_loop(crawl(urls, concurrency, score))
    score.print()


if __name__ == "__main__":
    main()
