"""Nephila with its defaults: everything it derives from a page, nothing switched off.

Stricter than for the others: its clock also covers building and closing the crawler and its worker processes.
"""

from __future__ import annotations

from scorecard import Scorecard, read_arguments, run_on_fastest_loop

from nephila import AsyncWebCrawler, CacheMode, CrawlerRunConfig, CrawlResult, MemoryAdaptiveDispatcher, __version__


def touch(result: CrawlResult, score: Scorecard) -> None:
    markdown = result.markdown
    score.ok += 1
    score.html_chars += len(result.html)
    score.cleaned_chars += len(result.cleaned_html)
    score.markdown_chars += len(markdown.raw_markdown)
    len(markdown.markdown_with_citations), len(markdown.references_markdown)
    score.links += sum(len(group) for group in result.links.values())
    score.media += sum(len(group) for group in result.media.values())
    score.tables += len(result.tables)
    score.metadata += len(result.metadata)
    score.titles += bool(result.metadata.get("title"))


async def crawl(urls: list[str], concurrency: int, score: Scorecard) -> None:
    config = CrawlerRunConfig(stream=True, cache_mode=CacheMode.BYPASS)
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=concurrency)
    score.start()
    async with AsyncWebCrawler() as crawler:
        async for result in await crawler.arun_many(urls, config=config, dispatcher=dispatcher):
            if result.success:
                touch(result, score)
            else:
                score.fail(str(result.error_code or result.error_message))
    score.stop()


def main() -> None:
    urls, concurrency = read_arguments()
    score = Scorecard(__version__)
    run_on_fastest_loop(crawl(urls, concurrency, score))
    score.print()


if __name__ == "__main__":
    main()
