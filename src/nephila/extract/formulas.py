"""Formulas: whatever draws them, they become one `math` element whose TeX is known."""

from __future__ import annotations

import turbohtml
from turbohtml import Axis, Element

from nephila.extract.mathml import tex_of_mathml

SELECTOR = (
    'script[type^="math/"],span.katex,mjx-container,span.mwe-math-element,img.latex,'
    "img.mathimg,img.tex,span.math-tex,span.MathJax_Preview"
)
"""What `gather` is to be given."""

_RENDERED = ".katex-html,mjx-math,mjx-container>svg,.MathJax_SVG_Hidden"
_DRAWN = frozenset({"MathJax", "MathJax_Display", "MathJax_SVG", "MathJax_SVG_Display", "MathJax_CHTML", "MJXc-display",
                    "MathJax_Preview", "mjx-chtml"})  # fmt: skip
_TEX = '[encoding="application/x-tex"],[encoding="TeX"],[encoding="LaTeX"]'
_LIBRARIES = 'script[src*="mathjax" i],script[src*="katex" i]'
_DELIMITERS = (("\\(", "\\)", False), ("\\[", "\\]", True), ("$$", "$$", True))
_NOT_PROSE = frozenset({"script", "style", "code", "pre", "textarea", "math", "kbd", "samp", "tt", "template"})
MAX_TEX = 20_000
"""Characters of one formula in prose at most; what is longer is no formula."""


def gather_prose(body: Element) -> bool:
    """Find the formulas in the text between `\\(` and `\\)`, `\\[` and `\\]` or `$$`; returns whether there are any.

    They are formulas only on a page that loads a library which would draw them.
    """
    text = body.text
    if not ("\\(" in text or "\\[" in text or "$$" in text):
        return False
    found = False
    for node in list(body.descendants):
        if not isinstance(node, turbohtml.Text) or not ("\\(" in node.data or "\\[" in node.data or "$$" in node.data):
            continue
        if any(isinstance(each, Element) and each.tag in _NOT_PROSE for each in _nearest(node)):
            continue
        nodes = _split_prose(node.data)
        if len(nodes) > 1 or not isinstance(nodes[0], turbohtml.Text):
            node.replace_with(*nodes)
            found = True
    return found


def loads_library(tree: turbohtml.Node) -> bool:
    """Whether a page loads MathJax or KaTeX."""
    return tree.select_one(_LIBRARIES) is not None


def gather(source: Element) -> bool:
    """Bring one formula to a `math` element that says its TeX; returns whether it was one.

    KaTeX, MathJax 2 and 3 and MediaWiki write a formula twice and more, once for the eye and once for machines; one
    remains.
    """
    tag = source.tag
    if tag == "script":
        return _gather_script(source)
    if tag == "img":
        return _gather_image(source)
    math = source.find("math")
    if source.has_class("mwe-math-element"):
        if math is not None:
            source.replace_with(math.extract())
        return math is not None
    if source.has_class("math-tex"):
        return _gather_delimited(source)
    if source.has_class("MathJax_Preview"):
        # What is shown until MathJax has run; the formula itself is in a script beside it.
        source.extract()
        return False
    if math is None:
        return False
    outer = source.parent
    is_display = source.attr("display") == "true" or (isinstance(outer, Element) and outer.has_class("katex-display"))
    if is_display:
        math.attrs["display"] = "block"
    source.remove(_RENDERED)
    source.replace_with(math.extract())
    return True


def _gather_script(script: Element) -> bool:
    """A `math/tex` script and the drawing MathJax 2 put before it."""
    kind = script.attr("type") or ""
    before = script.find(axis=Axis.PREVIOUS_SIBLINGS)
    for _ in range(2):
        if before is None or _DRAWN.isdisjoint((before.attr("class") or "").split()):
            break
        drawn, before = before, before.find(axis=Axis.PREVIOUS_SIBLINGS)
        drawn.extract()
    text = script.text.strip()
    if "mml" in kind:
        math = turbohtml.parse_fragment(text).find("math")
        if math is None:
            return False
        script.replace_with(math.extract())
        return True
    if text:
        script.replace_with(_formula(text, display="display" in kind))
    return bool(text)


