"""HTML of the texts that are kept, with the elements around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from nephila.extract.main_content.scanner import Page

_INLINE = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)>|([^<]+)")
_VOID = frozenset(
    {"area", "br", "col", "hr", "img", "input", "source", "track", "wbr", "embed", "param", "link", "meta"}
)
_AT_ONCE = frozenset({"td", "th", "video", "audio", "picture", "math"})
"""Elements that are written without a text in them: an empty cell keeps the next one in its column."""
_APART = frozenset({"/button", "/option", "/optgroup", "/select", "/textarea"})
"""Inline elements whose texts are not one word."""
_DROPPED, _BETWEEN, _WITHIN = 0, 1, 2


def rebuild(page: Page, kept: Sequence[bool]) -> str:
    """The HTML of the texts for which `kept` holds, each in all the elements that were around it.

    Elements with nothing kept in them go. What shows something without a text, such as a picture, stays if the texts
    before and after it stay. Takes linear time.
    """
    wanted = _wanted(page, kept)
    parts = page.parts
    output = _Output()
    output.add_run(parts[0], wanted[0])
    dropped = _dropped(page, kept)
    skip_to = 0
    for place in range(1, len(parts), 3):
        if place < skip_to:
            continue
        if place in dropped:
            skip_to = dropped[place] + 3
            run = parts[skip_to - 1]
            if "<" in run or (run and wanted[skip_to - 1]):
                output.add_run(run, wanted[skip_to - 1])
            continue
        tag = parts[place]
        stays = wanted[place]
        if tag[0] == "/":
            output.close(tag)
        elif tag == "hr":
            output.add_void("<hr>", stays)
        else:
            attributes = parts[place + 1]
            output.open(f"<{tag} {attributes}>" if attributes else f"<{tag}>", stays and tag in _AT_ONCE)
        run = parts[place + 2]
        if "<" in run or (run and wanted[place + 2]):
            output.add_run(run, wanted[place + 2])
    return "".join(output.pieces)


class _Output:
    """HTML in the making, whose start tags are written once something is in them."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.opened: list[str] = []
        self.written = 0
        """How many of `opened` are in `pieces`."""

    def open(self, tag: str, at_once: int | bool) -> None:
        self.opened.append(tag)
        if at_once:
            self._write_opened()

    def close(self, tag: str) -> None:
        if self.opened:
            self.opened.pop()
            if self.written > len(self.opened):
                self.written -= 1
                self.pieces.append(f"<{tag}> " if tag in _APART else f"<{tag}>")

    def add_void(self, tag: str, stays: int) -> None:
        if stays:
            self._write_opened()
            self.pieces.append(tag)

    def add_run(self, run: str, stays: int) -> None:
        """Add what is between two borders of blocks."""
        if "<" not in run:
            if stays == _WITHIN:
                self._write_opened()
                self.pieces.append(run)
            return
        for slash, tag, attributes, text in _INLINE.findall(run):
            if text:
                if stays == _WITHIN:
                    self._write_opened()
                    self.pieces.append(text)
            elif slash:
                self.close(f"/{tag}")
            elif tag in _VOID:
                self.add_void(f"<{tag}{attributes}>", stays)
            else:
                self.open(f"<{tag}{attributes}>", stays and tag in _AT_ONCE)

    def _write_opened(self) -> None:
        if self.written < len(self.opened):
            self.pieces += self.opened[self.written :]
            self.written = len(self.opened)


def _dropped(page: Page, kept: Sequence[bool]) -> dict[int, int]:
    """Where the elements with texts of which none stays begin, and where each ends; the outer ones only."""
    staying = [0, *accumulate(map(bool, kept))]
    dropped: dict[int, int] = {}
    until = 0
    for start, stop, first, end in zip(page.starts, page.stops, page.firsts, page.ends, strict=True):
        if until < start < stop and first < end and staying[first] == staying[end]:
            dropped[start] = until = stop
    return dropped


def _wanted(page: Page, kept: Sequence[bool]) -> bytearray:
    """For every part, whether it is a text that stays, between two of them, or goes."""
    wanted = bytearray(len(page.parts))
    last = -1
    for run, stays in zip(page.runs, kept, strict=True):
        if not stays:
            last = -1
            continue
        if last >= 0:
            wanted[last + 1 : run] = bytes((_BETWEEN,)) * (run - last - 1)
        wanted[run] = _WITHIN
        last = run
    return wanted
