"""`AsyncWebCrawler`: the public crawler."""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Iterable, Iterator, Sequence, Sized
from types import TracebackType
from typing import Literal, TypeAlias, cast, overload

from nephila.browser_strategy import AsyncPlaywrightCrawlerStrategy, joined
from nephila.dispatch.base import BaseDispatcher
from nephila.dispatch.crawl_stats import CrawlStats
from nephila.dispatch.dispatchers import MemoryAdaptiveDispatcher
from nephila.dispatch.job import Job
from nephila.dispatch.rate_limiter import RateLimiter, host_key
from nephila.dispatch.statistics import RunStatistics
from nephila.errors import ConfigError, ErrorCode, UnsupportedOptionError
from nephila.handlers import Handlers, OnResult
from nephila.http_strategy import AsyncHTTPCrawlerStrategy
from nephila.identity import CrawlerIdentity, WithIdentity
from nephila.ledger import Ledger
from nephila.many import Crawl, ResultList, Results, ResultStream, as_list, as_stream
from nephila.models import JSONValue
from nephila.net.sessions import Session
from nephila.ongoing import OngoingRun
from nephila.options import BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig, require_supported, select_config
from nephila.plan import VisitPlan
from nephila.proxies import release_sessions
from nephila.result import CrawlResult
from nephila.rooms import Rooms
from nephila.termination import EXIT_CODE
from nephila.visit import read_html, refused, visit

URLs: TypeAlias = Iterable[str] | AsyncIterable[str]
"""URLs as a list, any iterable (a generator, an open file) or any async iterable; read as they are needed."""

_BREATH = 200
"""URLs read from a plain iterable between two looks at everything else."""

_WARM_UP_AT = 2
"""Position in the input from which on worker processes are worth their start."""

# Without this, Python itself would print the warnings of a package whose user has not configured logging.
logging.getLogger("nephila").addHandler(logging.NullHandler())


