"""`remove_overlay_elements`: what lies over the page."""

from __future__ import annotations

from typing import Final

from nephila.fetch.browser.page_visit import PageVisit

UNLOCK: Final = """() => {
    for (const element of [document.documentElement, document.body]) {
        if (!element) continue;
        const style = getComputedStyle(element);
        if (style.overflowY === 'hidden' || style.overflow === 'hidden') {
            element.style.setProperty('overflow', 'auto', 'important');
        }
        if (element === document.body && style.position === 'fixed') {
            element.style.setProperty('position', 'static', 'important');
        }
    }
}"""
"""Let the page be scrolled again, which dialogues forbid while they are open."""

_REMOVE: Final = (
    """() => {
    const dialogue = '[role=dialog], [role=alertdialog], [aria-modal=true], dialog[open]';
    const named = /modal|popup|pop-up|overlay|dialog|lightbox|backdrop|interstitial|newsletter|paywall|fancybox/i;
    const text = element => (element.innerText || '').replace(/\\s+/g, '').length;
    const all = text(document.body);
    const content = 'main, article, [role=main]';
    const covers = element => {
        const box = element.getBoundingClientRect();
        const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
        const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
        return Math.max(0, width) * Math.max(0, height) / (innerWidth * innerHeight);
    };
    // What is left when it has gone must still be a page.
    const isPage = (element, sure) => {
        if (element.contains(document.body) || element.matches(content)) return true;
        const own = text(element), left = all - own;
        if (element.querySelector(content) && left < own) return true;
        return own > 0 && (left < 20 || !sure && left < own);
    };
    const floats = element => {
        const style = getComputedStyle(element);
        const level = parseInt(style.zIndex, 10) || 0;
        return style.position === 'fixed' && (level >= 1 || covers(element) > 0.5)
            || style.position === 'absolute' && level >= 100;
    };
    const wanted = new Set();
    const name = element => `${element.id} ${element.getAttribute('class') || ''}`;
    for (let row = 1; row < 6; row++) {
        for (let column = 1; column < 6; column++) {
            for (const found of document.elementsFromPoint(innerWidth * column / 6, innerHeight * row / 6)) {
                let top = null;
                for (let element = found; element && element !== document.body; element = element.parentElement) {
                    if (floats(element)) top = element;
                }
                if (top) wanted.add(top);
            }
        }
    }
    for (const element of document.querySelectorAll(dialogue)) {
        let top = element;
        for (let up = element; up && up !== document.body; up = up.parentElement) if (floats(up)) top = up;
        if (element.checkVisibility && element.checkVisibility()) wanted.add(top);
    }
    let removed = 0;
    for (const element of wanted) {
        if (!element.isConnected) continue;
        const sure = element.matches(dialogue) || element.querySelector(dialogue) !== null || named.test(name(element));
        if (!sure && covers(element) < 0.25 || isPage(element, sure)) continue;
        element.remove();
        removed++;
    }
    if (removed) ("""
    + UNLOCK
    + """)();
    return removed;
}"""
)


async def remove_overlays(visit: PageVisit) -> None:
    """Remove dialogues and whatever else floats over a good part of the window, never the page itself.

    What holds the page's main content, or most of its text, stays, and so do bars at the edge.
    """
    if visit.run.remove_overlay_elements or visit.run.magic:
        await visit.page.evaluate(_REMOVE)
