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
from nephila.models import Response
from nephila.net import url as urls
from nephila.plan import VisitPlan
from nephila.rendering import obtain_page, read_page
from nephila.result import CrawlResult
from nephila.rooms import Rooms

logger = logging.getLogger("nephila.visit")

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
    take_document(result, response, await read_page(response, plan, rooms, deadline), plan)
    return result


async def _visit_admitted(
    address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> None:
    page = await obtain_page(address, plan, rooms, result, attempt)
    catch = page.catch
    response, verdict = catch.response, catch.verdict
    if response is not None:
        take_response(result, response)
    if response is not None and page.document is not None:
        take_document(result, response, page.document, plan)
        heed_directives(result, plan)
        if plan.downloads_path is not None and downloads.is_download(response, page.document):
            result.downloaded_files = [await downloads.save(response, lambda: result.body, plan.downloads_path)]
    if verdict.error is not None:
        fail(result, verdict.error, verdict.message or "")
    elif catch.will_return:
        fail(result, ErrorCode.HTTP, verdict.message or "")


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
