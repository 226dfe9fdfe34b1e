"""Crawl a list of URLs and write one line of JSON for each, in the order of the list.

python examples/batch_to_jsonl.py https://example.com https://example.org > pages.jsonl
"""

import asyncio
import json
import sys

from nephila import AsyncWebCrawler, CrawlerRunConfig


async def main(urls: list[str]) -> None:
    config = CrawlerRunConfig(excluded_tags=["nav", "footer"], page_timeout=30_000)
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls, config, stream=False)
    for result in results:
        record = {
            "url": result.url,
            "status": result.status_code,
            "error_code": result.error_code,
            "title": result.metadata.get("title"),
            "markdown": str(result.markdown),
        }
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1:]))
