"""New files: none is ever replaced, no link followed, and no part of one seen under its name."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_COUNTED: Final = 100
"""Names tried with a number; after so many of one name, a random mark is quicker."""


def unfinished_in(folder: Path) -> Path:
    """Where a new file of a folder may be written before it gets its name; the folder is made when it is missing.

    Raises:
        OSError: It could not be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # A name that begins with a dot is never a download's.
    return folder.resolve() / f".{secrets.token_hex(8)}.part"


def write_new(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file; no file is ever replaced, no link followed, and no part of one seen under its name.

    Args:
        folder: Made when it is missing.
        name: A safe name (`nephila.net.file_names`); a mark is added when it is taken.
        content: What it holds.

    Returns:
        Its absolute path.

    Raises:
        OSError: It could not be written; nothing is left of it.
    """
    unfinished = unfinished_in(folder)
    try:
        with unfinished.open("xb") as file:
            file.write(content)
        return name_new(unfinished, name)
    finally:
        unfinished.unlink(missing_ok=True)


def name_new(unfinished: Path, name: str) -> Path:
    """Give a file its name in the folder it is in, or one like it that is free; nothing is ever replaced.

    Args:
        unfinished: The file; it may still be there afterwards, under its old name too.
        name: A safe name; a mark is added when it is taken.

    Returns:
        Its new path.

    Raises:
        OSError: There is no such name, or the file could not be given it.
    """
    for candidate in _candidates(name):
        target = unfinished.with_name(candidate)
        with contextlib.suppress(FileExistsError):
            _rename_new(unfinished, target)
            return target
    raise FileExistsError(f"no name like {name} is free")


def _candidates(name: str) -> Iterator[str]:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    yield name
    for count in range(2, _COUNTED):
        yield f"{stem}-{count}{suffix}"
    for _ in range(_COUNTED):
        yield f"{stem}-{secrets.token_hex(6)}{suffix}"


def _rename_new(source: Path, target: Path) -> None:
    """Give the file another name unless that is taken.

    Raises:
        FileExistsError: It is.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: take the name first.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        source.replace(target)
