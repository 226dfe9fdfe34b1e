"""Waiting for a page to be ready: its body, a selector, a condition, its images."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.failures import is_gone
from nephila.fetch.browser.page_visit import PageVisit, StepFailed

_BODY_SECONDS: Final = 5.0

_FUNCTION: Final = re.compile(r"(?:async\s+)?(?:function\b|\([^()]*\)\s*=>|[A-Za-z_$][\w$]*\s*=>)")

_STATEMENT: Final = re.compile(r"(?:return|const|let|var|if|for|while|throw|try)\b|.*;")

_BODY_VISIBLE: Final = """() => {
    const body = document.body;
    if (!body) return false;
    const style = getComputedStyle(body);
    return style.display !== 'none' && style.visibility !== 'hidden' && style.opacity !== '0';
}"""

_IMAGES_LOADED: Final = """() => Array.from(document.images).every(
    image => image.complete || (image.loading === 'lazy' && image.getBoundingClientRect().top > innerHeight)
)"""

_SELECTOR_FOUND: Final = "selector => document.querySelector(selector) !== null"


async def wait_for_body(visit: PageVisit) -> None:
    """Wait until there is a body, and with `ignore_body_visibility=False` until it can be seen."""
    if visit.run.ignore_body_visibility:
        return
    from playwright.async_api import TimeoutError as PageTimeoutError

    try:
        await visit.page.wait_for_function(_BODY_VISIBLE, timeout=visit.patience(_BODY_SECONDS * 1000, 0.1))
    except PageTimeoutError:
        visit.rendered.warnings.append(f"The page's body was not visible after {_BODY_SECONDS:.0f} s.")


async def wait_for_images(visit: PageVisit) -> None:
    """Wait until the images in view are there; those that never come are a warning, not an error."""
    if not visit.run.wait_for_images:
        return
    from playwright.async_api import TimeoutError as PageTimeoutError

    try:
        await visit.page.wait_for_function(_IMAGES_LOADED, timeout=visit.patience(visit.run.wait_for_timeout, 0.2))
    except PageTimeoutError:
        visit.rendered.warnings.append("Not all images were there in time (wait_for_images).")


async def wait_for(visit: PageVisit) -> None:
    """Wait for what `wait_for` says.

    Raises:
        StepFailed: It did not come true within `wait_for_timeout` (`timeout`), or it cannot be understood
            (`user_code`).
    """
    condition = visit.run.wait_for
    if not condition:
        return
    kind, expression = parse_condition(condition)
    timeout = visit.patience(visit.run.wait_for_timeout, 0.1)
    last = ""
    try:
        async with asyncio.timeout(timeout / 1000):
            for pause in _pauses():
                fulfilled, last = await _holds(visit, kind, expression)
                if fulfilled:
                    return
                await asyncio.sleep(pause)
    except TimeoutError:
        because = f" It last raised: {last}" if last else ""
        message = f"wait_for {condition[:200]!r} did not come true within {timeout / 1000:.1f} s.{because}"
        raise StepFailed(ErrorCode.TIMEOUT, message) from None


def _pauses() -> Iterator[float]:
    """Seconds between two looks."""
    yield from (0.01, 0.02, 0.04, 0.08)
    while True:
        yield 0.1


async def _holds(visit: PageVisit, kind: str, expression: str) -> tuple[bool, str]:
    """Whether the condition is fulfilled now, and what it raised.

    Raises:
        StepFailed: It can never be (`user_code`).
    """
    from playwright.async_api import Error

    try:
        if kind == "css":
            return bool(await visit.page.evaluate(_SELECTOR_FOUND, expression)), ""
        return bool(await visit.page.evaluate(expression)), ""
    except Error as error:
        message = str(error).partition("\n")[0][:300]
        if is_gone(message):
            raise
        if "SyntaxError" in message or "is not a valid selector" in message:
            raise StepFailed(ErrorCode.USER_CODE, f"wait_for cannot be understood: {message}") from None
        # It may be true a moment later: what it looks for is not there yet, or the page is just going elsewhere.
        return False, message


def parse_condition(condition: str) -> tuple[str, str]:
    """The kind of a `wait_for`, `css` or `js`, and the selector or the function.

    Without a prefix, what looks like a function is one, and all else is a selector.
    """
    text = condition.strip()
    prefix, colon, rest = text.partition(":")
    kind = prefix.strip().lower() if colon else ""
    if kind == "css":
        return "css", rest.strip()
    if kind == "js":
        return "js", as_function(rest.strip())
    return ("js", as_function(text)) if _FUNCTION.match(text) else ("css", text)


def as_function(script: str) -> str:
    """The script as a function: one is taken as it is, an expression's value is returned, statements are its body."""
    if _FUNCTION.match(script):
        return script
    if _STATEMENT.match(script):
        return f"() => {{ {script}\n}}"
    return f"() => ({script}\n)"


def quoted(text: str) -> str:
    """The text as a JavaScript string literal that no text can break out of."""
    # JSON is JavaScript, but for these two, which end a line there (ECMA-262 before 2019).
    return json.dumps(text).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
