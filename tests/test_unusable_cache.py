"""Stores that cannot be used fail no visit."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from nephila import (
    AsyncWebCrawler,
    ErrorCode,
    SemaphoreDispatcher,
)
from tests.caching import ENABLED, get
from tests.programs import run_program
from tests.site.server import Site

# --- stores that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["garbage", "a folder", "in the way"])
async def test_a_store_that_cannot_be_used(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    folder = tmp_path / "cache"
    if trouble == "in the way":
        folder.write_text("a file")
    else:
        folder.mkdir()
        file = folder / "pages.sqlite3"
        if trouble == "garbage":
            file.write_bytes(b"garbage" * 1000)
        else:
            file.mkdir()
    with caplog.at_level(logging.WARNING, "nephila"):
        async with AsyncWebCrawler(base_directory=str(folder)) as crawler:
            urls = [site.url(f"/page/{number}") for number in range(8)] * 2
            results = await crawler.arun_many(urls, ENABLED, SemaphoreDispatcher(4), stream=False)
    assert [(result.success, result.cache_status, result.cached_at) for result in results] == [
        (True, "miss", None)
    ] * 16
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "page cache" in record.getMessage()


async def test_home_cannot_be_written_and_names_no_folder(site: Site, tmp_path: Path) -> None:
    program = """
        import asyncio, logging, os, pwd, sys
        logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
        if sys.argv[2] == "unset":
            del os.environ["HOME"]
            def nobody(uid): raise KeyError(uid)
            pwd.getpwuid = nobody
        from nephila import AsyncWebCrawler, CrawlerRunConfig
        async def main():
            async with AsyncWebCrawler() as crawler:
                for _ in range(3):
                    result = await crawler.arun(sys.argv[1], CrawlerRunConfig(cache_mode="enabled", verbose=False))
                    assert result.success and result.cache_status == "miss", result
        asyncio.run(main())
    """
    # A HOME below a file is as little of a folder for root as for anybody else.
    (tmp_path / "file").write_text("")
    for home in (str(tmp_path / "file" / "home"), "unset"):
        env = {"HOME": home, "XDG_CACHE_HOME": "", "NEPHILA_CACHE_DIR": ""}
        printed = await asyncio.to_thread(run_program, program, site.url("/page/1"), home, env=env)
        assert printed.count("\n") == 1 and "The crawl goes on with" in printed


async def test_a_full_disk(site: Site, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    program = """
        import asyncio, logging, resource, sys
        logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        from nephila import AsyncWebCrawler, CrawlerRunConfig, SemaphoreDispatcher
        async def main():
            async with AsyncWebCrawler(base_directory=sys.argv[2]) as crawler:
                urls = [sys.argv[1] + f"?{number}" for number in range(40)]
                config = CrawlerRunConfig(cache_mode="enabled", verbose=False)
                results = await crawler.arun_many(urls, config, SemaphoreDispatcher(5), stream=False)
                assert all(result.success for result in results)
                assert results[-1].cached_at is None
                print("first:", results[0].cached_at is not None)
        asyncio.run(main())
    """
    body = os.urandom(20_000).hex()
    url = site.serve("/large", f"<p>{body}</p>")
    printed = await asyncio.to_thread(run_program, program, url, str(tmp_path))
    warning, rest = printed.splitlines()
    assert warning.startswith("The crawl goes on with nothing more written to the page cache: ")
    assert rest.startswith("first:")


async def test_a_crawler_that_is_closed_meanwhile(site: Site, tmp_path: Path) -> None:
    crawler = AsyncWebCrawler(base_directory=str(tmp_path))
    visits = [asyncio.create_task(crawler.arun(site.url(f"/page/{number}"), ENABLED)) for number in range(20)]
    await asyncio.sleep(0.05)
    await crawler.close()
    results = await asyncio.gather(*visits)
    assert all(result.success or result.error_code == ErrorCode.CANCELLED for result in results)
    again = await get(tmp_path, site.url("/page/3"))
    assert again.success
