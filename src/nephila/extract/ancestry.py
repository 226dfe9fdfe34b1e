"""What is near an element, looked for in a few steps, so that a page that nests deeply costs no more than another."""

from __future__ import annotations

from collections.abc import Container
from itertools import islice

import turbohtml
from turbohtml import Element

LEVELS = 8
"""How far up is looked."""

NODES = 200
"""How many nodes are looked at inside."""


def nearest(node: turbohtml.Node, tags: Container[str], levels: int = LEVELS) -> Element | None:
    """The innermost element of `tags` around a node, if it is near."""
    parent = node.parent
    for _ in range(levels):
        if not isinstance(parent, Element):
            return None
        if parent.tag in tags:
            return parent
        parent = parent.parent
    return None


def shows_something(element: Element, shown: Container[str]) -> bool:
    """Whether there is text in an element, or one of the `shown` elements; True when it takes long to find out."""
    first = next(element.descendants, None)
    if isinstance(first, turbohtml.Text) and first.data.strip():
        return True
    count = 0
    for node in islice(element.descendants, NODES):
        count += 1
        if isinstance(node, turbohtml.Text):
            if node.data.strip():
                return True
        elif isinstance(node, Element) and node.tag in shown:
            return True
    return count == NODES


def holds(element: Element, tags: Container[str]) -> bool:
    """Whether one of the first few nodes in an element is one of `tags`."""
    return any(isinstance(node, Element) and node.tag in tags for node in islice(element.descendants, 16))
