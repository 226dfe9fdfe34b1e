"""Crawlee's crawlers over HTTP: the title and the links of every page.

Its best settings for this race: the fixed concurrency everybody has, an autoscaler that never sees an overload (it
would hold back new pages when the processor is busy, which is what a benchmark does to it), storage in memory, no
session pool, no retries, no log, uvloop (about 15 % faster here).
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.metadata import version

from crawlee import ConcurrencySettings, service_locator
from crawlee.configuration import Configuration
from crawlee.storage_clients import MemoryStorageClient
from scorecard import Scorecard, read_arguments, run_on_fastest_loop


def set_up() -> None:
    logging.disable(logging.CRITICAL)
    service_locator.set_configuration(
        Configuration(
            max_used_cpu_ratio=1.0,
            max_used_memory_ratio=1.0,
            available_memory_ratio=1.0,
            max_event_loop_delay=timedelta(hours=1),
            max_client_errors=1_000_000,
            purge_on_start=True,
        )
    )
    service_locator.set_storage_client(MemoryStorageClient())


def options(concurrency: int) -> dict[str, object]:
    return {
        "concurrency_settings": ConcurrencySettings(
            min_concurrency=concurrency, max_concurrency=concurrency, desired_concurrency=concurrency
        ),
        "max_request_retries": 0,
        "use_session_pool": False,
        "retry_on_blocked": False,
        "configure_logging": False,
        "respect_robots_txt_file": False,
    }


def run(crawler_class: type, touch, threads: int | None = None) -> None:
    """Crawl the list with one of Crawlee's crawlers; `touch(context, score)` reads a page.

    Args:
        crawler_class: The crawler.
        touch: Called with the context and the scorecard for every page.
        threads: How many threads parse pages; None leaves asyncio's own number.
    """
    urls, concurrency = read_arguments()
    score = Scorecard(version("crawlee"))
    set_up()
    crawler = crawler_class(**options(concurrency))

    @crawler.router.default_handler
    async def handle(context) -> None:
        touch(context, score)

    @crawler.failed_request_handler
    async def failed(_context, error: Exception) -> None:
        score.fail(repr(error))

    async def crawl() -> None:
        if threads is not None:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads))
        score.start()
        if urls:
            await crawler.run(urls)
        score.stop()

    run_on_fastest_loop(crawl())
    score.print()
