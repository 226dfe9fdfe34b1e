"""Crawling with a browser, under the name that users of this family of crawlers know."""

from __future__ import annotations

import logging

from nephila.errors import UnsupportedOptionError
from nephila.net.hooks import Hook, Hooks
from nephila.options import BrowserConfig, HTTPCrawlerConfig


class AsyncPlaywrightCrawlerStrategy:
    """Crawling with a browser; `AsyncWebCrawler(config=BrowserConfig(fetch_mode="browser"))` is the same.

    Args:
        browser_config: What the browser is like; its `fetch_mode` `auto` becomes `browser`.
        logger: Refused: the package logs to `logging.getLogger("nephila")`.
        browser_adapter: Refused: adapters are not built in this version.

    Raises:
        UnsupportedOptionError: One of the refused arguments is given.
    """

    def __init__(
        self,
        browser_config: BrowserConfig | None = None,
        logger: logging.Logger | None = None,
        browser_adapter: object | None = None,
    ) -> None:
        if logger is not None:
            raise UnsupportedOptionError('logger: configure logging.getLogger("nephila") instead.')
        if browser_adapter is not None:
            raise UnsupportedOptionError("browser_adapter: adapters are not built in this version; leave it out.")
        config = browser_config or BrowserConfig()
        self.browser_config = config.clone(fetch_mode="browser") if config.fetch_mode == "auto" else config
        self.hooks = Hooks()

    def set_hook(self, name: str, hook: Hook | None) -> None:
        """Have a function called at a fixed point of every visit; None takes it away. See `Hooks` for the names.

        Raises:
            ConfigError: There is no hook of that name, or it is not a function.
        """
        self.hooks.set(name, hook)


def joined(
    config: BrowserConfig | HTTPCrawlerConfig | None, strategy: AsyncPlaywrightCrawlerStrategy
) -> BrowserConfig | HTTPCrawlerConfig:
    """The config of a crawler with a strategy of its own: the crawler's, when it has one, used with a browser."""
    if config is None:
        return strategy.browser_config
    if isinstance(config, BrowserConfig) and config.fetch_mode == "auto":
        return config.clone(fetch_mode="browser")
    return config
