"""Following links."""

from __future__ import annotations

from dataclasses import dataclass

from nephila.options.strategies import DeepCrawlStrategy


@dataclass(kw_only=True)
class DeepCrawlOptions:
    """Where a crawl goes from its first page.

    Attributes:
        deep_crawl_strategy: Decides which links are followed; None follows none.
    """

    deep_crawl_strategy: DeepCrawlStrategy | None = None
