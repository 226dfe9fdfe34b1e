"""The folder of Markdown files and its index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, ConfigError, CrawlResult, ErrorCode, MarkdownGenerationResult
from nephila.result import StringCompatibleMarkdown
from nephila.sinks import MarkdownFolderSink
from tests.site.server import Site


def page(url: str, text: str = "# Page") -> CrawlResult:
    return CrawlResult(url=url, success=True, markdown=StringCompatibleMarkdown(MarkdownGenerationResult(text)))


async def write(sink: MarkdownFolderSink, *results: CrawlResult) -> None:
    await sink.open()
    for result in results:
        await sink.write(result)
    await sink.close()
    await sink.close()


def index_of(folder: Path) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]


async def test_a_crawl_becomes_a_folder(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "pages"
    urls = [site.url("/page/1"), site.url("/page/1"), site.url("/status/404")]
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls, stream=False, mean_delay=0, on_result=MarkdownFolderSink(folder))
    assert [result.success for result in results] == [True, True, False]
    index = index_of(folder)
    assert sorted(str(line["url"]) for line in index) == sorted(urls)
    files = [line["file"] for line in index if line["file"]]
    assert len(set(files)) == 2
    assert sorted([*map(str, files), "index.jsonl"]) == sorted(entry.name for entry in folder.iterdir())
    for name in files:
        text = (folder / str(name)).read_text("utf-8")
        assert text.startswith(f'---\nurl: "{urls[0]}"\n')
        assert "# Page 1" in text


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/../../../etc/passwd",
        "https://a.example/..%2f..%2fx",
        "file:///etc/passwd",
        "https://a.example/\0/..\\..\\x",
        "https://.index.jsonl.part/",
        "https://index.jsonl/",
    ],
)
async def test_nothing_is_written_outside(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "a" / "b"
    await write(MarkdownFolderSink(folder), page(url), page(url))
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in everything} == {folder}
    assert len(everything) == 3
    assert len(index_of(folder)) == 2


async def test_it_starts_anew(tmp_path: Path) -> None:
    await write(MarkdownFolderSink(tmp_path), page("https://a.example/1", "old"), page("https://a.example/2"))
    await write(MarkdownFolderSink(tmp_path), page("https://a.example/1", "new é"))
    assert [line["url"] for line in index_of(tmp_path)] == ["https://a.example/1"]
    assert (tmp_path / "a.example_1.md").read_text("utf-8").endswith("new é\n")
    assert (tmp_path / "a.example_2.md").exists()


async def test_it_adds_and_never_replaces(tmp_path: Path) -> None:
    await write(MarkdownFolderSink(tmp_path), page("https://a.example/1", "old"))
    await write(MarkdownFolderSink(tmp_path, append=True), page("https://a.example/1", "new"))
    first, second = (line["file"] for line in index_of(tmp_path))
    assert (tmp_path / str(first)).read_text("utf-8").endswith("old\n")
    assert (tmp_path / str(second)).read_text("utf-8").endswith("new\n")


async def test_a_page_that_cannot_be_written_is_on_its_result(site: Site, tmp_path: Path) -> None:
    urls = [site.url("/page/1"), site.url("/page/2")]
    sink = MarkdownFolderSink(tmp_path)

    async def in_the_way(result: CrawlResult) -> None:
        """A folder where the file of page 1 would go."""
        if result.url == urls[0]:
            name = sink._names.name(result.url, ".md")
            sink._names._taken.clear()
            (tmp_path / name).mkdir()

    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls, stream=False, mean_delay=0, on_result=[in_the_way, sink])
    assert [result.error_code for result in results] == [ErrorCode.USER_CODE, None]
    assert "MarkdownFolderSink" in str(results[0].error_message)
    assert [line["url"] for line in index_of(tmp_path)] == [urls[1]]
    assert not list(tmp_path.glob(".*"))


async def test_a_sink_belongs_to_one_run_at_a_time(tmp_path: Path) -> None:
    sink = MarkdownFolderSink(tmp_path)
    await sink.open()
    with pytest.raises(ConfigError, match="open already"):
        await sink.open()
    await sink.close()
    with pytest.raises(ValueError, match="not open"):
        await sink.write(page("https://a.example/"))
