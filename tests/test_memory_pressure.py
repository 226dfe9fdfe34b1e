"""`memory_wait_timeout` and the permits, with a container's files that say what memory is in use."""

from __future__ import annotations

from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, CrawlResult, MemoryAdaptiveDispatcher, MemoryPressureError
from nephila.dispatch.memory import MemoryGauge
from tests.leaks import nothing_left_behind
from tests.site.server import Site

LIMIT = 1_000_000_000


def use(container: Path, percent: float) -> None:
    (container / "memory.current").write_text(f"{int(LIMIT * percent / 100)}\n")


@pytest.fixture
def container(tmp_path: Path) -> Path:
    (tmp_path / "cgroup").write_text("0::/\n")
    (tmp_path / "memory.max").write_text(f"{LIMIT}\n")
    use(tmp_path, 50)
    return tmp_path


def dispatcher_in(container: Path, memory_wait_timeout: float | None) -> MemoryAdaptiveDispatcher:
    dispatcher = MemoryAdaptiveDispatcher(
        check_interval=0.1, max_session_permit=5, memory_wait_timeout=memory_wait_timeout
    )
    dispatcher._gauge = MemoryGauge(container, container)
    return dispatcher


def urls(site: Site, count: int) -> list[str]:
    return [site.url(f"/slow?ms=50&{number}") for number in range(count)]


class Closed:
    def __init__(self) -> None:
        self.written = 0
        self.closed = 0

    async def open(self) -> None:
        pass

    async def write(self, result: CrawlResult) -> None:
        self.written += 1

    async def close(self) -> None:
        self.closed += 1


async def test_a_batch_ends_with_the_results_so_far(site: Site, container: Path) -> None:
    sink = Closed()

    def fill_up(_result: CrawlResult) -> None:
        if sink.written == 10:
            use(container, 99)

    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        with pytest.raises(MemoryPressureError, match="memory_wait_timeout") as caught:
            await crawler.arun_many(
                urls(site, 2000), dispatcher=dispatcher_in(container, 0.6), stream=False, on_result=[sink, fill_up]
            )
    results = caught.value.results
    positions = [result.dispatch_result.position for result in results if result.dispatch_result]
    # With one permit there is still a page every 50 ms.
    assert 10 < len(results) < 200
    assert positions == sorted(positions)
    assert all(result.success for result in results)
    assert (sink.written, sink.closed) == (len(results), 1)
    assert site.request_count == len(results)


async def test_a_stream_raises_after_the_results_so_far(site: Site, container: Path) -> None:
    taken: list[CrawlResult] = []
    async with nothing_left_behind(site), AsyncWebCrawler() as crawler:
        with pytest.raises(MemoryPressureError):
            async for result in crawler.arun_many(
                urls(site, 2000), dispatcher=dispatcher_in(container, 0.6), stream=True
            ):
                taken.append(result)
                if len(taken) == 10:
                    use(container, 99)
    assert 10 < len(taken) == site.request_count
    assert len({result.url for result in taken}) == len(taken)


async def test_one_visit_at_least_goes_on(site: Site, container: Path) -> None:
    use(container, 99.9)
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls(site, 30), dispatcher=dispatcher_in(container, None), stream=False)
    assert all(result.success for result in results)
    assert site.peak.total <= 5


async def test_pressure_that_passes_does_not_end_the_run(site: Site, container: Path) -> None:
    count = 0

    def breathe(_result: CrawlResult) -> None:
        nonlocal count
        count += 1
        use(container, 99 if count % 20 < 5 else 50)

    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(
            urls(site, 100), dispatcher=dispatcher_in(container, 5.0), stream=False, on_result=breathe
        )
    assert [result.success for result in results] == [True] * 100
