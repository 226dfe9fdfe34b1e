"""Crawlee's ParselCrawler: title and links."""

from __future__ import annotations

from crawlee.crawlers import ParselCrawler, ParselCrawlingContext
from crawlee_crawl import run
from scorecard import Scorecard


def touch(context: ParselCrawlingContext, score: Scorecard) -> None:
    score.ok += 1
    score.titles += bool(context.selector.css("title::text").get())
    score.links += len(context.selector.css("a::attr(href)").getall())


if __name__ == "__main__":
    run(ParselCrawler, touch)
