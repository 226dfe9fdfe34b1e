"""Crawlee's BeautifulSoupCrawler (its default parser, lxml): title and links."""

from __future__ import annotations

from crawlee.crawlers import BeautifulSoupCrawler, BeautifulSoupCrawlingContext
from crawlee_crawl import run
from scorecard import Scorecard


def touch(context: BeautifulSoupCrawlingContext, score: Scorecard) -> None:
    score.ok += 1
    score.titles += bool(context.soup.title and context.soup.title.get_text())
    score.links += sum(1 for anchor in context.soup.find_all("a") if anchor.get("href"))


if __name__ == "__main__":
    run(BeautifulSoupCrawler, touch)
