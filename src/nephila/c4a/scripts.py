"""The procedures and the main part of a script, files it uses included."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nephila.c4a.faults import Fault, Report, Source
from nephila.c4a.tokens import Kind, Token, tokens

_MAX_BYTES: Final = 1_000_000
"""Of a file."""

_MAX_FILES: Final = 100
_MAX_DEPTH: Final = 10


@dataclass(slots=True)
class Script:
    """A script taken apart.

    Attributes:
        main: What is run, one token after the other.
        procedures: The tokens of each procedure by its name.
        end: The last token.
    """

    main: list[Token] = field(default_factory=list)
    procedures: dict[str, list[Token]] = field(default_factory=dict)
    names: dict[str, Token] = field(default_factory=dict)
    end: Token | None = None


class Gatherer:
    """Takes a script apart; a USE is replaced by what the file holds.

    Args:
        root: The folder the files are in; None refuses every USE.
    """

    def __init__(self, report: Report, root: Path | None) -> None:
        self._report = report
        self._root = root.resolve() if root is not None else None
        self._open: list[Path] = []
        self.script = Script()

    def take(self, source: str, name: str = "") -> None:
        """Take the text of the script, or of a file it uses."""
        self._report.sources.append(Source(source.splitlines(), name))
        found = list(tokens(source, len(self._report.sources) - 1))
        if self.script.end is None:
            self.script.end = found[-1]
        position = 0
        while position < len(found) - 1:
            token = found[position]
            try:
                if _is(token, "PROC"):
                    position = self._procedure(found, position)
                elif _is(token, "ENDPROC"):
                    position += 1
                    raise Fault("ENDPROC without a PROC.", token)
                elif _is(token, "USE"):
                    position += 2
                    self._use(found[position - 1], token)
                else:
                    self.script.main.append(token)
                    position += 1
            except Fault as fault:
                self._report.add(fault)

    def _procedure(self, found: list[Token], start: int) -> int:
        """Take a procedure that begins at `start`; where it ends."""
        proc, name = found[start], found[start + 1]
        position = start + 1
        while found[position].kind is not Kind.END and not _is(found[position], "ENDPROC"):
            if _is(found[position], "PROC"):
                self._report.add(Fault("A PROC cannot stand within another.", found[position]))
            position += 1
        if found[position].kind is Kind.END:
            self._report.add(Fault("This PROC has no ENDPROC.", proc, "Write ENDPROC on a line after its commands."))
            return position
        if name.kind is not Kind.WORD or _is(name, "ENDPROC"):
            self._report.add(Fault("PROC needs a name.", proc, "Write PROC login."))
        elif name.text in self.script.procedures:
            self._report.add(Fault(f"There are two procedures {name.text}.", name, kind="procedure"))
        else:
            self.script.names[name.text] = name
            self.script.procedures[name.text] = found[start + 2 : position]
        return position + 1

    def _use(self, name: Token, token: Token) -> None:
        """Read a file from the root folder.

        Raises:
            Fault: It is not there, not below the folder, or too large.
        """
        if name.kind is not Kind.STRING:
            raise Fault("USE needs a file's name in double quotes.", token, 'Write USE "login.c4a".')
        if self._root is None:
            raise Fault("USE is not allowed here: no folder of scripts was given.", name, kind="file")
        path = self._path(name)
        if path in self._open:
            raise Fault(f"{name.text} uses itself.", name, kind="file")
        if len(self._open) >= _MAX_DEPTH or len(self._report.sources) > _MAX_FILES:
            raise Fault(
                f"Too many files: {_MAX_FILES}, {_MAX_DEPTH} within each other, are allowed.", name, kind="file"
            )
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
            if len(data) > _MAX_BYTES:
                raise Fault(f"{name.text} is larger than {_MAX_BYTES:,} bytes.", name, kind="file")
            text = data.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Fault(f"{name.text} cannot be read ({type(error).__name__}).", name, kind="file") from error
        self._open.append(path)
        self.take(text, name.text)
        self._open.pop()

    def _path(self, name: Token) -> Path:
        assert self._root is not None
        try:
            path = (self._root / name.text).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise Fault(f"{name.text!r} is no file name.", name, kind="file") from error
        if not path.is_relative_to(self._root):
            raise Fault(f"{name.text} is not in the folder of scripts.", name, kind="file")
        if not path.is_file():
            raise Fault(f"There is no file {name.text} in the folder of scripts.", name, kind="file")
        return path


def _is(token: Token, word: str) -> bool:
    return token.kind is Kind.WORD and token.text == word
