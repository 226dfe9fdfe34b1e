"""Turn pages into pieces of text for a search index: the main content only, cut into overlapping windows of words.

python examples/markdown_for_rag.py https://example.com
python examples/markdown_for_rag.py https://example.com --query "what is this domain for" --words 200
"""

import argparse
import asyncio
import json

from nephila import (
    AsyncWebCrawler,
    BM25ContentFilter,
    CrawlerRunConfig,
    DefaultMarkdownGenerator,
    OverlappingWindowChunking,
    PruningContentFilter,
    RelevantContentFilter,
)


async def main(urls: list[str], query: str | None, words: int) -> None:
    # Without a question: what looks like content. With one: the blocks that answer it.
    content: RelevantContentFilter = BM25ContentFilter(query) if query else PruningContentFilter()
    generator = DefaultMarkdownGenerator(content, options={"ignore_links": True, "ignore_images": True})
    chunking = OverlappingWindowChunking(window_size=words, overlap=words // 10)
    config = CrawlerRunConfig(markdown_generator=generator, excluded_tags=["nav", "form", "footer"])
    async with AsyncWebCrawler() as crawler:
        async for result in crawler.arun_many(urls, config, stream=True):
            for number, text in enumerate(chunking.chunk(result.markdown.fit_markdown or "")):
                piece = {"url": result.url, "title": result.metadata.get("title"), "number": number, "text": text}
                print(json.dumps(piece, ensure_ascii=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--query", help="keep only what answers this question")
    parser.add_argument("--words", type=int, default=300, help="words in a piece")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.urls, arguments.query, arguments.words))
