"""One batch of everything that can be wrong, with good URLs around: each has its own clear result."""

from __future__ import annotations

import json
import os
from pathlib import Path

from nephila import (
    AsyncWebCrawler,
    CrawlerRunConfig,
    CrawlResult,
    DefaultMarkdownGenerator,
    DefaultTableExtraction,
    ErrorCode,
    MarkdownGenerationResult,
    MarkdownGenerationStrategy,
    RelevantContentFilter,
    Table,
)
from tests.site.server import Site

CONFIG = CrawlerRunConfig(mean_delay=0, max_range=0, semaphore_count=8)


def check_failure(result: CrawlResult) -> None:
    message = result.error_message or ""
    assert message and message[-1] in ".?" and "\n" not in message and "Traceback" not in message, message
    assert "Error" not in message or "raised" in message, message


async def test_bad_input_of_every_kind(site: Site, tmp_path: Path) -> None:
    undecodable = tmp_path / "undecodable.html"
    undecodable.write_bytes(b"<h1>\xff\xfe\x81\xc3\x28</h1>" + bytes(range(256)) * 4)
    empty = tmp_path / "empty.html"
    empty.write_bytes(b"")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    bad: list[tuple[object, ErrorCode | None]] = [
        ("", ErrorCode.INVALID_URL),
        (" \t ", ErrorCode.INVALID_URL),
        ("http://[::1", ErrorCode.INVALID_URL),
        ("no scheme at all", ErrorCode.INVALID_URL),
        ("http://" + "a" * 9000 + "/", ErrorCode.INVALID_URL),
        ("http://\ud800.example/", ErrorCode.INVALID_URL),
        ("gopher://example.com/", ErrorCode.UNSUPPORTED_SCHEME),
        ("javascript:alert(1)", ErrorCode.UNSUPPORTED_SCHEME),
        (None, ErrorCode.INVALID_URL),
        (5, ErrorCode.INVALID_URL),
        (b"http://example.com/", ErrorCode.INVALID_URL),
        (site.url("/page/1").encode(), ErrorCode.INVALID_URL),
        (tmp_path.as_uri(), ErrorCode.FILE),
        ((tmp_path / "missing").as_uri(), ErrorCode.FILE),
        (pipe.as_uri(), ErrorCode.FILE),
        ("file:///a%00b", ErrorCode.FILE),
        ("http://nowhere.invalid/", ErrorCode.DNS),
        ("http://127.0.0.1:9/", ErrorCode.CONNECT),
        (undecodable.as_uri(), None),
        (empty.as_uri(), None),
        (site.url("/empty"), None),
        (site.url("/deep?levels=200000"), None),
        (site.url("/attributes?count=1000000"), None),
        (site.url("/bad-header-bytes"), None),
        ("raw:", None),
        ("raw:\x00\ud800", None),
    ]
    mixed = [entry for number, case in enumerate(bad) for entry in (case, (site.url(f"/page/{number}"), None))]
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many([url for url, _ in mixed], config=CONFIG)  # type: ignore[misc]
    assert len(results) == len(mixed)
    for (url, code), result in zip(mixed, results, strict=True):
        assert result.url == (url if isinstance(url, str) else repr(url))
        assert result.error_code == code, result
        assert result.success is (code is None)
        if code is not None:
            check_failure(result)
        json.loads(result.model_dump_json())
        if "/page/" in str(url) and isinstance(url, str):
            assert "# Page" in result.markdown
    by_url = {result.url: result for result in results}
    assert "the bottom" in by_url[site.url("/deep?levels=200000")].markdown
    assert "the attributes" in by_url[site.url("/attributes?count=1000000")].markdown
    assert by_url[undecodable.as_uri()].html
    assert (by_url[site.url("/empty")].html, by_url[site.url("/empty")].status_code) == ("", 200)


async def test_object_whose_description_fails(site: Site) -> None:
    class Nasty:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many([Nasty(), site.url("/page/1")], config=CONFIG)  # type: ignore[list-item]
    assert [result.error_code for result in results] == [ErrorCode.INVALID_URL, None]
    assert "Nasty" in results[0].url


class BadFilter(RelevantContentFilter):
    def filter_content(self, html: str, min_word_threshold: int | None = None) -> list[str]:
        if "page 20" in html.lower():
            raise ValueError("bad filter")
        return [html]


class BadGenerator(MarkdownGenerationStrategy):
    def generate_markdown(self, input_html: str, *args: object, **options: object) -> MarkdownGenerationResult:
        if "page 20" in input_html.lower():
            raise ValueError("bad generator")
        return MarkdownGenerationResult("own")


class BadTables(DefaultTableExtraction):
    def extract_tables(self, html: str) -> list[Table]:
        if "page 20" in html.lower():
            raise ValueError("bad tables")
        return []


async def test_code_of_the_caller_fails_its_url_only(site: Site) -> None:
    urls = [site.url(f"/page/{number}") for number in (10, 20, 30, 40)]
    configs = {
        "bad filter": CONFIG.clone(markdown_generator=DefaultMarkdownGenerator(content_filter=BadFilter())),
        "bad generator": CONFIG.clone(markdown_generator=BadGenerator()),
        "bad tables": CONFIG.clone(table_extraction=BadTables()),
    }
    async with AsyncWebCrawler() as crawler:
        for message, config in configs.items():
            results = await crawler.arun_many(urls, config=config)
            assert [result.error_code for result in results] == [None, ErrorCode.USER_CODE, None, None]
            assert message in (results[1].error_message or "")
            # What could be read is there.
            assert results[1].status_code == 200 and results[1].links["internal"]
            assert results[1].metadata["title"] == "Page 20"


class LyingGenerator(MarkdownGenerationStrategy):
    def generate_markdown(self, input_html: str, *args: object, **options: object) -> MarkdownGenerationResult:
        return None  # type: ignore[return-value]


async def test_generator_that_returns_something_else(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/page/1"), markdown_generator=LyingGenerator())
    assert result.error_code is ErrorCode.USER_CODE
    assert "NoneType" in (result.error_message or "")
