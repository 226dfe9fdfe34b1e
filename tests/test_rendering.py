"""What becomes of pages that need JavaScript where there is no browser."""

from __future__ import annotations

import logging

import pytest

from nephila import AsyncWebCrawler, CrawlerRunConfig, ErrorCode
from tests.programs import run_program
from tests.site.server import Site

CONFIG = CrawlerRunConfig(mean_delay=0, max_range=0)

NO_PACKAGE = """
    import asyncio, sys
    sys.modules["playwright"] = None
    from nephila import AsyncWebCrawler

    async def main():
        async with AsyncWebCrawler() as crawler:
            for options in ({}, {"fetch_mode": "browser"}, {"js_code": "1"}):
                result = await crawler.arun(sys.argv[1], **options)
                print(result.success, result.error_code, result.error_message, *result.warnings, sep="|")

    asyncio.run(main())
"""

NOTHING_LOADED = """
    import asyncio, sys
    from nephila import AsyncWebCrawler

    async def main():
        async with AsyncWebCrawler() as crawler:
            print((await crawler.arun(sys.argv[1])).success)
        print([name for name in sys.modules if "playwright" in name or "nephila.fetch.browser." in name])

    asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHILA_BROWSER", "/nowhere/chromium")


def test_without_the_package(site: Site) -> None:
    printed = run_program(NO_PACKAGE, site.url("/app?token=x")).splitlines()
    assert printed[0] == (
        'True|None|None|The page seems to need JavaScript: its scripts fill <div id="root">, which is empty. '
        "The browser extra is not installed; run: pip install 'nephila[browser]'"
    )
    for line in printed[1:]:
        assert line.startswith("False|browser|") and "pip install 'nephila[browser]'" in line


def test_plain_page_loads_nothing_of_the_browser(site: Site) -> None:
    assert run_program(NOTHING_LOADED, site.url("/page/1")).splitlines() == ["True", "[]"]


async def test_browser_that_is_not_there(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    urls = [site.url(f"/app?token={number}") for number in range(5)]
    with caplog.at_level(logging.WARNING, "nephila"):
        async with AsyncWebCrawler() as crawler:
            results = [await crawler.arun(url, CONFIG) for url in urls]
            asked = await crawler.arun(urls[0], CONFIG, fetch_mode="browser")
    for result in results:
        assert result.success and result.crawl_stats["fetched_by"] == "http"
        (warning,) = result.warnings
        assert warning.startswith("The page seems to need JavaScript: ") and "NEPHILA_BROWSER names" in warning
        assert result.crawl_stats["fetched_because"] == warning
    assert len([record for record in caplog.records if "are not rendered" in record.getMessage()]) == 1
    assert asked.error_code is ErrorCode.BROWSER


async def test_many_pages_without_a_browser(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many([site.url(f"/app?token={number}") for number in range(30)], CONFIG)
    assert [result.success for result in results] == [True] * 30
    assert all(len(result.warnings) == 1 for result in results)
