"""Faults of a script while it is being read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nephila.c4a.results import ErrorDetail
from nephila.c4a.tokens import Token

KEYWORDS: Final = (
    "WAIT GO RELOAD BACK FORWARD CLICK DOUBLE_CLICK RIGHT_CLICK MOVE DRAG SCROLL TYPE CLEAR SET PRESS KEY_DOWN KEY_UP "
    "EVAL SETVAR PROC ENDPROC USE IF EXISTS NOT THEN ELSE REPEAT"
).split()

MAX_FAULTS: Final = 20
"""Errors that are reported at most."""

CODES: Final = {"syntax": "E001", "variable": "E002", "procedure": "E003", "limit": "E004", "file": "E005"}


class Fault(Exception):  # noqa: N818 - becomes an ErrorDetail, never leaves the package
    """A fault at a token."""

    def __init__(self, message: str, token: Token, *suggestions: str, kind: str = "syntax") -> None:
        super().__init__(message)
        self.token = token
        self.suggestions = suggestions
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Source:
    """A script's text, and the name of its file when it is not the caller's own."""

    lines: Sequence[str]
    name: str = ""


class Report:
    """Collects faults, each once, and turns them into `ErrorDetail`s."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.errors: list[ErrorDetail] = []
        self.warnings: list[ErrorDetail] = []
        self._known: set[tuple[int, int, int]] = set()

    @property
    def full(self) -> bool:
        """Whether there are so many errors that more would help nobody."""
        return len(self.errors) >= MAX_FAULTS

    def add(self, fault: Fault) -> None:
        """Note a fault unless there is one at its place already."""
        place = (fault.token.file, fault.token.line, fault.token.column)
        if place not in self._known and not self.full:
            self._known.add(place)
            self.errors.append(self._detail(fault, "error"))

    def warn(self, fault: Fault) -> None:
        """Note what is allowed but hardly meant."""
        place = (fault.token.file, fault.token.line, fault.token.column)
        if place not in self._known:
            self._known.add(place)
            self.warnings.append(self._detail(fault, "warning"))

    def _detail(self, fault: Fault, severity: str) -> ErrorDetail:
        token = fault.token
        source = self.sources[token.file]
        lines, line = source.lines, min(token.line, max(1, len(source.lines)))
        where = f" (in {source.name})" if source.name else ""
        single = token.end_line == token.line
        return ErrorDetail(
            type={"syntax": "syntax", "file": "file"}.get(fault.kind, "semantic"),
            code=CODES[fault.kind] if severity == "error" else "W001",
            severity=severity,
            message=f"{fault}{where}",
            line=line,
            column=token.column,
            source_line=lines[line - 1] if lines else "",
            end_line=token.end_line,
            end_column=token.column + max(1, len(token.raw)) if single else None,
            line_before=lines[line - 2] if line > 1 else None,
            line_after=lines[line] if line < len(lines) else None,
            suggestions=fault.suggestions,
        )


def nearest(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """What may have been meant by a word that is not known."""
    names = list(known)
    by_capitals = {name.upper(): name for name in names}
    close = difflib.get_close_matches(word.upper(), by_capitals, n=1, cutoff=0.6)
    return tuple(f"Did you mean {by_capitals[name]}?" for name in close)
