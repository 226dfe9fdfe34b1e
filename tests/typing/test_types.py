"""What a type checker, and so an editor, knows about a program that uses the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import SOURCE, environment

PROGRAM = """
import asyncio
from collections.abc import AsyncIterator

from nephila import AsyncWebCrawler, BaseDispatcher, BrowserConfig, CrawlerRunConfig, CrawlResult, Crawler, ErrorCode
from nephila import Job, MemoryAdaptiveDispatcher, ResultList, ResultStream


async def urls() -> AsyncIterator[str]:
    yield "http://example.com/"


async def main(flag: bool) -> None:
    config = CrawlerRunConfig(stream=True, url_matcher="*")
    async with AsyncWebCrawler(config=BrowserConfig()) as crawler:
        reveal_type(crawler)  # AsyncWebCrawler
        result = await crawler.arun("http://example.com/", config=config)
        reveal_type(result)  # CrawlResult
        reveal_type(result.html)  # str
        reveal_type(result.body)  # bytes
        reveal_type(result.markdown.fit_markdown)  # str | None
        reveal_type(result.error_code)  # ErrorCode | None
        reveal_type(result.links["internal"][0]["href"])  # str
        reveal_type(result.tables[0]["rows"])  # list[list[str]]
        reveal_type(result.response_headers.get("etag"))  # str | None
        reveal_type(crawler.arun_many(["a"], stream=True))  # ResultStream
        reveal_type(await crawler.arun_many(["a"], stream=True))  # ResultStream
        reveal_type(await crawler.arun_many(urls(), config, stream=False))  # ResultList
        reveal_type(await crawler.arun_many(["a"], [config], MemoryAdaptiveDispatcher()))  # Results
        async for each in await crawler.arun_many(urls(), config=config):
            reveal_type(each)  # CrawlResult
        async for each in crawler.arun_many(["a"], stream=True):
            reveal_type(each)  # CrawlResult
        for one in await crawler.arun_many(["a"], stream=False):
            reveal_type(one)  # CrawlResult
        for one in await crawler.arun_many(["a"], config=CrawlerRunConfig(stream=False)):
            reveal_type(one)  # CrawlResult
        first = (await crawler.arun_many(["a"]))[0]
        reveal_type(first)  # CrawlResult
        reveal_type(await crawler.aprocess_html("http://a/", "<p>"))  # CrawlResult
        reveal_type(await Crawler().start())  # AsyncWebCrawler
        code: ErrorCode | None = first.error_code
        match code:
            case None | ErrorCode.HTTP:
                pass


def batch(results: ResultList, stream: ResultStream, job: Job, dispatcher: BaseDispatcher) -> list[CrawlResult]:
    return [*results, results[0]]


asyncio.run(main(True))
"""

WRONG = """
from nephila import AsyncWebCrawler

async def main() -> None:
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(5)
        for result in crawler.arun_many(["a"], stream=True).nothing:
            pass
        (await crawler.arun("a")).markdwn
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for both programs, so that the package itself is checked once."""
    return tmp_path_factory.mktemp("programs")


def check(folder: Path, program: str) -> tuple[int, str]:
    path = folder / "program.py"
    path.write_text(program)
    (folder / "mypy.ini").write_text("[mypy]\nstrict = True\ndisallow_any_expr = True\nfollow_imports = silent\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(folder / "cache"), "program.py"],
        cwd=folder,
        env=environment({"MYPYPATH": str(SOURCE)}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def test_every_type_is_known(folder: Path) -> None:
    code, out = check(folder, PROGRAM)
    assert code == 0, out
    revealed = [short(line) for line in re.findall(r'Revealed type is "(.*)"', out)]
    expected = re.findall(r"reveal_type\(.*\)  # (.*)", PROGRAM)
    assert revealed == expected


def short(name: str) -> str:
    return re.sub(r"\b(?:[a-z_]+\.)+", "", name).replace("None | str", "str | None")


def test_mistakes_are_found(folder: Path) -> None:
    code, out = check(folder, WRONG)
    assert code == 1
    assert 'incompatible type "int"; expected "str' in out
    assert '"ResultStream" has no attribute "nothing"' in out
    assert 'maybe "markdown"' in out
