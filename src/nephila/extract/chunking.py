"""Splitting text into pieces, by rules that need nothing but the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nephila.errors import ConfigError
from nephila.options.strategies import ChunkingStrategy


class IdentityChunking(ChunkingStrategy):
    """The whole text as one piece."""

    def chunk(self, text: str) -> list[str]:
        """Return `[text]`."""
        return [text]


class RegexChunking(ChunkingStrategy):
    """Splits at every match of the patterns, one pattern after the other.

    Args:
        patterns: Regular expressions; the default splits at blank lines. The caller answers for their running time.

    Raises:
        ConfigError: A pattern is no regular expression.
    """

    def __init__(self, patterns: Sequence[str] | None = None) -> None:
        self.patterns = list(patterns) if patterns else [r"\n\n"]
        for pattern in self.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(f"{pattern!r} is not a regular expression: {error}.") from error

    def chunk(self, text: str) -> list[str]:
        """Return the pieces between the matches, empty ones left out; what groups capture is not part of them."""
        pieces = [text]
        for pattern in self.patterns:
            compiled = re.compile(pattern)
            pieces = [part for piece in pieces for part in _split(compiled, piece)]
        return [piece for piece in pieces if piece]


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    parts: list[str] = []
    position = 0
    for match in pattern.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
    return [*parts, text[position:]]


class FixedLengthWordChunking(ChunkingStrategy):
    """Pieces of a fixed number of words.

    Args:
        chunk_size: Words in a piece, 1 or more.

    Raises:
        ConfigError: `chunk_size` is below 1.
    """

    def __init__(self, chunk_size: int = 100) -> None:
        self.chunk_size = _positive("chunk_size", chunk_size)

    def chunk(self, text: str) -> list[str]:
        """Return the pieces; white space between words becomes one space, the last piece may be shorter."""
        return _windows(text.split(), self.chunk_size, self.chunk_size)


class SlidingWindowChunking(ChunkingStrategy):
    """Pieces of a fixed number of words that start every few words.

    Args:
        window_size: Words in a piece, 1 or more.
        step: Words between the starts of two pieces, from 1 to `window_size`, so that no word is left out.

    Raises:
        ConfigError: A number is out of its range.
    """

    def __init__(self, window_size: int = 100, step: int = 50) -> None:
        self.window_size = _positive("window_size", window_size)
        self.step = _positive("step", step)
        if step > window_size:
            raise ConfigError(f"step is at most window_size ({window_size}), not {step}: words would be left out.")

    def chunk(self, text: str) -> list[str]:
        """Return the pieces; the last one ends with the text and may be shorter."""
        return _windows(text.split(), self.window_size, self.step)


class OverlappingWindowChunking(ChunkingStrategy):
    """Pieces of a fixed number of words, each beginning with the last words of the one before.

    Args:
        window_size: Words in a piece, 1 or more.
        overlap: Words two neighbours share, from 0 to `window_size - 1`.

    Raises:
        ConfigError: A number is out of its range.
    """

    def __init__(self, window_size: int = 1000, overlap: int = 100) -> None:
        self.window_size = _positive("window_size", window_size)
        if not 0 <= overlap < window_size:
            raise ConfigError(f"overlap is from 0 to window_size - 1 ({window_size - 1}), not {overlap}.")
        self.overlap = overlap

    def chunk(self, text: str) -> list[str]:
        """Return the pieces; the last one ends with the text and may be shorter."""
        return _windows(text.split(), self.window_size, self.window_size - self.overlap)


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise ConfigError(f"{name} is 1 or more, not {value}.")
    return value


def _windows(words: list[str], size: int, step: int) -> list[str]:
    """Every `step` words a piece of `size` words, until the text is used up."""
    starts = range(0, max(len(words) - size + step, 1), step)
    return [" ".join(words[start : start + size]) for start in starts] if words else []
