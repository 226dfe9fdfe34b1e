"""A page as nested blocks with the sizes that content filters judge by, measured in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import turbohtml

_BLOCK_NAMES = (
    "address article aside blockquote body center details dialog dd div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav noscript ol p pre search section summary "
    "table tbody td tfoot th thead tr ul"
)
BLOCK_TAGS = frozenset(_BLOCK_NAMES.split())
"""Elements that begin and end a line; everything else is part of one."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
SHOWN_TAGS = frozenset({"img", "picture", "video", "audio", "svg", "canvas", "object", "embed", "math"})
_STRUCTURES = HEADINGS | {"table", "ul", "ol", "form", "nav", "article", "section", "main", "aside", "header", "footer"}
_NO_TEXT = frozenset({"script", "style", "template", "head", "title"})


_MOST_CELLS = 20_000
"""Blocks of a table that are looked at; a larger one counts as layout."""


@dataclass(slots=True, eq=False)
class Block:
    """A block element; the numbers cover everything in it."""

    element: turbohtml.Node
    tag: str
    text_length: int = 0
    """Characters of text, white space at the ends of text nodes not counted."""
    words: int = 0
    link_length: int = 0
    """The part of `text_length` that is in links."""
    markup_length: int = 0
    """Characters the inner HTML takes, text included, entities not expanded."""
    blocks: list[Block] = field(default_factory=list)
    """The block elements in it that are in no other block in it."""
    own_words: int = 0
    """Words that are in no block in it."""
    has_media: bool = False
    """Whether it shows a picture, video or the like."""
    preserved: bool = False
    """Whether the caller asked for it to stay whatever it looks like."""
    holds_preserved: bool = False
    """Whether something in it is preserved."""


def measure(root: turbohtml.Node, is_preserved: Callable[[turbohtml.Element], bool] | None = None) -> Block:
    """Measure the tree under `root` in one pass, without recursion."""
    tag = root.tag if isinstance(root, turbohtml.Element) else ""
    top = Block(root, tag)
    # Open elements: the node, the block it belongs to (itself if it is one), whether it is in a link or unread.
    open_nodes: list[tuple[turbohtml.Node, Block, bool, bool]] = [(root, top, tag == "a", False)]
    order = [top]
    parents: list[Block | None] = [None]
    for node in root.descendants:
        parent = node.parent
        while open_nodes[-1][0] != parent:
            open_nodes.pop()
        _, block, in_link, unread = open_nodes[-1]
        if isinstance(node, turbohtml.Element):
            name = node.tag
            owner = block
            if name in BLOCK_TAGS:
                owner = Block(node, name)
                block.blocks.append(owner)
                order.append(owner)
                parents.append(block)
            block.markup_length += _tag_length(node, name)
            if name in SHOWN_TAGS:
                owner.has_media = True
            if is_preserved is not None and is_preserved(node):
                if owner is block:
                    block.holds_preserved = True
                else:
                    owner.preserved = owner.holds_preserved = True
            open_nodes.append((node, owner, in_link or name == "a", unread or name in _NO_TEXT))
        elif isinstance(node, turbohtml.DocumentFragment):
            # The contents of a <template>.
            open_nodes.append((node, block, in_link, True))
        elif isinstance(node, turbohtml.Text) and not unread:
            data = node.data
            block.markup_length += len(data)
            text = data.strip()
            if text:
                words = text.count(" ") + 1
                block.text_length += len(text)
                block.own_words += words
                block.words += words
                if in_link:
                    block.link_length += len(text)
    for block, above in zip(reversed(order), reversed(parents), strict=True):
        if above is not None:
            above.text_length += block.text_length
            above.words += block.words
            above.link_length += block.link_length
            above.markup_length += block.markup_length
            above.has_media = above.has_media or block.has_media
            above.holds_preserved = above.holds_preserved or block.holds_preserved
    return top


def _tag_length(element: turbohtml.Element, name: str) -> int:
    """Characters of the start and the end tag."""
    length = 2 * len(name) + 5
    for attribute, value in element.attrs.items():
        if isinstance(value, list):
            value = " ".join(value)
        length += len(attribute) + len(value or "") + 4
    return length


def is_data_table(table: Block) -> bool:
    """Whether a table's cells hold values rather than parts of the page's layout."""
    waiting = list(table.blocks)
    for _ in range(_MOST_CELLS):
        if not waiting:
            return True
        block = waiting.pop()
        if block.tag in _STRUCTURES:
            return False
        waiting.extend(block.blocks)
    return False
