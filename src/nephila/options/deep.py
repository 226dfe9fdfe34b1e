"""Following links."""

from __future__ import annotations

from nephila.options.base import Config
from nephila.options.strategies import DeepCrawlStrategy


class DeepCrawlOptions(Config):
    """Where a crawl goes from its first page.

    Attributes:
        deep_crawl_strategy: Decides which links are followed; None follows none.
    """

    deep_crawl_strategy: DeepCrawlStrategy | None = None
