"""What `nephila doctor` looks at: what is installed, and whether it works when it is tried."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nephila._version import __version__
from nephila.cli.summary import size

if TYPE_CHECKING:
    from nephila.result import CrawlResult

OLDEST_PYTHON: Final = (3, 11)
_FEW_OPEN_FILES: Final = 1024
_LONGEST_TRIAL: Final = 30.0
"""Seconds."""


class State(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    NOTE = "note"
    """Works, could work better."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        state: Whether it is as it should be.
        detail: What was found.
        mend: The command that mends it; empty when there is nothing to mend or no command for it.
    """

    name: str
    state: State
    detail: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that is used.

    Attributes:
        distribution: Its name for pip.
        module: Its name for `import`.
        purpose: What it is for.
        needed: Whether nothing works without it.
    """

    distribution: str
    module: str
    purpose: str
    needed: bool = True


DEPENDENCIES: Final = (
    Dependency("aiohttp", "aiohttp", "fetches over HTTP"),
    Dependency("can_ada", "can_ada", "parses URLs"),
    Dependency("click", "click", "makes this command line"),
    Dependency("msgspec", "msgspec", "writes JSON"),
    Dependency("multidict", "multidict", "holds header fields"),
    Dependency("platformdirs", "platformdirs", "finds the folder of the page cache"),
    Dependency("psutil", "psutil", "measures memory"),
    Dependency("python-socks", "python_socks", "speaks to SOCKS proxies"),
    Dependency("rich", "rich", "draws the progress bar"),
    Dependency("snowballstemmer", "snowballstemmer", "finds the stems of words for the BM25 filter"),
    Dependency("turbohtml", "turbohtml", "parses HTML"),
    Dependency("isal", "isal", "unpacks gzip faster", needed=False),
    Dependency("uvloop", "uvloop", "runs the event loop faster", needed=False),
    Dependency("Brotli", "brotli", "unpacks br, which many servers send", needed=False),
    Dependency("backports.zstd", "backports.zstd", "unpacks zstd", needed=False),
)


def installation() -> Iterator[Check]:
    """Python, Nephila, and the packages it uses, each of them really imported."""
    version = platform.python_version()
    python = f"{platform.python_implementation()} {version}, {sys.executable}"
    if sys.version_info[:2] >= OLDEST_PYTHON:
        yield Check("Python", State.OK, python)
    else:
        yield Check("Python", State.FAILED, f"{python}; 3.11 or newer is needed")
    yield Check("nephila", State.OK, f"{__version__}, {Path(__file__).parents[1]}")
    for dependency in DEPENDENCIES:
        yield _installed(dependency)


def _installed(dependency: Dependency) -> Check:
    module, name = dependency.module, dependency.distribution
    if module == "backports.zstd" and sys.version_info >= (3, 14):
        return Check("zstd", State.OK, "in Python's own library: unpacks zstd")
    mend = f"{shlex.quote(sys.executable)} -m pip install --upgrade {name}"
    lacking = State.FAILED if dependency.needed else State.NOTE
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = "not installed" if error.name in (module, module.partition(".")[0]) else str(error)
        return Check(name, lacking, f"{missing}: {dependency.purpose}", mend)
    except ImportError as error:
        return Check(name, lacking, f"installed but broken ({error}): {dependency.purpose}", mend)
    return Check(name, State.OK, f"{_version(name)}: {dependency.purpose}")


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def machine() -> Iterator[Check]:
    """What this process may use."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Check("processors", State.OK, f"{cpus} usable: as many reading workers at most")
    yield _memory()
    limit = _open_files()
    if limit is not None:
        few = limit < _FEW_OPEN_FILES
        detail = f"{limit} at once" + (": high --concurrency needs more" if few else "")
        yield Check("open files", State.NOTE if few else State.OK, detail, "ulimit -n 4096" if few else "")


def _memory() -> Check:
    try:
        from nephila.dispatch.memory import MemoryGauge
    except ImportError as error:
        return Check("memory", State.FAILED, f"cannot be measured: {error}")
    gauge = MemoryGauge()
    return Check("memory", State.OK, f"{size(gauge.limit_bytes())} may be used, {gauge.percent():.0f} % are in use")


def _open_files() -> int | None:
    """The soft limit; None where there is none."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if limit == resource.RLIM_INFINITY else limit


PAGE: Final = "<!DOCTYPE html><title>Trial</title><h1>Trial</h1><p>A <a href='/next'>link</a>.</p>"
PAGE_MARKDOWN: Final = ("# Trial", "A [link](")

_PAGES_UNTIL_WORKER: Final = 5
"""The first pages are read without a worker."""


