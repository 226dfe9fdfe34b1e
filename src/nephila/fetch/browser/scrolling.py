"""`scan_full_page`: to the end of a page that grows as it is scrolled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from nephila.fetch.browser.failures import is_navigation
from nephila.fetch.browser.page_visit import PageVisit

if TYPE_CHECKING:
    from playwright.async_api import JSHandle, Page, Request as PageRequest

_STEPS: Final = 10
"""Steps when `max_scroll_steps` is None."""

_IDLE_ROUNDS: Final = 2
_GRACE: Final = 0.4
"""Seconds in which a page that asks nothing of the network may still grow."""

_ANSWER: Final = 5.0
"""Seconds a step waits for answers to what scrolling made the page ask for."""

_STATE: Final = "() => ({targets: []})"

_DOWN: Final = """async (state, {again, milliseconds}) => {
    const end = performance.now() + milliseconds;
    const shown = () => new Promise(done => {
        requestAnimationFrame(() => setTimeout(done));
        setTimeout(done, 500);
    });
    const area = element => {
        const box = element.getBoundingClientRect();
        const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
        return Math.max(0, width) * Math.max(0, Math.min(box.height, innerHeight));
    };
    const scrolls = element => element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 50
        && /auto|scroll|overlay/.test(getComputedStyle(element).overflowY);
    const page = document.scrollingElement || document.documentElement;
    const all = document.body ? document.body.getElementsByTagName('*') : [];
    const containers = [];
    for (let index = 0; index < Math.min(all.length, 50000); index++) {
        const element = all[index];
        if (element.scrollHeight > element.clientHeight + 1 && element !== page && scrolls(element)) {
            const size = area(element);
            if (size > innerWidth * innerHeight / 10) containers.push([size, element]);
        }
    }
    containers.sort((a, b) => b[0] - a[0]);
    state.targets = [page, ...containers.slice(0, 3).map(one => one[1])];
    const before = state.targets.map(target => target.scrollHeight);
    for (const target of state.targets) {
        const height = target === page ? innerHeight : target.clientHeight;
        const bottom = target.scrollHeight;
        const jump = Math.max(height, (bottom - target.scrollTop) / 200);
        if (again) {
            target.scrollTo({top: target.scrollTop - height, behavior: 'instant'});
            await shown();
        }
        for (let top = target.scrollTop + jump; performance.now() < end; top += jump) {
            target.scrollTo({top: Math.min(top, bottom), behavior: 'instant'});
            await shown();
            if (top >= bottom) break;
        }
    }
    return before;
}"""

_GROWN: Final = """(state, {before, milliseconds}) => new Promise(done => {
    const grown = () => state.targets.some((target, index) => target.scrollHeight > before[index] + 1);
    const finish = value => {
        observer.disconnect();
        removeEventListener('load', look, true);
        clearInterval(every);
        clearTimeout(last);
        done(value);
    };
    const look = () => { if (grown()) finish(true); };
    const observer = new MutationObserver(look);
    observer.observe(document, {childList: true, subtree: true, attributes: true});
    addEventListener('load', look, true);
    const every = setInterval(look, 100);
    const last = setTimeout(() => finish(grown()), milliseconds);
    look();
})"""

_TOP: Final = """state => {
    for (const target of state.targets.toReversed()) target.scrollTo({top: 0, behavior: 'instant'});
}"""


class _Asked:
    """What a page has asked the network for since `clear`, and not got."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pending: set[PageRequest] = set()
        page.on("request", self._add)
        page.on("requestfinished", self._remove)
        page.on("requestfailed", self._remove)

    def clear(self) -> None:
        self._pending.clear()

    def close(self) -> None:
        self._page.remove_listener("request", self._add)
        self._page.remove_listener("requestfinished", self._remove)
        self._page.remove_listener("requestfailed", self._remove)

    def _add(self, request: PageRequest) -> None:
        if request.resource_type not in ("image", "media", "font", "ping", "eventsource", "websocket"):
            self._pending.add(request)

    def _remove(self, request: PageRequest) -> None:
        self._pending.discard(request)

    def __bool__(self) -> bool:
        return bool(self._pending)


async def scan_full_page(visit: PageVisit) -> None:
    """Scroll to the end and wait for what that loads, until nothing is added any more; then back to the top.

    A step goes through all that is there, a window's height at a time, in the page and in its largest scrolling
    elements. The scan ends after two steps that added nothing, the second of which goes up and down again, after
    `max_scroll_steps`, or when the visit's time is nearly up.
    """
    if not visit.run.scan_full_page:
        return
    from playwright.async_api import Error

    asked = _Asked(visit.page)
    try:
        async with asyncio.timeout(visit.patience(reserve=0.3) / 1000):
            state = await visit.page.evaluate_handle(_STATE)
            if not await _scan(visit, state, asked):
                visit.rendered.warnings.append("scan_full_page ended at max_scroll_steps; the page was still growing.")
            await state.evaluate(_TOP)
    except TimeoutError:
        visit.rendered.warnings.append("scan_full_page ended with the time of the visit; the page was still growing.")
    except Error as error:
        if not is_navigation(str(error)):
            raise
        visit.rendered.warnings.append("scan_full_page ended because the page went elsewhere.")
    finally:
        asked.close()


async def _scan(visit: PageVisit, state: JSHandle, asked: _Asked) -> bool:
    """Whether the page's end was reached."""
    clock = asyncio.get_running_loop().time
    steps = _STEPS if visit.run.max_scroll_steps is None else visit.run.max_scroll_steps
    idle, grace = 0, max(_GRACE, visit.run.scroll_delay)
    for _ in range(steps):
        asked.clear()
        begun = clock()
        patience = visit.patience(reserve=0.3)
        before = await state.evaluate(_DOWN, {"again": idle > 0, "milliseconds": patience})
        scrolled = clock()
        if await _grown(state, asked, before, grace):
            idle = 0
            # What is slow once is slow again.
            grace = max(grace, min(2.0, 2 * (clock() - scrolled)))
        else:
            idle += 1
            if idle == _IDLE_ROUNDS:
                return True
        await asyncio.sleep(max(0.0, visit.run.scroll_delay - (clock() - begun)))
    return idle > 0 or not steps


async def _grown(state: JSHandle, asked: _Asked, before: list[float], grace: float) -> bool:
    """Wait until there is more than before, or nothing is on its way any more."""
    clock = asyncio.get_running_loop().time
    until = clock() + _ANSWER
    while True:
        if await state.evaluate(_GROWN, {"before": before, "milliseconds": grace * 1000}):
            return True
        if not asked or clock() > until:
            return False
