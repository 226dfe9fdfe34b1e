"""Pictures of a page: of the window, of the whole page whatever its height, of one element."""

from __future__ import annotations

import asyncio
import base64
import math
from dataclasses import dataclass
from typing import Any, Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.fetch.browser.png import PngError, PngStack, PngTooLargeError

_MAX_SIDE: Final = 16_384
"""Pixels: what a graphics card draws in one piece; beyond it, Chromium repeats what it has."""

_MAX_JPEG: Final = 65_500
_MAX_WEBP: Final = 16_383
"""Pixels: what the formats can hold (ITU-T T.81, table B.2; RFC 9649, section 2.5)."""

_PART_PIXELS: Final = 16_000_000
"""Of one part, so that it takes tens of megabytes and not hundreds."""

_FONTS_SECONDS: Final = 2.0

_RECTANGLE: Final = """selector => {
    const element = document.querySelector(selector);
    if (!element) return null;
    const box = element.getBoundingClientRect();
    return [box.left + scrollX, box.top + scrollY, box.width, box.height];
}"""

_FONTS: Final = "() => document.fonts ? document.fonts.ready.then(() => true) : true"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a page, in CSS pixels from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


async def take_screenshot(visit: PageVisit) -> None:
    """`screenshot`.

    Raises:
        StepFailed: There is no picture, and why.
    """
    run = visit.run
    if not run.screenshot:
        return
    if run.screenshot_wait_for:
        await asyncio.sleep(min(run.screenshot_wait_for, visit.remaining()))
    await _fonts_ready(visit)
    await _keep_window(visit)
    area = await _area(visit)
    try:
        picture = await _picture(visit, area)
        too_large = len(picture) > run.max_capture_bytes
    except PngTooLargeError:
        picture, too_large = b"", True
    except PngError as error:
        raise StepFailed(ErrorCode.BROWSER, f"There is no screenshot: {error}.") from None
    if not picture and not too_large:
        raise StepFailed(ErrorCode.BROWSER, "There is no screenshot: the browser gave an empty picture.")
    if too_large:
        message = f"There is no screenshot: it is larger than max_capture_bytes ({run.max_capture_bytes:,} bytes)."
        raise StepFailed(ErrorCode.TOO_LARGE, message)
    visit.rendered.screenshot = base64.b64encode(picture).decode("ascii")


async def _fonts_ready(visit: PageVisit) -> None:
    """Text is drawn when its fonts are there; one that does not come is not waited for."""
    try:
        async with asyncio.timeout(min(_FONTS_SECONDS, visit.remaining() / 4)):
            await visit.page.evaluate(_FONTS)
    except TimeoutError:
        visit.rendered.warnings.append("The screenshot was taken before all fonts of the page were there.")


async def _keep_window(visit: PageVisit) -> None:
    """Say once more what the window is like: after a picture, the browser goes back to what this session has said."""
    size = visit.page.viewport_size
    if size is None:
        return
    window = {**size, "deviceScaleFactor": visit.browser.device_scale_factor, "mobile": False}
    await (await visit.slot.cdp()).send("Emulation.setDeviceMetricsOverride", window)


async def _area(visit: PageVisit) -> Area | None:
    """What the picture is to show; None means the window."""
    if visit.run.screenshot_selector is not None:
        return await _element(visit, visit.run.screenshot_selector)
    if visit.run.force_viewport_screenshot:
        return None
    metrics: dict[str, Any] = await (await visit.slot.cdp()).send("Page.getLayoutMetrics")
    size, window = metrics["cssContentSize"], metrics["cssLayoutViewport"]
    # A page that is lower than the window fills it.
    height = max(size["height"], window["clientHeight"])
    return Area(0, 0, max(size["width"], window["clientWidth"]), height)


async def _element(visit: PageVisit, selector: str) -> Area:
    from playwright.async_api import Error

    try:
        found: list[float] | None = await visit.page.evaluate(_RECTANGLE, selector)
    except Error as error:
        if "is not a valid selector" not in str(error):
            raise
        message = f"screenshot_selector {selector[:200]!r} is not a valid selector."
        raise StepFailed(ErrorCode.USER_CODE, message) from None
    if found is None:
        raise StepFailed(
            ErrorCode.BROWSER, f"There is no screenshot: nothing matches screenshot_selector {selector[:200]!r}."
        )
    left, top, width, height = found
    left, top, right, bottom = math.floor(left), math.floor(top), math.ceil(left + width), math.ceil(top + height)
    if right <= left or bottom <= top:
        raise StepFailed(
            ErrorCode.BROWSER,
            f"There is no screenshot: what matches screenshot_selector {selector[:200]!r} has no size.",
        )
    return Area(left, top, right - left, bottom - top)


async def _picture(visit: PageVisit, area: Area | None) -> bytes:
    run = visit.run
    if area is None:
        return await _capture(visit, None)
    scale = visit.browser.device_scale_factor
    if area.width * scale > _MAX_SIDE:
        area = Area(area.left, area.top, _MAX_SIDE // scale, area.height)
        visit.rendered.warnings.append(f"The screenshot shows the {area.width:,.0f} pixels on the left of the page.")
    if run.screenshot_format != "png":
        highest = _MAX_WEBP if run.screenshot_format == "webp" else _MAX_JPEG
        if not visit.slot.running.owned:
            # It may draw with a graphics card; one that is started here does not.
            highest = min(highest, _MAX_SIDE)
        if area.height * scale > highest:
            message = (
                f"There is no screenshot: {area.height:,.0f} pixels are too many for "
                f"screenshot_format={run.screenshot_format!r}, which holds {highest:,}; take 'png'."
            )
            raise StepFailed(ErrorCode.BROWSER, message)
        return await _capture(visit, area)
    if area.height <= min(run.screenshot_height_threshold, _MAX_SIDE / scale):
        return await _capture(visit, area)
    return await _in_parts(visit, area, _part_height(area.width, scale, run.screenshot_height_threshold))


def _part_height(width: float, scale: float, threshold: int) -> int:
    """CSS pixels of one part: a whole number of the screen's pixels, whatever the scale."""
    most = int(min(threshold, _MAX_SIDE / scale, _PART_PIXELS / (width * scale * scale)))
    return most // 1000 * 1000 if most >= 1000 else max(1, most)


async def _in_parts(visit: PageVisit, area: Area, part: int) -> bytes:
    stack = PngStack(visit.run.max_capture_bytes)
    top, bottom = area.top, area.top + area.height
    while top < bottom:
        height = min(part, bottom - top)
        png = await _capture(visit, Area(area.left, top, area.width, height), whole=False)
        # The joining is done in C, outside the lock.
        await asyncio.to_thread(stack.add, png)
        top += height
    return await asyncio.to_thread(stack.finish)


async def _capture(visit: PageVisit, area: Area | None, *, whole: bool = True) -> bytes:
    run = visit.run
    asked: dict[str, Any] = {"format": run.screenshot_format}
    if run.screenshot_format != "png":
        asked["quality"] = run.screenshot_quality
    if not whole:
        asked["optimizeForSpeed"] = True
    if area is not None:
        clip = {"x": area.left, "y": area.top, "width": area.width, "height": area.height, "scale": 1}
        asked |= {"clip": clip, "captureBeyondViewport": True}
    answer = await (await visit.slot.cdp()).send("Page.captureScreenshot", asked)
    return base64.b64decode(answer["data"])
