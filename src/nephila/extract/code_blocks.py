"""Code blocks as the common highlighters and editors write them, brought to a plain `<pre class="language-...">`."""

from __future__ import annotations

from itertools import islice

import turbohtml
from turbohtml import Axis, Element

from nephila.extract.ancestry import nearest
from nephila.extract.code_languages import language_of

EDITORS = (
    "div.CodeMirror-code,div.cm-content,div.view-lines,div.ace_text-layer,div.syntaxhighlighter,"
    "table.js-file-line-container"
)
"""What `restore_editor` is to be given."""

_LINE_NUMBERS = (
    ".lineno, .linenos, .linenodiv, .line-number, .line-numbers-rows, .ln, .lnt, .hljs-ln-numbers, .linenumber,"
    ".react-syntax-highlighter-line-number, td.gutter, td.blob-num, td.linenos, td.lineno, .CodeMirror-linenumber,"
    ".code-line-number, .line-num, .lineNumber, .codeblock-linenumber, button, clipboard-copy, .copy-button, .copy-btn"
)
_EDITOR_LINES = ".CodeMirror-line,.cm-line,.view-line,.ace_line,td.code .line,td.blob-code"
_PROSE = frozenset("p td th a span li h1 h2 h3 h4 h5 h6".split())
_LOOKED_AT = 50
"""Nodes of a `code` without `pre` that are looked at for line breaks."""
_TOOLS = frozenset({
    "toolbar", "copy", "copy-button", "copy-btn", "copybtn", "btn-copy", "copy-code-button", "clipboard",
    "zeroclipboard-container",
    "lang", "code-toolbar__toolbar", "highlight-copy-btn", "code-copy", "copycode",
    "code-block-copy", "line-numbers-wrapper",
})  # fmt: skip
_BLOCKS = frozenset({"div", "p", "li", "tr", "ol", "ul", "table", "tbody"})
_LINE_CLASSES = frozenset({"line", "token-line", "code-line", "view-line", "cm-line", "row", "loc"})
_STRUCTURED = "br,div,p,li,tr"


def prepare_code_block(pre: Element) -> None:
    """Put the language where the renderer looks for it and remove what is not code: line numbers and buttons."""
    outer = pre.parent
    if isinstance(outer, Element):
        if outer.tag == "pre" or nearest(outer, ("pre",)) is not None or _is_gutter(outer):
            return
        _drop_tools(pre, outer)
    inner = pre.find("pre")
    for element in pre.select(_LINE_NUMBERS):
        if element != pre and element.parent is not None:
            element.decompose()
    if not pre.text.strip() and (pre.attrs or _has_markup(pre)):
        pre.decompose()
        return
    language = language_of(pre)
    # The renderer reads the class of either; one such as language-none must not reach it.
    for holder in (pre, pre.find("code")):
        if holder is not None and (language or "language-" in (holder.attr("class") or "")):
            holder.attrs["class"] = f"language-{language}" if language else ""
    if inner is not None or pre.select_one(_STRUCTURED) is not None or _has_bare_lines(pre):
        _set_text(pre, code_text(pre))
    _leave_line_number_table(pre)


def prepare_bare_code(code: Element) -> bool:
    """Make a block of a `code` with several lines that stands by itself and in no `pre`; returns whether it did."""
    breaks = lines = 0
    for node in islice(code.descendants, _LOOKED_AT):
        if isinstance(node, turbohtml.Text):
            lines += "\n" in node.data
        elif isinstance(node, Element):
            breaks += node.tag == "br"
    if not (breaks or lines) or _has_neighbours(code) or nearest(code, ("pre", "code")) is not None:
        return False
    if not breaks and nearest(code, _PROSE) is not None:
        # A line break in code that is a part of prose is a space, as everywhere.
        return False
    text = code_text(code)
    if sum(not line.isspace() and bool(line) for line in text.split("\n")) < 2:
        return False
    _set_text(code, text)
    prepare_code_block(code.wrap(Element("pre")))
    return True


def restore_editor(editor: Element) -> None:
    """Make a `pre` of the lines an editor or a file view has drawn."""
    lines = editor.select(_EDITOR_LINES)
    if not lines or editor.parent is None:
        return
    text = "\n".join(line.text.replace("\u200b", "").replace("\xa0", " ").rstrip("\n") for line in lines)
    pre = Element("pre", {"class": editor.attr("class") or ""}, children=[turbohtml.Text(text + "\n")])
    language = language_of(editor)
    pre.attrs["class"] = f"language-{language}" if language else ""
    editor.replace_with(pre)


