"""What the steps of a rendered visit share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.composing import Parts
from nephila.fetch.browser.slot import Slot
from nephila.models import Redirect, Rendered, Request
from nephila.net.cookie_jar import Cookie
from nephila.options import BrowserConfig, CrawlerRunConfig

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request as PageRequest, Response as PageResponse

    from nephila.fetch.browser.downloads import PageDownload
    from nephila.fetch.browser.exchange import Exchange


class StepFailed(Exception):  # noqa: N818 - it ends the steps, not the visit: what the page shows is still taken
    """A step could not be done; its code and sentence go to the result.

    Attributes:
        code: The result's `error_code`.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class PageVisit:
    """One visit of a page in a browser.

    Attributes:
        slot: The page's loan; set `slot.marked` when a step leaves something another visit must not see.
        page: Playwright's page.
        request: What was asked for.
        run: The config of the visit.
        browser: The config of the browser.
        deadline: Time on the event loop's clock at which the visit ends whatever it is doing.
        rendered: What is gathered besides the HTML.
        response: The answer to the last navigation; None for a page that was not fetched over HTTP.
        redirects: The way to the page so far.
        navigations: The requests for documents of the main frame, in the order they were made.
        parts: What the steps have gathered to be put into the HTML.
        html: The page after the steps; set by the capture of the HTML.
        too_many: Done when the page has led elsewhere more often than it may.
        cookies_before: The cookies of the context when the visit began, by name, domain and path.
        refusal: Why a document on the way may not be had; None when none was refused.
        is_download: Whether the URL leads to a file rather than a page.
        downloads: What the page has begun to download.
        download_began: Set with the first of them.
        exchanges: The requests that have ended, when a recording of them is wanted.
        background: What is still being asked of the browser for the recordings.
        unwatch: Called when the visit is over: whoever listens to the page puts here how to stop.
    """

    slot: Slot
    page: Page
    request: Request
    run: CrawlerRunConfig
    browser: BrowserConfig
    deadline: float
    rendered: Rendered = field(default_factory=Rendered)
    response: PageResponse | None = None
    redirects: list[Redirect] = field(default_factory=list)
    navigations: list[PageRequest] = field(default_factory=list)
    parts: Parts = field(default_factory=Parts)
    html: str | None = None
    too_many: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    cookies_before: dict[tuple[str, str, str], Cookie] = field(default_factory=dict)
    refusal: FetchError | None = None
    is_download: bool = False
    downloads: list[PageDownload] = field(default_factory=list)
    download_began: asyncio.Event = field(default_factory=asyncio.Event)
    exchanges: list[Exchange] = field(default_factory=list)
    background: set[asyncio.Task[None]] = field(default_factory=set)
    unwatch: list[Callable[[], None]] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        """The page's context."""
        return self.slot.context

    def remaining(self) -> float:
        """Seconds until the deadline; 0 when it has passed."""
        return max(0.0, self.deadline - asyncio.get_running_loop().time())

    def patience(self, milliseconds: float | None = None, reserve: float = 0.0) -> float:
        """Milliseconds a step may wait: what it asks for, or all, but no longer than the deadline allows.

        Args:
            milliseconds: What it asks for; None means as long as there is.
            reserve: Part of the remaining time that is left for what follows, at most two seconds.
        """
        remaining = self.remaining()
        left = (remaining - min(2.0, remaining * reserve)) * 1000
        # Playwright takes 0 for "without end".
        return max(1.0, left if milliseconds is None else min(milliseconds, left))
