"""One visit: admit, fetch, judge, read, and the result. The whole journey of a page is on this page."""

from __future__ import annotations

import asyncio
import logging
import reprlib

from nephila import downloads
from nephila.allow import heed_directives
from nephila.attempt import Attempt, PostponedError
from nephila.errors import ConfigError, CrawlerClosedError, ErrorCode, VisitError
from nephila.fetching import is_cancelled
from nephila.fill import fail, take_document, take_response
from nephila.models import Document, RawPage, Response
from nephila.net import url as urls
from nephila.plan import VisitPlan
from nephila.recall import obtain, remember
from nephila.result import CrawlResult
from nephila.rooms import Rooms

logger = logging.getLogger("nephila.visit")

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
    result.session_id = plan.config.session_id
    try:
        async with rooms.until_closed():
            await _visit_admitted(plan.admit(url), plan, rooms, result, attempt)
    except VisitError as error:
        fail(result, error.code, str(error))
    except PostponedError:
        fail(result, ErrorCode.CANCELLED, "The host had asked for a pause, and the run ended before it was over.")
    except CrawlerClosedError as error:
        fail(result, ErrorCode.CANCELLED, str(error))
    except asyncio.CancelledError:
        if is_cancelled():
            raise
        fail(result, ErrorCode.INTERNAL, "Something the visit was waiting for was cancelled.")
    except Exception as error:
        logger.exception("visiting %s failed unexpectedly", urls.redacted(result.url))
        fail(result, ErrorCode.INTERNAL, f"An unexpected {type(error).__name__} in the crawler: {error}")
    _log(result, plan)
    return result


def refused(url: str, code: ErrorCode, message: str) -> CrawlResult:
    """The result for a URL that is not visited."""
    result = CrawlResult(url=_as_given(url))
    fail(result, code, message)
    return result


async def read_html(url: str, html: str, plan: VisitPlan, rooms: Rooms) -> CrawlResult:
    """The result for a page that is already here."""
    if not isinstance(html, str):
        raise ConfigError(f"aprocess_html takes the page as a string, not as {type(html).__name__}.")
    result = CrawlResult(url=url)
    response = Response.of_html(url, html)
    deadline = asyncio.get_running_loop().time() + plan.timeout
    take_response(result, response)
    take_document(result, response, await _read(response, plan, rooms, deadline), plan)
    return result


async def _visit_admitted(
    address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> None:
    found = await obtain(address, plan, rooms, result, attempt)
    catch = found.catch
    response, verdict = catch.response, catch.verdict
    if response is not None:
        take_response(result, response)
    if response is not None and not catch.will_return:
        deadline = catch.deadline
        if response.error is not None:
            deadline = max(deadline, asyncio.get_running_loop().time() + plan.timeout * _PARTIAL_GRACE)
        document = found.document or await _read(response, plan, rooms, deadline)
        take_document(result, response, document, plan)
        heed_directives(result, plan)
        await remember(found, document, rooms, result)
        if plan.downloads_path is not None and downloads.is_download(response, document):
            result.downloaded_files = [await downloads.save(response, lambda: result.body, plan.downloads_path)]
    if verdict.error is not None:
        fail(result, verdict.error, verdict.message or "")
    elif catch.will_return:
        fail(result, ErrorCode.HTTP, verdict.message or "")


async def _read(response: Response, plan: VisitPlan, rooms: Rooms, deadline: float) -> Document:
    page_url = (plan.config.base_url or "") if urls.is_raw(response.url) else response.url
    page = RawPage(page_url, response.body, response.content_type, response.content_encoding)
    try:
        async with asyncio.timeout_at(deadline):
            return await rooms.readers.read(page, plan.reading)
    except TimeoutError:
        message = "The page was fetched but not read before the deadline (page_timeout)."
        return Document(kind="binary", error=message, error_code=ErrorCode.TIMEOUT)


def _as_given(url: object) -> str:
    if isinstance(url, str):
        return url
    shown = reprlib.Repr()
    shown.maxother = _SHOWN_CHARACTERS
    # Never raises, whatever the object's own repr does.
    return shown.repr(url)


def _log(result: CrawlResult, plan: VisitPlan) -> None:
    level = logging.INFO if plan.verbose else logging.DEBUG
    if logger.isEnabledFor(level):
        outcome = "ok" if result.success else f"{result.error_code}: {result.error_message}"
        logger.log(level, "%s %s %s", urls.redacted(result.url), result.status_code, outcome)