class AsyncWebCrawler(WithIdentity):
    """Turns URLs into content.

    Use it as a context manager, or call `start` and `close`. It may be used many times, from several tasks, and from
    several threads or event loops one after the other or at once: what belongs to a loop (connections, reading
    workers) is made for each loop and closed by `close` on it, or else when the loop ends.

    Args:
        crawler_strategy: `AsyncHTTPCrawlerStrategy(HTTPCrawlerConfig(...))`,
            `AsyncPlaywrightCrawlerStrategy(BrowserConfig(...))`, or None.
        config: A `BrowserConfig` (identity: headers, cookies, user agent, proxy) or an `HTTPCrawlerConfig` (method,
            body, redirects).
        base_directory: Folder of what is kept between crawls, the page cache; None means `NEPHILA_CACHE_DIR`, else the
            user's cache folder. Made when something is first written.
        thread_safe: Kept for its name: the crawler is always safe to use from several threads.
        logger: Refused: the package logs to `logging.getLogger("nephila")`.
        browser_config: The same as `config`, kept for its name.

    Raises:
        ConfigError: An argument cannot be used; the sentence says why.
    """

    def __init__(
        self,
        crawler_strategy: AsyncHTTPCrawlerStrategy | AsyncPlaywrightCrawlerStrategy | None = None,
        config: BrowserConfig | HTTPCrawlerConfig | None = None,
        base_directory: str | None = None,
        thread_safe: bool = False,
        logger: logging.Logger | None = None,
        *,
        browser_config: BrowserConfig | HTTPCrawlerConfig | None = None,
    ) -> None:
        config = config if config is not None else browser_config
        self._base_directory = base_directory
        if logger is not None:
            raise UnsupportedOptionError('logger: configure logging.getLogger("nephila") instead.')
        http: HTTPCrawlerConfig | None = None
        if isinstance(crawler_strategy, AsyncPlaywrightCrawlerStrategy):
            config = joined(config, crawler_strategy)
        elif crawler_strategy is not None:
            http = crawler_strategy.browser_config
        if isinstance(config, HTTPCrawlerConfig):
            http, config = config, None
        if config is not None and not isinstance(config, BrowserConfig):
            raise ConfigError(f"config is a BrowserConfig or an HTTPCrawlerConfig, not a {type(config).__name__}.")
        # Who chooses the HTTP strategy wants HTTP; a run can still ask for the browser.
        self.browser_config = config or BrowserConfig(fetch_mode="auto" if http is None else "http")
        self.http_config = http or HTTPCrawlerConfig()
        require_supported(self.browser_config)
        require_supported(self.http_config)
        self.identity = CrawlerIdentity(self.browser_config, self.http_config, getattr(crawler_strategy, "hooks", None))
        self._rooms: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Rooms] = weakref.WeakKeyDictionary()
        self._limiters: dict[tuple[float, float], RateLimiter] = {}
        self._lock = threading.Lock()
        self._statistics: RunStatistics | None = None

    @property
    def stats(self) -> CrawlStats:
        """The numbers of the last `arun_many` that was started: while it runs, and after it.

        Ask on the thread of the run. Before the first run all numbers are 0; `arun` is not counted.
        """
        return self._statistics.snapshot() if self._statistics is not None else CrawlStats()

    @property
    def ready(self) -> bool:
        """Whether something is open on any event loop."""
        with self._lock:
            return any(not rooms.closed for rooms in self._rooms.values())

    async def start(self) -> AsyncWebCrawler:
        """Open the crawler on this event loop; `arun` and `arun_many` do it by themselves."""
        self._open_rooms()
        return self

    async def close(self) -> None:
        """Close what is open on this event loop; running crawls end, their URLs as cancelled results.

        The crawler can be used again afterwards.

        Raises:
            SystemExit: SIGTERM came during a run; see `Termination`.
        """
        with self._lock:
            rooms = self._rooms.pop(asyncio.get_running_loop(), None)
        if rooms is not None:
            await rooms.close()
            if rooms.terminated:
                raise SystemExit(EXIT_CODE)

    async def __aenter__(self) -> AsyncWebCrawler:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def arun(
        self, url: str | None = None, config: CrawlerRunConfig | None = None, **options: object
    ) -> CrawlResult:
        """Crawl one URL.

        Args:
            url: http, https, file or raw: (the page itself); None means the config's own `url`.
            config: What to do with it.
            **options: Options of `CrawlerRunConfig` that replace those of `config`.

        Returns:
            The result; whatever goes wrong with the URL is a result with `success=False`.

        Raises:
            ConfigError: The config cannot be used.
        """
        plan = self._plan(_with_options(config, options))
        return await visit(url if url is not None else plan.config.url, plan, self._open_rooms())

    @overload
    def arun_many(  # type: ignore[overload-overlap]  # the last one takes what is left
        self,
        urls: URLs,
        config: CrawlerRunConfig | Sequence[CrawlerRunConfig] | None = None,
        dispatcher: BaseDispatcher | None = None,
        *,
        on_result: OnResult | None = None,
        stream: Literal[True],
        **options: object,
    ) -> ResultStream: ...
    @overload
    def arun_many(
        self,
        urls: URLs,
        config: CrawlerRunConfig | Sequence[CrawlerRunConfig] | None = None,
        dispatcher: BaseDispatcher | None = None,
        *,
        on_result: OnResult | None = None,
        stream: Literal[False],
        **options: object,
    ) -> Crawl[ResultList]: ...
    @overload
    def arun_many(
        self,
        urls: URLs,
        config: CrawlerRunConfig | Sequence[CrawlerRunConfig] | None = None,
        dispatcher: BaseDispatcher | None = None,
        *,
        on_result: OnResult | None = None,
        **options: object,
    ) -> Crawl[Results]: ...
    def arun_many(
        self,
        urls: URLs,
        config: CrawlerRunConfig | Sequence[CrawlerRunConfig] | None = None,
        dispatcher: BaseDispatcher | None = None,
        *,
        on_result: OnResult | None = None,
        **options: object,
    ) -> ResultStream | Crawl[ResultList] | Crawl[Results]:
        """Crawl many URLs; exactly one result for each, whatever goes wrong with it.

        `await` it for a list in the order of the input, or, with `stream=True`, for an async iterator of the results
        as they are finished. `async for` works on it without the `await` too. Nothing starts before.

        Args:
            urls: A list, any iterable or any async iterable; read only as fast as it is crawled.
            config: What to do with the pages; of several, the first whose `url_matcher` matches a URL.
            dispatcher: When and how many; None means `semaphore_count` at once with a pause between requests to
                one host of `mean_delay` to `mean_delay + max_range` seconds.
            on_result: Given each result as it is finished, before you are: a function, a coroutine function, a
                `ResultSink` such as `nephila.sinks.JsonLinesSink`, or a list of these. One result at a time, so a
                slow handler slows the crawl. What it raises fails that URL (`user_code`), never the run.
            **options: Options of `CrawlerRunConfig` that replace those of every config.

        Raises:
            ConfigError: A config or `on_result` cannot be used, or (when the run starts) a sink cannot be opened.
        """
        if isinstance(urls, str | bytes):
            raise ConfigError("arun_many takes several URLs; put the one you have into a list, or use arun.")
        if not isinstance(urls, Iterable | AsyncIterable):
            raise ConfigError(f"arun_many takes an iterable of URLs, not a {type(urls).__name__}.")
        configs = [config] if config is None or isinstance(config, CrawlerRunConfig) else list(config)
        if not configs:
            raise ConfigError("arun_many was given an empty list of configs; give at least one, or None.")
        combined = [_with_options(each, options) for each in configs]
        plans = [self._plan(each) for each in combined]
        chosen = dispatcher or self._default_dispatcher(combined[0])
        Handlers(on_result)  # Says at once what is wrong with it; each start has its own.

        def start() -> AsyncGenerator[CrawlResult, None]:
            return self._run(urls, plans, chosen, on_result)

        if options.get("stream") is True:
            return ResultStream(start())
        if combined[0].stream:
            # At run time a stream is only a stream; its len() and [] say what to do.
            return cast("Crawl[Results]", Crawl(start, as_stream))
        return Crawl(start, as_list)

    async def aprocess_html(
        self,
        url: str,
        html: str,
        extracted_content: str | None = None,
        config: CrawlerRunConfig | None = None,
        screenshot_data: str | None = None,
        pdf_data: bytes | None = None,
        verbose: bool | None = None,
        **options: object,
    ) -> CrawlResult:
        """Read HTML that is already here, as if it had been fetched from `url`.

        Args:
            url: What relative links resolve against.
            html: The page.
            extracted_content: Becomes the result's, in place of what an extraction strategy gives.
            config: What to read.
            screenshot_data: Becomes the result's `screenshot`.
            pdf_data: Becomes the result's `pdf`.
            verbose: Replaces the config's.
            **options: Options of `CrawlerRunConfig` that replace those of `config`.
        """
        if verbose is not None:
            options["verbose"] = verbose
        result = await read_html(url, html, self._plan(_with_options(config, options)), self._open_rooms())
        result.screenshot, result.pdf = screenshot_data, pdf_data
        if extracted_content is not None:
            result.extracted_content = extracted_content
        return result

    async def _run(
        self, urls: URLs, plans: list[VisitPlan], dispatcher: BaseDispatcher, on_result: OnResult | None
    ) -> AsyncGenerator[CrawlResult, None]:
        rooms = self._open_rooms()
        ledger = Ledger()
        configs = [plan.config for plan in plans]
        plan_of = {id(plan.config): plan for plan in plans}

        async def visit_job(job: Job) -> CrawlResult:
            chosen = _choose(job.url, configs)
            if isinstance(chosen, CrawlResult):
                result = chosen
            else:
                result = await visit(job.url, plan_of[id(chosen)], rooms, job.attempt)
            ledger.finish(job, result)
            return result

        source = urls if isinstance(urls, AsyncIterable) else iter(urls)
        jobs = _jobs(source, rooms, ledger)
        total = len(urls) if isinstance(urls, Sized) else None
        self._statistics = statistics = RunStatistics(total, asyncio.get_running_loop().time)
        handlers = Handlers(on_result, lambda result: statistics.handler_failed(host_key(result.url), result))
        results = dispatcher.run_watched(jobs, visit_job, [statistics], total)

        def take_rest() -> None:
            # Of a generator, nobody knows how long it would go on; a collection is answered to its end.
            if isinstance(urls, Collection) and not isinstance(source, AsyncIterable):
                for url in source:
                    ledger.take(job := _job(ledger.taken, url, rooms))
                    statistics.left_out(job)

        run = OngoingRun(results, jobs, ledger, handlers, rooms, take_rest)
        await run.begin(configs[0].run_timeout)
        try:
            while (result := await run.next_result()) is not None:
                yield result
        except asyncio.CancelledError:
            if rooms.terminated:
                raise SystemExit(EXIT_CODE) from None
            raise
        finally:
            await run.end()
            statistics.ended()
            await release_sessions(configs)
        for result in run.rest:
            yield result

    def _default_dispatcher(self, config: CrawlerRunConfig) -> BaseDispatcher:
        """As the pacing options say; the pace of hosts is remembered between calls."""
        pace = (config.mean_delay, config.mean_delay + config.max_range)
        with self._lock:
            limiter = self._limiters.setdefault(pace, RateLimiter(pace))
        return MemoryAdaptiveDispatcher(max_session_permit=config.semaphore_count, rate_limiter=limiter)

    def _plan(self, config: CrawlerRunConfig) -> VisitPlan:
        require_supported(config)
        return VisitPlan.of(config, self.browser_config, self.http_config, self.identity)

    async def _open_origins(self, session: Session) -> list[JSONValue]:
        return await self._open_rooms().origins_of(session)

    def _open_rooms(self) -> Rooms:
        loop = asyncio.get_running_loop()
        with self._lock:
            rooms = self._rooms.get(loop)
            if rooms is None or rooms.closed:
                # Rooms that were closed with their loop are forgotten here.
                for ended in [each for each, old in self._rooms.items() if old.closed]:
                    del self._rooms[ended]
                rooms = self._rooms[loop] = Rooms(self._base_directory, self.browser_config)
            return rooms