async def trials() -> list[Check]:
    """Read a page here, read one in a worker process, fetch one from a server on this machine."""
    return [
        await _tried("reading", _read_here),
        await _tried("reading worker", _read_in_worker),
        await _tried("fetching", _fetch),
        await _rendered(),
    ]


async def _rendered() -> Check:
    """Render a page, when the browser extra is installed; pages are had without it too."""
    from nephila.errors import FetchError
    from nephila.fetch.browser.find import INSTALL_COMMAND, PACKAGE_COMMAND

    if importlib.util.find_spec("playwright") is None:
        return Check(
            "browser", State.NOTE, "the browser extra is not installed: pages cannot be rendered", PACKAGE_COMMAND
        )
    started = time.perf_counter()
    try:
        detail = await asyncio.wait_for(_render(), _LONGEST_TRIAL)
    except FetchError as error:
        mend = INSTALL_COMMAND if INSTALL_COMMAND in str(error) else ""
        return Check("browser", State.NOTE if mend else State.FAILED, str(error), mend)
    except TimeoutError:
        return Check("browser", State.FAILED, f"no outcome after {_LONGEST_TRIAL:.0f} s")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the installation is what is to be told
        return Check("browser", State.FAILED, f"{type(error).__name__}: {error}")
    return Check("browser", State.OK, f"{detail} in {(time.perf_counter() - started) * 1000:.0f} ms")


async def _render() -> str:
    from nephila.fetch.browser.fetcher import BrowserFetcher
    from nephila.models import Request
    from nephila.options import BrowserConfig

    fetcher = BrowserFetcher(BrowserConfig())
    try:
        page = "raw:<p id=trial></p><script>trial.textContent = 6 * 7</script>"
        response = await fetcher.fetch(Request(page), asyncio.get_running_loop().time() + _LONGEST_TRIAL)
        running = fetcher.pool.running
    finally:
        await fetcher.close()
    if b"42" not in response.body or running is None:
        raise TrialError(f"the page was rendered as {response.body[:80]!r}")
    sandbox = "" if running.sandboxed else ", without its sandbox, as root must"
    return f"{running.program} {running.version} rendered a page{sandbox}"


async def _tried(name: str, trial: Callable[[], Awaitable[str]]) -> Check:
    started = time.perf_counter()
    try:
        detail = await asyncio.wait_for(trial(), _LONGEST_TRIAL)
    except TimeoutError:
        return Check(name, State.FAILED, f"no outcome after {_LONGEST_TRIAL:.0f} s")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the installation is what is to be told
        return Check(name, State.FAILED, f"{type(error).__name__}: {error}")
    return Check(name, State.OK, f"{detail} in {(time.perf_counter() - started) * 1000:.0f} ms")


class TrialError(Exception):
    """A trial came to the wrong result; the sentence says to which."""


async def _read_here() -> str:
    from nephila import AsyncWebCrawler

    async with AsyncWebCrawler() as crawler:
        _judge(await crawler.arun("raw:" + PAGE, base_url="http://localhost/"))
    return "a page was read"


async def _read_in_worker() -> str:
    from nephila.extract.pool import ReaderPool, ReadingPlan
    from nephila.models import RawPage
    from nephila.options.reading import ReadingOptions

    pool = ReaderPool(max_workers=1)
    page = RawPage("http://localhost/", PAGE.encode(), "text/html; charset=utf-8")
    plan = ReadingPlan.of(ReadingOptions())
    try:
        for _ in range(_PAGES_UNTIL_WORKER):
            markdown = (await pool.read(page, plan)).markdown.raw_markdown
            if PAGE_MARKDOWN[0] not in markdown:
                raise TrialError(f"the page was read as {markdown[:80]!r}")
        pids = pool.worker_pids
    finally:
        await pool.close()
    if not pids:
        raise TrialError("no worker process could be started; pages are read in the crawl's own process")
    return f"process {pids[0]} was started and read a page"


async def _fetch() -> str:
    from nephila import AsyncWebCrawler

    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with AsyncWebCrawler() as crawler:
            result = await crawler.arun(f"http://127.0.0.1:{port}/")
        _judge(result)
    return f"a page was fetched from 127.0.0.1:{port}"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request, gzipped, as real servers do."""
    await reader.readuntil(b"\r\n\r\n")
    body = gzip.compress(PAGE.encode())
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def _judge(result: CrawlResult) -> None:
    if not result.success:
        raise TrialError(f"{result.error_code}: {result.error_message}")
    for text in PAGE_MARKDOWN:
        if text not in result.markdown:
            raise TrialError(f"the page was read as {result.markdown[:80]!r}")
