"""The caller's scripts, run on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nephila.fetch.browser.failures import is_gone, is_navigation
from nephila.fetch.browser.page_visit import PageVisit
from nephila.models import JSONValue

_VALUE: Final = """
    if (typeof result === 'function') result = await result();
    if (result === undefined) return null;
    try { return JSON.parse(JSON.stringify(result)); } catch { return String(result); }
"""


async def run_scripts(visit: PageVisit, scripts: str | Sequence[str] | None) -> dict[str, JSONValue] | None:
    """Run the scripts one after the other, each as the body of an async function or as an expression.

    Returns:
        `success`, and `results` with one item for each: its value as JSON, or `success: false` and its `error`.
        None when there is no script.
    """
    if not scripts:
        return None
    results: list[JSONValue] = []
    for script in [scripts] if isinstance(scripts, str) else scripts:
        results.append(await run_script(visit, script))
    failed = any(isinstance(result, dict) and result.get("success") is False for result in results)
    return {"success": not failed, "results": results}


async def run_script(visit: PageVisit, script: str) -> JSONValue:
    """Run one script; its value as JSON, or `success: false` and its `error`."""
    from playwright.async_api import Error

    try:
        try:
            # Not `eval` on the page, which its security policy may forbid.
            result: JSONValue = await visit.page.evaluate(
                f"async () => {{ let result = await ({script}\n); {_VALUE} }}"
            )
        except Error as error:
            if "SyntaxError" not in str(error):
                raise
            body = f"async () => {{ let result = await (async () => {{ {script}\n }})(); {_VALUE} }}"
            result = await visit.page.evaluate(body)
    except Error as error:
        if is_gone(str(error)):
            raise
        if is_navigation(str(error)):
            # The script has led to another page, as scripts may.
            await visit.page.wait_for_load_state("domcontentloaded", timeout=visit.patience(reserve=0.1))
            return None
        return {"success": False, "error": str(error).partition("\n    at ")[0][:1000]}
    return result


async def run_before_wait(visit: PageVisit) -> None:
    """`js_code_before_wait`; what fails is a warning."""
    outcome = await run_scripts(visit, visit.run.js_code_before_wait)
    if outcome is not None and not outcome["success"]:
        visit.rendered.warnings.append("js_code_before_wait failed; see the console of the page.")