def _with_options(config: CrawlerRunConfig | None, options: dict[str, object]) -> CrawlerRunConfig:
    if config is None:
        return CrawlerRunConfig.from_kwargs(options)
    if not isinstance(config, CrawlerRunConfig):
        raise ConfigError(f"config is a CrawlerRunConfig, not a {type(config).__name__}.")
    return config.clone(**options) if options else config


def _choose(url: object, configs: list[CrawlerRunConfig]) -> CrawlerRunConfig | CrawlResult:
    """The config for a URL, or the result that says why there is none."""
    if not isinstance(url, str):
        # No matcher can be asked about it; the visit says what is wrong.
        return configs[0]
    try:
        config = select_config(url, configs)
    except Exception as error:  # noqa: BLE001 - the caller's matcher; it fails this URL only
        return refused(url, ErrorCode.USER_CODE, f"url_matcher raised {type(error).__name__}: {error}")
    return config or refused(url, ErrorCode.NO_CONFIG_MATCH, "No config in the list matches the URL.")


async def _jobs(source: Iterator[str] | AsyncIterable[str], rooms: Rooms, ledger: Ledger) -> AsyncGenerator[Job, None]:
    """The input as jobs, one at a time."""
    own = None if isinstance(source, AsyncIterable) else _one_by_one(source)
    try:
        async for url in own or cast("AsyncIterable[str]", source):
            if ledger.taken == _WARM_UP_AT:
                rooms.readers.warm_up()
            job = _job(ledger.taken, url, rooms)
            ledger.take(job)
            yield job
    finally:
        if own is not None:
            # The caller's own iterable stays open: it may hold URLs for another run.
            await own.aclose()


async def _one_by_one(urls: Iterator[str]) -> AsyncGenerator[str, None]:
    for count, url in enumerate(urls, 1):
        yield url
        if count % _BREATH == 0:
            # A long read-ahead must not hold up the visits under way.
            await asyncio.sleep(0)


def _job(position: int, url: str, rooms: Rooms) -> Job:
    """A job, with its fetcher opened: loading one takes longer than a pause that begins when the visit does."""
    if (host := host_key(url)) and not rooms.closed:
        rooms.fetcher_for(url)
    return Job(position, url, host, 0.0)
