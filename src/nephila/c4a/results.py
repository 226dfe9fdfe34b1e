"""What compiling or checking a script says: its JavaScript, and where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from nephila.c4a.syntax import Command

Plain: TypeAlias = "dict[str, object]"


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One fault of a script, with its place.

    Attributes:
        type: `syntax` (it cannot be read), `semantic` (it can, but makes no sense) or `file` (a USE).
        code: A short, fixed name of the fault, such as `E001`.
        severity: `error` or `warning`.
        message: What is wrong, as a sentence.
        line: Line, from 1.
        column: Column, from 1.
        source_line: The line itself.
        end_line: Line of the end of the fault.
        end_column: Column after its last character.
        line_before: The line above; None at the beginning.
        line_after: The line below; None at the end.
        suggestions: What to write instead.
        documentation_url: Always None: the language is described in docs/browser-pages.md.
    """

    type: str
    code: str
    severity: str
    message: str
    line: int
    column: int
    source_line: str
    end_line: int | None = None
    end_column: int | None = None
    line_before: str | None = None
    line_after: str | None = None
    suggestions: tuple[str, ...] = ()
    documentation_url: str | None = None

    @property
    def simple_message(self) -> str:
        """The fault and its place in one line."""
        return f"Line {self.line}, column {self.column}: {self.message}"

    @property
    def formatted_message(self) -> str:
        """The fault with the lines around it and a mark under its place."""
        shown = [f"{self.severity} {self.code}: {self.simple_message}"]
        width = len(str(self.line + 1))
        if self.line_before is not None:
            shown.append(f"{self.line - 1:>{width}} | {self.line_before}")
        shown.append(f"{self.line:>{width}} | {self.source_line}")
        end = self.end_column if self.end_column is not None and self.end_line in (None, self.line) else None
        marks = max(1, min(end or self.column + 1, len(self.source_line) + 1) - self.column)
        shown.append(f"{'':>{width}} | {' ' * (self.column - 1)}{'^' * marks}")
        if self.line_after is not None:
            shown.append(f"{self.line + 1:>{width}} | {self.line_after}")
        shown += [f"Try: {suggestion}" for suggestion in self.suggestions]
        return "\n".join(shown)

    def to_dict(self) -> Plain:
        """The fault as plain data."""
        return {**asdict(self), "suggestions": list(self.suggestions)}


@dataclass(frozen=True, slots=True)
class CompilationResult:
    """What `c4a_compile` makes of a script.

    Attributes:
        success: Whether there are no errors.
        js_code: The script as JavaScript, one expression for each command; fits `CrawlerRunConfig.js_code`. What
            follows a command that leaves the page must be given to the page it leads to; `c4a_script` does that.
        errors: What is wrong.
        warnings: What is allowed but hardly meant.
        metadata: `lines`, `commands` (after calls are put in their places) and `procedures`.
        program: The commands themselves, as `c4a_script` runs them in the browser.
    """

    success: bool
    js_code: list[str] | None = None
    errors: list[ErrorDetail] = field(default_factory=list)
    warnings: list[ErrorDetail] = field(default_factory=list)
    metadata: dict[str, object] = field(default_factory=dict)
    program: Sequence[Command] = ()

    @property
    def has_errors(self) -> bool:
        """Whether there are errors."""
        return bool(self.errors)

    @property
    def has_warnings(self) -> bool:
        """Whether there are warnings."""
        return bool(self.warnings)

    @property
    def first_error(self) -> ErrorDetail | None:
        """The first error; None when there is none."""
        return self.errors[0] if self.errors else None

    def to_dict(self) -> Plain:
        """The result as plain data, without `program`."""
        return {
            "success": self.success,
            "js_code": self.js_code,
            "errors": [error.to_dict() for error in self.errors],
            "warnings": [warning.to_dict() for warning in self.warnings],
            "metadata": dict(self.metadata),
        }

    def to_json(self) -> str:
        """The result as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What `c4a_validate` says of a script.

    Attributes:
        valid: Whether it can be compiled.
        errors: What is wrong.
        warnings: What is allowed but hardly meant.
    """

    valid: bool
    errors: list[ErrorDetail] = field(default_factory=list)
    warnings: list[ErrorDetail] = field(default_factory=list)

    @property
    def first_error(self) -> ErrorDetail | None:
        """The first error; None when there is none."""
        return self.errors[0] if self.errors else None

    def to_dict(self) -> Plain:
        """The result as plain data."""
        return {
            "valid": self.valid,
            "errors": [error.to_dict() for error in self.errors],
            "warnings": [warning.to_dict() for warning in self.warnings],
        }
