"""What `arun_many` returns: await it for a list, iterate it for a stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from types import TracebackType
from typing import Generic, Protocol, TypeVar, overload

from nephila.errors import MemoryPressureError
from nephila.result import CrawlResult


class Results(Protocol):
    """A list of results, or a stream of them, by `CrawlerRunConfig.stream`.

    Say `stream=True` or `stream=False` to `arun_many` itself for a result that is typed as just one of the two.
    """

    def __aiter__(self) -> AsyncIterator[CrawlResult]: ...
    def __iter__(self) -> Iterator[CrawlResult]: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int) -> CrawlResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[CrawlResult]: ...


class ResultList(list[CrawlResult]):
    """The results of a batch in the order of the input; `async for` works on it too."""

    async def __aiter__(self) -> AsyncIterator[CrawlResult]:
        for result in self:
            yield result


_NOT_A_LIST = "With stream=True the results are a stream: write `async for`, or use stream=False for a list."


class ResultStream:
    """Results as they are finished.

    Leaving the loop early, closing the stream (`aclose`, or `async with`) or closing the crawler cancels what is
    under way. Awaiting the stream gives the stream.
    """

    def __init__(self, results: AsyncGenerator[CrawlResult, None]) -> None:
        self._results = results

    def __aiter__(self) -> AsyncIterator[CrawlResult]:
        # The generator itself: when a loop over it is left, Python closes it, which cancels the run.
        return self._results

    def __await__(self) -> Generator[object, None, ResultStream]:
        return self._itself().__await__()

    async def _itself(self) -> ResultStream:
        return self

    async def __anext__(self) -> CrawlResult:
        return await anext(self._results)

    async def aclose(self) -> None:
        """Cancel what is under way and wait until it has ended."""
        await self._results.aclose()

    async def __aenter__(self) -> ResultStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __iter__(self) -> Iterator[CrawlResult]:
        """Refuse a plain `for`.

        Raises:
            TypeError: Always; the sentence says what to write instead.
        """
        raise TypeError(_NOT_A_LIST)

    def __len__(self) -> int:
        raise TypeError(_NOT_A_LIST)

    def __getitem__(self, index: int | slice) -> CrawlResult:
        raise TypeError(_NOT_A_LIST)


AwaitedT = TypeVar("AwaitedT", covariant=True)


class Crawl(Generic[AwaitedT]):
    """A call of `arun_many`, which starts when it is awaited or iterated.

    Args:
        start: Starts the run.
        finish: Makes of the run what awaiting gives.
    """

    def __init__(
        self,
        start: Callable[[], AsyncGenerator[CrawlResult, None]],
        finish: Callable[[AsyncGenerator[CrawlResult, None]], Awaitable[AwaitedT]],
    ) -> None:
        self._start = start
        self._finish = finish

    def __aiter__(self) -> AsyncIterator[CrawlResult]:
        return self._start()

    def __await__(self) -> Generator[object, None, AwaitedT]:
        return self._finish(self._start()).__await__()

    def __iter__(self) -> Iterator[CrawlResult]:
        """Refuse a plain `for`.

        Raises:
            TypeError: Always; the sentence says what to write instead.
        """
        raise TypeError("arun_many has not run yet: write `for result in await crawler.arun_many(...)`.")


async def as_list(run: AsyncGenerator[CrawlResult, None]) -> ResultList:
    """Every result of a run, in the order of the input."""
    results = ResultList()
    try:
        async for result in run:
            results.append(result)
    except MemoryPressureError as error:
        error.results = _in_input_order(results)
        raise
    finally:
        await run.aclose()
    return _in_input_order(results)


async def as_stream(run: AsyncGenerator[CrawlResult, None]) -> ResultStream:
    """The results of a run as they are finished."""
    return ResultStream(run)


def _in_input_order(results: ResultList) -> ResultList:
    return ResultList(
        sorted(results, key=lambda result: result.dispatch_result.position if result.dispatch_result else 0)
    )
