"""Requests of a page that are looked at on their way: refused, or sent with header fields of their own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from multidict import CIMultiDict

from nephila.errors import FetchError
from nephila.fetch.browser.identity import BROWSERS_OWN, ORIGIN_HEADERS
from nephila.fetch.browser.page_visit import PageVisit
from nephila.net.hooks import OutgoingRequest
from nephila.net.url import is_raw, origin_of

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

RequestAllowed: TypeAlias = Callable[[str], Awaitable[bool]]
"""Whether a request may leave, asked of every request a page makes."""

_OF_THE_BODY: Final = frozenset(("content-type", "content-length"))


class Interception:
    """Stops requests of one visit where the DevTools Protocol can (the domain `Fetch`), Chromium only.

    Unlike Playwright's routes, it sees each hop of a redirect, so that a header for one site does not get to another.

    Args:
        visit: The visit.
        allowed: Asked of every request; None allows all.
    """

    def __init__(self, visit: PageVisit, allowed: RequestAllowed | None) -> None:
        self._visit = visit
        self._request = visit.request
        self._allowed = allowed
        self._tasks: set[asyncio.Task[None]] = set()
        self._first = not is_raw(visit.request.url) and not visit.run.js_only
        self._own: dict[str, dict[str, str]] = {}
        self._frame = ""

    @property
    def patterns(self) -> list[dict[str, str]]:
        """Which requests are stopped; none when there is nothing to do."""
        request = self._request
        own = own_headers(request.headers)
        if self._allowed is not None or own.keys() & ORIGIN_HEADERS or (request.steps is not None):
            return [{"urlPattern": "*"}]
        patterns = []
        if request.before_hop is not None or request.method != "GET":
            patterns.append({"urlPattern": "*", "resourceType": "Document"})
        if own:
            patterns.append({"urlPattern": f"{_escaped(origin_of(request.url))}/*"})
        return patterns

    async def begin(self) -> None:
        """Stop requests from now on, until the visit is over.

        Raises:
            FetchError: A hook or a function of the caller that gives credentials raised.
        """
        patterns = self.patterns
        if not patterns:
            return
        cdp = await self._visit.slot.cdp()
        self._frame = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self._prepare(self._request.url)

        def on_paused(event: dict[str, Any]) -> None:
            task = asyncio.get_running_loop().create_task(self._answer(cdp, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        cdp.on("Fetch.requestPaused", on_paused)
        self._visit.unwatch.append(lambda: self._end(cdp, on_paused))
        await cdp.send("Fetch.enable", {"patterns": patterns})

    def _end(self, cdp: CDPSession, listener: Callable[[dict[str, Any]], None]) -> None:
        cdp.remove_listener("Fetch.requestPaused", listener)
        for task in self._tasks:
            task.cancel()
        self._visit.slot.in_background(_disable(cdp))

    async def _prepare(self, url: str) -> None:
        """Find out what is sent to the origin of a document."""
        origin, request = origin_of(url), self._request
        if origin in self._own or origin == "null":
            return
        given = dict(request.headers)
        if origin != origin_of(request.url):
            given = {name: value for name, value in given.items() if name.lower() not in ORIGIN_HEADERS}
        if request.steps is not None:
            outgoing = OutgoingRequest(url, request.method, CIMultiDict(given), request.body)
            await request.steps.prepare(outgoing)
            given = dict(outgoing.headers)
        self._own[origin] = own_headers(given)

    async def _answer(self, cdp: CDPSession, event: dict[str, Any]) -> None:
        from playwright.async_api import Error

        stopped = {"requestId": event["requestId"]}
        try:
            try:
                changes = await self._changes(event)
            except FetchError as error:
                self._visit.refusal = error
                changes = None
            if changes is None:
                await cdp.send("Fetch.failRequest", {**stopped, "errorReason": "BlockedByClient"})
            else:
                await cdp.send("Fetch.continueRequest", {**stopped, **changes})
        except Error:
            # The page has given the request up meanwhile, or is gone.
            return

    async def _changes(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """What is different about the request; None refuses it.

        Raises:
            FetchError: A document may not be had, and the visit fails.
        """
        asked = event["request"]
        url: str = asked["url"]
        if self._allowed is not None and not await self._allowed(url):
            return None
        changes: dict[str, Any] = {}
        origin = origin_of(url)
        is_page = event["resourceType"] == "Document" and event.get("frameId") == self._frame
        first, self._first = self._first and is_page, self._first and not is_page
        if is_page:
            if not first and self._request.before_hop is not None:
                await self._request.before_hop(url)
            await self._prepare(url)
        own = self._own.get(origin, {})
        if first and self._request.method != "GET":
            changes["method"] = self._request.method
            if self._request.body is not None:
                changes["postData"] = base64.b64encode(self._request.body).decode("ascii")
        kept = {name: value for name, value in own.items() if first or name not in _OF_THE_BODY}
        secret = {name for each in self._own.values() for name in each if name in ORIGIN_HEADERS}
        headers = {name: value for name, value in asked["headers"].items() if name.lower() not in secret | kept.keys()}
        if kept or len(headers) != len(asked["headers"]):
            headers.update(kept)
            changes["headers"] = [{"name": name, "value": value} for name, value in headers.items()]
        return changes


def own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those header fields that are for the page's own site, by their lower-case names."""
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lower.items() if name not in BROWSERS_OWN and not name.startswith("sec-")}


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


async def _disable(cdp: CDPSession) -> None:
    from playwright.async_api import Error

    try:
        await cdp.send("Fetch.disable")
    except Error:
        return
