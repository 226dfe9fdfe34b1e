"""The bytes of a PDF file, of which the browser itself keeps only the page of its viewer."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from nephila.fetch.browser.page_visit import PageVisit


async def file_bytes(visit: PageVisit, url: str) -> bytes | None:
    """Ask for the file once more, and take it before the viewer does; None when that fails."""
    from playwright.async_api import Error

    cdp = await visit.slot.cdp()
    taken: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

    async def take(event: dict[str, Any]) -> None:
        stopped = {"requestId": event["requestId"]}
        try:
            answer = await cdp.send("Fetch.getResponseBody", stopped)
            body = answer["body"]
            data = base64.b64decode(body) if answer["base64Encoded"] else body.encode()
            if not taken.done():
                taken.set_result(data)
            await cdp.send("Fetch.failRequest", {**stopped, "errorReason": "Aborted"})
        except Error:
            if not taken.done():
                taken.set_result(None)

    def on_paused(event: dict[str, Any]) -> None:
        visit.slot.in_background(take(event))

    # The visit's own way to the page is over; this request is no hop of it.
    for unwatch in visit.unwatch:
        unwatch()
    visit.unwatch.clear()
    cdp.on("Fetch.requestPaused", on_paused)
    try:
        await cdp.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "requestStage": "Response"}]})
        await cdp.send("Page.navigate", {"url": url})
        async with asyncio.timeout(visit.remaining()):
            return await taken
    except (Error, TimeoutError):
        return None
    finally:
        cdp.remove_listener("Fetch.requestPaused", on_paused)
        visit.slot.marked = True
        visit.slot.in_background(_stop(visit))


async def _stop(visit: PageVisit) -> None:
    from playwright.async_api import Error

    try:
        await (await visit.slot.cdp()).send("Fetch.disable")
    except Error:
        return
