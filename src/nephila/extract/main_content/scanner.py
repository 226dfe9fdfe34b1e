"""A page's clean HTML as a list of texts, each with the block element it stands in, read in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from nephila.extract.main_content.names import name_bits
from nephila.extract.text_blocks import BLOCK_TAGS

_BORDERS = sorted(BLOCK_TAGS | {"caption", "legend", "optgroup", "option", "select", "textarea", "button", "colgroup"})
"""Elements whose text is not part of the line around them."""
_BORDER = re.compile(rf"<(/?(?:{'|'.join(_BORDERS)}))(?:>| ([^>]*)>)")
"""A serialiser writes no `<` and no `>` into attribute values, and every element but the void ones has an end tag."""
_NEVER = re.compile(r"<(nav|footer|select|textarea)[ >].*?</\1>", re.DOTALL)
"""What is not content on any kind of page."""
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"<a[ >].*?(?:</a>|$)", re.DOTALL)

Token = tuple[str, str, str, str]


@dataclass(slots=True, eq=False)
class Page:
    """What one pass over the HTML finds.

    Attributes:
        parts: The HTML between the borders of blocks at every third place, from the first; after each, the name of the
            tag (an end tag's with its slash) and its attributes.
        tags: For every block element, its name; the root is first, and what is around an element before it.
        parents: The place of the block element around it.
        depths: How many are around it.
        names: See `name_bits`.
        firsts: The first text in it, or the one after it if it has none.
        ends: One past the last text in it.
        starts: The place of its start tag in `parts`.
        stops: The place of its end tag.
        children: Block elements directly in it.
        texts: What is between two borders of blocks and has text.
        runs: For every text, its place in `parts`.
        places: The block element it stands in.
        words: Its words.
        links: Those of them in links.
    """

    parts: list[str]
    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)


def scan(html: str) -> Page:
    """Read serialised HTML; takes linear time whatever its depth.

    Navigation, footers and the parts of forms that list or take text are left out, unless there is nothing else.
    """
    page = _read(_NEVER.sub(" ", html))
    return page if page.texts else _read(html)


def _read(html: str) -> Page:
    page = Page(_BORDER.split(html))
    _walk(page)
    return page


def _walk(page: Page) -> None:
    parts, tags, parents, depths = page.parts, page.tags, page.parents, page.depths
    names, firsts, ends, children, texts = page.names, page.firsts, page.ends, page.children, page.texts
    starts, stops = page.starts, page.stops
    known = {"": 0}
    current = 0
    _open(page, "body", 0, 0)
    depth_of_links = _add(page, 0, 0, 0)
    for place in range(1, len(parts), 3):
        tag = parts[place]
        if tag[0] == "/":
            # A page cut short may have an end too many.
            if current and tags[current] == tag[1:]:
                ends[current] = len(texts)
                stops[current] = place
                current = parents[current]
        elif tag != "hr":
            attributes = parts[place + 1] or ""
            bits = known.get(attributes)
            if bits is None:
                bits = known[attributes] = name_bits(attributes)
            children[current] += 1
            tags.append(tag)
            parents.append(current)
            depths.append(depths[current] + 1)
            names.append(bits)
            firsts.append(len(texts))
            ends.append(0)
            starts.append(place)
            stops.append(0)
            children.append(0)
            current = len(tags) - 1
        if parts[place + 2]:
            depth_of_links = _add(page, place + 2, current, depth_of_links)
    ends[0] = len(texts)


def _open(page: Page, tag: str, parent: int, names: int) -> None:
    page.tags.append(tag)
    page.parents.append(parent)
    page.depths.append(0)
    page.names.append(names)
    page.firsts.append(0)
    page.ends.append(0)
    page.starts.append(0)
    page.stops.append(0)
    page.children.append(0)


def _add(page: Page, run: int, place: int, open_links: int) -> int:
    """Add the text of a run if it has one; returns how many links are open after it."""
    html = text = page.parts[run]
    if html.isspace() or not html:
        return open_links
    linked = 0
    has_links = False
    if "<" in html:
        has_links = "<a" in html or "</a" in html
        if "<br" in html:
            text = text.replace("<br", "\n<br")
        text = _TAG.sub("", text)
    if "&" in text:
        text = unescape(text)
    text = text.strip()
    opening = html.count("<a ") + html.count("<a>") if has_links else 0
    if text:
        words = len(text.split())
        if opening or open_links:
            linked = words if open_links or _is_one_link(html) else _linked_words(html)
        page.texts.append(text)
        page.runs.append(run)
        page.places.append(place)
        page.words.append(words)
        page.links.append(min(linked, words))
    return max(open_links + opening - html.count("</a>"), 0) if has_links else open_links


def _is_one_link(html: str) -> bool:
    return html[:2] == "<a" and html[-4:] == "</a>" and html.count("</a>") == 1


def _linked_words(html: str) -> int:
    return sum(len(_TAG.sub(" ", link).split()) for link in _LINK.findall(html))
