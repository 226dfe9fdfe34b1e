"""Saving files: under their own names, with their own bytes, nowhere else."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, CrawlerRunConfig, ErrorCode, HTTPCrawlerConfig
from nephila.net.new_files import write_new
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def crawler_into(folder: Path) -> AsyncWebCrawler:
    return AsyncWebCrawler(config=HTTPCrawlerConfig(downloads_path=str(folder)))


async def test_a_file_is_saved_and_listed(site: Site, tmp_path: Path) -> None:
    site.serve("/pictures/spider.png", PNG, "image/png")
    async with crawler_into(tmp_path / "new" / "folder") as crawler:
        result = await crawler.arun(site.url("/pictures/spider.png?size=1"))
    path = tmp_path / "new" / "folder" / "spider.png"
    assert result.success and result.downloaded_files == [str(path)]
    assert path.read_bytes() == result.body == PNG
    assert os.listdir(path.parent) == ["spider.png"]


async def test_nothing_is_saved_unless_asked(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/binary"))
    assert result.downloaded_files is None and os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("content_type", "headers", "status", "is_saved"),
    [
        ("text/html", {}, 200, False),
        ("application/json", {}, 200, False),
        ("text/csv", {"content-disposition": "attachment; filename=a.csv"}, 200, True),
        ("text/csv", {"content-disposition": "inline; filename=a.csv"}, 200, False),
        ("image/png", {}, 404, False),
        ("application/pdf", {}, 200, True),
    ],
)
async def test_what_is_a_download(
    site: Site, tmp_path: Path, content_type: str, headers: dict[str, str], status: int, is_saved: bool
) -> None:
    site.serve(
        "/a", b"%PDF-1.4 x" if "pdf" in content_type else b"content", content_type, status=status, headers=headers
    )
    async with crawler_into(tmp_path) as crawler:
        result = await crawler.arun(site.url("/a"))
    assert (result.downloaded_files is not None) == is_saved == bool(os.listdir(tmp_path))


async def test_twenty_of_one_name_at_once(site: Site, tmp_path: Path) -> None:
    async def slowly(exchange: Exchange) -> Answer:
        await asyncio.sleep(0.05)
        number = exchange.query["n"]
        disposition = ("content-disposition", 'attachment; filename="report.bin"')
        return Answer(bytes([0]) + number.encode() * 50_000, "application/octet-stream", headers=(disposition,))

    site.handle("/report", slowly)
    urls = [site.url(f"/report?n={number:02}") for number in range(20)]
    async with crawler_into(tmp_path) as crawler:
        results = await crawler.arun_many(urls, CrawlerRunConfig(stream=False))
    files = {}
    for number, result in enumerate(results):
        (path,) = result.downloaded_files
        files[path] = hashlib.sha256(bytes([0]) + f"{number:02}".encode() * 50_000).hexdigest()
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == files[path]
    assert len(files) == 20 == len(os.listdir(tmp_path))


@pytest.mark.parametrize("name", ["../../evil.bin", "/tmp/evil.bin", "..\\evil.bin", "..", ".hidden", "nul", "a\x00b"])
async def test_never_outside_the_folder(site: Site, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a" / "b"
    site.serve("/x", PNG, "image/png", headers={"content-disposition": f'attachment; filename="{name}"'})
    before = set(tmp_path.rglob("*"))
    async with crawler_into(folder) as crawler:
        result = await crawler.arun(site.url("/x"))
    if result.success:
        (path,) = map(Path, result.downloaded_files or [])
        assert path.parent == folder and not path.name.startswith(".")
        assert set(tmp_path.rglob("*")) - before == {tmp_path / "a", folder, path}
    else:
        # A NUL in a header is no HTTP.
        assert result.error_code == ErrorCode.PROTOCOL and "\x00" in name


def test_no_file_is_replaced_and_no_link_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("mine")
    (folder / "b.txt").symlink_to(outside)
    assert write_new(folder, "a.txt", b"new").name == "a-2.txt"
    assert write_new(folder, "b.txt", b"new").name == "b-2.txt"
    assert (folder / "a.txt").read_text() == "mine" and not outside.exists()


def test_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    assert [write_new(tmp_path, "a.txt", bytes([n])).name for n in range(3)] == ["a.txt", "a-2.txt", "a-3.txt"]
    assert write_new(tmp_path, "link", b"x").name == "link-2"
    assert not (tmp_path / "outside").exists() and (tmp_path / "a-3.txt").read_bytes() == b"\x02"


def test_very_many_of_one_name(tmp_path: Path) -> None:
    assert len({write_new(tmp_path, "a.txt", b"") for _ in range(120)}) == 120 == len(os.listdir(tmp_path))


async def test_a_folder_that_cannot_be_written(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with crawler_into(tmp_path / "file") as crawler:
        result = await crawler.arun(site.url("/binary"))
    assert (result.success, result.error_code, result.status_code) == (False, ErrorCode.FILE, 200)
    assert "could not be saved" in (result.error_message or "") and result.body.startswith(b"\x89PNG")


async def test_the_saved_file_is_unpacked(site: Site, tmp_path: Path) -> None:
    site.serve("/a.png", gzip.compress(PNG), "image/png", headers={"content-encoding": "gzip"})
    async with crawler_into(tmp_path) as crawler:
        result = await crawler.arun(site.url("/a.png"))
    assert Path((result.downloaded_files or [""])[0]).read_bytes() == PNG


async def test_half_a_file_is_not_saved(site: Site, tmp_path: Path) -> None:
    async with crawler_into(tmp_path) as crawler:
        result = await crawler.arun(site.url("/truncated"))
    assert not result.success and result.downloaded_files is None and os.listdir(tmp_path) == []
