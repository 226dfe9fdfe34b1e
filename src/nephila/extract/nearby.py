"""The lines of text around a page's headline, where readers find who wrote it and when."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from itertools import islice

import turbohtml

_NODES_BEFORE = 120
_NODES_AFTER = 300
_MOST_HEADINGS = 60
_MOST_LINES = 40
"""Lines after the headline that are read."""
_LONGEST = 160
"""Characters of a line; a longer one is a paragraph."""
_BLOCKS = frozenset(
    "address article aside blockquote br button dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hr iframe img input label li main nav ol option p picture pre section select summary svg table "
    "tbody td textarea tfoot th thead tr ul video".split()
)
"""Elements that begin a line of their own."""
_SILENT = frozenset(("script", "style", "template", "noscript"))


class Surroundings:
    """The lines around a page's headline, read when somebody asks.

    Args:
        tree: The page.
        title: What the headline says.
    """

    def __init__(self, tree: turbohtml.Document, title: str) -> None:
        self._tree = tree
        self._title = title

    @functools.cached_property
    def lines(self) -> tuple[list[str], list[str]]:
        """The short lines before the headline, the nearest first, and those after it."""
        headline = _headline(self._tree, self._title)
        return ([], []) if headline is None else lines_around(headline)


def lines_around(headline: turbohtml.Element) -> tuple[list[str], list[str]]:
    """Return the short lines before the headline, the nearest first, and those after it.

    Looks at a few hundred nodes, however large the page is.
    """
    before = list(islice(headline.preceding, _NODES_BEFORE))
    return _lines(reversed(before))[::-1], _lines(islice(headline.following, _NODES_AFTER), _MOST_LINES)


def _headline(tree: turbohtml.Document, title: str) -> turbohtml.Element | None:
    """The heading that says the title, else the first of the first level."""
    first = None
    for element in islice(tree.iter_elements(("h1", "h2", "h3")), _MOST_HEADINGS):
        if title and " ".join(element.text[: 2 * len(title) + 200].split()).startswith(title):
            return element
        first = first or (element if element.tag == "h1" else None)
    return first


def _lines(nodes: Iterable[turbohtml.Node], most: int = _NODES_AFTER) -> list[str]:
    lines: list[str] = []
    line = ""
    for node in nodes:
        if isinstance(node, turbohtml.Element):
            tag = node.tag
            if tag in _BLOCKS:
                if line:
                    _add(lines, line)
                    line = ""
                    if len(lines) >= most:
                        return lines
            elif tag == "time" and (moment := node.attr("datetime")) and not node.text.strip():
                line += f" {moment[:_LONGEST]} "
        elif isinstance(node, turbohtml.Text):
            data = node.data
            if data.isspace():
                # Most texts of a page are: they only keep words apart.
                line += " "
                continue
            parent = node.parent
            if (not isinstance(parent, turbohtml.Element) or parent.tag not in _SILENT) and len(line) <= _LONGEST:
                line += data[: 2 * _LONGEST]
    _add(lines, line)
    return lines


def _add(lines: list[str], line: str) -> None:
    line = " ".join(line.split())
    if line and len(line) <= _LONGEST:
        lines.append(line)
