"""Compiling and checking scripts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nephila.c4a.faults import Fault, Report, Source
from nephila.c4a.javascript import javascript
from nephila.c4a.parser import Parser
from nephila.c4a.results import CompilationResult, ErrorDetail, ValidationResult
from nephila.c4a.scripts import Gatherer
from nephila.c4a.syntax import Command
from nephila.c4a.tokens import Kind, Token
from nephila.errors import ConfigError

_MAX_CHARACTERS: Final = 1_000_000


def c4a_compile(script: str | Sequence[str], root: str | Path | None = None) -> CompilationResult:
    """Compile a script in the C4A language; it is described in docs/browser-pages.md.

    Takes time linear in the script and what its calls unfold to, 10,000 commands at most. Nothing is run.

    Args:
        script: The script, or its lines or parts.
        root: The folder that USE may read from; without one USE is an error. Nothing outside is ever read.

    Returns:
        The JavaScript, or what is wrong and where. A wrong script raises nothing.
    """
    result = read_script(script, root)
    if result.errors:
        return result
    return CompilationResult(
        True, [javascript(command) for command in result.program], [], result.warnings, result.metadata, result.program
    )


def c4a_validate(script: str | Sequence[str], root: str | Path | None = None) -> ValidationResult:
    """Say whether a script can be compiled, and what is wrong with it; see `c4a_compile`."""
    result = read_script(script, root)
    return ValidationResult(not result.errors, result.errors, result.warnings)


def c4a_compile_file(path: str | Path, root: str | Path | None = None) -> CompilationResult:
    """Compile a script from a file in UTF-8.

    Args:
        path: The file.
        root: The folder that USE may read from; None means the file's own.

    Returns:
        As `c4a_compile`; a file that cannot be read is an error of type `file`.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file.name} cannot be read ({type(error).__name__})."
        return CompilationResult(False, None, [ErrorDetail("file", "E005", "error", message, 1, 1, "")])
    return c4a_compile(text, file.parent if root is None else root)


def checked_program(script: str | Sequence[str]) -> Sequence[Command]:
    """The commands of a config's `c4a_script`.

    Raises:
        ConfigError: It is wrong; the sentence shows where.
    """
    result = read_script(script)
    if result.errors:
        more = f"\n(and {len(result.errors) - 1} more)" if len(result.errors) > 1 else ""
        raise ConfigError(
            f"CrawlerRunConfig: c4a_script cannot be compiled.\n{result.errors[0].formatted_message}{more}"
        )
    return result.program


def read_script(script: str | Sequence[str], root: str | Path | None = None) -> CompilationResult:
    """The script as commands, without JavaScript."""
    source = script if isinstance(script, str) else "\n".join(script)
    report = Report()
    if len(source) > _MAX_CHARACTERS:
        report.sources.append(Source(()))
        place = Token(Kind.END, "", "", 1, 1, 1)
        report.add(Fault(f"The script is longer than {_MAX_CHARACTERS:,} characters.", place, kind="limit"))
        return CompilationResult(False, None, report.errors)
    gatherer = Gatherer(report, Path(root) if root is not None else None)
    gatherer.take(source)
    parsed = gatherer.script
    parser = Parser(parsed, report)
    program = parser.commands(parsed.main)
    for name, found in parsed.procedures.items():
        # So that what is wrong in it is told even when nobody calls it.
        Parser(parsed, report, trying=True).commands(found)
        if not found:
            report.warn(Fault(f"The procedure {name} does nothing.", parsed.names[name], kind="procedure"))
    metadata: dict[str, object] = {
        "lines": len(source.splitlines()),
        "commands": parser.count,
        "procedures": sorted(parsed.procedures),
    }
    report.errors.sort(key=lambda error: (error.line, error.column))
    return CompilationResult(not report.errors, None, report.errors, report.warnings, metadata, program)
