from __future__ import annotations

import asyncio
import gzip
import os
import time
from pathlib import Path

import pytest

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.local import LocalFetcher
from nephila.models import Request, Response
from nephila.net.url import admit


async def fetch(url: str, max_body_bytes: int = 1_000_000) -> Response:
    deadline = asyncio.get_running_loop().time() + 5
    return await LocalFetcher().fetch(Request(admit(url), max_body_bytes=max_body_bytes), deadline)


@pytest.mark.parametrize("name", ["page.html", "a b%41#?.html", "ünï.html", "no-suffix"])
async def test_file_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"<h1>\xff\x00</h1>")
    response = await fetch(path.as_uri())
    assert (response.status, response.error, response.body) == (None, None, b"<h1>\xff\x00</h1>")
    assert response.content_type == ("text/html" if name.endswith("html") else "")


async def test_compressed_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "page.html.gz"
    path.write_bytes(gzip.compress(b"<h1>x</h1>"))
    response = await fetch(path.as_uri())
    assert (response.content_type, response.content_encoding) == ("text/html", "gzip")


async def refusal(url: str, max_body_bytes: int = 1_000_000) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetch(url, max_body_bytes)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    return caught.value


async def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    started = time.monotonic()
    for path, part in (
        (tmp_path, "is a directory"),
        (tmp_path / "missing.html", "There is no file"),
        (pipe, "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path / ("x" * 300), "cannot be read: File name too long"),
    ):
        error = await refusal(path.as_uri())
        assert error.code is ErrorCode.FILE
        assert part in str(error)
    assert time.monotonic() - started < 2


async def test_names_that_cannot_be(tmp_path: Path) -> None:
    assert (await refusal("file:///a%00b")).code is ErrorCode.FILE
    error = await refusal("file://elsewhere/share/x.html")
    assert error.code is ErrorCode.FILE and "elsewhere" in str(error)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything is readable to root")
async def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.html"
    path.write_text("x")
    path.chmod(0)
    assert "Permission denied" in str(await refusal(path.as_uri()))


async def test_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(b"x" * 1001)
    assert (await refusal(path.as_uri(), 1000)).code is ErrorCode.TOO_LARGE
    assert len((await fetch(path.as_uri(), 1001)).body) == 1001


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("raw:<p>a # b ? c: d</p>", "<p>a # b ? c: d</p>"),
        ("raw://<p>x</p>", "<p>x</p>"),
        ("RAW:<p>x</p>", "<p>x</p>"),
        (" raw:<p>x</p>", "<p>x</p>"),
        ("raw:", ""),
        ("raw:<p>\ud800é</p>", "<p>?é</p>"),
    ],
)
async def test_raw(url: str, page: str) -> None:
    response = await fetch(url)
    assert response.body.decode() == page
    assert response.content_type == "text/html; charset=utf-8"
