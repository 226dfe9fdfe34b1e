"""`nephila crawl`: URLs in, pages out, and a clean end whatever happens."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from nephila.cli.formats import Format
from nephila.cli.output import Writer, open_writer
from nephila.cli.progress import Bar, NoProgress, Progress, tell, watched
from nephila.cli.sources import Source
from nephila.cli.summary import Summary, example
from nephila.errors import ConfigError, NephilaError

if TYPE_CHECKING:
    from nephila import BrowserConfig, CrawlerRunConfig, MemoryAdaptiveDispatcher
    from nephila.result import CrawlResult

_GRACE: Final = 2.0
"""Seconds pages under way are given after the first Ctrl+C."""

_SAME_SIGNAL: Final = 0.3
"""Seconds within which a second signal is the first again: `timeout` and some shells send it twice."""

_CLOSE_AT_MOST: Final = 5.0
"""Seconds that connections and workers are given to close after that, before the process just ends."""

_FLUSH_AT_MOST: Final = 5.0
"""Seconds a slow reader of an interrupted run's output is waited for."""


class ExitCode(IntEnum):
    """What the command tells its caller; 128 + N for a signal, as shells do."""

    OK = 0
    SOME_FAILED = 1
    USAGE = 2
    ALL_FAILED = 3
    OUTPUT_FAILED = 4
    GAVE_UP = 5
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Settings:
    """What one `nephila crawl` was asked to do.

    Attributes:
        source: Where the URLs come from.
        format: The output format.
        output: File or folder; None for standard output.
        fields: What a JSON record holds; empty for Markdown.
        concurrency: Pages fetched at once.
        timeout: Seconds for one page.
        delay: Seconds between two requests to one host.
        robots: Whether robots.txt is obeyed for every URL or for none; None for those that were not named one by one.
        user_agent: None for the library's own.
        headers: Sent with every request.
        proxy: URL of the proxy; None for none.
        public_only: Connect to public addresses only.
        css_selector: The part of the page to read; None for all.
        excluded_tags: Elements to leave out.
        cache: The cache mode, by its name.
        quiet: Nothing on standard error but what prevented the crawl.
    """

    source: Source
    format: Format = Format.MARKDOWN
    output: Path | None = None
    fields: Sequence[str] = ()
    concurrency: int = 20
    timeout: float = 60.0
    delay: float = 0.0
    robots: bool | None = None
    user_agent: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    public_only: bool = False
    css_selector: str | None = None
    excluded_tags: Sequence[str] = ()
    cache: str = "bypass"
    quiet: bool = False


def crawl(settings: Settings) -> int:
    """Run a crawl to its end and return the exit code."""
    factory = None if settings.source.single else _loop_factory()
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(_crawl(settings))
    except KeyboardInterrupt:  # before the loop could take over the signal
        return ExitCode.INTERRUPTED


async def _crawl(settings: Settings) -> int:
    return await _Run(settings).run()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop where it is installed; for a single page loading it costs more than it saves."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


