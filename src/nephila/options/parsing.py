"""How a page is parsed: choices other crawlers offer, kept for their names."""

from __future__ import annotations

from nephila.options.base import Config
from nephila.options.strategies import ContentScrapingStrategy


class ParsingOptions(Config):
    """The parser. There is one here, which follows the WHATWG standard as browsers do.

    Attributes:
        parser_type: Kept for its name; any value but the default is refused when a crawl starts.
        scraping_strategy: Kept for its name; None means the built-in reader.
    """

    parser_type: str = "lxml"
    scraping_strategy: ContentScrapingStrategy | None = None
