"""The `srcset` attribute (HTML Standard, section 4.8.4.2.2)."""

from __future__ import annotations

import re
from typing import TypeAlias

_BETWEEN = re.compile(r",\s+")
_SEPARATORS = re.compile(r"[\s,]*")
_URL = re.compile(r"\S+")

MAX_CANDIDATES = 64
"""Candidates read of one attribute."""

Candidate: TypeAlias = tuple[str, int | None]
"""One image of a `srcset`: its URL as written, and its width in pixels if it is told."""


def parse_srcset(value: str) -> list[Candidate]:
    """The candidates in order; a comma inside a URL, such as that of a `data:` URL, belongs to the URL."""
    candidates: list[Candidate] = []
    for part in _BETWEEN.split(value.strip(), MAX_CANDIDATES):
        words = part.split()
        if len(words) == 2 and "," not in words[1]:
            candidates.append((words[0], _width(words[1])))
        elif len(words) == 1 and not words[0].endswith(","):
            candidates.append((words[0], None))
        elif words:
            return _parse_by_the_standard(value)
    return candidates[:MAX_CANDIDATES]


def _parse_by_the_standard(value: str) -> list[Candidate]:
    """The algorithm step by step, for what is not written one candidate after another with white space between."""
    candidates: list[Candidate] = []
    position = 0
    while len(candidates) < MAX_CANDIDATES:
        separators = _SEPARATORS.match(value, position)
        found = _URL.match(value, separators.end() if separators else position)
        if found is None:
            break
        url, position = found.group(), found.end()
        descriptors = ""
        if url.endswith(","):
            url = url.rstrip(",")
        else:
            end = value.find(",", position)
            end = len(value) if end < 0 else end
            descriptors, position = value[position:end], end + 1
        widths = (width for part in descriptors.split() if (width := _width(part)) is not None)
        candidates.append((url, next(widths, None)))
    return candidates


def _width(descriptor: str) -> int | None:
    """The pixels of a width descriptor such as `640w`."""
    number = descriptor[:-1]
    return (
        int(number) if descriptor[-1:] == "w" and len(number) < 8 and number.isdecimal() and number.isascii() else None
    )
