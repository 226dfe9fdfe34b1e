"""Crawlee's BeautifulSoupCrawler (its default parser, lxml): title and links.

Its parsing threads are cut down to one: BeautifulSoup is Python code that holds the interpreter lock, and several
threads of it take about twice the processor time and twice as long.
"""

from __future__ import annotations

from crawlee.crawlers import BeautifulSoupCrawler, BeautifulSoupCrawlingContext
from crawlee_crawl import run
from scorecard import Scorecard


def touch(context: BeautifulSoupCrawlingContext, score: Scorecard) -> None:
    score.ok += 1
    score.titles += bool(context.soup.title and context.soup.title.get_text())
    score.links += sum(1 for anchor in context.soup.find_all("a") if anchor.get("href"))


if __name__ == "__main__":
    run(BeautifulSoupCrawler, touch, threads=1)
