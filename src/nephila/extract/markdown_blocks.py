"""The blocks of a Markdown text with their headings, found line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}|~{3,})(?P<rest>[^\n]*)")
_HEADING = re.compile(r" {0,3}(?P<level>#{1,6})(?:[ \t]+(?P<title>[^\n]*))?$")
_CLOSING_MARKS = re.compile(r"(?:^|[ \t])#+[ \t]*$")


@dataclass(slots=True, frozen=True)
class MarkdownBlock:
    """A part of a text: `text[start:end]`, with the blank lines after it.

    Attributes:
        kind: `heading`, `code`, `table` or `text`.
        heading_path: The titles of the headings above it, outermost first; a heading's own title is the last.
    """

    kind: str
    start: int
    end: int
    heading_path: tuple[str, ...]


def markdown_blocks(text: str) -> list[MarkdownBlock]:
    """The blocks of `text`, which together are all of it.

    Headings are those of the form `## Title` (CommonMark 0.31, section 4.2); a fence that is never closed reaches to
    the end (section 4.5). A table is a run of lines that begin with a pipe.
    """
    blocks: list[MarkdownBlock] = []
    headings: list[tuple[int, str]] = []
    for kind, start, end in _runs(text):
        if kind == "heading":
            level, title = _heading(text[start:end].lstrip().split("\n", 1)[0])
            headings = [*(above for above in headings if above[0] < level), (level, title)]
        blocks.append(MarkdownBlock(kind, start, end, tuple(title for _, title in headings if title)))
    return blocks


def _heading(line: str) -> tuple[int, str]:
    match = _HEADING.match(line)
    assert match is not None
    title = _CLOSING_MARKS.sub("", (match["title"] or "").rstrip())
    return len(match["level"]), title.strip()


def _runs(text: str) -> Iterator[tuple[str, int, int]]:
    """The kind, start and end of each block."""
    kind, start, position = "", 0, 0
    fence = ""
    blank = False
    for line in _lines(text):
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif line.strip():
            opened = _FENCE.match(line)
            here = _kind_of(line)
            if opened and not (opened["fence"][0] == "`" and "`" in opened["rest"]):
                fence, here = opened["fence"], "code"
            if kind and (blank or here != kind or here in ("heading", "code")):
                yield kind, start, position
                start = position
            kind, blank = here, False
        else:
            # Blank lines belong to what is before them.
            blank = True
        position += len(line)
    if position > start:
        yield kind or "text", start, position


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; only a line feed ends one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _kind_of(line: str) -> str:
    if _HEADING.match(line.rstrip("\n")):
        return "heading"
    return "table" if line.lstrip(" \t>").startswith("|") else "text"


def _closes(line: str, fence: str) -> bool:
    rest = line.strip(" \t>\r\n")
    return len(rest) >= len(fence) and rest == fence[0] * len(rest)
