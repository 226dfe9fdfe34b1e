"""What happens on a page between its navigation and the capture of its HTML, in the documented order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from nephila.fetch.browser.captures import take_captures
from nephila.fetch.browser.console import record_console
from nephila.fetch.browser.downloads import finish_downloads, watch_downloads
from nephila.fetch.browser.page_visit import PageVisit
from nephila.fetch.browser.recording import finish_recordings, record_network
from nephila.fetch.browser.scripts import run_before_wait, run_js_code
from nephila.fetch.browser.waiting import wait_for, wait_for_body, wait_for_images

Step: TypeAlias = Callable[[PageVisit], Awaitable[None]]
"""Does its part when the visit's config asks for it, and costs nothing when not."""


async def delay(visit: PageVisit) -> None:
    """`delay_before_return_html`."""
    if visit.run.delay_before_return_html:
        await asyncio.sleep(min(visit.run.delay_before_return_html, visit.remaining()))


PREPARE: Final[Sequence[Step]] = (watch_downloads, record_network, record_console)
"""Before navigation: hooks and the recording of what the page does."""

STEPS: Final[Sequence[Step]] = (
    wait_for_body,
    wait_for_images,
    run_before_wait,
    wait_for,
    delay,
    run_js_code,
)
"""After navigation, before the HTML is taken: body, images and viewport, scan_full_page, js_code_before_wait, user
simulation, wait_for, virtual scroll, before_retrieve_html, delay, js_code, iframes, shadow roots, consent, overlays."""

CAPTURES: Final[Sequence[Step]] = (take_captures,)
"""After the HTML is taken: before_return_html, PDF, MHTML, accessibility tree, screenshot."""

ENDINGS: Final[Sequence[Step]] = (finish_downloads, finish_recordings)
"""At last, whatever became of the page: waiting for its downloads, and completing what was recorded."""


async def take_steps(steps: Sequence[Step], visit: PageVisit) -> None:
    """Take them one after the other.

    Raises:
        StepFailed: One of them could not be done.
    """
    for step in steps:
        await step(visit)
