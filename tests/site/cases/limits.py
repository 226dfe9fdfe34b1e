"""Responses without an end, too slow, or too large."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tests.site.cases.case import HTML, PAGE, Case, Other, encoded, head, page
from tests.site.exchange import Answer, Exchange, Handler

_TYPE = HTML.rstrip()
_CHUNKED = b"Transfer-Encoding: chunked"
_SMALL = {"max_body_bytes": 2_000_000}
_SHORT = {"page_timeout": 500}
_MEMORY = 48.0 + 40.0
"""For the 2 MB of HTML that are kept and read."""


def endless(opening: bytes, more: bytes, pause: float = 0.0) -> Handler:
    """A handler that sends `opening`, then `more` for ever."""

    async def handler(exchange: Exchange) -> None:
        await exchange.send(opening)
        while True:
            await exchange.send(more)
            await (exchange.sleep(pause) if pause else asyncio.sleep(0))

    return handler


async def _never(exchange: Exchange) -> None:
    await exchange.sleep(3600)


async def _stalls(exchange: Exchange) -> None:
    await exchange.send(head(_TYPE, b"Content-Length: 100000"), PAGE)
    await exchange.sleep(3600)


async def _slow_but_sure(exchange: Exchange) -> None:
    await exchange.send(head(_TYPE, b"Content-Length: %d" % len(PAGE)))
    for start in range(0, len(PAGE), 10):
        await exchange.send(PAGE[start : start + 10])
        await exchange.sleep(0.03)


async def _slow_start(exchange: Exchange) -> None:
    await exchange.sleep(0.4)
    await exchange.send(page())


def _many_headers(exchange: Exchange) -> Answer:
    return Answer(PAGE, headers=tuple((f"x-{number}", "y") for number in range(3000)))


_LINE = b"<p>" + b"word " * 4000 + b"</p>\n"
_NOTHING = {"status": None, "contains": ""}

_GARBAGE: Mapping[str, Other] = {"curl": {"code": "protocol"}}

LIMITS = (
    Case("silent", _never, code="timeout", options=_SHORT, **_NOTHING),
    Case(
        "headers-drip", endless(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", 0.05), code="timeout", options=_SHORT, **_NOTHING
    ),
    Case("status-line-drips", endless(b"HTTP/1.1 200 ", b"O", 0.05), code="timeout", options=_SHORT, **_NOTHING),
    Case("body-drips", endless(head(_TYPE) + PAGE, b"x", 0.05), code="timeout", options=_SHORT),
    Case("body-stalls", _stalls, code="timeout", options=_SHORT, message="page_timeout"),
    Case("slow-start", _slow_start, options={"min_speed": 100_000, "min_speed_window": 0.1}),
    Case(
        "body-too-slow",
        endless(head(_TYPE) + PAGE, b"x", 0.05),
        code="timeout",
        message="min_speed",
        options={"min_speed": 1000, "min_speed_window": 0.2},
    ),
    Case("body-slow-but-sure", _slow_but_sure, options={"min_speed": 100, "min_speed_window": 0.2}),
    Case("body-slow-and-unlimited", _slow_but_sure, options={"min_speed": 0, "min_speed_window": 0.1}),
    Case("endless-body", endless(head(_TYPE) + PAGE, _LINE), code="too_large", options=_SMALL, memory=_MEMORY),
    Case(
        "endless-chunks",
        endless(head(_TYPE, _CHUNKED) + b"%x\r\n%b\r\n" % (len(PAGE), PAGE), b"%x\r\n%b\r\n" % (len(_LINE), _LINE)),
        code="too_large",
        options=_SMALL,
        memory=_MEMORY,
    ),
    Case(
        "endless-tiny-chunks",
        endless(head(_TYPE, _CHUNKED) + b"%x\r\n%b\r\n" % (len(PAGE), PAGE), b"1\r\nx\r\n" * 4000),
        code="too_large",
        options={"max_body_bytes": 200_000},
    ),
    Case(
        "endless-chunk-size",
        endless(head(_TYPE, _CHUNKED), b"0" * 60_000),
        code="timeout",
        contains="",
        options=_SHORT,
        on={"curl": {"code": "protocol"}},
    ),
    Case(
        "endless-chunk-extension",
        endless(head(_TYPE, _CHUNKED) + b"5;", b"x" * 60_000),
        code="timeout",
        contains="",
        options=_SHORT,
    ),
    Case(
        "endless-trailers",
        endless(head(_TYPE, _CHUNKED) + b"%x\r\n%b\r\n0\r\n" % (len(PAGE), PAGE), b"X-Trailer: y\r\n" * 4000),
        code="protocol",
        on={"curl": {"code": "too_large"}},
    ),
    Case("endless-status-line", endless(b"HTTP/1.1 200 ", b"O" * 60_000), code="too_large", **_NOTHING),
    Case("endless-header", endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 60_000), code="too_large", **_NOTHING),
    Case("endless-headers", endless(b"HTTP/1.1 200 OK\r\n", b"x-header: y\r\n" * 5000), code="too_large", **_NOTHING),
    Case(
        "endless-informational", endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000), code="too_large", **_NOTHING
    ),
    Case("endless-blank-lines", endless(b"", b"\r\n" * 30_000), code="too_large", on=_GARBAGE, **_NOTHING),
    Case("endless-garbage", endless(b"", b"\xff\0" * 30_000), code="protocol", **_NOTHING),
    Case("three-thousand-headers", _many_headers, code="too_large", message="max_headers", **_NOTHING),
    Case("three-thousand-headers-allowed", _many_headers, options={"max_headers": 4000}),
    Case("header-of-300-kb", head(b"X-Large: " + b"x" * 300_000, _TYPE) + PAGE, code="too_large", **_NOTHING),
    Case("header-of-100-kb", head(b"X-Large: " + b"x" * 100_000, _TYPE) + PAGE),
    Case(
        "header-limit-lowered",
        head(b"X-Large: " + b"x" * 3000, _TYPE) + PAGE,
        code="too_large",
        options={"max_header_bytes": 2000},
        **_NOTHING,
    ),
    Case("announced-too-large", head(_TYPE, b"Content-Length: 999999999999") + PAGE, code="too_large", contains=""),
    Case("exactly-at-the-limit", page(), options={"max_body_bytes": len(PAGE)}),
    Case("one-byte-over-the-limit", page(), code="too_large", contains="", options={"max_body_bytes": len(PAGE) - 1}),
    Case("one-over-unannounced", head(_TYPE) + PAGE, code="too_large", options={"max_body_bytes": len(PAGE) - 1}),
    Case("deep-nesting", encoded(PAGE + b"<div>" * 200_000, "identity"), memory=300),
)
