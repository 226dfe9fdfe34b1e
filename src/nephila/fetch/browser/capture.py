"""The body of a rendered visit: the page's HTML, or the bytes of what is no page."""

from __future__ import annotations

import asyncio
from typing import Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.binary import file_bytes
from nephila.fetch.browser.composing import Parts, composed
from nephila.fetch.browser.failures import is_navigation
from nephila.fetch.browser.navigation import settle
from nephila.fetch.browser.page_visit import PageVisit
from nephila.fetch.browser.shadow import hold_closed_roots, new_key
from nephila.models import Response

_HTML: Final = """limit => {
    const root = document.documentElement;
    if (!root) return '';
    const kind = document.doctype;
    const doctype = kind ? new XMLSerializer().serializeToString(kind) : '';
    const html = doctype + root.outerHTML;
    return html.length > limit ? html.slice(0, limit + 1) : html;
}"""

_PAGES: Final = ("text/html", "application/xhtml+xml")

_PDF: Final = "application/pdf"

_TRIES: Final = 3


async def capture_body(visit: PageVisit, response: Response) -> bytes:
    """The body; sets the response's error when it is larger than it may be."""
    limit = visit.request.max_body_bytes
    kind = response.content_type.partition(";")[0].strip().lower()
    if kind and kind not in _PAGES and visit.response is not None:
        # Chromium shows JSON, pictures and the like in a page of its own making.
        body = (await file_bytes(visit, response.url) or b"") if kind == _PDF else await visit.response.body()
    else:
        visit.html = await _html(visit, limit)
        body = visit.html.encode("utf-8", "replace")
        response.headers["content-type"] = "text/html; charset=utf-8"
        # It was undone by the browser.
        for name in ("content-encoding", "content-length"):
            response.headers.pop(name, None)
    if len(body) > limit:
        response.error = ErrorCode.TOO_LARGE
        response.error_message = f"The page is larger than max_body_bytes ({limit:,} bytes)."
        body = body[:limit]
    response.wire_bytes = len(body)
    return body


async def _html(visit: PageVisit, limit: int) -> str:
    from playwright.async_api import Error

    for attempt in range(_TRIES):
        try:
            html: str = await _composed(visit, limit) or await visit.page.evaluate(_HTML, limit)
        except Error as error:
            if not is_navigation(str(error)) or attempt + 1 == _TRIES:
                raise
            await asyncio.sleep(0.05)
            await settle(visit)
        else:
            return html
    raise AssertionError("unreachable")


async def _composed(visit: PageVisit, limit: int) -> str:
    """The page with its shadow roots, frames and lists in their places; empty when nothing of that is wanted."""
    from playwright.async_api import Error

    flatten = visit.run.flatten_shadow_dom
    if not flatten and not visit.parts:
        return ""
    key = new_key() if flatten else None
    frame = visit.page.main_frame
    if key is not None:
        await hold_closed_roots(visit, frame, key)
    try:
        return await composed(frame, visit.parts, limit, flatten=flatten, key=key)
    except Error as error:
        if not is_navigation(str(error)) and "JSHandle" not in str(error):
            raise
        visit.rendered.warnings.append("The page went elsewhere after its frames and lists were taken; they are lost.")
        visit.parts = Parts()
        return await composed(frame, visit.parts, limit, flatten=flatten)
