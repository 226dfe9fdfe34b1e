from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from nephila.cli.sources import Source


async def read(source: Source) -> list[str]:
    stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    return [url async for url in source.read(stopped)]


async def test_file_lines_comments_blanks_and_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_bytes(
        b"\xef\xbb\xbfhttps://a.example/\r\n\r\n  # comment\n  https://b.example/#part  \nhttps://c.example/"
    )
    source = Source(["https://first.example/"], str(file))
    assert await read(source) == [
        "https://first.example/",
        "https://a.example/",
        "https://b.example/#part",
        "https://c.example/",
    ]
    assert source.total() == 4
    assert not source.single


async def test_undecodable_and_endless_lines_are_still_lines(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_bytes(b"https://a.example/\xff\n" + b"x" * 3_000_000 + b"\nhttps://b.example/\n")
    first, long, last = await read(Source([], str(file)))
    assert first == "https://a.example/\ufffd"
    assert len(long) == 1 << 20
    assert last == "https://b.example/"


async def test_arguments_without_utf8_become_text() -> None:
    assert await read(Source([os.fsdecode(b"https://a.example/\xff")])) == ["https://a.example/\ufffd"]


async def test_pipe_is_read_as_it_fills(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    source = Source([], str(pipe))
    assert source.total() is None
    stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    urls = source.read(stopped)
    first = asyncio.ensure_future(anext(urls))
    with await asyncio.to_thread(pipe.open, "wb", buffering=0) as end:
        end.write(b"https://a.example/\n")
        assert await asyncio.wait_for(first, 5) == "https://a.example/"
        second = asyncio.ensure_future(anext(urls, "end"))
        await asyncio.sleep(0.05)
        assert not second.done()
        stopped.set_result(None)
        assert await asyncio.wait_for(second, 5) == "end"


async def test_stopping_ends_a_file_early(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_text("https://a.example/\n" * 10, encoding="utf-8")
    stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    seen = 0
    async for _ in Source([], str(file)).read(stopped):
        seen += 1
        if seen == 3:
            stopped.set_result(None)
    assert seen == 3


def test_missing_file_and_folder_are_found_before_the_crawl(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Source([], str(tmp_path / "none")).check()
    with pytest.raises(IsADirectoryError):
        Source([], str(tmp_path)).check()


@pytest.mark.parametrize(
    ("source", "single"),
    [(Source(["a"]), True), (Source(["-"]), False), (Source(["a", "b"]), False), (Source(["a"], "-"), False)],
)
def test_single(source: Source, single: bool) -> None:
    assert source.single is single
