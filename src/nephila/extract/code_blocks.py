"""Code blocks as the common highlighters write them, brought to a plain `<pre class="language-...">`."""

from __future__ import annotations

import re

import turbohtml

_LINE_NUMBERS = (
    ".lineno, .linenos, .linenodiv, .line-number, .line-numbers-rows, .ln, .lnt, .hljs-ln-numbers, "
    ".react-syntax-highlighter-line-number, td.gutter, td.blob-num, button"
)
_PREFIXED = re.compile(r"(?:language|lang|highlight-source|highlight)-([\w+#.-]{1,40})\Z")
_NAME = re.compile(r"[A-Za-z][\w+#.-]{0,39}\Z")
_MARKERS = frozenset({"hljs", "sourcecode", "brush:", "prettyprint"})
"""Classes of highlighters that name the language in the class beside them."""
_NO_LANGUAGES = frozenset(
    {"none", "default", "nohighlight", "no-highlight", "linenums", "numbersource", "wrapper", "code", "block"}
    | {"numberlines", "lineanchors", "copy", "source", "highlight", "container"}
)


def prepare_code_block(pre: turbohtml.Element) -> None:
    """Put the language where the renderer looks for it and remove what is not code: line numbers and buttons."""
    outer = pre.parent
    if isinstance(outer, turbohtml.Element) and outer.closest("pre, td.gutter, td.linenos") is not None:
        return
    for element in pre.select(_LINE_NUMBERS):
        element.decompose()
    if not pre.text.strip():
        pre.decompose()
        return
    language = _language(pre)
    # The renderer reads the class of either; one such as language-none must not reach it.
    for holder in (pre, pre.find("code")):
        if holder is not None and (language or "language-" in (holder.attr("class") or "")):
            holder.attrs["class"] = f"language-{language}" if language else ""
    _leave_line_number_table(pre)


def _language(pre: turbohtml.Element) -> str:
    """The language the block or what is around it declares, or an empty string."""
    code = pre.find("code")
    nearest = [pre] if code is None else [code, pre]
    for ancestor in pre.ancestors:
        if not isinstance(ancestor, turbohtml.Element) or len(nearest) >= 4 or ancestor.tag not in ("div", "figure"):
            break
        nearest.append(ancestor)
    for element in nearest:
        for name in ("data-language", "data-lang", "data-enlighter-language"):
            value = (element.attr(name) or "").strip().lower()
            if _NAME.match(value):
                return "" if value in _NO_LANGUAGES else value
        found = _language_of_classes((element.attr("class") or "").split())
        if found:
            return found
    return ""


def _language_of_classes(classes: list[str]) -> str:
    for token in classes:
        match = _PREFIXED.match(token)
        if match and match[1].lower() not in _NO_LANGUAGES:
            return match[1]
    for index, token in enumerate(classes):
        if token.lower() in _MARKERS:
            for other in classes[index + 1 :] + classes[:index]:
                name = other.rstrip(";")
                if _NAME.match(name) and name.lower() not in _NO_LANGUAGES:
                    return name
            return ""
    return ""


def _leave_line_number_table(pre: turbohtml.Element) -> None:
    """Replace a table that only sets line numbers beside `pre` by `pre`."""
    cell = pre.closest("td")
    if cell is None or not (cell.has_class("code") or cell.has_class("rouge-code") or cell.previous_sibling):
        return
    table = cell.closest("table")
    if table is None or len(table.find_all("tr", limit=2)) != 1:
        return
    others = [other for other in table.find_all("td") if other != cell]
    if len(others) == 1 and re.fullmatch(r"[\d\s]*", others[0].text):
        table.replace_with(pre)
