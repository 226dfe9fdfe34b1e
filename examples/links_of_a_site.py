"""Follow the internal links of a site, level by level, and print every URL found.

python examples/links_of_a_site.py https://example.com --most 100

robots.txt is not read in this version: crawl sites that are yours, or whose rules you know.
"""

import argparse
import asyncio

from nephila import AsyncWebCrawler, CrawlerRunConfig


async def main(start: str, most: int) -> None:
    # prefetch reads the links and nothing else.
    config = CrawlerRunConfig(prefetch=True, mean_delay=0.2)
    seen, level = {start}, [start]
    async with AsyncWebCrawler() as crawler:
        while level:
            following: list[str] = []
            async for result in crawler.arun_many(level, config, stream=True):
                if not result.success:
                    print(f"  {result.url}: {result.error_message}")
                    continue
                print(result.url)
                for link in result.links["internal"]:
                    url = link["href"].partition("#")[0]
                    if url not in seen and len(seen) < most:
                        seen.add(url)
                        following.append(url)
            level = following


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--most", type=int, default=50, help="pages visited at most")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.url, arguments.most))
