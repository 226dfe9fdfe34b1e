"""HTML of the texts that are kept, with the elements around them."""

from __future__ import annotations

from collections.abc import Sequence

from nephila.extract.main_content.scanner import VOID, Page

_AT_ONCE = frozenset({"td", "th", "video", "audio", "picture", "math"})
"""Elements that are written without a text in them: an empty cell keeps the next one in its column."""


def rebuild(page: Page, kept: Sequence[bool]) -> str:
    """The HTML of the texts for which `kept` holds, each in all the elements that were around it.

    Elements with nothing kept in them go. What shows something without a text, such as a picture, stays if the texts
    before and after it stay. Takes linear time.
    """
    wanted = _wanted(page, kept)
    pieces: list[str] = []
    opened: list[str] = []
    written = 0
    """How many of `opened` are in `pieces`."""
    for (slash, tag, attributes, text), is_wanted in zip(page.tokens, wanted, strict=True):
        if text:
            if not is_wanted:
                continue
            if written < len(opened):
                if text.isspace() and is_wanted == _BETWEEN:
                    continue
                pieces += opened[written:]
                written = len(opened)
            pieces.append(text)
        elif slash:
            if opened:
                opened.pop()
                if written > len(opened):
                    written -= 1
                    pieces.append(f"</{tag}>")
        elif tag in VOID:
            if is_wanted:
                pieces += opened[written:]
                written = len(opened)
                pieces.append(f"<{tag}{attributes}>")
        else:
            opened.append(f"<{tag}{attributes}>")
            if is_wanted and tag in _AT_ONCE:
                pieces += opened[written:]
                written = len(opened)
    return "".join(pieces)


_WITHIN, _BETWEEN = 1, 2


def _wanted(page: Page, kept: Sequence[bool]) -> bytearray:
    """For every token, whether it is in a text that stays or between two of them."""
    wanted = bytearray(len(page.tokens))
    last = -1
    for segment, stays in zip(page.segments, kept, strict=True):
        if not stays:
            last = -1
            continue
        if last >= 0:
            wanted[last : segment.start] = bytes((_BETWEEN,)) * (segment.start - last)
        wanted[segment.start : segment.end] = bytes((_WITHIN,)) * (segment.end - segment.start)
        last = segment.end
    return wanted
