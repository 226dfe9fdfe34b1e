"""Responses that break HTTP in their status line, their headers or their framing."""

from __future__ import annotations

from collections.abc import Mapping

from tests.site.cases.case import HTML, NOWHERE, PAGE, Case, Other, head, page
from tests.site.exchange import Exchange, Handler

_TYPE = HTML.rstrip()
_LENGTH = b"Content-Length: %d" % len(PAGE)
_CHUNKED = b"Transfer-Encoding: chunked"
_ONE_CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)


async def _nothing(exchange: Exchange) -> None:
    exchange.writer.close()


async def _reset_at_once(exchange: Exchange) -> None:
    exchange.abort()


async def _reset_in_headers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await exchange.sleep(0.05)
    exchange.abort()


async def _reset_in_body(exchange: Exchange) -> None:
    await exchange.send(head(_TYPE, b"Content-Length: 100000"), PAGE)
    await exchange.sleep(0.05)
    exchange.abort()


def lost(name: str, answer: Handler | bytes, code: str, on: Mapping[str, Other] = NOWHERE) -> Case:
    """A case without any response."""
    return Case(name, answer, status=None, code=code, contains="", on=on)


_ANNOUNCED: Mapping[str, Other] = {"curl": {"status": 200, "code": "too_large"}}

MESSAGES = (
    Case("plain", page()),
    lost("closed-at-once", _nothing, "connection_lost"),
    lost("reset-at-once", _reset_at_once, "connection_lost"),
    lost("reset-in-headers", _reset_in_headers, "connection_lost"),
    Case("reset-in-body", _reset_in_body, code="connection_lost"),
    lost("half-status-line", b"HTTP/1.1 2", "connection_lost"),
    lost("headers-cut-off", b"HTTP/1.1 200 OK\r\nContent-Type: te", "connection_lost"),
    lost("garbage", b"\x00\x01\x02 220 mail.example ESMTP\r\n\r\n\xff\xfe" * 20, "protocol"),
    lost("tls-alert", b"\x15\x03\x01\x00\x02\x02\x46", "protocol"),
    lost("http-0.9", b"<html><h1>HTTP/0.9 has no headers</h1></html>\r\n", "protocol"),
    Case("http-1.0", b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n" + PAGE),
    lost("http-9.9", b"HTTP/9.9 200 OK\r\n" + HTML + b"\r\n" + PAGE, "protocol"),
    Case("status-without-reason", b"HTTP/1.1 200\r\n" + HTML + _LENGTH + b"\r\n\r\n" + PAGE),
    lost("status-word", head(_TYPE, _LENGTH, status=b"fine OK"), "protocol"),
    lost("status-of-two-digits", head(_TYPE, _LENGTH, status=b"20 OK"), "protocol"),
    Case("status-999", page(status=b"999 Request denied"), status=999, code="http"),
    Case("status-404-with-page", page(status=b"404 Not Found"), status=404, code="http"),
    Case("status-500-with-page", page(status=b"500 Oops"), status=500, code="http"),
    Case("status-204-with-body", page(status=b"204 No Content"), status=204, contains=""),
    Case("status-304-with-body", page(status=b"304 Not Modified"), status=304, contains=""),
    Case(
        "status-101-unasked",
        head(b"Upgrade: x", b"Connection: upgrade", status=b"101 Switching Protocols"),
        status=101,
        code="protocol",
        contains="",
    ),
    Case("early-hints", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + page()),
    Case("continue-unasked", b"HTTP/1.1 100 Continue\r\n\r\n" + page()),
    Case("no-length", head(_TYPE) + PAGE),
    Case("length-too-long", head(_TYPE, b"Content-Length: %d" % (2 * len(PAGE))) + PAGE, code="connection_lost"),
    Case("length-too-short", head(_TYPE, _LENGTH) + PAGE + b"<p>beyond the end"),
    lost("length-negative", head(_TYPE, b"Content-Length: -5") + PAGE, "protocol"),
    lost("length-word", head(_TYPE, b"Content-Length: many") + PAGE, "protocol"),
    lost("length-huge-number", head(_TYPE, b"Content-Length: " + b"9" * 40) + PAGE, "protocol", _ANNOUNCED),
    lost("lengths-differ", head(_TYPE, b"Content-Length: 5", b"Content-Length: 10") + PAGE, "protocol"),
    lost("lengths-in-list", head(_TYPE, b"Content-Length: 5, 10") + PAGE, "protocol"),
    lost("length-and-chunked", head(_TYPE, b"Content-Length: 5", _CHUNKED) + _ONE_CHUNK, "protocol"),
    Case("chunked", head(_TYPE, _CHUNKED) + _ONE_CHUNK),
    Case("chunk-cut-off", head(_TYPE, _CHUNKED) + b"%x\r\n%b" % (2 * len(PAGE), PAGE), code="connection_lost"),
    Case("chunk-without-end", head(_TYPE, _CHUNKED) + b"%x\r\n%b\r\n" % (len(PAGE), PAGE), code="connection_lost"),
    Case("chunk-size-word", head(_TYPE, _CHUNKED) + b"ZZZ\r\n" + PAGE, code="protocol", contains=""),
    Case("chunk-size-huge", head(_TYPE, _CHUNKED) + b"f" * 20 + b"\r\n" + PAGE, code="protocol", contains=""),
    Case("chunk-size-negative", head(_TYPE, _CHUNKED) + b"-1\r\n" + PAGE, code="protocol", contains=""),
    Case("chunked-twice", head(_TYPE, b"Transfer-Encoding: chunked, chunked") + _ONE_CHUNK),
    lost("header-without-colon", head(_TYPE, b"no colon here", _LENGTH) + PAGE, "protocol"),
    lost("header-with-null", head(_TYPE, b"X-Null: a\x00b", _LENGTH) + PAGE, "protocol"),
    Case("header-of-latin-1", head(_TYPE, b"X-Name: caf\xe9", _LENGTH) + PAGE),
    Case("header-folded", head(_TYPE, b"X-Folded: one\r\n two", _LENGTH) + PAGE),
    Case("type-twice", head(_TYPE, b"Content-Type: text/plain", _LENGTH) + PAGE),
    Case("type-missing", head(_LENGTH) + PAGE),
    Case("type-nonsense", head(b'Content-Type: ;;;="', _LENGTH) + PAGE),
    Case("bare-line-feeds", b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: %d\n\n" % len(PAGE) + PAGE),
    Case("extra-response", page() + page(b"<h1>Smuggled</h1>")),
)