def _gather_image(image: Element) -> bool:
    """A formula drawn as an image, its TeX in the alternative text."""
    tex = (image.attr("alt") or "").strip()
    if not tex:
        return False
    display = tex.startswith(("$$", "\\["))
    image.replace_with(_formula(tex.strip("$").removeprefix("\\[").removesuffix("\\]"), display=display))
    return True


def _gather_delimited(source: Element) -> bool:
    text = source.text.strip()
    for opening, closing, display in _DELIMITERS:
        if text.startswith(opening) and text.endswith(closing) and len(text) > 4:
            source.replace_with(_formula(text[2:-2], display=display))
            return True
    return False


def _nearest(node: turbohtml.Node) -> list[turbohtml.Node]:
    """The few innermost elements around a text."""
    around: list[turbohtml.Node] = []
    parent = node.parent
    while parent is not None and len(around) < 4:
        around.append(parent)
        parent = parent.parent
    return around


def _split_prose(text: str) -> list[turbohtml.Node]:
    nodes: list[turbohtml.Node] = []
    position = 0
    closed = dict.fromkeys(("\\(", "\\[", "$$"), True)
    while True:
        starts = [(text.find(mark, position), mark) for mark, alive in closed.items() if alive]
        starts = [(start, mark) for start, mark in starts if start >= 0]
        if not starts:
            break
        start, mark = min(starts)
        closing = next(close for opening, close, _ in _DELIMITERS if opening == mark)
        end = text.find(closing, start + 2)
        if end < 0:
            closed[mark] = False
            continue
        if end - start <= MAX_TEX and text[start + 2 : end].strip():
            if start > position:
                nodes.append(turbohtml.Text(text[position:start]))
            nodes.append(_formula(text[start + 2 : end], display=mark != "\\("))
        else:
            nodes.append(turbohtml.Text(text[position : end + 2]))
        position = end + 2
    if position < len(text) or not nodes:
        nodes.append(turbohtml.Text(text[position:]))
    return nodes


def _formula(tex: str, *, display: bool) -> Element:
    """A `math` element that says its TeX."""
    annotation = Element("annotation", {"encoding": "application/x-tex"}, children=[turbohtml.Text(tex.strip())])
    attributes = {"display": "block"} if display else {}
    return Element("math", attributes, children=[Element("semantics", children=[annotation])])


def tex_of(math: Element) -> str:
    """The TeX of a `math` element: as annotated, from `alttext`, or made from its MathML; on one line."""
    annotation = math.select_one(_TEX)
    tex = annotation.text if annotation is not None else math.attr("alttext")
    if not tex or not tex.strip():
        tex = tex_of_mathml(math)
    lines = [line.rstrip() for line in tex.replace("\r", "\n").split("\n")]
    # A comment would swallow what the next line says once the lines are one.
    lines = [line if "%" not in line else _without_comment(line) for line in lines]
    tex = " ".join(" ".join(lines).split())
    if tex.startswith("{\\displaystyle") and tex.endswith("}"):
        tex = tex[len("{\\displaystyle") : -1].strip()
    return tex


def _without_comment(line: str) -> str:
    position = line.find("%")
    while position > 0 and line[position - 1] == "\\":
        position = line.find("%", position + 1)
    return line if position < 0 else line[:position]


def written(math: Element) -> str:
    """The Markdown of a `math` element: `$...$`, or `$$...$$` when it stands by itself."""
    tex = tex_of(math)
    if not tex:
        return ""
    if math.attr("display") == "block" or "\\begin{" in tex[:20] or (math.attr("mode") == "display"):
        return f"$${tex}$$"
    return f"${tex}$"
