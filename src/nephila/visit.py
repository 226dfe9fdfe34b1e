"""One visit: admit, fetch, judge, read, and the result. The whole journey of a page is on this page."""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import reprlib

from nephila.attempt import Attempt, Fetched, PostponedError
from nephila.errors import ConfigError, CrawlerClosedError, ErrorCode, FetchError, ReadError, VisitError
from nephila.html.decode import decode_body
from nephila.html.inflate import inflate
from nephila.judge import IDEMPOTENT_METHODS, Outcome, Verdict, failure, judge
from nephila.models import Document, JSONValue, RawPage, Response
from nephila.net import url as urls
from nephila.plan import VisitPlan
from nephila.result import CrawlResult, StringCompatibleMarkdown
from nephila.rooms import Rooms

logger = logging.getLogger("nephila.visit")

_RETRY_DELAY = 0.5
"""Seconds; doubled with every attempt, drawn with full jitter."""

_RETRY_DELAY_MAX = 30.0

_PARTIAL_GRACE = 0.1
"""Part of `page_timeout` that may be spent beyond it on reading what had arrived of a page that failed."""

_SHOWN_CHARACTERS = 200
"""Of something given as a URL that is no string."""


async def visit(url: str | None, plan: VisitPlan, rooms: Rooms, attempt: Attempt | None = None) -> CrawlResult:
    """Visit one URL.

    Every failure is a result; only cancellation leaves as an exception. With an `attempt`, it is up to the attempt
    whether a failed fetch is repeated, and then that happens in another visit; without one, this visit repeats it.
    """
    result = CrawlResult(url=_as_given(url))
    try:
        async with rooms.until_closed():
            await _visit_admitted(urls.admit(url), plan, rooms, result, attempt)
    except VisitError as error:
        _fail(result, error.code, str(error))
    except PostponedError:
        _fail(result, ErrorCode.CANCELLED, "The host had asked for a pause, and the run ended before it was over.")
    except CrawlerClosedError as error:
        _fail(result, ErrorCode.CANCELLED, str(error))
    except asyncio.CancelledError:
        if _is_cancelled():
            raise
        _fail(result, ErrorCode.INTERNAL, "Something the visit was waiting for was cancelled.")
    except Exception as error:
        logger.exception("visiting %s failed unexpectedly", urls.redacted(result.url))
        _fail(result, ErrorCode.INTERNAL, f"An unexpected {type(error).__name__} in the crawler: {error}")
    _log(result, plan)
    return result


def refused(url: str, code: ErrorCode, message: str) -> CrawlResult:
    """The result for a URL that is not visited."""
    result = CrawlResult(url=_as_given(url))
    _fail(result, code, message)
    return result


async def read_html(url: str, html: str, plan: VisitPlan, rooms: Rooms) -> CrawlResult:
    """The result for a page that is already here."""
    if not isinstance(html, str):
        raise ConfigError(f"aprocess_html takes the page as a string, not as {type(html).__name__}.")
    result = CrawlResult(url=url)
    response = Response.of_html(url, html)
    deadline = asyncio.get_running_loop().time() + plan.timeout
    _take_response(result, response)
    _take_document(result, response, await _read(response, plan, rooms, deadline), plan)
    return result


