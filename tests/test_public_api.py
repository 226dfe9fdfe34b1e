from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import nephila
from tests.programs import python

# What users of this family of crawlers import, as far as this version has it.
EXPECTED = """
AsyncWebCrawler BrowserConfig CrawlerRunConfig HTTPCrawlerConfig CacheMode MatchMode CrawlResult
MarkdownGenerationResult DispatchResult DefaultMarkdownGenerator MemoryAdaptiveDispatcher SemaphoreDispatcher
BaseDispatcher RateLimiter ProxyConfig LLMConfig GeolocationConfig SeedingConfig VirtualScrollConfig LinkPreviewConfig
DomainMapperConfig AdaptiveConfig ContentScrapingStrategy ExtractionStrategy ChunkingStrategy RegexChunking
TableExtractionStrategy DefaultTableExtraction NoTableExtraction RelevantContentFilter PruningContentFilter
BM25ContentFilter DisplayMode Crawler AsyncHTTPCrawlerStrategy
""".split()


def test_names_are_there() -> None:
    assert not set(EXPECTED) - set(nephila.__all__)
    assert sorted(nephila.__all__) == sorted(set(nephila.__all__))
    for name in nephila.__all__:
        assert getattr(nephila, name) is not None
        assert name in dir(nephila)
    assert nephila.Crawler is nephila.AsyncWebCrawler


def test_editors_see_the_same_names() -> None:
    tree = ast.parse(Path(nephila.__file__).read_text(encoding="utf-8"))
    seen = {alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(nephila.__all__) - {"__version__"} <= seen


def test_every_name_can_be_imported_first() -> None:
    program = "import sys, importlib\nfor name in sys.argv[1:]:\n    exec(f'from nephila import {name}')"
    for name in ("CrawlResult", "MemoryAdaptiveDispatcher", "ErrorCode", "DefaultMarkdownGenerator", "ResultStream"):
        done = python("-c", program, name)
        assert (done.returncode, done.stderr) == (0, "")


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'AsyncWebCrawlr'"):
        nephila.AsyncWebCrawlr  # type: ignore[attr-defined]  # noqa: B018


def test_everything_public_is_described() -> None:
    for name in nephila.__all__:
        value = getattr(nephila, name)
        if inspect.isclass(value):
            assert inspect.getdoc(value), name
            for member, function in vars(value).items():
                if inspect.isfunction(function) and not member.startswith("_"):
                    assert inspect.getdoc(getattr(value, member)), f"{name}.{member}"


def test_signatures_of_the_crawler() -> None:
    def parameters(function: object) -> list[str]:
        return list(inspect.signature(function).parameters)  # type: ignore[arg-type]

    crawler = nephila.AsyncWebCrawler
    assert parameters(crawler)[:5] == ["crawler_strategy", "config", "base_directory", "thread_safe", "logger"]
    assert parameters(crawler.arun)[1:3] == ["url", "config"]
    assert parameters(crawler.arun_many)[1:4] == ["urls", "config", "dispatcher"]
    assert parameters(crawler.aprocess_html)[1:8] == [
        "url", "html", "extracted_content", "config", "screenshot_data", "pdf_data", "verbose",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"base_directory": "/tmp"}, "base_directory"),
        ({"logger": object()}, "logger"),
        ({"config": {"headless": True}}, "dict"),
        ({"config": nephila.BrowserConfig(enable_stealth=True)}, "enable_stealth"),
    ],
)
def test_what_a_crawler_cannot_be_made_of(given: dict[str, object], part: str) -> None:
    with pytest.raises(nephila.ConfigError, match=part):
        nephila.AsyncWebCrawler(**given)  # type: ignore[arg-type]


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", nephila.__version__)


def test_error_codes_are_a_closed_list_of_plain_words() -> None:
    for code in nephila.ErrorCode:
        assert re.fullmatch(r"[a-z_]+", code.value) and code == code.value


def test_errors_are_one_tree() -> None:
    from nephila import errors

    tree = {error for error in vars(errors).values() if inspect.isclass(error) and issubclass(error, Exception)}
    assert all(issubclass(error, nephila.NephilaError) for error in tree)
    for error in tree:
        assert error.__name__ in (errors.__doc__ or "")
