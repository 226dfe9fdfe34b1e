"""`c4a_script`: its commands done as a person would, with the browser's own mouse, keys and navigation."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from nephila.c4a import syntax
from nephila.c4a.compiler import checked_program
from nephila.c4a.syntax import Command
from nephila.errors import ErrorCode
from nephila.fetch.browser.failures import is_gone, is_navigation
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.fetch.browser.scripts import run_script
from nephila.models import JSONValue

_ACTION_SECONDS: Final = 10.0
"""For an element to be there and ready to be clicked or filled."""

_TEXT_THERE: Final = "text => document.body !== null && document.body.innerText.includes(text)"


class _CommandFailed(Exception):  # noqa: N818 - becomes the result of a command
    pass


async def run_c4a_script(visit: PageVisit) -> dict[str, JSONValue]:
    """Do the commands of the config's `c4a_script`, one after the other; one that fails does not keep the next back.

    Returns:
        As for `js_code`: one result for each command, None or what an EVAL gave, or `success: false` and its `error`.

    Raises:
        StepFailed: The visit's time is up.
    """
    results: list[JSONValue] = []
    for command in checked_program(visit.run.c4a_script or ""):
        results.append(await _result(visit, command))
    failed = any(isinstance(result, dict) and result.get("success") is False for result in results)
    return {"success": not failed, "results": results}


async def _result(visit: PageVisit, command: Command) -> JSONValue:
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(visit.patience(reserve=0.3) / 1000):
            return await _run(visit, command)
    except TimeoutError:
        raise StepFailed(ErrorCode.TIMEOUT, "c4a_script was not done before the deadline (page_timeout).") from None
    except _CommandFailed as failed:
        return {"success": False, "error": str(failed)}
    except Error as error:
        if is_gone(str(error)):
            raise
        if is_navigation(str(error)):
            await _loaded(visit)
            return None
        return {"success": False, "error": str(error).partition("\nCall log")[0][:1000]}


async def _run(visit: PageVisit, command: Command) -> JSONValue:
    """Do one command; what it gives is its result."""
    match command:
        case syntax.Eval(script):
            return _value(await run_script(visit, script))
        case syntax.If(condition, then, otherwise):
            chosen = then if await _holds(visit, condition) else otherwise
            return None if chosen is None else await _run(visit, chosen)
        case syntax.Repeat():
            await _repeat(visit, command)
        case syntax.Block(_, commands):
            for one in commands:
                await _run(visit, one)
        case syntax.Pause(seconds):
            await asyncio.sleep(seconds)
        case syntax.WaitFor():
            await _wait(visit, command)
        case syntax.Go() | syntax.Travel():
            await _travel(visit, command)
        case _:
            await _gesture(visit, command)
            # What it sets off by itself, such as a link's navigation, has begun when the page answers again.
            await visit.page.evaluate("0")
    return None


def _value(result: JSONValue) -> JSONValue:
    if isinstance(result, dict) and result.get("success") is False and "error" in result:
        raise _CommandFailed(str(result["error"]))
    return result


async def _holds(visit: PageVisit, condition: syntax.Condition) -> bool:
    if condition.kind == "exists":
        found = bool(await visit.page.evaluate("css => document.querySelector(css) !== null", condition.value))
    else:
        found = bool(_value(await run_script(visit, condition.value)))
    return found != condition.negated


async def _repeat(visit: PageVisit, command: syntax.Repeat) -> None:
    times: JSONValue = command.times
    if isinstance(command.times, str):
        times = _value(await run_script(visit, command.times))
    counted = isinstance(times, int | float) and not isinstance(times, bool)
    rounds = min(int(cast(float, times)), syntax.MAX_ROUNDS) if counted else syntax.MAX_ROUNDS
    for _ in range(rounds):
        if not counted and not times:
            return
        await _run(visit, command.body)
        if not counted:
            times = _value(await run_script(visit, str(command.times)))


async def _wait(visit: PageVisit, command: syntax.WaitFor) -> None:
    from playwright.async_api import TimeoutError as PageTimeoutError

    patience = command.timeout * 1000
    try:
        if command.kind == "selector":
            await visit.page.wait_for_selector(
                f"css={command.value}", state="attached", timeout=visit.patience(patience, 0.2)
            )
            return
        await visit.page.wait_for_function(
            _TEXT_THERE, arg=command.value, polling=100, timeout=visit.patience(patience, 0.2)
        )
    except PageTimeoutError:
        raise _CommandFailed(f"{command.value[:200]!r} was not there after {command.timeout:g} s.") from None


async def _travel(visit: PageVisit, command: syntax.Go | syntax.Travel) -> None:
    page, patience = visit.page, visit.patience(reserve=0.2)
    if isinstance(command, syntax.Go):
        if visit.request.before_send is not None:
            await visit.request.before_send(command.url)
        await page.goto(command.url, wait_until="domcontentloaded", timeout=patience)
    elif command.way == "reload":
        await page.reload(wait_until="domcontentloaded", timeout=patience)
    elif command.way == "back":
        await page.go_back(wait_until="domcontentloaded", timeout=patience)
    else:
        await page.go_forward(wait_until="domcontentloaded", timeout=patience)


async def _loaded(visit: PageVisit) -> None:
    await visit.page.wait_for_load_state("domcontentloaded", timeout=visit.patience(reserve=0.1))


async def _gesture(visit: PageVisit, command: Command) -> None:
    """What is done with the mouse and the keys."""
    page = visit.page
    match command:
        case syntax.Click():
            await _click(visit, command)
        case syntax.Move(x, y):
            await page.mouse.move(x, y)
        case syntax.Drag(start, end):
            await page.mouse.move(*start)
            await page.mouse.down()
            await page.mouse.move(*end, steps=10)
            await page.mouse.up()
        case syntax.Scroll(x, y):
            await page.evaluate("([left, top]) => scrollBy({left, top, behavior: 'instant'})", [x, y])
        case syntax.Type(text):
            await page.keyboard.type(text)
        case syntax.Fill(selector, value):
            await page.locator(f"css={selector}").first.fill(value, timeout=visit.patience(_ACTION_SECONDS * 1000, 0.3))
        case syntax.Key("press", key):
            await page.keyboard.press(key)
        case syntax.Key("down", key):
            await page.keyboard.down(key)
        case syntax.Key(_, key):
            await page.keyboard.up(key)
        case _:
            raise AssertionError(command)


async def _click(visit: PageVisit, command: syntax.Click) -> None:
    page = visit.page
    if isinstance(command.target, tuple):
        x, y = command.target
        await page.mouse.click(
            x,
            y,
            button="right" if command.kind == "right" else "left",
            click_count=2 if command.kind == "double" else 1,
        )
        return
    element, patience = page.locator(f"css={command.target}").first, visit.patience(_ACTION_SECONDS * 1000, 0.3)
    if command.kind == "double":
        await element.dblclick(timeout=patience)
    else:
        await element.click(timeout=patience, button="right" if command.kind == "right" else "left")
