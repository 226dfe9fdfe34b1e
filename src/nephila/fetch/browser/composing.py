"""A page as HTML with the content of its shadow roots, frames and recycled lists in their places.

The page is copied into a document that runs no scripts and loads nothing, and the page itself stays as it is. Foreign
HTML never enters a page: where a frame's content belongs the copy holds a mark that is put in its place here.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame

LIST_ITEMS: Final = """container => {
    // The element whose children are the items: the first, going down into the largest child, with three of a kind.
    const full = child => (!child.checkVisibility || child.checkVisibility())
        && (child.textContent.trim() !== '' || child.querySelector('img, video, svg, canvas, input'));
    let list = container;
    for (let depth = 0; depth < 8; depth++) {
        const children = Array.from(list.children).filter(full);
        const kinds = new Map();
        for (const child of children) kinds.set(child.tagName, (kinds.get(child.tagName) || 0) + 1);
        const most = Math.max(0, ...kinds.values());
        if (most >= 3 && most >= children.length * 0.6) return [list, children];
        if (!children.length) break;
        list = children.reduce((a, b) => b.scrollHeight > a.scrollHeight ? b : a);
    }
    return [container, Array.from(container.children).filter(full)];
}"""
"""A function: the element that holds the items of a scrolled container, and the items."""

_COPY: Final = (
    """({limit, flatten, inner, key, frames, token, list}) => {
    const roots = (key && globalThis[key]) || [];
    if (key) delete globalThis[key];
    const closed = new Map(roots.map(root => [root.host, root]));
    const places = new Map(frames.map((element, index) => [element, index]));
    const inert = document.implementation.createHTMLDocument('');
    const container = list && document.querySelector(list);
    const [items] = container ? ("""
    + LIST_ITEMS
    + """)(container) : [null];
    const foreign = new Set(['SCRIPT', 'STYLE', 'LINK', 'META', 'BASE', 'TITLE', 'NOSCRIPT', 'PLAINTEXT', 'NOEMBED',
        'NOFRAMES']);
    const unseen = new Set(['SCRIPT', 'STYLE', 'LINK']);
    const references = ['href', 'src', 'action', 'formaction', 'poster', 'data', 'cite', 'background', 'longdesc'];
    const absolute = value => {
        try { return new URL(value, document.baseURI).href; } catch { return value; }
    };
    const candidates = value => {
        const found = [];
        let rest = value;
        for (let count = 0; count < 100; count++) {
            rest = rest.replace(/^[\\s,]+/, '');
            if (!rest) break;
            let url = rest.split(/\\s/, 1)[0], size = '';
            rest = rest.slice(url.length);
            if (url.endsWith(',')) url = url.slice(0, -1);
            else {
                size = rest.split(',', 1)[0];
                rest = rest.slice(size.length);
            }
            found.push(absolute(url) + (size.trim() ? ' ' + size.trim() : ''));
        }
        return found.join(', ');
    };
    const resolve = copy => {
        for (const name of references) {
            if (copy.hasAttribute(name)) copy.setAttribute(name, absolute(copy.getAttribute(name)));
        }
        for (const name of ['srcset', 'imagesrcset']) {
            if (copy.hasAttribute(name)) copy.setAttribute(name, candidates(copy.getAttribute(name)));
        }
    };
    const holder = inert.createElement('div');
    const source = inner ? document.body : document.documentElement;
    if (!source) return '';
    const stack = [[source, holder, false]];
    while (stack.length) {
        const [node, parent, shadow] = stack.pop();
        if (node.nodeType !== Node.ELEMENT_NODE) {
            if (node.nodeType === Node.TEXT_NODE || !inner) parent.appendChild(inert.importNode(node, false));
            continue;
        }
        if (inner && foreign.has(node.tagName) || shadow && unseen.has(node.tagName)) continue;
        const place = places.get(node);
        if (place !== undefined) {
            parent.appendChild(inert.createTextNode(`${token}f${place};`));
            continue;
        }
        let children = node.childNodes, within = shadow, target = parent;
        const root = flatten && node.shadowRoot || closed.get(node);
        const given = shadow && node.tagName === 'SLOT' ? node.assignedNodes() : [];
        if (root) {
            children = root.childNodes;
            within = true;
        } else if (given.length) {
            children = given;
            within = false;
        }
        if (!(shadow && node.tagName === 'SLOT')) {
            // A frameset would lose the text that stands for its frames.
            target = node.tagName === 'FRAMESET' && places.size
                ? inert.createElement(parent.tagName === 'HTML' ? 'body' : 'div')
                : inert.importNode(node, node.tagName === 'TEMPLATE');
            if (inner) resolve(target);
            parent.appendChild(target);
            if (node.tagName === 'TEMPLATE') continue;
        }
        if (node === items) {
            target.appendChild(inert.createTextNode(`${token}i0;`));
            continue;
        }
        for (let index = children.length - 1; index >= 0; index--) stack.push([children[index], target, within]);
    }
    let html = inner && holder.firstElementChild ? holder.firstElementChild.innerHTML : holder.innerHTML;
    if (!inner && document.doctype) html = new XMLSerializer().serializeToString(document.doctype) + html;
    return html.length > limit ? html.slice(0, limit + 1) : html;
}"""
)


@dataclass(slots=True)
class FrameContent:
    """What a frame shows.

    Attributes:
        element: The element it is in.
        html: Its body, with absolute URLs.
    """

    element: ElementHandle
    url: str
    name: str
    html: str


@dataclass(slots=True)
class Parts:
    """What is put into the HTML of a page when it is taken.

    Attributes:
        frames: The content of the frames in it.
        list_selector: The container of the list that was scrolled through.
        list_items: Every item it has shown, as HTML.
    """

    frames: list[FrameContent] = field(default_factory=list)
    list_selector: str | None = None
    list_items: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.frames or self.list_items)


async def composed(
    frame: Frame, parts: Parts, limit: int, *, flatten: bool, inner: bool = False, key: str | None = None
) -> str:
    """The frame's HTML with the parts in their places, cut when it is longer than `limit`.

    Args:
        flatten: Whether the content of shadow roots takes the place of their hosts' children.
        inner: Only the inside of the body, without scripts and styles, with absolute URLs.
        key: The name under which the frame holds its closed shadow roots.
    """
    token = f"part-{secrets.token_hex(16)}-"
    html: str = await frame.evaluate(
        _COPY,
        {
            "limit": limit,
            "flatten": flatten,
            "inner": inner,
            "key": key,
            "frames": [content.element for content in parts.frames],
            "token": token,
            "list": parts.list_selector if parts.list_items else None,
        },
    )
    return _with_parts(html, token, parts)


def _with_parts(html: str, token: str, parts: Parts) -> str:
    def part(found: re.Match[str]) -> str:
        if found[1] == "i":
            return "".join(parts.list_items)
        content = parts.frames[int(found[2])]
        name = f' data-frame-name="{escape(content.name)}"' if content.name else ""
        return f'<div data-frame-url="{escape(content.url)}"{name}>{content.html}</div>'

    return re.sub(token + r"([fi])(\d{1,6});", part, html)
