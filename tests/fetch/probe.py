"""A crawler in a child process: one line of JSON in, one out; its memory is measured with every page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.fetch.transports import TRANSPORTS, Transport

_ROOT = Path(__file__).parents[2]

_START_SECONDS = 60.0

_NEW_WORKER = 120.0
"""Megabytes that a reading worker which was started meanwhile is allowed for being there at all."""

_WARM_UP_PAGE = "<h1>Warm</h1>" + "<p>up</p>" * 40


@dataclass(frozen=True)
class Report:
    """What became of a visit in the child.

    Attributes:
        html: The beginning of the text of the page.
        seconds: From call to result.
        growth: Megabytes that the crawler and its workers had at their peak more than before; 0 where the system does
            not say.
        alive: How many tasks the visit left behind.
    """

    success: bool
    code: str | None
    message: str
    status: int | None
    html: str
    redirects: list[dict[str, Any]]
    url: str | None
    seconds: float
    growth: float
    tasks: int


class Probe:
    """The parent's end; a context manager. A child that died or hung is replaced with the next visit."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @property
    def transport(self) -> str:
        """The transport's name."""
        return self._transport.name

    def visit(self, url: str, options: Mapping[str, object], browser: Mapping[str, object], within: float) -> Report:
        """Visit a URL in the child.

        Raises:
            TimeoutError: There was no result after so many seconds.
            EOFError: The child died.
        """
        child = self._child or self._start()
        assert child.stdin is not None
        job = {"url": url, "options": dict(options), "browser": dict(browser), "http": dict(self._transport.options)}
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.flush()
        return Report(**self._line(within))

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [str(_ROOT), str(_ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.fetch.probe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "2"},
            cwd=_ROOT,
        )
        assert self._line(_START_SECONDS) == {"ready": True}
        return self._child

    def _line(self, within: float) -> dict[str, Any]:
        assert self._child is not None and self._child.stdout is not None
        ready, _, _ = select.select([self._child.stdout], [], [], within)
        if not ready:
            self._end()
            raise TimeoutError(f"no result after {within} seconds")
        line = self._child.stdout.readline()
        if not line:
            self._end()
            raise EOFError("the crawler's process died")
        loaded: dict[str, Any] = json.loads(line)
        return loaded

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None and child.stdout is not None
        child.stdin.close()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


class _Memory:
    """Peak memory of this process and its children since the start of a visit, from `/proc` (Linux)."""

    def __init__(self) -> None:
        self._before: dict[int, float] = {}

    def start(self) -> None:
        self._before.clear()
        for pid in _family():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")
                self._before[pid] = _megabytes(pid, "VmRSS")

    def growth(self) -> float:
        total = 0.0
        for pid in _family():
            with contextlib.suppress(OSError):
                total += max(0.0, _megabytes(pid, "VmHWM") - self._before.get(pid, _NEW_WORKER))
        return total


def _family() -> list[int]:
    try:
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return []
    return [os.getpid(), *map(int, children)]


def _megabytes(pid: int, field: str) -> float:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found.group(1)) / 1024 if found else 0.0


async def _serve() -> None:
    """The child's end."""
    from nephila import (
        AsyncHTTPCrawlerStrategy,
        AsyncWebCrawler,
        BrowserConfig,
        CrawlerRunConfig,
        HTTPCrawlerConfig,
    )

    loop = asyncio.get_running_loop()
    memory = _Memory()
    crawlers: dict[str, AsyncWebCrawler] = {}

    async def crawler_for(browser: dict[str, object], http: dict[str, object]) -> AsyncWebCrawler:
        key = json.dumps((browser, http), sort_keys=True)
        if key not in crawlers:
            strategy = AsyncHTTPCrawlerStrategy(HTTPCrawlerConfig(**http))
            config = BrowserConfig(verbose=False, **browser)
            crawlers[key] = await AsyncWebCrawler(strategy, config=config).start()
            # The transport's own tasks begin with its first request; nobody listens there.
            await crawlers[key].arun("http://127.0.0.1:9/")
            for _ in range(4):
                await crawlers[key].arun("raw:" + _WARM_UP_PAGE)
        return crawlers[key]

    await crawler_for({}, {})
    print(json.dumps({"ready": True}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = json.loads(line)
        crawler = await crawler_for(job["browser"], job["http"])
        config = CrawlerRunConfig(**job["options"])
        tasks = len(asyncio.all_tasks())
        memory.start()
        started = time.monotonic()
        result = await crawler.arun(job["url"], config)
        seconds = time.monotonic() - started
        growth = memory.growth()
        report = Report(
            success=result.success,
            code=result.error_code,
            message=result.error_message or "",
            status=result.status_code,
            html=(result.html or "")[:2000],
            redirects=[dict(hop) for hop in result.redirects],
            url=result.redirected_url,
            seconds=seconds,
            growth=growth,
            tasks=len(asyncio.all_tasks()) - tasks,
        )
        print(json.dumps(vars(report)), flush=True)
    for crawler in crawlers.values():
        await crawler.close()


if __name__ == "__main__":
    assert TRANSPORTS
    asyncio.run(_serve())
