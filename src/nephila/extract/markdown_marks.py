"""Marks put into a tree for what the renderer has no setting for; they are resolved in the Markdown it writes.

They are characters that Unicode keeps for such internal use (noncharacters, section 23.7), so that no text has them for
its own ends; where one does, nothing but a mark is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Marks:
    """What has to be resolved in the Markdown of a tree."""

    formulas: list[str] = field(default_factory=list)
    """By the numbers in their marks."""
    others: bool = False
    """Whether there are marks of another kind."""


BLANK = "\ufdd0"
"""A paragraph of this character asks for a blank line."""

ALIGNED = {"left": "\ufdd1", "center": "\ufdd2", "right": "\ufdd3"}
"""What stands in a header cell whose column is aligned."""

SHIFTED = {"sub": ("\ufdd4", "\ufdd5"), "sup": ("\ufdd6", "\ufdd7")}
"""What stands around lowered and raised text."""

FORMULA = "\ufdd8"
"""What stands around the number of a formula."""
