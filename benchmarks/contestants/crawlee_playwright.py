"""Crawlee's PlaywrightCrawler: the HTML, the title and the links of every page.

Its best settings for this race: those of its HTTP crawlers in `crawlee_crawl.py`, and no made-up fingerprints.
"""

from __future__ import annotations

from importlib.metadata import version

from completeness import BROWSER, count
from crawlee.crawlers import PlaywrightCrawler
from crawlee_crawl import options, set_up
from scorecard import Scorecard, read_arguments, run_on_fastest_loop


async def crawl(urls: list[str], concurrency: int, score: Scorecard) -> None:
    score.start()
    launch = {"executable_path": BROWSER, "chromium_sandbox": False} if BROWSER else None
    crawler = PlaywrightCrawler(
        **options(concurrency),
        browser_type="chromium",
        browser_launch_options=launch,
        headless=True,
        fingerprint_generator=None,
    )

    @crawler.router.default_handler
    async def handle(context) -> None:
        html = await context.page.content()
        links = await context.page.eval_on_selector_all("a[href]", "anchors => anchors.map(anchor => anchor.href)")
        score.links += len(links)
        score.titles += bool(await context.page.title())
        count(score, context.request.url, html)

    @crawler.failed_request_handler
    async def failed(_context, error: Exception) -> None:
        score.fail(repr(error))

    if urls:
        await crawler.run(urls)
    score.stop()


def main() -> None:
    urls, concurrency = read_arguments()
    score = Scorecard(version("crawlee"))
    set_up()
    run_on_fastest_loop(crawl(urls, concurrency, score))
    score.print()


if __name__ == "__main__":
    main()