class _Run:
    """One crawl: reads the source, writes the results, counts them, and knows how to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._summary = Summary()
        self._progress: Progress = NoProgress()
        self._stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._signal: int | None = None
        self._source_failure: OSError | None = None
        self._nothing_to_show = ""

    async def run(self) -> int:
        """Crawl, report, and return the exit code."""
        settings = self._settings
        try:
            settings.source.check()
            configs = _configs(settings)
            writer = await open_writer(settings.format, settings.output, settings.fields, single=settings.source.single)
        except OSError as error:
            return self._refuse(_sentence(error), ExitCode.USAGE)
        except ConfigError as error:
            return self._refuse(str(error), ExitCode.USAGE)
        self._summary.started = time.monotonic()
        self._given_up = asyncio.get_running_loop().create_future()
        self._consumer = asyncio.ensure_future(self._consume(writer, configs))
        self._progress = self._choose_progress()
        with _Signals(self._stop):
            try:
                code = await self._finish(writer)
            finally:
                self._progress.close()
        if not self._consumer.done():
            os._exit(code)
        return code

    def _choose_progress(self) -> Progress:
        settings = self._settings
        on_terminal = settings.output is None and sys.stdout.isatty()
        if settings.quiet or on_terminal or not watched():
            return NoProgress()
        total = settings.source.total()
        return NoProgress() if total == 1 else Bar(total)

    async def _consume(self, writer: Writer, configs: Configs) -> None:
        single = self._settings.source.single
        async with aclosing(_results(configs, self._urls(), single=single)) as results:
            async for result in results:
                self._summary.add(result)
                await writer.write(result)
                self._progress.show(self._summary)
                if result.success and not result.markdown:
                    self._nothing_to_show = result.content_type or "unknown type"

    async def _urls(self) -> AsyncIterator[str]:
        try:
            async for url in self._settings.source.read(self._stopped):
                yield url
        except OSError as error:
            self._source_failure = error

    async def _finish(self, writer: Writer) -> int:
        try:
            await asyncio.wait((self._consumer, self._given_up), return_when=asyncio.FIRST_COMPLETED)
            if self._consumer.done() and not self._consumer.cancelled():
                self._consumer.result()
            await asyncio.wait_for(writer.close(), None if self._signal is None else _FLUSH_AT_MOST)
        except BrokenPipeError:
            return ExitCode.BROKEN_PIPE
        except TimeoutError:
            return self._refuse("the output's reader did not take all that was crawled.", ExitCode.OUTPUT_FAILED)
        except NephilaError as error:
            await writer.close()
            self._report()
            return self._refuse(str(error), ExitCode.GAVE_UP)
        except OSError as error:
            self._report()
            return self._refuse(f"the output could not be written: {_sentence(error)}", ExitCode.OUTPUT_FAILED)
        self._report()
        return self._exit_code()

    def _stop(self, number: int) -> None:
        """Take no more URLs, and give the pages under way a moment."""
        self._signal = number
        self._summary.interrupted = True
        self._stopped.set_result(None)
        loop = asyncio.get_running_loop()
        loop.call_later(_GRACE, self._consumer.cancel)
        loop.call_later(_GRACE + _CLOSE_AT_MOST, self._given_up.set_result, None)
        self._progress.close()
        self._progress = NoProgress()
        if not self._settings.quiet:
            tell("Stopping: waiting for the pages under way (once more ends at once).")

    def _exit_code(self) -> int:
        summary = self._summary
        if self._signal is not None:
            return 128 + self._signal
        if self._source_failure is not None:
            return self._refuse(f"the URLs could not be read: {_sentence(self._source_failure)}", ExitCode.USAGE)
        if not summary.total:
            return self._refuse(f"there is no URL in {self._settings.source.name}.", ExitCode.USAGE)
        if not summary.failed:
            return ExitCode.OK
        return ExitCode.SOME_FAILED if summary.succeeded else ExitCode.ALL_FAILED

    def _report(self) -> None:
        """The summary; for a single page only what there is to say about it."""
        self._progress.close()
        summary, settings = self._summary, self._settings
        if settings.quiet or not (summary.total or summary.interrupted):
            return
        if not settings.source.single or summary.interrupted:
            lines = summary.lines()
        else:
            lines = [f"{example(failure)} [{code}]" for code, failure in summary.failures.items()]
            if summary.warning:
                lines.append(f"Warning: {summary.warning}")
            if self._nothing_to_show and settings.format is Format.MARKDOWN:
                lines.append(f"There is nothing to show as Markdown ({self._nothing_to_show}).")
        for line in lines:
            tell(line)

    def _refuse(self, sentence: str, code: ExitCode) -> int:
        self._progress.close()
        tell(f"Error: {sentence}")
        return code


@dataclass(frozen=True, slots=True)
class Configs:
    """The settings in the library's own terms; the first of `runs` that matches a URL is for it."""

    client: BrowserConfig
    runs: Sequence[CrawlerRunConfig]
    dispatcher: MemoryAdaptiveDispatcher


def _configs(settings: Settings) -> Configs:
    """Check the settings against the library; raises `ConfigError`."""
    from nephila import (
        BrowserConfig,
        CacheMode,
        CrawlerRunConfig,
        MemoryAdaptiveDispatcher,
        ProxyConfig,
        RateLimiter,
    )

    proxy = None if settings.proxy is None else ProxyConfig.from_string(settings.proxy)
    client = BrowserConfig(headers=dict(settings.headers), proxy_config=proxy)
    if settings.user_agent is not None:
        client = client.clone(user_agent=settings.user_agent)
    run = CrawlerRunConfig(
        page_timeout=math.ceil(settings.timeout * 1000),
        css_selector=settings.css_selector,
        excluded_tags=list(settings.excluded_tags),
        check_robots_txt=settings.robots is not False,
        cache_mode=CacheMode(settings.cache),
        allow_private_addresses=not settings.public_only,
    )
    runs = [run]
    if settings.robots is None and (named := settings.source.named):
        # Whoever names a page has decided to fetch it; a list has been made by a program, as a rule.
        runs.insert(0, run.clone(check_robots_txt=False, url_matcher=named.__contains__))
    pace = RateLimiter(base_delay=settings.delay)
    return Configs(client, runs, MemoryAdaptiveDispatcher(max_session_permit=settings.concurrency, rate_limiter=pace))


async def _results(configs: Configs, urls: AsyncIterator[str], *, single: bool) -> AsyncGenerator[CrawlResult, None]:
    """Every result as it is finished."""
    from nephila import AsyncWebCrawler

    async with AsyncWebCrawler(config=configs.client) as crawler:
        if single:  # no worker process is started for one page
            async for url in urls:
                yield await crawler.arun(url, configs.runs[0])
            return
        stream = crawler.arun_many(urls, configs.runs, configs.dispatcher, stream=True)
        async with stream:
            async for result in stream:
                yield result


def _sentence(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename is not None else f"{reason}."


class _Signals:
    """Hands the first SIGINT or SIGTERM to a callback in the running loop; the second ends the process at once.

    The second must work even when the loop does not run any more, so it is seen to in the handler itself.
    """

    def __init__(self, callback: Callable[[int], None]) -> None:
        self._callback = callback
        self._loop = asyncio.get_running_loop()
        self._first: float | None = None
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            self._loop.call_soon_threadsafe(self._callback, number)
        elif now - self._first > _SAME_SIGNAL:
            if watched():
                os.write(2, b"\x1b[?25h")  # the progress bar had hidden the cursor
            os._exit(128 + number)
