"""SIGINT and SIGTERM in programs as users write them."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.programs import start_program
from tests.site.server import Site

PROGRAM = """
import asyncio, sys
from nephila import AsyncWebCrawler, SemaphoreDispatcher
from nephila.sinks import JsonLinesSink

class Told:
    async def open(self): pass
    async def write(self, result): pass
    async def close(self):
        await asyncio.sleep(0.05)
        print("closed", flush=True)

async def main():
    how, site, path = sys.argv[1:]
    urls = [f"{site}/page/{n}" for n in range(1, 7)] + [f"{site}/silent?{n}" for n in range(50)]
    sinks = [JsonLinesSink(path, ["url", "success"]), Told()]
    ten = SemaphoreDispatcher(10)
    try:
        async with AsyncWebCrawler() as crawler:
            if how == "batch":
                await crawler.arun_many(urls, dispatcher=ten, stream=False, on_result=sinks)
            elif how == "stream":
                async for _ in crawler.arun_many(urls, dispatcher=ten, stream=True, on_result=sinks):
                    pass
            else:
                async for _ in crawler.arun_many(urls, dispatcher=ten, stream=True, on_result=sinks):
                    await asyncio.sleep(60)
    finally:
        print("finally", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", ["batch", "stream", "busy"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_in_order(site: Site, tmp_path: Path, number: signal.Signals, how: str) -> None:
    file = tmp_path / "results.jsonl"
    process = start_program(PROGRAM, how, site.url("").rstrip("/"), str(file))
    deadline = time.monotonic() + 20
    while not (site.active == 10 and site.request_count == 16):
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()
        time.sleep(0.02)
    time.sleep(0.3)
    below = psutil.Process(process.pid).children(recursive=True)
    began = time.monotonic()
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert psutil.wait_procs(below, timeout=3)[1] == []
    assert "finally" in out and out.count("closed") == 1
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    # A consumer that was busy learns of it last: then it is the end of the crawler that cancels what hangs.
    assert how == "busy" or all(line["success"] for line in lines)
    assert {line["url"] for line in lines if line["success"]} == {site.url(f"/page/{number}") for number in range(1, 7)}
    if number == signal.SIGTERM:
        assert process.returncode == 128 + signal.SIGTERM
        assert err == ""
    else:
        assert "KeyboardInterrupt" in err


def test_sigterm_belongs_to_whoever_asked_for_it_first(site: Site) -> None:
    program = """
        import asyncio, signal, sys
        from nephila import AsyncWebCrawler

        async def main():
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTERM, lambda: print("mine", flush=True))
            async with AsyncWebCrawler() as crawler:
                await crawler.arun_many([sys.argv[1]], stream=False)
            print(signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL)

        asyncio.run(main())
    """
    process = start_program(program, site.url("/slow?ms=1500"))
    deadline = time.monotonic() + 20
    while site.active != 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out.splitlines(), err) == (0, ["mine", "True"], "")


def test_sigterm_is_given_back(site: Site) -> None:
    program = """
        import asyncio, signal, sys, time
        from nephila import AsyncWebCrawler

        async def main():
            async with AsyncWebCrawler() as crawler:
                await crawler.arun_many([sys.argv[1]], stream=False)
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

        asyncio.run(main())
        print("done", flush=True)
        time.sleep(60)
    """
    process = start_program(program, site.url("/page/1"))
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGTERM
