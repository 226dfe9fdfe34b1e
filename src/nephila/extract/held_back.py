"""Content that a page holds back until its scripts run, put where they would put it.

Three ways are common in HTML as it is served: React streams late parts in hidden containers at the end, web components
come with declarative shadow roots, and forums that render in the browser have the whole text in `noscript`.
"""

from __future__ import annotations

from itertools import islice

import turbohtml
from turbohtml import Element

from nephila.extract.inventory import Inventory

NOSCRIPT_WORDS = 60
"""Words from which a `noscript` is the page's text and not a request to enable JavaScript."""

MAX_FRAME_DEPTH = 4
"""Documents inside `srcdoc` documents that are opened."""

MAX_PLACES = 1000
"""Elements of each kind looked at on one page."""


def release(body: Element, inventory: Inventory) -> bool:
    """Put held-back content in its place; returns whether the tree was changed."""
    changed = False
    if inventory.has_template:
        changed |= _place_streamed_segments(body)
        changed |= _open_shadow_roots(body)
        # What is in the other templates is no part of the page.
        body.remove("template")
        changed = True
    changed |= _open_frames(inventory.frames)
    for noscript in inventory.noscripts[:MAX_PLACES]:
        if len(noscript.text.split()) >= NOSCRIPT_WORDS and noscript.parent is not None:
            noscript.unwrap()
            changed = True
    return changed


def _open_frames(frames: list[Element]) -> bool:
    """Put the documents that `srcdoc` attributes hold in the place of their frames.

    Their relative URLs resolve against the page (HTML Standard, section 2.4.1), so that nothing else is to be done.
    """
    opened = False
    waiting = frames[:MAX_PLACES]
    # A document in a document is written with its marks escaped once more, so the rounds end soon by themselves.
    for _ in range(MAX_FRAME_DEPTH):
        inside: list[Element] = []
        for frame in waiting:
            if frame.parent is None:
                continue
            content = turbohtml.parse(frame.attr("srcdoc") or "", positions=False).find("body")
            if content is None:
                continue
            block = Element("div")
            block.extend(list(content.children))
            frame.replace_with(block)
            opened = True
            inside += block.find_all("iframe", attrs={"srcdoc": True}, limit=MAX_PLACES)
        waiting = inside
    return opened


def body_of_frameset(root: Element) -> Element | None:
    """Put what a page of frames says to browsers without them in the place of the frames, as the page's body."""
    frames = root.find("frameset")
    fallback = root.find("noframes")
    if frames is None or fallback is None:
        return None
    # Its content is text to a parser (HTML Standard, section 13.2.6.4.20).
    body = turbohtml.parse(fallback.text, positions=False).find("body")
    if body is None or not body.text.strip():
        return None
    frames.replace_with(body.extract())
    return body


def _place_streamed_segments(body: Element) -> bool:
    """Move React's late parts (`<div hidden id="S:0">`) to their places (`<template id="B:0">` or `"P:0"`).

    The stand-in after a `B:` template reaches to the comment `/$` and is dropped, as by React's own script.
    """
    segments = body.select('div[hidden][id^="S:"]')[:MAX_PLACES]
    if not segments:
        return False
    places = {place.attr("id"): place for place in body.select('template[id^="B:"],template[id^="P:"]')[:MAX_PLACES]}
    for segment in segments:
        number = (segment.attr("id") or "")[2:]
        place = places.pop(f"B:{number}", None)
        has_stand_in = place is not None
        place = place or places.pop(f"P:{number}", None)
        # A place inside its own segment is no place, and only a broken page has one.
        if place is None or place.parent is None or segment in place.ancestors:
            del segment.attrs["hidden"]
            continue
        if has_stand_in:
            _drop_stand_in(place)
        place.replace_with(*segment.children)
        segment.decompose()
    return True


def _drop_stand_in(place: Element) -> None:
    """Remove what follows a place up to React's closing comment."""
    stand_in = []
    for sibling in islice(place.next_siblings, MAX_PLACES):
        if isinstance(sibling, turbohtml.Comment) and sibling.data == "/$":
            break
        stand_in.append(sibling)
    else:
        return
    for node in stand_in:
        node.extract()


def _open_shadow_roots(body: Element) -> bool:
    """Put the content of declarative shadow roots into their hosts, the host's own children into the slots."""
    roots = body.select("template[shadowrootmode]")[:MAX_PLACES]
    for root in roots:
        host = root.parent
        if not isinstance(host, Element):
            continue
        slots = {slot.attr("name") or "": slot for slot in reversed(root.find_all("slot", limit=MAX_PLACES))}
        assigned: dict[str, list[turbohtml.Node]] = {}
        for child in host.children:
            if child != root:
                name = (child.attr("slot") or "") if isinstance(child, Element) else ""
                assigned.setdefault(name, []).append(child)
        for name, nodes in assigned.items():
            if name in slots:
                slots[name].replace_with(*nodes)
            else:
                # A browser does not show what has no slot.
                for node in nodes:
                    node.extract()
        root.replace_with(*_content_of(root))
    return bool(roots)


def _content_of(template: Element) -> list[turbohtml.Node]:
    """The nodes in a `template`, which a parser keeps in a fragment of their own (HTML Standard, section 4.12.3)."""
    content: list[turbohtml.Node] = []
    for child in template.children:
        content += child.children if isinstance(child, turbohtml.DocumentFragment) else [child]
    return content
