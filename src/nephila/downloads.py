"""Saving bodies that are files rather than pages, each under a name of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nephila.errors import ErrorCode, FetchError
from nephila.models import Document, Response
from nephila.net.file_names import is_attachment, proposed_name, safe_name
from nephila.net.new_files import write_new

SAVED_KINDS: Final = frozenset({"binary", "pdf"})


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
