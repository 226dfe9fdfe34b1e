"""`virtual_scroll_config`: every item of a list that shows only some at a time."""

from __future__ import annotations

import asyncio
from typing import Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.composing import LIST_ITEMS
from nephila.fetch.browser.failures import is_navigation
from nephila.fetch.browser.page_visit import PageVisit, StepFailed

_IDLE_ROUNDS: Final = 2

_FIND_SECONDS: Final = 5.0
"""For the container to appear."""

_BEGIN: Final = """container => {
    const page = document.scrollingElement || document.documentElement;
    let target = container;
    while (target && !(target.scrollHeight > target.clientHeight + 1
        && /auto|scroll|overlay|hidden/.test(getComputedStyle(target).overflowY))) target = target.parentElement;
    target = target || page;
    target.scrollTo({top: 0, behavior: 'instant'});
    return {target, page, known: new Map(), bytes: 0};
}"""

_COLLECT: Final = (
    """(state, {selector, limit}) => {
    const container = document.querySelector(selector);
    if (!container) return [];
    const [, items] = ("""
    + LIST_ITEMS
    + """)(container);
    const found = [];
    for (const item of items) {
        const numbers = ['data-index', 'data-item-index', 'data-key', 'data-id', 'aria-rowindex', 'aria-posinset',
            'id'];
        const links = Array.from(item.querySelectorAll('[href], [src]'), one =>
            one.getAttribute('href') || one.getAttribute('src'));
        const key = JSON.stringify([numbers.map(name => item.getAttribute(name)), item.textContent.trim(),
            item.getAttribute('href'), item.textContent.trim() ? links.slice(0, 1) : links]);
        if (state.known.has(key)) continue;
        const html = item.outerHTML;
        if (state.bytes + html.length > limit) return null;
        state.bytes += html.length;
        state.known.set(key, true);
        found.push(html);
    }
    return found;
}"""
)

_SCROLL: Final = """async (state, by) => {
    const before = state.target.scrollTop;
    const height = state.target === state.page ? innerHeight : state.target.clientHeight;
    const step = by === 'container_height' ? height : by === 'page_height' ? innerHeight : by;
    state.target.scrollTo({top: before + step, behavior: 'instant'});
    // The page hears of it with the next frame and draws in the one after, however busy the machine is.
    await new Promise(done => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
        setTimeout(done, 1000);
    });
    return state.target.scrollTop !== before;
}"""


async def scroll_virtual_list(visit: PageVisit) -> None:
    """Scroll through the list from its top and keep every item it shows; the page's HTML gets them all.

    Ends after `scroll_count` steps, or after two that neither moved nor showed anything new.

    Raises:
        StepFailed: There is no such container (`timeout`), or its selector cannot be understood (`user_code`).
    """
    config = visit.run.virtual_scroll_config
    if config is None:
        return
    from playwright.async_api import Error, TimeoutError as PageTimeoutError

    selector = config.container_selector
    try:
        container = await visit.page.wait_for_selector(
            f"css={selector}", state="attached", timeout=visit.patience(_FIND_SECONDS * 1000, 0.2)
        )
        assert container is not None
        async with asyncio.timeout(visit.patience(reserve=0.3) / 1000):
            await _scroll(visit, await container.evaluate_handle(_BEGIN))
    except PageTimeoutError as error:
        raise StepFailed(ErrorCode.TIMEOUT, f"There is no {selector!r} to scroll (virtual_scroll_config).") from error
    except TimeoutError:
        visit.rendered.warnings.append("virtual_scroll_config ended with the time of the visit.")
    except Error as error:
        if "not a valid selector" in str(error) or "Unexpected token" in str(error):
            message = f"virtual_scroll_config: {selector!r} is no selector."
            raise StepFailed(ErrorCode.USER_CODE, message) from error
        if not is_navigation(str(error)):
            raise
        visit.rendered.warnings.append("virtual_scroll_config ended because the page went elsewhere.")


async def _scroll(visit: PageVisit, state: object) -> None:
    from playwright.async_api import JSHandle

    assert isinstance(state, JSHandle)
    config = visit.run.virtual_scroll_config
    assert config is not None
    visit.parts.list_selector = config.container_selector
    wanted = {"selector": config.container_selector, "limit": visit.request.max_body_bytes}
    items = visit.parts.list_items
    # Back at the top, a list may have to draw its first items again.
    await asyncio.sleep(min(0.1, config.wait_after_scroll))
    items += await state.evaluate(_COLLECT, wanted) or ()
    idle = 0
    for _ in range(config.scroll_count):
        moved = await state.evaluate(_SCROLL, config.scroll_by)
        await asyncio.sleep(config.wait_after_scroll)
        found = await state.evaluate(_COLLECT, wanted)
        if found is None:
            visit.rendered.warnings.append("virtual_scroll_config ended: the items are larger than max_body_bytes.")
            return
        items += found
        idle = 0 if found or moved else idle + 1
        if idle == _IDLE_ROUNDS:
            return
