"""How a browser that is already running is reached."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.redaction import shown_url
from nephila.options.rules import Seconds, Secret


class ConnectionOptions(Config):
    """The connection to a running browser by the Chrome DevTools Protocol.

    Attributes:
        cdp_url: Address of the browser; shown without its path and query, which may hold a key.
        browser_context_id: Use this context of it.
        target_id: Use this page of it.
        cdp_cleanup_on_close: Close what was opened there.
        cdp_close_delay: Seconds to leave it for that.
        cache_cdp_connection: Keep the connection for the next crawler.
        create_isolated_context: Work in a new context.
    """

    cdp_url: Annotated[str | None, Secret(shown_url)] = None
    browser_context_id: str | None = None
    target_id: str | None = None
    cdp_cleanup_on_close: bool = False
    cdp_close_delay: Seconds = 1.0
    cache_cdp_connection: bool = False
    create_isolated_context: bool = False
