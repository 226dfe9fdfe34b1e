"""Crawling over plain HTTP, under the name that users of this family of crawlers know."""

from __future__ import annotations

from nephila.net.hooks import Hook, Hooks
from nephila.options import HTTPCrawlerConfig


class AsyncHTTPCrawlerStrategy:
    """Crawling over plain HTTP; `AsyncWebCrawler(config=HTTPCrawlerConfig(...))` is the same.

    Args:
        browser_config: How requests are made.
    """

    def __init__(self, browser_config: HTTPCrawlerConfig | None = None) -> None:
        self.browser_config = browser_config or HTTPCrawlerConfig()
        self.hooks = Hooks()

    def set_hook(self, name: str, hook: Hook | None) -> None:
        """Have a function called at a fixed point of every visit; None takes it away. See `Hooks` for the names.

        Raises:
            ConfigError: There is no hook of that name, or it is not a function.
        """
        self.hooks.set(name, hook)
