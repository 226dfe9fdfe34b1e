"""How many tokens a language model would make of a text, about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from typing import TypeAlias

Tokenizer: TypeAlias = Callable[[str], int | Sized]
"""Gives the number of tokens of a text, or something with a length, such as the list of tokens."""

_PIECE = re.compile(
    r"(?P<latin>[A-Za-z\u00c0-\u024f]+)|(?P<digits>\d+)"
    r"|(?P<each>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])"
    r"|(?P<word>\w)|(?P<lines>\n+)|(?P<mark>[^\w\s])"
)


def approximate_tokens(text: str) -> int:
    """The number of tokens of `text`, estimated without a vocabulary.

    A word of Latin letters counts 1 and 1 more for every 7 letters after the first 7, digits count by threes, CJK
    characters 1 each, letters of other scripts one half, marks 1 each with a run of the same mark counted by fours.
    """
    count = 0.0
    last_mark, run = "", 0
    for match in _PIECE.finditer(text):
        kind, size = match.lastgroup, match.end() - match.start()
        if kind == "mark":
            run = run + 1 if match.group() == last_mark else 0
            last_mark = match.group()
            count += 1 if run % 4 == 0 else 0
            continue
        last_mark = ""
        if kind == "latin":
            count += 1 + (size - 1) // 7
        elif kind == "digits":
            count += (size + 2) // 3
        elif kind == "word":
            count += 0.5
        else:
            count += 1
    return max(1, round(count)) if text and not text.isspace() else 0


def counted(tokenizer: Tokenizer | None, text: str) -> int:
    """The number of tokens by `tokenizer`, or about."""
    if tokenizer is None:
        return approximate_tokens(text)
    tokens = tokenizer(text)
    return tokens if isinstance(tokens, int) else len(tokens)
