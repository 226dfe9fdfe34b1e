"""What is left when a browser ends, in every way it can."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig
from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.fetch.browser.launch import RunningBrowser
from nephila.models import Request
from tests.leaks import nothing_left_behind
from tests.programs import start_program
from tests.site.server import Site
from tests.waiting import until

RENDER = CrawlerRunConfig(fetch_mode="browser", delay_before_return_html=0, mean_delay=0, max_range=0)

PROGRAM = """
    import asyncio, sys
    from nephila import AsyncWebCrawler, CrawlerRunConfig

    async def main():
        async with AsyncWebCrawler() as crawler:
            url = sys.argv[1]
            await crawler.arun(url + "/app?token=x", fetch_mode="browser")
            print("up", flush=True)
            if sys.argv[2] == "raise":
                raise RuntimeError("of the user")
            await crawler.arun(url + "/slow?ms=60000", fetch_mode="browser")

    asyncio.run(main())
"""


def profiles() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("playwright_*profile*")}


async def test_twenty_cycles(site: Site) -> None:
    before = profiles()
    async with nothing_left_behind(site):
        for number in range(20):
            async with AsyncWebCrawler() as crawler:
                result = await crawler.arun(site.url(f"/app?token=c{number}"), config=RENDER)
                assert f"Rendered c{number}" in result.html, result.error_message
    assert profiles() <= before


async def test_a_start_that_fails(site: Site) -> None:
    async with nothing_left_behind(site):
        with pytest.raises(FetchError) as failed:
            await RunningBrowser.start(BrowserConfig(extra_args=["--type=nonsense"]))
    assert failed.value.code is ErrorCode.BROWSER


@pytest.mark.parametrize("after", [0.05, 0.3, 0.8, 1.5])
async def test_a_start_that_is_cancelled(site: Site, after: float) -> None:
    async with nothing_left_behind(site):
        starting = asyncio.ensure_future(RunningBrowser.start(BrowserConfig()))
        await asyncio.sleep(after)
        if starting.done():
            await starting.result().close()
        else:
            starting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await starting


async def test_a_visit_that_is_cancelled(site: Site) -> None:
    async with nothing_left_behind(site):
        fetcher = BrowserFetcher(BrowserConfig())
        visiting = asyncio.ensure_future(
            fetcher.fetch(Request(site.url("/slow?ms=60000")), asyncio.get_running_loop().time() + 60)
        )
        await until(lambda: site.active == 1, 20)
        visiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visiting
        await until(lambda: fetcher.pool.lent_pages == 0)
        await fetcher.close()


@pytest.mark.parametrize("way", ["raise", "interrupt", "terminate", "kill"])
def test_a_program_that_ends(site: Site, way: str) -> None:
    program = start_program(PROGRAM, site.url(""), way)
    try:
        assert program.stdout is not None and program.stdout.readline() == "up\n"
        family = psutil.Process(program.pid).children(recursive=True)
        assert family
        if way != "raise":
            time.sleep(0.3)
            number = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM, "kill": signal.SIGKILL}[way]
            os.kill(program.pid, number)
        program.wait(15)
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    finally:
        program.kill()
        program.communicate()


async def test_a_killed_browser_costs_no_result(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        urls = [site.url(f"/app?token=k{number}") for number in range(60)]
        config = RENDER.clone(stream=True, semaphore_count=6)
        results = []
        async for result in crawler.arun_many(urls, config=config):
            results.append(result)
            if len(results) == 10:
                _kill_browsers()
    assert len(results) == 60
    for result in results:
        token = result.url.rpartition("=")[2]
        assert result.success and f"Rendered {token}<" in result.html, (result.url, result.error_message)


def _kill_browsers() -> None:
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it may have ended between the listing and the look
            arguments = process.cmdline()
            if any(part.startswith("--nephila-run=") for part in arguments) and not any(
                "--type=" in part for part in arguments
            ):
                process.kill()


async def test_a_crashed_page_is_visited_again(site: Site) -> None:
    fetcher = BrowserFetcher(BrowserConfig())
    try:
        deadline = asyncio.get_running_loop().time() + 60
        sibling = asyncio.ensure_future(fetcher.fetch(Request(site.url("/app?token=s&ms=100")), deadline))
        slow = CrawlerRunConfig(delay_before_return_html=1.5)
        visiting = asyncio.ensure_future(fetcher.fetch(Request(site.url("/app?token=x"), config=slow), deadline))
        await until(lambda: any("token=x" in arrival.target for arrival in site.requests), 30)
        await sibling
        await asyncio.sleep(0.5)
        (slot,) = [slot for slot in fetcher.pool._lent if "token=x" in slot.page.url]
        crashing = asyncio.ensure_future((await slot.cdp()).send("Page.crash"))
        response = await visiting
        assert b"Rendered x" in response.body
        assert len([arrival for arrival in site.requests if "token=x" in arrival.target]) == 2
        await asyncio.gather(crashing, return_exceptions=True)
    finally:
        await fetcher.close()


async def test_recycling_is_not_noticed(site: Site) -> None:
    async with nothing_left_behind(site):
        fetcher = BrowserFetcher(BrowserConfig(max_pages_before_recycle=5))
        pids = set()
        for number in range(12):
            await fetcher.fetch(Request(site.url(f"/app?token=r{number}")), asyncio.get_running_loop().time() + 30)
            assert fetcher.pool.running is not None
            pids.add(fetcher.pool.running.processes.pid)
        assert len(pids) == 3
        await fetcher.close()


def test_nothing_is_printed(site: Site) -> None:
    program = start_program(PROGRAM, site.url(""), "interrupt")
    assert program.stdout is not None
    program.stdout.readline()
    os.kill(program.pid, signal.SIGTERM)
    try:
        _, err = program.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        program.kill()
        raise
    assert err == ""