def code_text(element: Element) -> str:
    """The text of a code block with a line break wherever its markup begins a new line."""
    pieces: list[str] = []
    bare_lines = _has_bare_lines(element)
    # A line has ended, and the break is written once something follows.
    pending = False
    # Nodes with None, or the ends of lines with the number of pieces there were at their start.
    waiting: list[tuple[turbohtml.Node, int | None]] = [(child, None) for child in reversed(list(element.children))]
    while waiting:
        node, start = waiting.pop()
        if start is not None:
            if len(pieces) == start:
                pieces.append("\n")
                pending = False
            else:
                pending = not pieces[-1].endswith("\n")
        elif isinstance(node, turbohtml.Text):
            data = node.data
            if pending and not data.startswith("\n"):
                pieces.append("\n")
            if data:
                pending = False
                pieces.append(data)
        elif isinstance(node, Element):
            is_line = node.tag in _BLOCKS or (bare_lines and _is_line(node))
            if pending or (is_line and pieces and not pieces[-1].endswith("\n")):
                pieces.append("\n")
                pending = False
            if node.tag == "br":
                pieces.append("\n")
            elif is_line:
                waiting.append((node, len(pieces)))
            waiting += [(child, None) for child in reversed(list(node.children))]
    return "".join(pieces)


def _is_gutter(outer: Element) -> bool:
    """Whether a block is in the cell of the line numbers."""
    cell = outer if outer.tag == "td" else nearest(outer, ("td",), 3)
    return cell is not None and (cell.has_class("gutter") or cell.has_class("linenos"))


def _is_line(element: Element) -> bool:
    return "data-line" in element.attrs or not _LINE_CLASSES.isdisjoint((element.attr("class") or "").split())


def _has_bare_lines(element: Element) -> bool:
    """Whether lines are `span` elements with no line breaks between them."""
    first = element.select_one("span.line,span.token-line,span.code-line,span[data-line]")
    if first is None:
        return False
    following = first.next_sibling
    return isinstance(following, Element) and _is_line(following) and not first.text.endswith("\n")


def _set_text(pre: Element, text: str) -> None:
    """Give a block plain text, in its `code` if it has one, so that its class stays."""
    code = pre.find("code", axis=Axis.CHILDREN)
    target = pre if code is None or len(pre.find_all("code", limit=2)) > 1 else code
    pre_class = pre.attr("class")
    if target is pre and code is not None and not pre_class:
        pre.attrs["class"] = code.attr("class") or ""
    target.set_text(text)


def _has_markup(element: Element) -> bool:
    """Whether an element has elements inside other than an empty `code`."""
    inner = element.find()
    return inner is not None and (inner.tag != "code" or bool(inner.find()))


def _has_neighbours(code: Element) -> bool:
    """Whether there is anything but white space and line breaks next to an element in its parent."""
    for forward in (True, False):
        node = code.next_sibling if forward else code.previous_sibling
        while node is not None:
            if isinstance(node, turbohtml.Text):
                if node.data.strip():
                    return True
            elif isinstance(node, Element) and node.tag != "br":
                return True
            node = node.next_sibling if forward else node.previous_sibling
    return False


def _drop_tools(pre: Element, outer: Element) -> None:
    """Remove copy buttons and labels that stand beside a block."""
    if outer.tag not in ("div", "figure"):
        return
    around = [pre.find(axis=Axis.PREVIOUS_SIBLINGS), pre.find(axis=Axis.NEXT_SIBLINGS)]
    for first, axis in zip(around, (Axis.PREVIOUS_SIBLINGS, Axis.NEXT_SIBLINGS), strict=True):
        beside = first
        for _ in range(3):
            if beside is None:
                break
            following = beside.find(axis=axis)
            if beside.tag in ("button", "clipboard-copy") or not _TOOLS.isdisjoint(
                (beside.attr("class") or "").split()
            ):
                beside.decompose()
            beside = following


def _leave_line_number_table(pre: Element) -> None:
    """Replace a table that only sets line numbers beside `pre` by `pre`."""
    cell = pre.closest("td")
    if cell is None or not (cell.has_class("code") or cell.has_class("rouge-code") or cell.previous_sibling):
        return
    table = cell.closest("table")
    if table is None or len(table.find_all("tr", limit=2)) != 1:
        return
    others = [other for other in table.find_all("td", limit=4) if other != cell]
    if (len(others) == 1 and _only_numbers(others[0].text)) or (not others and cell.has_class("code")):
        table.replace_with(pre)


def _only_numbers(text: str) -> bool:
    return all(word.isdecimal() for word in text.split())
