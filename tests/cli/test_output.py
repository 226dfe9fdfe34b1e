from __future__ import annotations

import json
from pathlib import Path

import pytest

from nephila.cli.formats import Format, guess_format
from nephila.cli.output import open_writer
from nephila.errors import ErrorCode
from nephila.models import MarkdownGenerationResult
from nephila.result import CrawlResult, StringCompatibleMarkdown
from nephila.sinks.pages import with_front_matter
from nephila.sinks.record import DEFAULT_FIELDS


def ok(url: str, text: str = "# Page", title: str = "A title") -> CrawlResult:
    markdown = StringCompatibleMarkdown(MarkdownGenerationResult(text))
    return CrawlResult(
        url=url,
        success=True,
        status_code=200,
        markdown=markdown,
        metadata={"title": title},
        redirected_url=url,
    )


def failed(url: str) -> CrawlResult:
    return CrawlResult(url=url, error_code=ErrorCode.DNS, error_message="No such host.")


async def write(
    format_: Format, path: Path, *results: CrawlResult, single: bool = False, fields: tuple[str, ...] = ()
) -> None:
    writer = await open_writer(format_, path, fields, single=single)
    for result in results:
        await writer.write(result)
    await writer.close()


async def test_single_page_is_just_its_markdown(tmp_path: Path) -> None:
    file = tmp_path / "new" / "page.md"
    await write(Format.MARKDOWN, file, ok("https://a.example/"), single=True)
    assert file.read_bytes() == b"# Page\n"


async def test_several_pages_have_a_block_each(tmp_path: Path) -> None:
    file = tmp_path / "pages.md"
    await write(Format.MARKDOWN, file, ok("https://a.example/"), failed("https://b.example/"))
    assert file.read_text("utf-8") == (
        '---\nurl: "https://a.example/"\nstatus: 200\ntitle: "A title"\n---\n\n# Page\n\n'
        '---\nurl: "https://b.example/"\nerror: "dns"\nmessage: "No such host."\n---\n\n'
    )


def test_front_matter_cannot_be_broken_out_of() -> None:
    block = with_front_matter(ok("https://a.example/", title='x"\n---\nevil: \u2028\x85\ud800')).decode("utf-8")
    assert block.count("\n---\n") == 1
    assert '\ntitle: "x\\"\\n---\\nevil: \\u2028\\u0085\\ud800"\n' in block


async def test_json_is_one_array(tmp_path: Path) -> None:
    file = tmp_path / "pages.json"
    await write(Format.JSON, file, ok("https://a.example/"), failed("https://b.example/"), fields=DEFAULT_FIELDS)
    first, second = json.loads(file.read_text("utf-8"))
    assert list(first) == list(DEFAULT_FIELDS)
    assert first["markdown"] == "# Page"
    assert second["error_code"] == "dns"


async def test_json_of_nothing_is_an_empty_array(tmp_path: Path) -> None:
    await write(Format.JSON, tmp_path / "pages.json", fields=("url",))
    assert json.loads((tmp_path / "pages.json").read_text("utf-8")) == []


async def test_lines_are_on_disk_as_soon_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "pages.jsonl"
    writer = await open_writer(Format.JSONL, file, ("url", "title"), single=False)
    await writer.write(ok("https://a.example/", title="Tïtle\n"))
    assert file.read_bytes() == '{"url":"https://a.example/","title":"Tïtle\\n"}\n'.encode()
    await writer.close()


async def test_folder_has_a_file_a_page_and_an_index(tmp_path: Path) -> None:
    urls = ["https://a.example/x", "https://a.example/x", "https://a.example/X", "https://a.example/../../../y"]
    await write(Format.FOLDER, tmp_path / "out", *(ok(url) for url in urls), failed("https://b.example/"))
    index = [json.loads(line) for line in (tmp_path / "out" / "index.jsonl").read_text("utf-8").splitlines()]
    assert [line["url"] for line in index] == [*urls, "https://b.example/"]
    assert index[-1]["file"] is None
    assert index[-1]["error_code"] == "dns"
    files = [line["file"] for line in index[:-1]]
    assert sorted([*files, "index.jsonl"]) == sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files[0] == "a.example_x.md"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    content = (tmp_path / "out" / files[0]).read_text("utf-8")
    assert content.startswith('---\nurl: "https://a.example/x"\n')
    assert content.endswith("---\n\n# Page\n")


async def test_folder_page_cannot_replace_the_index(tmp_path: Path) -> None:
    await write(Format.FOLDER, tmp_path, ok("https://index/"), ok("https://index.jsonl/"), fields=("url",))
    index = (tmp_path / "index.jsonl").read_text("utf-8").splitlines()
    assert len(index) == 2
    assert len(list(tmp_path.iterdir())) == 3


async def test_folder_with_fields_holds_json(tmp_path: Path) -> None:
    await write(Format.FOLDER, tmp_path, ok("https://a.example/x"), fields=("url", "markdown"))
    assert json.loads((tmp_path / "a.example_x.json").read_text("utf-8")) == {
        "url": "https://a.example/x",
        "markdown": "# Page",
    }


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        (None, Format.MARKDOWN),
        ("x.json", Format.JSON),
        ("x.JSONL", Format.JSONL),
        ("x.ndjson", Format.JSONL),
        ("x.md", Format.MARKDOWN),
        ("x", Format.MARKDOWN),
        (".", Format.FOLDER),
    ],
)
def test_format_follows_the_name(name: str | None, format_: Format) -> None:
    assert guess_format(None if name is None else Path(name)) is format_
