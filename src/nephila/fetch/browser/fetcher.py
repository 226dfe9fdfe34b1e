"""The `Fetcher` that renders: a page's bytes are its HTML after scripts and steps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser import hooks, steps
from nephila.fetch.browser.capture import capture_body
from nephila.fetch.browser.cookies import put_cookies, take_cookies
from nephila.fetch.browser.downloads import downloaded_body
from nephila.fetch.browser.failures import classify, is_gone
from nephila.fetch.browser.find import PACKAGE_COMMAND
from nephila.fetch.browser.identity import Identity
from nephila.fetch.browser.interception import RequestAllowed
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
from nephila.fetch.browser.sessions import BrowserSessions, KeptPage
from nephila.models import Headers, Request, Response
from nephila.net import url as urls
from nephila.net.sessions import Session
from nephila.options import BrowserConfig, CrawlerRunConfig

logger = logging.getLogger("nephila.browser")

_REPEATS: Final = 2
"""How often a visit is begun anew when its page or the browser has ended under it."""

_AFTER_SCRIPT: Final = 0.1
"""Seconds in which a script's navigation begins."""

_LAST_LOOK: Final = 2.0
"""Seconds for taking what there is of a page that has failed."""


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
        self.sessions = BrowserSessions(self.pool)
        self._request_allowed = request_allowed

    @asynccontextmanager
    async def turn(self, session: Session | None = None) -> AsyncIterator[None]:
        """Wait for a free page and for the session's other visits; the deadline of a visit is best set within."""
        async with self.sessions.turn(session), self.pool.turn():
            yield

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
        self.sessions.close()
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
        try:
            from playwright.async_api import Error
        except ModuleNotFoundError:
            message = f"The browser extra is not installed; run: {PACKAGE_COMMAND}"
            raise FetchError(ErrorCode.BROWSER, message) from None

        run = request.config or CrawlerRunConfig()
        identity = Identity.of(request, run, self.config)
        try:
            if request.session is None:
                async with self.pool.lend(identity) as slot:
                    visit = PageVisit(slot, slot.page, request, run, self.config, deadline)
                    async with _given_up_when_crashed(visit):
                        return await self._visit_told(visit)
            async with self.sessions.lend(request.session, request, identity) as kept:
                return await self._visit_kept(kept, request, run, deadline)
        except Error as error:
            if is_gone(str(error)):
                raise _PageGoneError(str(error).partition("\n")[0]) from error
            code, message = classify(error, request.url)
            raise FetchError(code, message) from error

    async def _visit_kept(self, kept: KeptPage, request: Request, run: CrawlerRunConfig, deadline: float) -> Response:
        """A visit of the session's page, which stays as it is afterwards."""
        assert kept.slot is not None
        visit = PageVisit(kept.slot, kept.slot.page, request, run, self.config, deadline)
        visit.slot.marked = False
        visit.rendered.session_id = request.session.session_id if request.session is not None else None
        if run.js_only:
            visit.response = kept.response
        async with _given_up_when_crashed(visit):
            try:
                return await self._visit_told(visit)
            finally:
                kept.response = visit.response
                await visit.page.unroute_all(behavior="ignoreErrors")

    async def _visit_told(self, visit: PageVisit) -> Response:
        """A visit whose outcome the caller's functions are told."""
        told = visit.request.steps
        try:
            try:
                response = await self._visit(visit)
            except FetchError as error:
                raise visit.refusal or self._of_the_way(visit) or error from error
            if visit.refusal is not None:
                raise visit.refusal
        except FetchError as error:
            if told is not None:
                await told.failed(error)
            raise
        if told is not None:
            await told.received(response)
        return response

    def _of_the_way(self, visit: PageVisit) -> FetchError | None:
        """What the gate knows of a failed navigation; the browser was only told that it failed."""
        way = visit.slot.identity.way
        url = visit.navigations[-1].url if visit.navigations else visit.request.url
        failure = self.pool.gate.failure(way, url) if way is not None else None
        return FetchError(*failure) if failure is not None else None

    async def _visit(self, visit: PageVisit) -> Response:
        """The journey of a page: prepare, navigate, steps, HTML, captures."""
        failure: StepFailed | None = None
        await visit.slot.begin(visit.request.url)
        await control_requests(visit, self._request_allowed)
        await put_cookies(visit)
        await hooks.begin_page(visit)
        watch_navigations(visit)
        try:
            try:
                await steps.take_steps(steps.PREPARE, visit)
                await hooks.before_goto(visit)
                if (
                    visit.request.before_send is not None
                    and not visit.run.js_only
                    and not urls.is_raw(visit.request.url)
                ):
                    await visit.request.before_send(visit.request.url)
                async with _stopped_when_endless(visit):
                    if not visit.run.js_only:
                        await navigate(visit)
                        await hooks.after_goto(visit)
                    if not visit.is_download:
                        await steps.take_steps(steps.STEPS, visit)
                        if visit.run.js_only and visit.run.js_code:
                            # A script has ended before the browser asks for the page it leads to.
                            await asyncio.sleep(_AFTER_SCRIPT)
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
            await take_cookies(visit)
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
