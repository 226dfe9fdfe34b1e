"""`process_iframes`: what the frames of a page show."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nephila.fetch.browser.composing import FrameContent, Parts, composed
from nephila.fetch.browser.failures import is_gone
from nephila.fetch.browser.page_visit import PageVisit
from nephila.fetch.browser.shadow import hold_closed_roots, new_key

if TYPE_CHECKING:
    from playwright.async_api import Frame

_MAX_FRAMES: Final = 100
_MAX_DEPTH: Final = 8
_FRAME_SECONDS: Final = 4.0
"""For one frame."""

_SECONDS: Final = 15.0
"""For all of them."""

_LOAD_LAZY: Final = """milliseconds => {
    // Those out of sight are not loaded until they are asked for.
    const frames = Array.from(document.querySelectorAll('iframe[loading=lazy]')).slice(0, 100);
    const loaded = frames.map(frame => new Promise(done => {
        if (frame.contentDocument === null || frame.contentDocument.URL !== 'about:blank') return done();
        frame.addEventListener('load', done, {once: true});
        frame.loading = 'eager';
    }));
    return Promise.race([Promise.all(loaded), new Promise(done => setTimeout(done, milliseconds))]).then(() => true);
}"""


@dataclass(slots=True)
class _Budget:
    frames: int
    characters: int
    until: float
    key: str | None

    def seconds(self) -> float:
        return max(0.0, min(_FRAME_SECONDS, self.until - asyncio.get_running_loop().time()))


async def collect_frames(visit: PageVisit) -> None:
    """Take the content of every frame, nested ones in their places.

    It is put into the HTML when that is taken: where the frame is, in a `div` whose `data-frame-url` says where it is
    from, as markup that runs nothing, its URLs made absolute against the frame's own.
    """
    if not visit.run.process_iframes:
        return
    now = asyncio.get_running_loop().time()
    until = now + min(_SECONDS, visit.remaining() * 0.6)
    key = new_key() if visit.run.flatten_shadow_dom else None
    budget = _Budget(_MAX_FRAMES, visit.request.max_body_bytes, until, key)
    if key is not None and visit.page.main_frame.child_frames:
        await hold_closed_roots(visit, visit.page.main_frame, key, pierce=True)
    visit.parts.frames = await _within(visit, visit.page.main_frame, budget, 1)


async def _within(visit: PageVisit, parent: Frame, budget: _Budget, depth: int) -> list[FrameContent]:
    """The content of a frame's frames."""
    from playwright.async_api import Error

    contents: list[FrameContent] = []
    if depth == 1 and parent.child_frames:
        await parent.evaluate(_LOAD_LAZY, budget.seconds() * 500)
    for frame in parent.child_frames:
        if frame.is_detached():
            continue
        if not budget.frames or depth > _MAX_DEPTH or not budget.seconds() or budget.characters <= 0:
            visit.rendered.warnings.append("Not every frame was taken: there are too many, or it took too long.")
            break
        budget.frames -= 1
        try:
            async with asyncio.timeout(budget.seconds()):
                content = await _content(visit, frame)
        except (Error, TimeoutError) as error:
            if is_gone(str(error)) and not frame.is_detached():
                raise
            visit.rendered.warnings.append(f"A frame could not be taken: {frame.url[:200]}")
            continue
        inner = Parts(await _within(visit, frame, budget, depth + 1))
        await _fill(visit, frame, content, inner, budget)
        if content.html.strip():
            contents.append(content)
    return contents


async def _content(visit: PageVisit, frame: Frame) -> FrameContent:
    """The frame's element and place, once it is there."""
    await frame.wait_for_load_state("domcontentloaded", timeout=_FRAME_SECONDS * 1000)
    return FrameContent(await frame.frame_element(), frame.url, frame.name, "")


async def _fill(visit: PageVisit, frame: Frame, content: FrameContent, inner: Parts, budget: _Budget) -> None:
    from playwright.async_api import Error

    flatten, key = visit.run.flatten_shadow_dom, budget.key
    try:
        async with asyncio.timeout(max(0.5, budget.seconds())):
            if key is not None:
                await hold_closed_roots(visit, frame, key, pierce=True)
            html = await composed(frame, inner, budget.characters, flatten=flatten, inner=True, key=key)
    except (Error, TimeoutError) as error:
        if is_gone(str(error)) and not frame.is_detached():
            raise
        visit.rendered.warnings.append(f"A frame could not be taken: {frame.url[:200]}")
        return
    if len(html) > budget.characters:
        visit.rendered.warnings.append(f"A frame was too large to be taken: {frame.url[:200]}")
        return
    content.html = html
    budget.characters -= len(html)
