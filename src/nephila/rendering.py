"""Rendering only when needed: a page is fetched plainly, and rendered when it turns out to need its scripts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from nephila.attempt import Attempt
from nephila.errors import ErrorCode
from nephila.fetching import Catch, fetch_once
from nephila.habits import Finding
from nephila.html.needs_scripts import CHALLENGE
from nephila.judge import Outcome
from nephila.models import Document, RawPage, Response
from nephila.net import url as urls
from nephila.plan import VisitPlan
from nephila.recall import obtain, remember
from nephila.result import CrawlResult
from nephila.rooms import Rooms

_PARTIAL_GRACE = 0.1
"""Part of `page_timeout` that may be spent beyond it on reading what had arrived of a page that failed."""

_CHALLENGED = (ErrorCode.HTTP, ErrorCode.BLOCKED)
_BROWSER_FAILED = (ErrorCode.BROWSER, ErrorCode.TIMEOUT)

_LEARNED = "The last pages of this site needed JavaScript."
_PLAIN_FIRST = "Pages are fetched over HTTP first."


@dataclass(slots=True)
class Page:
    """A page as it was got.

    Attributes:
        catch: What fetching it came to.
        document: What was read of it; None when there was nothing to read.
    """

    catch: Catch
    document: Document | None


async def obtain_page(
    address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> Page:
    """Fetch and read a page in the way its plan says, which may leave it to the page."""
    if not plan.chooses(address):
        page = await _obtain(address, plan, rooms, result, attempt)
        if urls.is_local(address) and not plan.renders(address):
            result.crawl_stats["fetched_because"] = "Local input is read as it is."
        return page
    expected = rooms.habits.expected(address) if plan.method == "GET" else None
    if expected is Finding.NEEDS_SCRIPTS and not rooms.browser_missing():
        page = await _obtain(address, plan.rendering(_LEARNED), rooms, result, attempt)
        if page.catch.will_return or page.catch.verdict.error not in _BROWSER_FAILED:
            return page
        return await _plainly_after_all(page, address, plan, rooms, result, attempt)
    page = await _obtain(address, plan, rooms, result, attempt)
    document = page.document
    if document is None or result.crawl_stats.get("fallback_fetch_used"):
        return page
    if not document.needs_scripts or not _is_judged(page):
        result.crawl_stats["fetched_because"] = _why_plain(page)
        if document.kind == "html" and page.catch.verdict.outcome is Outcome.OK:
            rooms.habits.learn(address, Finding.PLAIN)
        return page
    if expected is Finding.IN_VAIN:
        result.crawl_stats["fetched_because"] = "Rendering the last pages of this site showed nothing more."
        return page
    return await _render(page, document, address, plan, rooms, result, attempt)


async def read_page(response: Response, plan: VisitPlan, rooms: Rooms, deadline: float) -> Document:
    """Read what was fetched; a page that takes too long is a document that says so."""
    page_url = (plan.config.base_url or "") if urls.is_raw(response.url) else response.url
    page = RawPage(page_url, response.body, response.content_type, response.content_encoding)
    try:
        async with asyncio.timeout_at(deadline):
            return await rooms.readers.read(page, plan.reading)
    except TimeoutError:
        message = "The page was fetched but not read before the deadline (page_timeout)."
        return Document(kind="binary", error=message, error_code=ErrorCode.TIMEOUT)


async def _obtain(address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None) -> Page:
    found = await obtain(address, plan, rooms, result, attempt)
    document = found.document or await _read(found.catch, plan, rooms)
    if document is not None:
        await remember(found, document, rooms, result)
    return Page(found.catch, document)


async def _read(catch: Catch, plan: VisitPlan, rooms: Rooms) -> Document | None:
    response, deadline = catch.response, catch.deadline
    if response is None or catch.will_return:
        return None
    if response.error is not None:
        deadline = max(deadline, asyncio.get_running_loop().time() + plan.timeout * _PARTIAL_GRACE)
    return await read_page(response, plan, rooms, deadline)


def _is_judged(page: Page) -> bool:
    """Whether the page is one that rendering may help: an error is not, but for a check in front of the page."""
    verdict = page.catch.verdict
    if verdict.outcome is Outcome.OK:
        return True
    assert page.document is not None
    return verdict.error in _CHALLENGED and page.document.needs_scripts == CHALLENGE


def _why_plain(page: Page) -> str:
    if page.catch.verdict.outcome is not Outcome.OK or page.document is None:
        return _PLAIN_FIRST
    if page.document.kind != "html":
        return "It is no HTML page, so there are no scripts to run."
    return "The page has its content without scripts."


async def _render(
    page: Page,
    document: Document,
    address: str,
    plan: VisitPlan,
    rooms: Rooms,
    result: CrawlResult,
    attempt: Attempt | None,
) -> Page:
    """Render a page that seems to need it; what HTTP gave is kept when that fails or shows less."""
    seems = f"The page seems to need JavaScript: {document.needs_scripts}."
    missing = rooms.browser_missing()
    if plan.method != "GET":
        missing = f"Only a GET can be rendered, not a {plan.method}."
    if missing:
        return _kept(page, result, f"{seems} {missing}")
    why = f"The page needs JavaScript: {document.needs_scripts}."
    rendering = plan.rendering(why)
    catch = await fetch_once(address, rendering, rooms, attempt)
    if catch.response is None or catch.verdict.outcome is not Outcome.OK:
        reason = catch.verdict.message or "there was no answer"
        if catch.verdict.error is ErrorCode.BROWSER:
            rooms.note_browser_failure(reason)
        return _kept(page, result, f"{seems} Rendering it failed: {reason}")
    read = await _read(catch, rendering, rooms)
    assert read is not None
    shows_more = _amount(read) > _amount(document)
    rooms.habits.learn(address, Finding.NEEDS_SCRIPTS if shows_more else Finding.IN_VAIN)
    if read.error or _amount(read) < _amount(document):
        return _kept(page, result, f"{seems} Rendering it showed less than there was without.")
    catch.attempts = page.catch.attempts
    result.crawl_stats |= {"fetched_by": "browser", "fetched_because": why}
    return Page(catch, read)


def _kept(page: Page, result: CrawlResult, warning: str) -> Page:
    """The page as HTTP gave it, and why it is not rendered."""
    result.warnings.append(warning)
    result.crawl_stats["fetched_because"] = warning
    return page


async def _plainly_after_all(
    failed: Page, address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> Page:
    """Fetch plainly what was to be rendered at once, because that failed."""
    reason = failed.catch.verdict.message or "there was no answer"
    if failed.catch.verdict.error is ErrorCode.BROWSER:
        rooms.note_browser_failure(reason)
    catch = await fetch_once(address, plan, rooms, attempt)
    if catch.response is None:
        return failed
    result.crawl_stats["fetched_by"] = "http"
    return _kept(Page(catch, await _read(catch, plan, rooms)), result, f"{_LEARNED} Rendering failed: {reason}")


def _amount(document: Document) -> int:
    """How much there is to read in it."""
    links = len(document.links["internal"]) + len(document.links["external"])
    return len(document.markdown.raw_markdown) + links
