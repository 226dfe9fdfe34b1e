"""A script as tokens, each with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a token is."""

    WORD = "a word"
    STRING = "a string in double quotes"
    CODE = "a text in back-ticks"
    NUMBER = "a number"
    VARIABLE = "a variable"
    URL = "a URL"
    MARK = "a mark"
    BAD = "a character that has no meaning here"
    END = "the end of the script"


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Attributes:
        text: Its value: of strings without their quotes, of variables without `$`.
        raw: As it is written.
        file: Index of the file it stands in.
    """

    kind: Kind
    text: str
    raw: str
    line: int
    column: int
    end_line: int
    file: int = 0


_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r\f\v\ufeff]+)
    | (?P<newline>\n)
    | (?P<comment>\#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\[^\n])*")
    | (?P<code>`[^`]*`)
    | (?P<url>https?://[^\s"`]+)
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | \$(?P<variable>[A-Za-z_]\w*)
    | (?P<word>[A-Za-z_][\w+]*)
    | (?P<mark>[(),=])
    | (?P<bad>\S)
    """,
    re.VERBOSE | re.ASCII,
)

_KINDS: Final = {
    "string": Kind.STRING,
    "code": Kind.CODE,
    "url": Kind.URL,
    "number": Kind.NUMBER,
    "variable": Kind.VARIABLE,
    "word": Kind.WORD,
    "mark": Kind.MARK,
    "bad": Kind.BAD,
}


def tokens(source: str, file: int = 0) -> Iterator[Token]:
    """The tokens of a script; the last is `Kind.END`."""
    line, start, position = 1, 0, 0
    while found := _TOKEN.match(source, position):
        raw, name = found.group(), found.lastgroup or "bad"
        column = position - start + 1
        first = line
        if name == "url" and raw.endswith((",", "),")):
            # The mark of a REPEAT around it.
            raw = raw[:-1]
        position += len(raw)
        if "\n" in raw:
            line += raw.count("\n")
            start = position - len(raw) + raw.rindex("\n") + 1
        if name in ("space", "newline", "comment"):
            continue
        yield Token(_KINDS[name], _value(name, raw), raw, first, column, line, file)
    yield Token(Kind.END, "", "", line, position - start + 1, line, file)


def _value(name: str, raw: str) -> str:
    if name == "variable":
        return raw[1:]
    if name == "code":
        return raw[1:-1].strip()
    return unquoted(raw) if name == "string" else raw


def unquoted(raw: str) -> str:
    """A string without its quotes and with the escapes of JSON (RFC 8259, section 7) undone."""
    try:
        value = json.loads(raw, strict=False)
    except ValueError:
        # An escape JSON does not know: a back-slash before anything else is itself, as in a Windows path.
        return raw[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value if isinstance(value, str) else raw
