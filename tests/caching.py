"""Crawls that keep pages, and servers that can be asked about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from nephila import (
    AsyncWebCrawler,
    BrowserConfig,
    CacheMode,
    CrawlerRunConfig,
    CrawlResult,
    HTTPCrawlerConfig,
)
from nephila.result import RESULT_FIELDS
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

OF_THE_VISIT = {"cache_status", "cached_at", "changed", "crawl_stats", "dispatch_result"}
"""Fields that tell of the visit, not of the page."""

ENABLED = CrawlerRunConfig(cache_mode=CacheMode.ENABLED)
CHECKING = ENABLED.clone(check_cache_freshness=True, cache_validation_timeout=2.0)

PAGE = "<html><head><title>T</title></head><body><nav>{nav}</nav><main><h1>Head</h1><p>{text}</p></main></body></html>"
TEXT = "The golden orb-weaver spins a web that is strong enough to stop a small bird, every morning. " * 4


async def get(
    folder: Path,
    url: str,
    config: CrawlerRunConfig = ENABLED,
    client: BrowserConfig | HTTPCrawlerConfig | None = None,
) -> CrawlResult:
    """One page by a crawler of its own, so that nothing but the store is remembered."""
    async with AsyncWebCrawler(config=client, base_directory=str(folder)) as crawler:
        return await crawler.arun(url, config)


def of_the_page(result: CrawlResult) -> dict[str, object]:
    dumped = result.model_dump(include=[name for name in RESULT_FIELDS if name not in OF_THE_VISIT])
    json.dumps(dumped)
    return dict(dumped)


def tagged(site: Site, path: str, body: Callable[[], str], **headers: str) -> str:
    """A page with an ETag made of its body."""

    def answer(exchange: Exchange) -> Answer:
        tag = f'"{hash(body())}"'
        named = {"etag": tag, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if exchange.arrival.headers.get("if-none-match") == tag:
            return Answer(status=304, headers=tuple(named.items()), content_type="")
        return Answer(body().encode(), headers=tuple(named.items()))

    return site.handle(path, answer)
