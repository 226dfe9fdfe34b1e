"""Going to a page, and knowing how one got there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal, cast

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.downloads import became_download, download_begun
from nephila.fetch.browser.failures import classify, is_gone, is_navigation, net_error
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.fetch.local import raw_content
from nephila.models import Headers, Redirect
from nephila.net.url import is_raw, redacted

if TYPE_CHECKING:
    from playwright.async_api import Request as PageRequest, Response as PageResponse

Readiness = Literal["commit", "domcontentloaded", "load", "networkidle"]

_LOOK_SECONDS: Final = 0.05
"""Between two looks at a page that does not tell when it is ready."""

_RESERVE: Final = 0.1
"""Part of the time that is left for taking what is there of a page that is never ready."""


def watch_navigations(visit: PageVisit) -> None:
    """Note every document the main frame asks for."""

    def on_request(request: PageRequest) -> None:
        if not request.is_navigation_request():
            return
        if _of_main_frame(request):
            visit.navigations.append(request)
            if len(visit.navigations) > visit.request.max_redirects + 1 and not visit.too_many.done():
                visit.too_many.set_result(None)

    visit.page.on("request", on_request)
    visit.unwatch.append(lambda: visit.page.remove_listener("request", on_request))


def _of_main_frame(request: PageRequest) -> bool:
    from playwright.async_api import Error

    try:
        return request.frame.parent_frame is None
    except Error:
        # Only the request for a new page has no frame yet.
        return True


async def navigate(visit: PageVisit) -> None:
    """Go to the page and wait for `wait_until`.

    Raises:
        FetchError: There was no answer at all.
        StepFailed: There was one, but the page is not ready in time.
    """
    from playwright.async_api import Error

    if is_raw(visit.request.url):
        await _open_raw(visit)
        return
    try:
        visit.response = await _go(visit)
    except Error as error:
        await _explain(visit, error)


async def _go(visit: PageVisit) -> PageResponse | None:
    """Go to the page; one that begins a download while it is loading never tells Playwright that it is ready."""
    readiness = cast(Readiness, visit.run.wait_until)
    loop = asyncio.get_running_loop()
    going = loop.create_task(
        visit.page.goto(visit.request.url, wait_until=readiness, timeout=visit.patience(reserve=_RESERVE))
    )
    begun = loop.create_task(visit.download_began.wait())
    try:
        await asyncio.wait((going, begun), return_when=asyncio.FIRST_COMPLETED)
        if not going.done() and not visit.is_download:
            await _loaded(visit, going)
            if not going.done():
                return await _last_response(visit)
        return await going
    finally:
        begun.cancel()
        if not going.done():
            going.cancel()
            # Playwright's own answer may come all the same.
            going.add_done_callback(lambda task: task.cancelled() or task.exception())


async def _loaded(visit: PageVisit, going: asyncio.Task[PageResponse | None] | None = None) -> None:
    """Ask the page itself whether it is ready, unless `going` knows before."""
    from playwright.async_api import Error

    ready = ("complete",) if visit.run.wait_until in ("load", "networkidle") else ("interactive", "complete")
    while going is None or not going.done():
        try:
            if await visit.page.evaluate("document.readyState") in ready:
                return
        except Error as error:
            if not is_navigation(str(error)):
                raise
        await asyncio.sleep(_LOOK_SECONDS)


async def _open_raw(visit: PageVisit) -> None:
    """Show a page that is already here, at the URL that `base_url` names."""
    html = raw_content(visit.request.url)
    readiness = visit.run.wait_until if visit.run.wait_until != "networkidle" else "load"
    base = visit.run.base_url
    from playwright.async_api import Error

    try:
        if base and base.startswith(("http:", "https:")):
            await visit.page.route(
                base, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
            )
            visit.slot.marked = True
            await visit.page.goto(base, wait_until=cast(Readiness, readiness), timeout=visit.patience(reserve=_RESERVE))
        else:
            visit.slot.marked = True
            await visit.page.set_content(
                html, wait_until=cast(Readiness, readiness), timeout=visit.patience(reserve=_RESERVE)
            )
    except Error as error:
        await _explain(visit, error)


async def _explain(visit: PageVisit, error: Exception) -> None:
    """Raise what a failed navigation means, unless it has only led elsewhere."""
    if visit.too_many.done():
        raise too_many_redirects(visit) from error
    name = net_error(str(error))
    if not name and is_gone(str(error)):
        raise error  # the visit is begun anew
    if "Download is starting" in str(error) or (name == "ABORTED" and await _last_response(visit) is not None):
        visit.response = await _last_response(visit)
        if await download_begun(visit) and visit.browser.accept_downloads:
            return
        message = "The URL leads to a download, not to a page; accept_downloads=True keeps it."
        raise FetchError(ErrorCode.BROWSER, message) from error
    if "is interrupted by another navigation" in str(error):
        await settle(visit)
        return
    code, message = classify(error, visit.request.url)
    visit.response = await _last_response(visit)
    if visit.response is None or name:
        raise FetchError(code, message) from error
    raise StepFailed(code, message) from error


async def _last_response(visit: PageVisit) -> PageResponse | None:
    """The answer to the last navigation, or to the one before it when the last is not answered."""
    for request in visit.navigations[-1:-3:-1]:
        if request.redirected_to is None and (response := await _answer_to(request, visit.remaining() / 4)) is not None:
            return response
    return None


async def _answer_to(request: PageRequest, seconds: float = 0.5) -> PageResponse | None:
    """The answer, when it is there; that to a request given up in the middle never comes."""
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(min(0.5, seconds)):
            return await request.response()
    except (TimeoutError, Error):
        return None


def too_many_redirects(visit: PageVisit) -> StepFailed:
    """The failure of a page that never stops leading elsewhere."""
    return StepFailed(ErrorCode.REDIRECT, f"More than {visit.request.max_redirects} redirects (max_redirects).")


async def settle(visit: PageVisit) -> None:
    """Wait for a navigation the page itself has begun, so that its HTML is taken from where it leads."""
    from playwright.async_api import Error

    while True:
        if visit.too_many.done():
            raise too_many_redirects(visit)
        if not visit.navigations:
            return
        before = len(visit.navigations)
        pending = visit.navigations[-1]
        try:
            response = await _awaited_answer(visit, pending)
            if await became_download(visit, response):
                continue
            await _wait_until_ready(visit)
        except Error as error:
            if is_gone(str(error)):
                raise
            code, message = classify(error, pending.url)
            raise StepFailed(code, message) from error
        if response is not None:
            visit.response = response
        if len(visit.navigations) == before:
            return


async def _awaited_answer(visit: PageVisit, request: PageRequest) -> PageResponse | None:
    """The answer to a navigation that is going on.

    Raises:
        StepFailed: It does not come in time.
    """
    try:
        async with asyncio.timeout(visit.patience(reserve=_RESERVE) / 1000) as scope:
            return await request.response()
    except TimeoutError:
        if not scope.expired():
            raise
        message = f"The page leads to {redacted(request.url)[:300]}, which did not answer before the deadline."
        raise StepFailed(ErrorCode.TIMEOUT, message) from None


async def _wait_until_ready(visit: PageVisit) -> None:
    """Wait for `wait_until`.

    Raises:
        playwright.async_api.Error: It did not come true in time.
    """
    patience = visit.patience(reserve=_RESERVE)
    if visit.download_began.is_set():
        from playwright.async_api import TimeoutError as PageTimeoutError

        try:
            async with asyncio.timeout(patience / 1000) as scope:
                await _loaded(visit)
        except TimeoutError:
            if not scope.expired():
                raise
            raise PageTimeoutError("the page was never ready") from None
        return
    readiness = visit.run.wait_until if visit.run.wait_until != "commit" else "domcontentloaded"
    await visit.page.wait_for_load_state(
        cast(Literal["domcontentloaded", "load", "networkidle"], readiness), timeout=patience
    )


async def take_redirects(visit: PageVisit) -> None:
    """Work out the way to the page: redirects by status, by meta refresh and by script."""
    navigations = visit.navigations
    for position, request in enumerate(navigations):
        if position + 1 == len(navigations):
            return
        following = navigations[position + 1]
        response = await _answer_to(request)
        status = response.status if response is not None else 0
        location = response.headers.get("location") if response is not None else None
        if response is None and following.redirected_from is not request:
            # Given up for the next one before it was answered.
            continue
        is_redirect = following.redirected_from is request
        visit.redirects.append(
            Redirect(url=request.url, status=status, location=location if is_redirect and location else following.url)
        )


async def response_headers(response: PageResponse) -> Headers:
    """The headers as `Headers`; repeated ones are joined as over HTTP."""
    headers = Headers()
    for field in await response.headers_array():
        name = field["name"].lower()
        known = headers.get(name)
        separator = "\n" if name == "set-cookie" else ", "
        headers[name] = field["value"] if known is None else known + separator + field["value"]
    return headers
