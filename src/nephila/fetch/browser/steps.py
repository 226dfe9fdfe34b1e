"""What happens on a page between its navigation and the capture of its HTML, in the documented order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from nephila.fetch.browser.behaviour import override_navigator, simulate_user
from nephila.fetch.browser.c4a_program import run_c4a_script
from nephila.fetch.browser.captures import take_captures
from nephila.fetch.browser.consent import remove_consent_popups
from nephila.fetch.browser.console import record_console
from nephila.fetch.browser.downloads import finish_downloads, watch_downloads
from nephila.fetch.browser.frames import collect_frames
from nephila.fetch.browser.hooks import before_retrieve_html, before_return_html, execution_ended, execution_started
from nephila.fetch.browser.overlays import remove_overlays
from nephila.fetch.browser.page_visit import PageVisit
from nephila.fetch.browser.recording import finish_recordings, record_network
from nephila.fetch.browser.scripts import run_before_wait, run_scripts
from nephila.fetch.browser.scrolling import scan_full_page
from nephila.fetch.browser.viewport import adjust_viewport
from nephila.fetch.browser.virtual_scroll import scroll_virtual_list
from nephila.fetch.browser.waiting import wait_for, wait_for_body, wait_for_images

Step: TypeAlias = Callable[[PageVisit], Awaitable[None]]
"""Does its part when the visit's config asks for it, and costs nothing when not."""


async def delay(visit: PageVisit) -> None:
    """`delay_before_return_html`."""
    if visit.run.delay_before_return_html:
        await asyncio.sleep(min(visit.run.delay_before_return_html, visit.remaining()))


async def run_js_code(visit: PageVisit) -> None:
    """`js_code`, or `c4a_script` when there is none; what they give becomes `js_execution_result`."""
    if visit.run.c4a_script and not visit.run.js_code:
        visit.rendered.js_execution_result = await run_c4a_script(visit)
    else:
        visit.rendered.js_execution_result = await run_scripts(visit, visit.run.js_code)


PREPARE: Final[Sequence[Step]] = (override_navigator, watch_downloads, record_network, record_console)
"""Before navigation: hooks and the recording of what the page does."""

STEPS: Final[Sequence[Step]] = (
    wait_for_body,
    wait_for_images,
    adjust_viewport,
    scan_full_page,
    run_before_wait,
    simulate_user,
    wait_for,
    scroll_virtual_list,
    before_retrieve_html,
    delay,
    execution_started,
    run_js_code,
    execution_ended,
    collect_frames,
    remove_consent_popups,
    remove_overlays,
)
"""After navigation, before the HTML is taken: body, images and viewport, scan_full_page, js_code_before_wait, user
simulation, wait_for, virtual scroll, before_retrieve_html, delay, js_code, iframes, consent, overlays. Shadow roots are
opened in the copy that is taken."""

CAPTURES: Final[Sequence[Step]] = (before_return_html, take_captures)
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
