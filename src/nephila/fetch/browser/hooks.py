"""The caller's functions that are called at fixed points of a rendered visit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.failures import is_gone
from nephila.fetch.browser.page_visit import PageVisit, StepFailed

if TYPE_CHECKING:
    from nephila.fetch.browser.launch import RunningBrowser


async def begin_page(visit: PageVisit) -> None:
    """`on_browser_created`, `on_user_agent_updated` and `on_page_context_created`; does nothing when none is set.

    Raises:
        FetchError: One of them raised; there is nothing to be shown yet.
    """
    hooks = visit.request.hooks
    if hooks is None:
        return
    # Nobody knows what they do to the page.
    visit.slot.marked = True
    if "on_browser_created" in hooks:
        await _browser_created(visit, visit.slot.running)
    agent = visit.slot.identity.user_agent
    try:
        if agent != visit.browser.user_agent:
            await _call(visit, "on_user_agent_updated", user_agent=agent)
        await _call(visit, "on_page_context_created")
    except StepFailed as failed:
        raise FetchError(failed.code, str(failed)) from failed.__cause__


async def before_goto(visit: PageVisit) -> None:
    """The hook of that name.

    Raises:
        FetchError: It raised; there is nothing to be shown yet.
    """
    if visit.run.js_only:
        return
    try:
        await _call(visit, "before_goto", url=visit.request.url)
    except StepFailed as failed:
        raise FetchError(failed.code, str(failed)) from failed.__cause__


async def after_goto(visit: PageVisit) -> None:
    """The hook of that name."""
    await _call(visit, "after_goto", url=visit.request.url, response=visit.response)


async def before_retrieve_html(visit: PageVisit) -> None:
    """The hook of that name."""
    await _call(visit, "before_retrieve_html")


async def execution_started(visit: PageVisit) -> None:
    """`on_execution_started`, when there is something to execute."""
    if visit.run.js_code:
        await _call(visit, "on_execution_started")


async def execution_ended(visit: PageVisit) -> None:
    """`on_execution_ended`, with what the scripts gave."""
    if visit.run.js_code:
        await _call(visit, "on_execution_ended", result=visit.rendered.js_execution_result)


async def before_return_html(visit: PageVisit) -> None:
    """The hook of that name."""
    await _call(visit, "before_return_html", html=visit.html or "")


async def _browser_created(visit: PageVisit, running: RunningBrowser) -> None:
    async with running.announcing:
        if not running.announced:
            assert visit.request.hooks is not None
            browser = running.browser or visit.context.browser
            with_it = {"context": visit.context, "config": visit.run}
            await visit.request.hooks.call_on("on_browser_created", "browser", browser, with_it)
            running.announced = True


async def _call(visit: PageVisit, name: str, **context: object) -> None:
    """Call a hook, if it is set.

    Raises:
        StepFailed: It raised.
    """
    hooks = visit.request.hooks
    if hooks is None or name not in hooks:
        return
    known = {"context": visit.context, "config": visit.run, "shared_data": visit.run.shared_data, **context}
    try:
        await hooks.call_on(name, "page", visit.page, known)
    except FetchError as error:
        cause = error.__cause__
        if cause is not None and is_gone(str(cause)) and not isinstance(cause, asyncio.CancelledError):
            # It is the browser that failed, not the function.
            raise cause from None
        raise StepFailed(ErrorCode(error.code), str(error)) from cause
