"""Shadow roots whose pages keep them closed, found through the DevTools Protocol."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from nephila.fetch.browser.failures import is_gone
from nephila.fetch.browser.page_visit import PageVisit

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Frame

logger = logging.getLogger("nephila.browser")

_MAX_ROOTS: Final = 1_000

_HOLD: Final = """function(key) {
    if (!globalThis[key]) {
        Object.defineProperty(globalThis, key, {value: [], configurable: true, enumerable: false});
    }
    globalThis[key].push(this);
}"""


def new_key() -> str:
    """A name nobody can guess, under which a window holds its closed roots until its copy is made."""
    return f"roots-{secrets.token_hex(16)}"


async def hold_closed_roots(visit: PageVisit, frame: Frame, key: str, *, pierce: bool = False) -> None:
    """Have the closed roots of a frame held under a name of its window.

    Args:
        pierce: Look into the frames of the same process too, whose windows hold theirs.
    """
    if visit.browser.browser_type != "chromium":
        return
    from playwright.async_api import Error

    try:
        if frame.parent_frame is None:
            await _hold(await visit.slot.cdp(), key, pierce)
        else:
            session = await visit.context.new_cdp_session(frame)
            await _hold(session, key, pierce)
            await session.detach()
    except Error as error:
        if is_gone(str(error)) and not frame.is_detached():
            raise
        if frame.parent_frame is None:
            visit.rendered.warnings.append("Closed shadow roots could not be looked into (flatten_shadow_dom).")
        # A frame in its parent's process has no session of its own: its parent's has looked into it.
        logger.debug("no closed shadow roots were looked for: %s", error)


async def _hold(cdp: CDPSession, key: str, pierce: bool) -> None:
    document: dict[str, Any] = await cdp.send("DOM.getDocument", {"depth": -1, "pierce": True})
    try:
        for node in _closed_roots(document["root"], pierce):
            resolved: dict[str, Any] = await cdp.send("DOM.resolveNode", {"nodeId": node})
            await cdp.send(
                "Runtime.callFunctionOn",
                {
                    "objectId": resolved["object"]["objectId"],
                    "functionDeclaration": _HOLD,
                    "arguments": [{"value": key}],
                },
            )
    finally:
        await cdp.send("DOM.disable")


def _closed_roots(root: dict[str, Any], pierce: bool) -> Iterator[int]:
    """The nodes that are closed shadow roots."""
    stack, found = [root], 0
    while stack and found < _MAX_ROOTS:
        node = stack.pop()
        if node.get("shadowRootType") == "closed":
            found += 1
            yield node["nodeId"]
        stack += node.get("children", ())
        stack += node.get("shadowRoots", ())
        if pierce and "contentDocument" in node:
            stack.append(node["contentDocument"])
