"""Who is given the results of a run as they are finished: functions and sinks of the caller."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from nephila.errors import ConfigError, ErrorCode
from nephila.result import CrawlResult

logger = logging.getLogger("nephila.handlers")


@runtime_checkable
class ResultSink(Protocol):
    """Somewhere results go: a file, a database, a queue.

    `arun_many(..., on_result=sink)` opens it before anything is fetched, writes one result after the other, and
    closes it however the run ends: by itself, by an exception, a deadline or `close`, cancelled or left early. Then
    the sink may be used again. All three are called on the event loop of the run, never two of them at once.
    """

    async def open(self) -> None:
        """Get ready; called once for each run. An exception becomes a `ConfigError`, and nothing is fetched."""
        ...

    async def write(self, result: CrawlResult) -> None:
        """Take one result; the run goes on when this returns, so a slow sink slows the crawl.

        An exception fails the result's URL with `error_code` `user_code`, and the run goes on.
        """
        ...

    async def close(self) -> None:
        """Let go of everything; called once after each `open` that succeeded.

        An exception is only logged, since no URL is there for it to fail: raise from `write` what must not be missed.
        """
        ...


ResultHandler: TypeAlias = Callable[[CrawlResult], object]
"""A function, or a coroutine function, that is called with each result. What it returns is not used."""

OnResult: TypeAlias = ResultHandler | ResultSink | Sequence[ResultHandler | ResultSink]
"""What `arun_many` takes as `on_result`."""


class Handlers:
    """The handlers and sinks of one run, given every result once, one result at a time.

    Args:
        given: What the caller said.
        failed: Told of each result that a handler has made a failure.

    Raises:
        ConfigError: It is neither a function nor a sink.
    """

    def __init__(self, given: OnResult | None, failed: Callable[[CrawlResult], None] | None = None) -> None:
        self._failed = failed
        several: Iterable[object] = () if given is None else given if isinstance(given, list | tuple) else (given,)
        self._sinks: list[ResultSink] = []
        self._calls: list[tuple[str, ResultHandler]] = []
        for handler in several:
            if isinstance(handler, type):
                raise ConfigError(f"on_result was given the class {handler.__name__}; give it one made of that class.")
            if isinstance(handler, ResultSink):
                self._sinks.append(handler)
                self._calls.append((type(handler).__name__, handler.write))
            elif callable(handler):
                self._calls.append((getattr(handler, "__qualname__", type(handler).__name__), handler))
            else:
                raise ConfigError(
                    f"on_result takes a function, a sink (open, write and close) or a list of them, "
                    f"not a {type(handler).__name__}."
                )
        self._open: list[ResultSink] = []
        self._giving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open every sink, or none.

        Raises:
            ConfigError: A sink could not be opened.
        """
        try:
            for sink in self._sinks:
                try:
                    await sink.open()
                except Exception as error:
                    raise ConfigError(f"{type(sink).__name__} could not be opened: {_said(error)}") from error
                self._open.append(sink)
        except BaseException:
            await self.close()
            raise

    async def give(self, result: CrawlResult) -> None:
        """Give a result to every handler, in order; never raises for what they do.

        Whoever waits for this may be cancelled: the handlers go on, see `settle`.
        """
        if not self._calls:
            return
        self._giving = asyncio.get_running_loop().create_task(self._give(result))
        await asyncio.shield(self._giving)

    async def settle(self) -> None:
        """Wait until the handlers have done with the result they were given last."""
        if self._giving is not None:
            await asyncio.wait([self._giving])

    def interrupt(self) -> None:
        """Cancel what the handlers are doing."""
        if self._giving is not None:
            self._giving.cancel()

    async def close(self) -> None:
        """Close every sink that is open; an error of one is logged."""
        while self._open:
            sink = self._open.pop()
            try:
                await sink.close()
            except Exception:
                logger.exception("%s could not be closed", type(sink).__name__)

    async def _give(self, result: CrawlResult) -> None:
        succeeded = result.success
        await self._call_each(result)
        if succeeded and not result.success and self._failed is not None:
            self._failed(result)

    async def _call_each(self, result: CrawlResult) -> None:
        for name, call in self._calls:
            try:
                outcome = call(result)
                if inspect.isawaitable(outcome):
                    await outcome
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    # Not raised: whoever waits for the result is not the one who is cancelled.
                    _fail(result, f"on_result: {name} was not done when the run was cut short.")
                    return
                _fail(result, f"on_result: {name} was cancelled by itself.")
            except Exception as error:
                logger.debug("on_result: %s failed", name, exc_info=True)
                _fail(result, f"on_result: {name} raised {_said(error)}")


def _fail(result: CrawlResult, message: str) -> None:
    """The handler's failure on its result; one that had failed before keeps its own reason."""
    if not result.success:
        result.warnings.append(message)
        return
    result.success = False
    result.error_code = ErrorCode.USER_CODE
    result.error_message = message


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
