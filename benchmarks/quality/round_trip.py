"""HTML to our Markdown and back by a CommonMark renderer: is it the same document?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import turbohtml
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

from nephila.extract.markdown import DefaultMarkdownGenerator

DATA = Path(__file__).parent / "data"
COMMONMARK_EXACT = 570
COMMONMARK_LENIENT = 580
GFM_EXACT = 23

_SPACE = re.compile(r"[ \t\n\r\f]+")
_BLOCKS = frozenset(
    "blockquote body dd div dl dt h1 h2 h3 h4 h5 h6 hr html li ol p pre table tbody td th thead tr ul".split()
)
_SAME = {"s": "del"}
_DERIVED_ATTRIBUTES = frozenset({("ul", "class"), ("li", "class"), ("input", "class")})


@dataclass(frozen=True)
class Example:
    """One example of a specification."""

    example: int
    section: str
    html: str


@dataclass
class Score:
    """How many examples come back, and which do not."""

    total: int = 0
    exact: int = 0
    lenient: int = 0
    """With tight and loose lists not told apart."""
    failed: list[int] = field(default_factory=list)
    """The numbers of the examples that are not exact."""
    changed: list[int] = field(default_factory=list)
    """The numbers of those that are not even the same when tight and loose lists are not told apart."""


def examples(name: str) -> list[Example]:
    """The examples in a file of the data folder."""
    return [Example(**row) for row in json.loads((DATA / name).read_text("utf-8"))]


def commonmark() -> Score:
    """The CommonMark examples without raw HTML."""
    return _score(examples("commonmark-0.31.2.json"), _renderer(gfm=False))


def gfm() -> Score:
    """The examples of GitHub's extensions."""
    return _score(examples("gfm-0.29.json"), _renderer(gfm=True))


def rows() -> Iterator[tuple[str, str, str, bool]]:
    """What was measured, the figure, its floor, and whether it is reached."""
    score = commonmark()
    yield _row("CommonMark 0.31.2 round trip, exact", score.exact, score.total, COMMONMARK_EXACT)
    yield _row("CommonMark 0.31.2 round trip, tight = loose", score.lenient, score.total, COMMONMARK_LENIENT)
    score = gfm()
    yield _row("GFM tables, task lists, strikethrough, autolinks", score.exact, score.total, GFM_EXACT)


def _row(name: str, found: int, total: int, floor: int) -> tuple[str, str, str, bool]:
    return name, f"{found} of {total}", str(floor), found >= floor


def normalized(html: str, *, lists_alike: bool = False) -> list[str]:
    """A document as a list of tags and texts that is equal for equal documents.

    White space collapses outside `pre` and goes at the edges of blocks, attributes are sorted, and the two ways of
    writing a cell's alignment are one.

    Args:
        html: A fragment.
        lists_alike: Leave out the paragraphs that make a list loose.
    """
    pieces: list[str] = []
    text = ""
    in_pre = 0

    def flush(at_block: bool) -> None:
        nonlocal text
        if text:
            pieces.append(text.rstrip(" ") if at_block else text)
            if not pieces[-1]:
                pieces.pop()
        text = ""

    for opens, node in walk(turbohtml.parse_fragment(html)):
        if isinstance(node, turbohtml.Text):
            if in_pre:
                text += node.data
                continue
            words = _SPACE.sub(" ", node.data)
            at_start = not text and (not pieces or _ends_line(pieces[-1]))
            text += words.lstrip(" ") if at_start or text.endswith(" ") else words
        elif isinstance(node, turbohtml.Element):
            if (
                lists_alike
                and node.tag == "p"
                and isinstance(node.parent, turbohtml.Element)
                and node.parent.tag == "li"
            ):
                flush(True)
                pieces.append("<break>")
                continue
            in_pre += (1 if opens else -1) * (node.tag == "pre")
            flush(node.tag in _BLOCKS or node.tag == "br")
            if opens or node.tag not in ("br", "hr", "img", "input"):
                pieces.append(_tag(node) if opens else f"</{_SAME.get(node.tag, node.tag)}>")
    flush(True)
    return _without_breaks(pieces) if lists_alike else pieces


def _without_breaks(pieces: list[str]) -> list[str]:
    """Drop the marks of left-out paragraphs and white space beside them."""
    return [piece for piece in pieces if piece != "<break>"]


def _ends_line(piece: str) -> bool:
    name = piece.strip("</>").partition(" ")[0]
    return piece[:1] == "<" and (name in _BLOCKS or name in ("br", "break"))


def walk(root: turbohtml.Node) -> Iterator[tuple[bool, turbohtml.Node]]:
    """Every node below `root`, elements at their start and at their end."""
    waiting: list[tuple[bool, turbohtml.Node]] = [(True, child) for child in reversed(list(root.children))]
    while waiting:
        opens, node = waiting.pop()
        yield opens, node
        if opens and isinstance(node, turbohtml.Element):
            waiting.append((False, node))
            waiting += [(True, child) for child in reversed(list(node.children))]


def _tag(element: turbohtml.Element) -> str:
    attributes = []
    for name, value in sorted(element.attrs.items()):
        text = " ".join(value) if isinstance(value, list) else (value or "")
        if (element.tag, name) in _DERIVED_ATTRIBUTES:
            continue
        if name == "style" and text.startswith("text-align:"):
            name, text = "align", text.partition(":")[2]
        if name in ("disabled", "checked"):
            text = ""
        attributes.append(f" {name}={text!r}")
    return f"<{_SAME.get(element.tag, element.tag)}{''.join(attributes)}>"


@lru_cache(maxsize=2)
def _renderer(gfm: bool) -> MarkdownIt:
    if not gfm:
        return MarkdownIt("commonmark")
    return MarkdownIt("gfm-like", {"linkify": False}).use(tasklists_plugin)


def back(markdown: str, *, gfm: bool = False) -> str:
    """The HTML a renderer makes of Markdown."""
    return _renderer(gfm).render(markdown)


def _score(cases: list[Example], renderer: MarkdownIt) -> Score:
    generator = DefaultMarkdownGenerator()
    score = Score()
    for case in cases:
        made = renderer.render(generator.generate_markdown(case.html, citations=False).raw_markdown)
        score.total += 1
        if normalized(made) == normalized(case.html):
            score.exact += 1
        else:
            score.failed.append(case.example)
        if normalized(made, lists_alike=True) == normalized(case.html, lists_alike=True):
            score.lenient += 1
        else:
            score.changed.append(case.example)
    return score
