"""The `Fetcher` that renders: a page's bytes are its HTML after scripts and steps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Final

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser import steps
from nephila.fetch.browser.capture import capture_body
from nephila.fetch.browser.downloads import downloaded_body
from nephila.fetch.browser.failures import classify, is_gone
from nephila.fetch.browser.identity import Identity
from nephila.fetch.browser.navigation import (
    navigate,
    response_headers,
    settle,
    take_redirects,
    too_many_redirects,
    watch_navigations,
)
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.fetch.browser.pool import BrowserPool
from nephila.fetch.browser.requests import control_requests
from nephila.models import Headers, Request, Response
from nephila.net import url as urls
from nephila.options import BrowserConfig, CrawlerRunConfig

logger = logging.getLogger("nephila.browser")

_REPEATS: Final = 2
"""How often a visit is begun anew when its page or the browser has ended under it."""

_LAST_LOOK: Final = 2.0
"""Seconds for taking what there is of a page that has failed."""

RequestAllowed = Callable[[str], Awaitable[bool]]
"""Whether a request may leave, asked of every request a page makes."""


class _PageGoneError(Exception):
    """The page's process or the browser has ended in the middle of the visit."""


class BrowserFetcher:
    """Fetches pages with a browser, which it starts at the first; belongs to the event loop it was made on.

    Args:
        config: The browser's.
        request_allowed: Asked about every request, those of subresources too; None allows all.
        pages: Visits at once; None leaves it to the pool.
    """

    def __init__(
        self, config: BrowserConfig, *, request_allowed: RequestAllowed | None = None, pages: int | None = None
    ) -> None:
        self.config = config
        self.pool = BrowserPool(config, pages)
        self._request_allowed = request_allowed

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a free page; the deadline of a visit is best set within."""
        return self.pool.turn()

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Render one URL; see `Fetcher.fetch`.

        Raises:
            FetchError: There was no response at all.
        """
        for attempt in range(_REPEATS + 1):
            try:
                return await self._fetch_in_time(request, deadline)
            except _PageGoneError as error:
                if attempt == _REPEATS:
                    raise FetchError(ErrorCode.BROWSER, f"The page ended its browser process: {error}.") from error
                logger.info("the browser or a page of it ended during a visit; the visit is begun anew")
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """End the browser."""
        await self.pool.close()

    async def _fetch_in_time(self, request: Request, deadline: float) -> Response:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._fetch(request, deadline)
        except TimeoutError:
            host = urls.host_of(request.url) or "The page"
            message = f"{host} was not rendered before the deadline (page_timeout)."
            raise FetchError(ErrorCode.TIMEOUT, message) from None

    async def _fetch(self, request: Request, deadline: float) -> Response:
        from playwright.async_api import Error

        run = request.config or CrawlerRunConfig()
        identity = Identity.of(request, run, self.config)
        try:
            async with self.pool.lend(identity) as slot:
                visit = PageVisit(slot, slot.page, request, run, self.config, deadline)
                async with _given_up_when_crashed(visit):
                    return await self._visit(visit)
        except Error as error:
            if is_gone(str(error)):
                raise _PageGoneError(str(error).partition("\n")[0]) from error
            code, message = classify(error, request.url)
            raise FetchError(code, message) from error

    async def _visit(self, visit: PageVisit) -> Response:
        """The journey of a page: prepare, navigate, steps, HTML, captures."""
        failure: StepFailed | None = None
        await visit.slot.begin(visit.request.url)
        await control_requests(visit, self._request_allowed)
        watch_navigations(visit)
        try:
            try:
                await steps.take_steps(steps.PREPARE, visit)
                if visit.request.before_send is not None and not urls.is_raw(visit.request.url):
                    await visit.request.before_send(visit.request.url)
                async with _stopped_when_endless(visit):
                    await navigate(visit)
                    if not visit.is_download:
                        await steps.take_steps(steps.STEPS, visit)
                        await settle(visit)
            except StepFailed as failed:
                failure = failed
                # It may be busy with anything; cleaning would have to wait for that.
                visit.slot.marked = True
            response = await _response(visit)
            await _take_body(visit, response, failed=failure is not None)
            for part in ((steps.CAPTURES if failure is None else ()), steps.ENDINGS):
                try:
                    await steps.take_steps(part, visit)
                except StepFailed as failed:
                    failure = failure or failed
        finally:
            for unwatch in visit.unwatch:
                unwatch()
        if failure is not None and response.error is None:
            response.error, response.error_message = failure.code, str(failure)
        return response


@asynccontextmanager
async def _given_up_when_crashed(visit: PageVisit) -> AsyncIterator[None]:
    """Do not wait for an answer of a page whose process has ended."""
    scope = asyncio.timeout(None)

    def give_up(_: object) -> None:
        with suppress(RuntimeError):
            scope.reschedule(asyncio.get_running_loop().time())

    visit.slot.crashed.add_done_callback(give_up)
    try:
        async with scope:
            yield
    except TimeoutError:
        if scope.expired() and visit.slot.crashed.done():
            raise _PageGoneError("the page crashed") from None
        raise
    finally:
        visit.slot.crashed.remove_done_callback(give_up)


@asynccontextmanager
async def _stopped_when_endless(visit: PageVisit) -> AsyncIterator[None]:
    """Do not follow a page that leads on and on."""
    scope = asyncio.timeout(None)

    def give_up(_: object) -> None:
        with suppress(RuntimeError):
            scope.reschedule(asyncio.get_running_loop().time())

    visit.too_many.add_done_callback(give_up)
    try:
        async with scope:
            yield
    except TimeoutError:
        if scope.expired() and visit.too_many.done():
            raise too_many_redirects(visit) from None
        raise
    finally:
        visit.too_many.remove_done_callback(give_up)


async def _take_body(visit: PageVisit, response: Response, *, failed: bool) -> None:
    """The page's HTML; of one that has failed only if it is to be had at once."""
    if visit.is_download:
        response.body = await downloaded_body(visit)
        response.wire_bytes = len(response.body)
        return
    if not failed:
        response.body = await capture_body(visit, response)
        return
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(min(_LAST_LOOK, visit.remaining() * 0.9)):
            response.body = await capture_body(visit, response)
    except (TimeoutError, Error, StepFailed):
        logger.debug("nothing could be taken of a page that had failed: %s", urls.redacted(visit.request.url))


async def _response(visit: PageVisit) -> Response:
    """What is known of the answer, without its body."""
    await take_redirects(visit)
    answer = visit.response
    if answer is None:
        url = visit.request.url if urls.is_raw(visit.request.url) else visit.page.url
        headers = Headers({"content-type": "text/html; charset=utf-8"})
        response = Response(url=url, status=None, headers=headers, body=b"")
    else:
        # A download leaves the page where it was.
        url = answer.url if visit.is_download else visit.page.url
        response = Response(url=url, status=answer.status, headers=await response_headers(answer), body=b"")
    response.redirects = visit.redirects
    response.rendered = visit.rendered
    visit.slot.seen(response.url)
    for hop in visit.redirects:
        visit.slot.seen(hop["url"])
    if visit.request.before_send is not None:
        # The hosts on the way have been asked too; their next visits wait from now.
        for request in visit.navigations[1:]:
            await visit.request.before_send(request.url)
    return response
