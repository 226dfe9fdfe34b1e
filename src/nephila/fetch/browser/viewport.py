"""`adjust_viewport_to_content`: a window as large as the page."""

from __future__ import annotations

from typing import Final

from nephila.fetch.browser.page_visit import PageVisit
from nephila.fetch.browser.waiting import wait_for_images

_MAX_WIDTH: Final = 4_096
_MAX_HEIGHT: Final = 16_384
"""Pixels; what a renderer can draw in one piece."""

_SIZE: Final = """() => {
    const root = document.documentElement, body = document.body || root;
    return [Math.max(root.scrollWidth, body.scrollWidth), Math.max(root.scrollHeight, body.scrollHeight)];
}"""


async def adjust_viewport(visit: PageVisit) -> None:
    """Make the window as large as the page, so that everything is in view, and wait for what that loads if asked to."""
    if not visit.run.adjust_viewport_to_content:
        return
    width, height = await visit.page.evaluate(_SIZE)
    now = visit.page.viewport_size or {"width": 0, "height": 0}
    wanted = min(max(int(width), now["width"]), _MAX_WIDTH), min(max(int(height), now["height"]), _MAX_HEIGHT)
    if wanted == (now["width"], now["height"]):
        return
    # The next visit is to find the window its config asks for.
    visit.slot.marked = True
    await visit.page.set_viewport_size({"width": wanted[0], "height": wanted[1]})
    await wait_for_images(visit)
