"""Crawl many URLs and write each page to a folder as soon as it is there. URLs may also come from standard input.

python examples/stream_to_folder.py pages https://example.com https://example.org
python examples/stream_to_folder.py pages < urls.txt
"""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

from nephila import AsyncWebCrawler, CrawlResult, MemoryAdaptiveDispatcher, RateLimiter


def save(result: CrawlResult, folder: Path) -> None:
    position = result.dispatch_result.position if result.dispatch_result else 0
    text = f"<{result.url}>\n\n{result.markdown}\n"
    (folder / f"{position:06}.md").write_text(text, encoding="utf-8")


async def main(folder: Path, urls: Iterable[str]) -> None:
    dispatcher = MemoryAdaptiveDispatcher(max_session_permit=20, rate_limiter=RateLimiter(base_delay=(0.2, 0.5)))
    async with AsyncWebCrawler() as crawler:
        async for result in crawler.arun_many(urls, dispatcher=dispatcher, stream=True):
            if result.success:
                save(result, folder)
            else:
                print(f"{result.url}: {result.error_code}: {result.error_message}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    # A generator: a file of a million lines is read only as fast as its pages are crawled.
    given = sys.argv[2:] or (line.strip() for line in sys.stdin if line.strip())
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target, given))
