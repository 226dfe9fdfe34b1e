"""Lists as Markdown can say them: loose ones, numbers that jump, definitions."""

from __future__ import annotations

import turbohtml
from turbohtml import Axis, Element

from nephila.extract.ancestry import holds, shows_something
from nephila.extract.markdown_marks import BLANK

_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_HEAVY = frozenset("p div ul ol strong b h1 h2 h3 h4 h5 h6 table pre dl".split())
_LARGEST_NUMBER = 999_999_999
"""The largest number CommonMark reads as a list marker (section 5.2)."""


def space_out(root: turbohtml.Node) -> bool:
    """Mark the lists whose items are paragraphs, so that they are written with blank lines between the items.

    CommonMark (section 5.3) calls them loose; without the blank lines their items lose the `p` around them.

    Returns:
        Whether any mark was set.
    """
    seen: set[Element] = set()
    paragraphs = root.select("li>p")
    for paragraph in paragraphs:
        item = paragraph.parent
        before = paragraph.find(axis=Axis.PREVIOUS_SIBLINGS)
        if before is not None and before.tag == "pre":
            paragraph.insert_before(_blank())
        following = paragraph.find(axis=Axis.NEXT_SIBLINGS)
        if following is not None and following.tag != "p":
            paragraph.insert_after(_blank())
        whole = item.parent if isinstance(item, Element) else None
        if isinstance(whole, Element) and whole.tag in _LISTS and whole not in seen:
            seen.add(whole)
            for each in whole.find_all("li", axis=Axis.CHILDREN)[:-1]:
                each.append(_blank())
    return bool(paragraphs)


def _blank() -> Element:
    return Element("p", children=[turbohtml.Text(BLANK)])


def number(root: turbohtml.Node) -> None:
    """Split ordered lists where a number does not follow the one before, so that every item keeps its number."""
    lists = dict.fromkeys(root.select("ol[reversed]"))
    for item in root.select("ol>li[value]"):
        if isinstance(item.parent, Element):
            lists[item.parent] = None
    for ordered in lists:
        items = ordered.find_all("li", axis=Axis.CHILDREN)
        step = -1 if "reversed" in ordered.attrs else 1
        value = _integer(ordered.attr("start"), len(items) if step < 0 else 1)
        starts: list[tuple[Element, int]] = []
        expected = None
        for item in items:
            value = _integer(item.attr("value"), value)
            if value != expected and 0 <= value <= _LARGEST_NUMBER:
                starts.append((item, value))
            if "value" in item.attrs:
                del item.attrs["value"]
            expected, value = value + 1, value + step
        if step < 0:
            del ordered.attrs["reversed"]
        _split(ordered, starts)


def _split(ordered: Element, starts: list[tuple[Element, int]]) -> None:
    """Give every item of `starts` and what follows it a list of its own."""
    if starts:
        ordered.attrs["start"] = str(starts[0][1])
    parts: list[Element] = []
    boundaries = dict[turbohtml.Node, int](starts[1:])
    current = ordered
    for child in list(ordered.children) if boundaries else []:
        start = boundaries.get(child)
        if start is not None:
            current = Element("ol", {"start": str(start)})
            parts.append(current)
        if current is not ordered:
            current.append(child.extract())
    if parts:
        ordered.insert_after(*parts)


def _integer(text: str | None, default: int) -> int:
    text = (text or "").strip()
    digits = text.removeprefix("-").removeprefix("+")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else default


def write_definitions(definitions: Element) -> None:
    """Turn a `dl` into strong terms with a list of what is said of each below it."""
    meanings: Element | None = None
    for child in _of_definitions(definitions):
        if child.tag == "dt":
            meanings = None
            if not holds(child, _HEAVY) and shows_something(child, ()):
                child.wrap_children(Element("strong"))
            child.tag = "p"
        elif child.tag == "dd":
            if meanings is None:
                meanings = Element("ul")
                child.insert_before(meanings)
            meanings.append(child.extract())
            child.tag = "li"
    definitions.tag = "div"


def _of_definitions(definitions: Element) -> list[Element]:
    """The terms and definitions of a `dl`, those in the `div` groups the standard allows included."""
    children: list[Element] = []
    for child in definitions.find_all(axis=Axis.CHILDREN):
        if child.tag == "div":
            children += child.find_all(axis=Axis.CHILDREN)
        else:
            children.append(child)
    return children