async def _visit_admitted(
    address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + plan.timeout
    if attempt is None:
        attempts, response, verdict = await _fetch_repeatedly(address, plan, rooms, deadline)
        result.crawl_stats = _stats(attempts, plan, response)
    else:
        response, verdict = await _fetch(address, plan, rooms, deadline, attempt)
        result.crawl_stats = _stats(1, plan, response)
        if attempt.settle(_fetched(response, verdict, plan)):
            # What follows is for the attempt that will be the last.
            if response is not None:
                _take_response(result, response)
            _fail(result, verdict.error or ErrorCode.HTTP, verdict.message or "")
            return
    if verdict.outcome is not Outcome.OK and plan.config.fallback_fetch_function is not None:
        rescued = await _fall_back(address, plan, result)
        if rescued is not None:
            response, verdict = rescued, judge(rescued)
            deadline = loop.time() + plan.timeout
    if response is not None:
        if response.error is not None:
            deadline = max(deadline, loop.time() + plan.timeout * _PARTIAL_GRACE)
        _take_response(result, response)
        _take_document(result, response, await _read(response, plan, rooms, deadline), plan)
    if verdict.error is not None:
        _fail(result, verdict.error, verdict.message or "")


async def _fetch_repeatedly(
    address: str, plan: VisitPlan, rooms: Rooms, deadline: float
) -> tuple[int, Response | None, Verdict]:
    """Fetch until it works or is not worth another attempt; returns how many there were, too."""
    loop = asyncio.get_running_loop()
    attempts = 0
    while True:
        attempts += 1
        response, verdict = await _fetch(address, plan, rooms, deadline)
        may_repeat = plan.method in IDEMPOTENT_METHODS and attempts <= plan.config.max_retries
        if verdict.outcome is not Outcome.RETRY_LATER or not may_repeat:
            break
        pause = random.uniform(0, min(_RETRY_DELAY * 2**attempts, _RETRY_DELAY_MAX))  # noqa: S311 - no secret
        if loop.time() + pause >= deadline:
            break
        logger.debug("attempt %d at %s: %s", attempts, urls.redacted(address), verdict.message)
        await asyncio.sleep(pause)
    return attempts, response, verdict


async def _fetch(
    address: str, plan: VisitPlan, rooms: Rooms, deadline: float, attempt: Attempt | None = None
) -> tuple[Response | None, Verdict]:
    request = plan.request(address, attempt.before_send if attempt is not None else None)
    try:
        response = await rooms.fetcher_for(address).fetch(request, deadline)
    except FetchError as error:
        return None, failure(error.code, str(error))
    return response, judge(response)


def _fetched(response: Response | None, verdict: Verdict, plan: VisitPlan) -> Fetched:
    """What matters about a fetch to whoever schedules visits."""
    return Fetched(
        status=response.status if response is not None else None,
        error=verdict.error,
        retry_after=response.headers.get("retry-after") if response is not None else None,
        of_the_moment=verdict.outcome is Outcome.RETRY_LATER,
        repeatable=plan.method in IDEMPOTENT_METHODS,
        max_retries=plan.config.max_retries,
    )


async def _fall_back(address: str, plan: VisitPlan, result: CrawlResult) -> Response | None:
    """Ask the caller's own function for the page; None when it fails too."""
    assert plan.config.fallback_fetch_function is not None
    try:
        html: object = await plan.config.fallback_fetch_function(address)
    except asyncio.CancelledError:
        if _is_cancelled():
            raise
        result.warnings.append("fallback_fetch_function was cancelled by itself.")
        return None
    except Exception as error:  # noqa: BLE001 - the caller's code; its failure becomes a warning on the result
        result.warnings.append(f"fallback_fetch_function raised {type(error).__name__}: {error}")
        return None
    if html is None:
        return None
    if not isinstance(html, str):
        result.warnings.append(f"fallback_fetch_function returned {type(html).__name__}; a string or None is expected.")
        return None
    result.crawl_stats |= {"fallback_fetch_used": True, "resolved_by": "fallback_fetch"}
    return Response.of_html(address, html)


async def _read(response: Response, plan: VisitPlan, rooms: Rooms, deadline: float) -> Document:
    page_url = (plan.config.base_url or "") if urls.is_raw(response.url) else response.url
    page = RawPage(page_url, response.body, response.content_type, response.content_encoding)
    try:
        async with asyncio.timeout_at(deadline):
            return await rooms.readers.read(page, plan.reading)
    except TimeoutError:
        message = "The page was fetched but not read before the deadline (page_timeout)."
        return Document(kind="binary", error=message, error_code=ErrorCode.TIMEOUT)


def _take_response(result: CrawlResult, response: Response) -> None:
    result.status_code = result.redirected_status_code = response.status
    result.response_headers = response.headers
    result.content_type = response.content_type
    result.redirects = response.redirects
    result.wire_bytes = response.wire_bytes
    result.redirected_url = None if urls.is_raw(response.url) else response.url


def _take_document(result: CrawlResult, response: Response, document: Document, plan: VisitPlan) -> None:
    limit = plan.config.max_decoded_bytes
    result.body = functools.partial(_unpacked, response.body, response.content_encoding, limit)
    if document.encoding is not None:
        result.html = functools.partial(decode_body, response.body, response.content_encoding, document.encoding, limit)
    result.encoding = document.encoding
    result.cleaned_html = document.cleaned_html
    result.markdown = StringCompatibleMarkdown(document.markdown)
    result.fit_html = document.markdown.fit_html
    result.links = document.links
    result.media = document.media
    result.tables = document.tables
    result.metadata = document.metadata
    result.warnings += document.warnings
    result.success = not document.error
    if document.error:
        _fail(result, ErrorCode(document.error_code), document.error)


def _unpacked(body: bytes, content_encoding: str, limit: int) -> bytes:
    try:
        return inflate(body, content_encoding, limit).data
    except ReadError:
        # More than may be unpacked: the bytes as sent are all there is to give.
        return body


def _is_cancelled() -> bool:
    """Whether it is this very task that somebody cancelled."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _as_given(url: object) -> str:
    if isinstance(url, str):
        return url
    shown = reprlib.Repr()
    shown.maxother = _SHOWN_CHARACTERS
    # Never raises, whatever the object's own repr does.
    return shown.repr(url)


def _fail(result: CrawlResult, code: ErrorCode, message: str) -> None:
    result.success = False
    result.error_code = code
    result.error_message = message


def _stats(attempts: int, plan: VisitPlan, response: Response | None) -> dict[str, JSONValue]:
    proxies: list[JSONValue] = []
    if plan.proxy is not None:
        status = response.status if response is not None else None
        proxies.append({"proxy": urls.redacted(plan.proxy.server), "status_code": status})
    return {
        "attempts": attempts,
        "retries": attempts - 1,
        "proxies_used": proxies,
        "fallback_fetch_used": False,
        "resolved_by": None if response is None else "proxy" if proxies else "direct",
    }


def _log(result: CrawlResult, plan: VisitPlan) -> None:
    level = logging.INFO if plan.verbose else logging.DEBUG
    if logger.isEnabledFor(level):
        outcome = "ok" if result.success else f"{result.error_code}: {result.error_message}"
        logger.log(level, "%s %s %s", urls.redacted(result.url), result.status_code, outcome)
