"""`file:` and `raw:` input: content that is already here."""

from __future__ import annotations

import asyncio
import mimetypes
import stat
import urllib.parse
import urllib.request
from pathlib import Path

from nephila.errors import ErrorCode, FetchError
from nephila.models import Headers, Request, Response
from nephila.net.url import is_raw


class LocalFetcher:
    """Reads `file:` URLs and hands on `raw:` ones."""

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one `file:` or `raw:` URL; see `Fetcher.fetch`."""
        if is_raw(request.url):
            return Response.of_html(request.url, raw_content(request.url))
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.to_thread(_read_file, request)
        except TimeoutError:
            raise FetchError(ErrorCode.TIMEOUT, "The file could not be read before the deadline.") from None

    async def close(self) -> None:
        """Nothing is held open."""


def raw_content(url: str) -> str:
    """The page inside a `raw:` or `raw://` URL."""
    content = url[4:]
    return content[2:] if content.startswith("//") else content


def _read_file(request: Request) -> Response:
    path = _path_of(request.url)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise FetchError(ErrorCode.FILE, f"{path} is a directory; name a file in it.")
        if not stat.S_ISREG(mode):
            # Opening a pipe or a device could block for ever.
            raise FetchError(ErrorCode.FILE, f"{path} is not a regular file.")
        with path.open("rb") as file:
            body = file.read(request.max_body_bytes + 1)
    except FileNotFoundError:
        raise FetchError(ErrorCode.FILE, f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        raise FetchError(ErrorCode.FILE, f"{path} cannot be read: {_reason(error)}.") from None
    if len(body) > request.max_body_bytes:
        message = f"{path} is larger than max_body_bytes ({request.max_body_bytes:,} bytes)."
        raise FetchError(ErrorCode.TOO_LARGE, message)
    return Response(url=request.url, status=None, headers=_headers(path), body=body, wire_bytes=len(body))


def _path_of(url: str) -> Path:
    parts = urllib.parse.urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        message = f"{url} names a file on the host {parts.netloc!r}; only local files (file:///...) are read."
        raise FetchError(ErrorCode.FILE, message)
    return Path(urllib.request.url2pathname(parts.path))


def _headers(path: Path) -> Headers:
    kind, encoding = mimetypes.guess_type(path.name)
    headers = Headers()
    if kind is not None:
        headers["content-type"] = kind
    if encoding == "gzip":
        headers["content-encoding"] = "gzip"
    return headers


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).rstrip(".")
