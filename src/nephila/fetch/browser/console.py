"""What pages write to the console, and the errors they do not catch."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from nephila.fetch.browser.page_visit import PageVisit
from nephila.models import JSONValue
from nephila.net.url import redacted

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Error

logger = logging.getLogger("nephila.page")

_MAX_MESSAGES: Final = 5_000
_MAX_LENGTH: Final = 10_000
"""Characters of one message, and of one stack."""

_LEVELS: Final = {"error": logging.WARNING, "warning": logging.WARNING, "assert": logging.WARNING}


async def record_console(visit: PageVisit) -> None:
    """`capture_console_messages` and `log_console`."""
    run = visit.run
    if not (run.capture_console_messages or run.log_console):
        return
    kept: list[dict[str, JSONValue]] = []
    if run.capture_console_messages:
        visit.rendered.console_messages = kept
    url = redacted(visit.request.url[:200])

    def take(kind: str, text: str, stack: str | None = None) -> None:
        text = text[:_MAX_LENGTH]
        if run.log_console:
            # No line that a page writes may look like one of somebody else's.
            logger.log(_LEVELS.get(kind, logging.INFO), "%s [%s] %s", url, kind, " ".join(text.split()))
        if not run.capture_console_messages:
            return
        if len(kept) == _MAX_MESSAGES:
            if not any(warning.startswith("console_messages") for warning in visit.rendered.warnings):
                visit.rendered.warnings.append(f"console_messages holds the first {_MAX_MESSAGES:,} messages.")
            return
        message: dict[str, JSONValue] = {"type": kind, "text": text, "timestamp": time.time()}
        if stack is not None:
            message["stack"] = stack[:_MAX_LENGTH]
        kept.append(message)

    def on_console(message: ConsoleMessage) -> None:
        take(message.type, message.text)

    def on_error(error: Error) -> None:
        name = error.name or "Error"
        take("error", f"{name}: {error.message}", error.stack or "")

    visit.page.on("console", on_console)
    visit.page.on("pageerror", on_error)
    visit.unwatch.append(lambda: visit.page.remove_listener("console", on_console))
    visit.unwatch.append(lambda: visit.page.remove_listener("pageerror", on_error))
