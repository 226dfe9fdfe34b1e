"""Saving bodies that are files rather than pages, each under a name of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from nephila.errors import ErrorCode, FetchError
from nephila.models import Document, Response
from nephila.net.file_names import is_attachment, proposed_name, safe_name

SAVED_KINDS: Final = frozenset({"binary", "pdf"})

_COUNTED: Final = 100
"""Names tried with a number; after so many of one name, a random mark is quicker."""


def is_download(response: Response, document: Document) -> bool:
    """Whether a response is a file: not text, or sent as an attachment."""
    if response.error is not None or (response.status is not None and not 200 <= response.status < 300):
        return False
    return document.kind in SAVED_KINDS or is_attachment(response.headers.get("content-disposition") or "")


async def save(response: Response, content: Callable[[], bytes], folder: str) -> str:
    """Save the body of a response; all of it happens in a thread.

    Args:
        response: Where it came from and what it is called.
        content: Gives the body, unpacked.
        folder: Made when it is missing.

    Returns:
        The absolute path of the file.

    Raises:
        FetchError: It could not be written.
    """
    name = safe_name(
        proposed_name(response.headers.get("content-disposition") or "", response.url), response.content_type
    )
    try:
        return str(await asyncio.to_thread(lambda: write_new(Path(folder), name, content())))
    except OSError as error:
        message = f"The download could not be saved in {folder}: {error.strerror or error}."
        raise FetchError(ErrorCode.FILE, message) from None


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
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    # A name that begins with a dot is never a download's.
    unfinished = folder / f".{secrets.token_hex(8)}.part"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
        for candidate in _candidates(name):
            with contextlib.suppress(FileExistsError):
                _rename_new(unfinished, folder / candidate)
                return folder / candidate
    finally:
        unfinished.unlink(missing_ok=True)
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
