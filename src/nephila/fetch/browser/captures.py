"""The captures of a page, each bounded in time, none spoiling another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.accessibility import take_accessibility
from nephila.fetch.browser.documents import take_mhtml, take_pdf
from nephila.fetch.browser.failures import classify, is_gone
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.fetch.browser.screenshots import take_screenshot

_CAPTURES: Final[Sequence[tuple[str, str, Callable[[PageVisit], Awaitable[None]]]]] = (
    ("pdf", "PDF", take_pdf),
    ("capture_mhtml", "MHTML", take_mhtml),
    ("capture_accessibility", "accessibility tree", take_accessibility),
    ("screenshot", "screenshot", take_screenshot),
)

_RESERVE: Final = 0.1
"""Part of the time that is left for handing over what there is."""


async def take_captures(visit: PageVisit) -> None:
    """Take what is asked for; one that fails does not keep the others from being taken.

    Raises:
        StepFailed: The first that failed.
    """
    failure: StepFailed | None = None
    for option, name, capture in _CAPTURES:
        if not getattr(visit.run, option):
            continue
        if visit.is_download:
            failed: StepFailed | None = StepFailed(
                ErrorCode.BROWSER, f"There is no {name}: the URL leads to a download, not to a page."
            )
        else:
            failed = await _failure_of(visit, name, capture)
        failure = failure or failed
    if failure is not None:
        raise failure


async def _failure_of(
    visit: PageVisit, name: str, capture: Callable[[PageVisit], Awaitable[None]]
) -> StepFailed | None:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(visit.patience(reserve=_RESERVE) / 1000) as scope:
            await capture(visit)
    except StepFailed as failed:
        return failed
    except TimeoutError:
        if not scope.expired():
            raise
        message = f"There is no {name}: it was not ready before the deadline (page_timeout)."
        return StepFailed(ErrorCode.TIMEOUT, message)
    except Error as error:
        if is_gone(str(error)):
            raise
        _, reason = classify(error, visit.request.url)
        return StepFailed(ErrorCode.BROWSER, f"There is no {name}. {reason}")
    return None
