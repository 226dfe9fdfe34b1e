"""Where code, links and images are in a Markdown text, found in linear time.

The grammar is the part of CommonMark 0.31 (sections 4.5, 6.1, 6.3, 6.4 and 6.5) that decides what a link is. No two
alternatives of a repetition begin alike, runs of plain characters are possessive, and every attempt to match stops at
the next delimiter, so text such as a million opening brackets costs no more than any other. Groups are not possessive:
Python 3.11 before 3.11.5 matches those wrongly.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_GAP = r"[ \t]*+(?:\n[ \t]*+)?"
_ESCAPE = r"\\(?:[^\n]|\n(?![ \t]*+\n))"
_LINE_END = r"\n(?![ \t]*+\n)"
# A backtick alone is one that none follows: each text can be read in one way only, or matching could try them all.
_CODE = r"`[^`\n]*+`|`(?![^`\n]*+`)"


def _balanced(depth: int) -> str:
    """A link destination whose parentheses nest at most `depth` deep."""
    inner = rf"|\({_balanced(depth - 1)}\)" if depth else ""
    return rf"(?:[^\s()\\]++|{_ESCAPE}{inner})*"


_DESTINATION = rf"(?:<(?P<bracketed>(?:[^<>\n\\]++|\\[^\n])*)>|(?P<plain>{_balanced(3)}))"
_TITLE = (
    rf"(?:\"(?P<double>(?:[^\"\\\n]++|{_ESCAPE}|{_LINE_END})*)\""
    rf"|'(?P<single>(?:[^'\\\n]++|{_ESCAPE}|{_LINE_END})*)'"
    rf"|\((?P<round>(?:[^()\\\n]++|{_ESCAPE}|{_LINE_END})*)\))"
)
_TARGET = rf"\({_GAP}{_DESTINATION}{_GAP}(?:(?<=\s){_TITLE}{_GAP})?\)"
_ANY_TARGET = re.sub(r"\(\?P<\w+>", "(?:", _TARGET)
_FLAT = rf"(?:[^\[\]\\`\n]++|{_LINE_END}|{_ESCAPE}|{_CODE})*"
_NESTED = rf"(?:[^\[\]\\`\n]++|{_LINE_END}|{_ESCAPE}|{_CODE}|\[{_FLAT}\])*"
_IMAGE = rf"!\[{_NESTED}\]{_ANY_TARGET}"
_LINK_TEXT = rf"(?:[^\[\]\\`!\n]++|{_IMAGE}|!|{_LINE_END}|{_ESCAPE}|{_CODE}|\[{_NESTED}\](?!\())*"
_NOT_ESCAPED = r"(?:(?<!\\.)|(?<=[^\\]\\\\.))"

LINK = re.compile(
    rf"\[{_NOT_ESCAPED}(?P<image>(?<=!\[)(?<!\\!\[))?(?P<text>{_LINK_TEXT})\]{_TARGET}"
    rf"|<{_NOT_ESCAPED}(?P<auto>https?://[^\s<>]*+)>"
)
"""An inline link, an image without its exclamation mark (`image` is not None) or an autolink.

It begins with a literal character, which the search finds many times faster than a look-behind.
"""

_PLAIN_TEXT = r"(?:[^\[\]\\\n!]++|\\.|!(?!\[))*"
_PLAIN_TITLE = r'(?: "([^"\\\n]*+)")?'
_PLAIN_IMAGE = rf"!\[{_PLAIN_TEXT}\]\([^\s()\\<>]*+{_PLAIN_TITLE.replace('([', '(?:[')}\)"
SIMPLE_LINK = re.compile(
    rf"\[(?<![\\!]\[)({_PLAIN_TEXT}(?:{_PLAIN_IMAGE}{_PLAIN_TEXT})*)\]\(([^\s()\\<>]++){_PLAIN_TITLE}\)"
)
"""The inline links most pages have only: no brackets but those of images, no escapes but in the text, on one line."""

IMAGE = re.compile(rf"!\[(?P<alt>{_NESTED})\]{_ANY_TARGET}")
"""An image inside a link's text."""

