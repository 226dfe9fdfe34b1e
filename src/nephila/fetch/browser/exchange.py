"""A request with its answer, once it has ended, with everything a recording may want to know."""

from __future__ import annotations

import codecs
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import Request, Response

Fields = list[tuple[str, str]]
"""Header fields in their order."""

_TEXT_ENDINGS: Final = ("json", "xml", "javascript", "ecmascript", "x-www-form-urlencoded", "graphql")


@dataclass(slots=True)
class Exchange:
    """A request and its answer.

    Attributes:
        started: Seconds since the epoch.
        timing: Milliseconds since `started`, -1 for what did not happen; the names are those of Resource Timing.
        status: 0 when there was no answer.
        body: The answer's, without its content encoding; None when it is not kept.
        body_note: Why it is not, if it should be: `length` when there are too many bytes, `unspecified` when the
            browser does not have it any more.
        wire_bytes: Of the body as it was sent; -1 when that is unknown.
        failure: The browser's name for what went wrong; empty when nothing did.
    """

    url: str
    method: str
    resource_type: str
    started: float
    timing: dict[str, float]
    request_headers: Fields = field(default_factory=list)
    post_data: bytes | None = None
    status: int = 0
    status_text: str = ""
    response_headers: Fields = field(default_factory=list)
    http_version: str = ""
    server: str = ""
    body: bytes | None = None
    body_note: str = ""
    wire_bytes: int = -1
    failure: str = ""

    @property
    def content_type(self) -> str:
        """The answer's `Content-Type`; empty when it has none."""
        return first_of(self.response_headers, "content-type")

    def text(self) -> str | None:
        """The answer's body when it is text."""
        if self.body is None or not is_text(self.content_type):
            return None
        _, _, charset = self.content_type.lower().partition("charset=")
        try:
            decoder = codecs.lookup(charset.partition(";")[0].strip(' "') or "utf-8")
        except LookupError:
            decoder = codecs.lookup("utf-8")
        try:
            return decoder.decode(self.body, "replace")[0]
        except (ValueError, AssertionError):
            # A codec that is none of text, such as base64.
            return self.body.decode("utf-8", "replace")


def first_of(headers: Fields, name: str) -> str:
    """The first field of that name; empty when there is none."""
    return next((value for known, value in headers if known.lower() == name), "")


def is_text(content_type: str) -> bool:
    """Whether a body of that type is for reading."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind.endswith(_TEXT_ENDINGS)


class Budget:
    """Bytes of bodies that may still be kept."""

    def __init__(self, total: int) -> None:
        self.left = total

    def take(self, size: int) -> bool:
        """Whether there is room for so many; they are taken then."""
        if size > self.left:
            return False
        self.left -= size
        return True


def timing_of(request: Request) -> dict[str, float]:
    """Playwright's timing: `startTime` in milliseconds since the epoch, the others since then, -1 for what was not."""
    return {name: value for name, value in request.timing.items() if isinstance(value, int | float)}


async def ended_exchange(request: Request, budget: Budget, *, bodies: str) -> Exchange:
    """What is known of a request that has ended.

    Args:
        request: The request.
        budget: Bounds the bodies.
        bodies: `none`, `text` or `all`: whose are kept.

    Raises:
        playwright.async_api.Error: The page has gone.
    """
    timing = timing_of(request)
    started = timing.pop("startTime", 0) / 1000
    exchange = Exchange(
        request.url,
        request.method,
        request.resource_type,
        started if started > 0 else time.time(),
        timing,
        post_data=request.post_data_buffer,
        failure=request.failure or "",
    )
    response = None if exchange.failure else await request.response()
    exchange.request_headers = [(item["name"], item["value"]) for item in await request.headers_array()]
    if response is None:
        return exchange
    exchange.status, exchange.status_text = response.status, response.status_text
    exchange.response_headers = [(item["name"], item["value"]) for item in await response.headers_array()]
    address = await response.server_addr()
    exchange.server = address["ipAddress"] if address else ""
    if hasattr(response, "http_version"):
        # Since Playwright 1.59.
        exchange.http_version = await response.http_version()
    exchange.wire_bytes = (await request.sizes())["responseBodySize"]
    if bodies == "all" or (bodies == "text" and is_text(exchange.content_type)):
        await _take_body(exchange, response, budget)
    return exchange


async def _take_body(exchange: Exchange, response: Response, budget: Budget) -> None:
    from playwright.async_api import Error

    if 300 <= exchange.status < 400 or exchange.status in (204, 205) or exchange.method == "HEAD":
        # There is none, or none that the browser has read.
        exchange.body = b""
        return
    if exchange.wire_bytes > budget.left:
        exchange.body_note = "length"
        return
    try:
        body = await response.body()
    except Error:
        # Chromium forgets the bodies of a document that has been left.
        exchange.body_note = "unspecified"
        return
    if budget.take(len(body)):
        exchange.body = body
    else:
        exchange.body_note = "length"
