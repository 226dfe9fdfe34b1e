from __future__ import annotations

import base64
import copy
import json
import pickle
import urllib.request
from collections.abc import AsyncIterator

import pytest

from nephila import AsyncWebCrawler, CrawlerRunConfig, CrawlResult, ErrorCode, PruningContentFilter
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.models import DispatchResult, MarkdownGenerationResult
from nephila.result import RESULT_FIELDS, StringCompatibleMarkdown
from tests.site.encodings import CHARSETS, sample
from tests.site.server import Site

FAST = CrawlerRunConfig(mean_delay=0, max_range=0)


@pytest.fixture
async def crawler() -> AsyncIterator[AsyncWebCrawler]:
    async with AsyncWebCrawler() as crawler:
        yield crawler


def client_text(url: str) -> str:
    """The page as another HTTP client gives it."""
    with urllib.request.urlopen(url, timeout=10) as response:
        return str(response.read().decode(response.headers.get_content_charset() or "utf-8"))


async def test_html_is_what_another_client_decodes(site: Site, crawler: AsyncWebCrawler) -> None:
    site.serve("/crlf", "<p>a\r\nb\rc\n</p>\x0c\t<pre>\n\n x</pre>é\u2028")
    site.serve("/latin", "<p>é</p>".encode("latin-1"), "text/html; charset=iso-8859-1")
    for path in ("/page/1", "/echo?token=é%20<&", "/crlf", "/latin", "/big?kb=900"):
        url = site.url(path.replace("é", "%C3%A9").replace("<", "%3C"))
        result = await crawler.arun(url)
        assert result.html == client_text(url)
        assert result.html is result.html


async def test_every_charset(site: Site, crawler: AsyncWebCrawler) -> None:
    urls = [site.url(f"/charset/{label}") for label in CHARSETS]
    for label, result in zip(CHARSETS, await crawler.arun_many(urls, config=FAST), strict=True):
        assert sample(label) in result.html
        assert result.encoding


def assert_round_trip(result: CrawlResult) -> None:
    dumped = result.model_dump()
    assert tuple(dumped) == RESULT_FIELDS
    read = json.loads(result.model_dump_json())
    assert read == json.loads(json.dumps(dumped))
    assert json.loads(result.model_dump_json(indent=2)) == read
    assert base64.b64decode(read["body"]) == result.body
    assert read["html"] == result.html
    assert read["markdown"]["raw_markdown"] == result.markdown
    assert read["error_code"] == (None if result.error_code is None else str(result.error_code))
    for copied in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert copied == result
        assert isinstance(copied.markdown, StringCompatibleMarkdown)
        assert copied.markdown.markdown_with_citations == result.markdown.markdown_with_citations
        assert copied.response_headers.get("CONTENT-TYPE") == result.response_headers.get("content-type")
        assert copied.error_code is result.error_code
        assert copied.html == result.html


@pytest.mark.parametrize(
    "path",
    ["/page/1", "/gzip", "/status/404", "/truncated", "/gzip-cut", "/binary", "/empty", "/redirect/2", "/redirect-file",
     "/garbage", "/charset/shift_jis", "/bad-header-bytes", "/json", "/unknown-encoding", "/set-cookie"],
)  # fmt: skip
async def test_round_trip(site: Site, crawler: AsyncWebCrawler, path: str) -> None:
    assert_round_trip(await crawler.arun(site.url(path)))
    (dispatched,) = await crawler.arun_many([site.url(path)], config=FAST)
    assert dispatched.dispatch_result is not None
    assert_round_trip(dispatched)


async def test_round_trip_of_what_was_not_visited(crawler: AsyncWebCrawler) -> None:
    for url in ("", "http://[", "ftp://a/"):
        assert_round_trip(await crawler.arun(url))
    odd = json.loads((await crawler.arun("http://a\ud800b/")).model_dump_json())
    assert odd["url"] == "http://a\ufffdb/"


HARD = (
    '<script type="application/ld+json">{"@type": "Article", "headline": "a\\ud800b", "author": {"name": "\\udfff"},'
    f' "big": {"9" * 400}, "long": 123456789012345678901234567890}}</script><p>text</p>'
)


async def test_metadata_no_encoding_can_hold(site: Site, crawler: AsyncWebCrawler) -> None:
    url = site.serve("/hard", HARD)
    results = [await crawler.arun(url) for _ in range(2)]
    results += await crawler.arun_many([url] * 8, config=FAST)
    own = CrawlerRunConfig(markdown_generator=type("Own", (DefaultMarkdownGenerator,), {})())
    results.append(await crawler.arun(url, config=own))
    for result in results:
        assert result.success
        assert_round_trip(result)
        assert result.metadata == results[0].metadata
        assert result.markdown == "text"


async def test_dump_of_some_fields(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/status/404"))
    assert result.model_dump(include=["url", "status_code", "error_code"]) == {
        "url": site.url("/status/404"),
        "status_code": 404,
        "error_code": "http",
    }


async def test_headers_whatever_the_case(site: Site, crawler: AsyncWebCrawler) -> None:
    headers = (await crawler.arun(site.url("/page/1"))).response_headers
    assert headers["Content-Type"] == headers.get("CONTENT-TYPE") == headers["content-type"]
    assert "Content-Type" in headers and "nothing" not in headers and 5 not in headers
    assert headers.get("nothing") is None


async def test_markdown_is_a_string_and_more(site: Site, crawler: AsyncWebCrawler) -> None:
    config = CrawlerRunConfig(markdown_generator=DefaultMarkdownGenerator(content_filter=PruningContentFilter()))
    result = await crawler.arun(site.url("/page/1"), config=config)
    markdown = result.markdown
    assert isinstance(markdown, str) and markdown.raw_markdown == markdown
    assert "⟨1⟩" in markdown.markdown_with_citations and "## References" in markdown.references_markdown
    assert markdown.fit_markdown and result.fit_html == markdown.fit_html
    assert markdown.to_result().raw_markdown == markdown
    plain = await crawler.arun(site.url("/page/1"))
    assert "**page 1**" in plain.markdown.fit_markdown and 0 < plain.markdown.fit_confidence <= 1
    without = CrawlerRunConfig(markdown_generator=DefaultMarkdownGenerator(content_filter=None))
    bare = await crawler.arun(site.url("/page/1"), config=without)
    assert (bare.markdown.fit_markdown, bare.fit_html, bare.markdown.page_type) == (None, None, None)


def test_made_by_hand() -> None:
    calls = 0

    def late() -> str:
        nonlocal calls
        calls += 1
        return "<p>late</p>"

    result = CrawlResult(url="http://a/")
    assert (result.success, result.html, result.body, result.links) == (
        False,
        "",
        b"",
        {"internal": [], "external": []},
    )
    result.html = late  # type: ignore[assignment]
    assert calls == 0
    assert (result.html, result.html, calls) == ("<p>late</p>", "<p>late</p>", 1)
    result.markdown = StringCompatibleMarkdown(MarkdownGenerationResult("a", "b", "c"))
    result.dispatch_result = DispatchResult(task_id="1", position=3)
    result.pdf = b"%PDF"
    result.error_code = ErrorCode.HTTP
    assert_round_trip(result)
    assert CrawlResult(url="http://b/").links is not result.links
    assert repr(CrawlResult(url="u" * 500)).count("u") < 150
