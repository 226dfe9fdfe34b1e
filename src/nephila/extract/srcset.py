"""The `srcset` attribute (HTML Standard, section 4.8.4.2.2)."""

from __future__ import annotations

import re
from typing import NamedTuple

_SEPARATORS = re.compile(r"[\s,]*")
_URL = re.compile(r"\S+")
_WIDTH = re.compile(r"(\d{1,7})w\Z")

MAX_CANDIDATES = 64
"""Candidates read of one attribute."""


class Candidate(NamedTuple):
    """One image of a `srcset`: its URL as written, and its width in pixels if it is told."""

    url: str
    width: int | None


def parse_srcset(value: str) -> list[Candidate]:
    """The candidates in order; a comma inside a URL, such as that of a `data:` URL, belongs to the URL."""
    candidates: list[Candidate] = []
    position = 0
    while len(candidates) < MAX_CANDIDATES:
        position = _skip(value, position)
        found = _URL.match(value, position)
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
        width = next((int(match[1]) for part in descriptors.split() if (match := _WIDTH.match(part))), None)
        candidates.append(Candidate(url, width))
    return candidates


def _skip(value: str, position: int) -> int:
    found = _SEPARATORS.match(value, position)
    return found.end() if found else position
