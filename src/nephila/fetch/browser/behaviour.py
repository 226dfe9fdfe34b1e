"""`simulate_user` and `override_navigator`: a browser that behaves and looks as a person's does."""

from __future__ import annotations

import asyncio
from typing import Final

from nephila.fetch.browser.page_visit import PageVisit

_SECONDS: Final = 5.0

_NAVIGATOR: Final = """() => {
    const define = (name, value) => {
        const own = Object.getOwnPropertyDescriptor(Navigator.prototype, name);
        if (own && !own.configurable) return;
        Object.defineProperty(Navigator.prototype, name, {get: () => value, configurable: true, enumerable: true});
    };
    define('webdriver', false);
    // The same languages as the Accept-Language the browser sends, the same system as its User-Agent.
    const language = navigator.language;
    const base = language.split('-')[0];
    define('languages', Object.freeze(base === language ? [language] : [language, base]));
    const agent = navigator.userAgent;
    const systems = [['Windows', 'Win32'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Macintosh', 'MacIntel'],
        ['Android', 'Linux armv81'], ['Linux', 'Linux x86_64']];
    const system = systems.find(([word]) => agent.includes(word));
    if (system) define('platform', system[1]);
    if (!navigator.hardwareConcurrency || navigator.hardwareConcurrency < 4) define('hardwareConcurrency', 4);
    if (!window.chrome && /Chrome\\//.test(agent)) {
        Object.defineProperty(window, 'chrome', {value: {runtime: {}}, configurable: true, writable: true});
    }
    const permissions = window.Permissions && Permissions.prototype;
    if (permissions) {
        const query = permissions.query;
        permissions.query = function (asked) {
            return asked && asked.name === 'notifications' && window.Notification
                ? Promise.resolve({state: Notification.permission === 'denied' ? 'prompt' : Notification.permission,
                    name: 'notifications', onchange: null})
                : query.call(this, asked);
        };
    }
}"""


async def override_navigator(visit: PageVisit) -> None:
    """Have every page and frame see a navigator that does not tell of a program, before any script of theirs."""
    if visit.run.override_navigator or visit.run.magic:
        # It cannot be taken back, so the page is not lent to another visit.
        visit.slot.marked = True
        await visit.page.add_init_script(f"({_NAVIGATOR})()")


async def simulate_user(visit: PageVisit) -> None:
    """Move the mouse, turn its wheel, press a key; nothing is clicked, so nothing is set off."""
    if not (visit.run.simulate_user or visit.run.magic):
        return
    page = visit.page
    size = page.viewport_size or {"width": 800, "height": 600}
    width, height = size["width"], size["height"]
    try:
        async with asyncio.timeout(min(_SECONDS, visit.remaining() * 0.5)):
            await page.mouse.move(width * 0.2, height * 0.3)
            await page.mouse.move(width * 0.55, height * 0.45, steps=8)
            await page.mouse.wheel(0, height / 2)
            await page.mouse.move(width * 0.6, height * 0.7, steps=5)
            await page.mouse.wheel(0, -height / 2)
            await page.keyboard.press("ArrowDown")
    except TimeoutError:
        visit.rendered.warnings.append("simulate_user was not done: the page did not answer.")
