"""A page's clean HTML as a list of texts, each with the element it stands in, read in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from nephila.extract.main_content.names import name_bits
from nephila.extract.text_blocks import BLOCK_TAGS

_TOKEN = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)>|([^<]+)")
"""A serialiser writes no `>` and no `<` into attribute values, and every element but the void ones has an end tag."""

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "source", "track", "wbr", "embed", "param", "link", "meta"})
_BREAKS = BLOCK_TAGS | {"caption", "legend", "optgroup", "option", "select", "textarea", "button", "colgroup"}
"""Elements whose text is not part of the line around them."""

Token = tuple[str, str, str, str]
"""A slash at an end tag, the tag's name, its attributes; or a text."""


@dataclass(slots=True, eq=False)
class Container:
    """A block element."""

    tag: str
    parent: int
    """Its place in `Page.containers`; -1 for the root."""
    depth: int
    names: int
    """See `name_bits`."""
    first: int
    """The first text in it, or the one after it if it has none."""
    end: int = 0
    """One past the last text in it."""
    children: int = 0
    """Block elements directly in it."""


@dataclass(slots=True, eq=False)
class Segment:
    """The text between two borders of blocks."""

    container: int
    start: int
    """Its first token."""
    end: int = 0
    """One past its last token."""
    parts: list[str] = field(default_factory=list)
    text: str = ""
    words: int = 0
    link_words: int = 0
    links: int = 0
    names: int = 0
    """The bits of the links and controls in it."""
    marks: int = 0
    """Whether emphasis (1), code (2), an input (8) or a time (16) is in it."""
    price: int = 0
    """Not 0 if it names a price."""


@dataclass(slots=True, eq=False)
class Page:
    """What one pass over the HTML finds."""

    tokens: list[Token]
    containers: list[Container]
    segments: list[Segment]


_MARKS = {"b": 1, "strong": 1, "em": 1, "i": 1, "code": 2, "kbd": 2, "input": 8, "time": 16}


def scan(html: str) -> Page:
    """Read serialised HTML; takes linear time whatever its depth."""
    page = Page(_TOKEN.findall(html), [Container("body", -1, 0, 0, 0)], [])
    _Scan(page).run()
    return page


class _Scan:
    """The state of the pass."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.current = 0
        self.segment: Segment | None = None
        self.bits: dict[str, int] = {}

    def run(self) -> None:
        """Fill the page from its tokens."""
        page, segments = self.page, self.page.segments
        segment: Segment | None = None
        links = names = marks = 0
        for place, (slash, tag, attributes, text) in enumerate(page.tokens):
            if text:
                if segment is None:
                    if text.isspace():
                        continue
                    segment = Segment(self.current, place, links=1 if links else 0, names=names, marks=marks)
                    segments.append(segment)
                segment.parts.append(text)
                if links and not text.isspace():
                    segment.link_words += len(text.split())
            elif tag in _BREAKS:
                if segment is not None:
                    segment.end = place
                    segment = None
                names = marks = 0
                if slash:
                    self._leave()
                elif tag != "hr":
                    self._enter(tag, attributes)
            elif slash:
                if tag == "a" and links:
                    links -= 1
            else:
                if tag == "a":
                    links += 1
                names |= self._names(attributes) if attributes else 0
                marks |= _MARKS.get(tag, 0)
                if segment is not None:
                    segment.links += tag == "a"
                    segment.names |= names
                    segment.marks |= marks
                    if tag == "br":
                        segment.parts.append("\n")
        self._finish(segment)

    def _names(self, attributes: str) -> int:
        if "class=" not in attributes and "id=" not in attributes:
            return 0
        bits = self.bits.get(attributes, -1)
        if bits < 0:
            bits = self.bits[attributes] = name_bits(attributes)
        return bits

    def _enter(self, tag: str, attributes: str) -> None:
        containers = self.page.containers
        above = containers[self.current]
        above.children += 1
        names = self._names(attributes) if attributes else 0
        containers.append(Container(tag, self.current, above.depth + 1, names, len(self.page.segments)))
        self.current = len(containers) - 1

    def _leave(self) -> None:
        container = self.page.containers[self.current]
        container.end = len(self.page.segments)
        self.current = max(container.parent, 0)

    def _finish(self, segment: Segment | None) -> None:
        page = self.page
        if segment is not None:
            segment.end = len(page.tokens)
        page.containers[0].end = len(page.segments)
        for segment in page.segments:
            segment.text = text = unescape("".join(segment.parts)).strip()
            segment.words = len(text.split())
