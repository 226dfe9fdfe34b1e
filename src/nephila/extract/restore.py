"""What scripts have drawn from a source that is still there: formulas, and code in editors."""

from __future__ import annotations

import turbohtml
from turbohtml import Element

from nephila.extract import formulas
from nephila.extract.code_blocks import EDITORS, restore_editor

_SELECTOR = f"{formulas.SELECTOR},{EDITORS}"
_SINGLE = tuple(_SELECTOR.split(","))
"""One by one they are found by an index of tag names, much faster than together; nearly no page has any."""


def restore(body: Element, tree: turbohtml.Node, *, has_math_library: bool = False) -> bool:
    """Put the source in the place of what was drawn from it; returns whether there are formulas among it.

    Args:
        body: The tree to change.
        tree: The whole page, which finds elements by an index of tag names.
        has_math_library: Whether the page loads a library that draws formulas written between delimiters.
    """
    has_math = False
    is_drawn = any(tree.select_one(selector) is not None for selector in _SINGLE)
    for drawn in body.select(_SELECTOR) if is_drawn else []:
        if drawn.parent is None:
            continue
        if drawn.tag in _MATH_TAGS or _MATH_CLASSES.intersection((drawn.attr("class") or "").split()):
            has_math |= formulas.gather(drawn)
        else:
            restore_editor(drawn)
    if has_math_library:
        has_math |= formulas.gather_prose(body)
    return has_math


_MATH_TAGS = frozenset({"script", "mjx-container", "img"})
_MATH_CLASSES = frozenset({"katex", "mwe-math-element", "math-tex", "MathJax_Preview"})