_PARAGRAPH_END = re.compile(r"\n[ \t>]*+(?=\n)")
_FENCE_PREFIX = re.compile(r"(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


class Code(NamedTuple):
    """A stretch of a Markdown text that is code, delimiters included."""

    start: int
    end: int
    fenced: bool


def unescape(text: str) -> str:
    """Remove the backslashes that escape ASCII punctuation."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


class _Run(NamedTuple):
    """A run of backticks or tildes; `line_start` is -1 when another run stands before it on its line."""

    start: int
    end: int
    line_start: int


def code_parts(markdown: str) -> list[Code]:
    """Return the code spans and fenced code blocks of `markdown`, in order; an unclosed fence runs to the end."""
    if "`" not in markdown and "~~~" not in markdown:
        return []
    runs: list[_Run] = []
    before = 0
    for start, end in _runs(markdown):
        line_start = markdown.rfind("\n", before, start) + 1
        runs.append(_Run(start, end, line_start if line_start or not before else -1))
        before = end
    return list(_walk_runs(markdown, runs))


def _runs(markdown: str) -> Iterator[tuple[int, int]]:
    """Where backticks or three and more tildes stand in a row; finding single characters is fastest by `find`."""
    length = len(markdown)
    tick = markdown.find("`")
    tilde = markdown.find("~~~")
    while tick >= 0 or tilde >= 0:
        start = tick if tilde < 0 or 0 <= tick < tilde else tilde
        end = start + 1
        mark = markdown[start]
        while end < length and markdown[end] == mark:
            end += 1
        yield start, end
        if start == tick:
            tick = markdown.find("`", end)
        else:
            tilde = markdown.find("~~~", end)


def _walk_runs(markdown: str, runs: list[_Run]) -> Iterator[Code]:
    spans = _SpanFinder(markdown, runs)
    position = 0
    for index, run in enumerate(runs):
        if run.start < position:
            continue
        if run.end - run.start >= 3 and _opens_fence(markdown, run):
            position = _fence_end(markdown, runs, index)
            yield Code(run.start, position, True)
        elif markdown[run.start] == "`" and not _is_escaped(markdown, run.start):
            close = spans.close_of(run)
            if close:
                position = close
                yield Code(run.start, close, False)


def _is_escaped(markdown: str, position: int) -> bool:
    """Whether an odd number of backslashes stands before `position`."""
    before = position
    while before and markdown[before - 1] == "\\":
        before -= 1
    return (position - before) % 2 == 1


def _opens_fence(markdown: str, run: _Run) -> bool:
    """Whether `run` begins a fenced block: first on its line, no backtick in a backtick fence's info."""
    if run.line_start < 0:
        return False
    prefix = _FENCE_PREFIX.match(markdown, run.line_start, run.start)
    if prefix is None or prefix.end() != run.start:
        return False
    return markdown[run.start] == "~" or "`" not in markdown[run.end : _line_end(markdown, run.end)]


def link_free_parts(markdown: str) -> Iterator[tuple[int, int]]:
    """Yield where no link can be although it may look like one: fenced blocks, and code spans with link syntax.

    Other code spans are not yielded, since they may be a part of a link's text.
    """
    for start, end, fenced in code_parts(markdown):
        if fenced:
            yield start, end
            continue
        code = markdown[start:end]
        if "](" in code or "<http" in code or code.count("[") != code.count("]"):
            yield start, end


def may_hold_link(prose: str) -> bool:
    """Whether a text without simple links may have another; one with as many images as targets has none."""
    return ("](" in prose and prose.count("](") != prose.count("![")) or "<http" in prose


def _line_end(markdown: str, position: int) -> int:
    end = markdown.find("\n", position)
    return len(markdown) if end < 0 else end


def _fence_end(markdown: str, runs: list[_Run], index: int) -> int:
    """The end of the line that closes the fence opened by run `index`."""
    opened = runs[index]
    for place in range(index + 1, len(runs)):
        run = runs[place]
        if (
            run.line_start >= 0
            and run.end - run.start >= opened.end - opened.start
            and markdown[run.start] == markdown[opened.start]
            and not markdown[run.line_start : run.start].strip(" \t>")
        ):
            line_end = _line_end(markdown, run.end)
            if not markdown[run.end : line_end].strip():
                return line_end
    return len(markdown)


class _SpanFinder:
    """Finds the run of backticks that closes a code span; a span never leaves its paragraph."""

    def __init__(self, markdown: str, runs: list[_Run]) -> None:
        self._markdown = markdown
        self._breaks: list[int] | None = None
        self._by_length: dict[int, list[int]] = {}
        for run in runs:
            if markdown[run.start] == "`":
                self._by_length.setdefault(run.end - run.start, []).append(run.start)

    def close_of(self, run: _Run) -> int:
        """The end of the span opened by `run`, or 0."""
        length = run.end - run.start
        starts = self._by_length[length]
        place = bisect_right(starts, run.start)
        if place == len(starts):
            return 0
        close = starts[place]
        if "\n" not in self._markdown[run.end : close]:
            return close + length
        if self._breaks is None:
            self._breaks = [match.start() for match in _PARAGRAPH_END.finditer(self._markdown)]
        next_break = bisect_left(self._breaks, run.end)
        if next_break < len(self._breaks) and self._breaks[next_break] < close:
            return 0
        return close + length
