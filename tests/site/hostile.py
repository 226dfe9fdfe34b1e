"""The part of the test site that misbehaves, each path in its own way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tests.site.exchange import Answer, Exchange, Handler
from tests.site.pages import TEXT, document, echo

HTML = "content-type: text/html; charset=utf-8"


async def drip(exchange: Exchange) -> None:
    """`/drip?ms=1000`: a byte of the body every so many milliseconds, for ever."""
    await exchange.head(HTML, "connection: close")
    while True:
        await exchange.send(b"x")
        await exchange.sleep(exchange.number("ms", 1000) / 1000)


async def slow_headers(exchange: Exchange) -> None:
    """`/slow-headers?ms=1000`: a header line every so many milliseconds, for ever."""
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        await exchange.send(b"x-%d: y\r\n" % number)
        await exchange.sleep(exchange.number("ms", 1000) / 1000)


async def silent(exchange: Exchange) -> None:
    """Never answers."""
    await exchange.sleep(86_400)


async def endless(exchange: Exchange) -> None:
    """HTML as fast as the client takes it, for ever."""
    await exchange.head(HTML, "transfer-encoding: chunked")
    part = f"<p>{TEXT}</p>\n".encode() * 400
    chunk = b"%x\r\n%b\r\n" % (len(part), part)
    while True:
        await exchange.send(chunk)
        await asyncio.sleep(0)


async def truncated(exchange: Exchange) -> None:
    """A content-length that is longer than the body, which then ends."""
    body = document("Truncated", f"<h1>Truncated</h1><p>{TEXT}</p>")
    await exchange.head(HTML, f"content-length: {len(body) * 2}", "x-site: kept")
    await exchange.send(body)


async def reset(exchange: Exchange) -> None:
    """A TCP reset in the middle of the body."""
    await exchange.head(HTML, "content-length: 100000")
    await exchange.send(document("Reset", "<h1>Reset</h1>"))
    await exchange.sleep(0.05)  # so that the first half is read before the reset discards it
    exchange.abort()


async def close_at_once(exchange: Exchange) -> None:
    """The connection is closed without a byte."""
    exchange.writer.close()


async def garbage(exchange: Exchange) -> None:
    """Bytes that are not HTTP."""
    await exchange.send(b"\x00\x01\x02 220 this is not a web server\r\n\r\n\xff\xfe" * 10)


async def half_status(exchange: Exchange) -> None:
    """A status line that breaks off."""
    await exchange.send(b"HTTP/1.1 2")


async def bad_status(exchange: Exchange) -> None:
    """A status that is no number."""
    await exchange.send(b"HTTP/1.1 fine OK\r\ncontent-length: 0\r\n\r\n")


async def huge_header(exchange: Exchange) -> None:
    """`/huge-header?kb=1000`: one header of that size."""
    await exchange.head("x-huge: " + "h" * (exchange.number("kb", 1000) * 1000), HTML, "content-length: 2")
    await exchange.send(b"ok")


async def many_headers(exchange: Exchange) -> None:
    """`/many-headers?count=10000`: that many headers."""
    lines = (f"x-{number}: {number}" for number in range(exchange.number("count", 10_000)))
    await exchange.head(*lines, HTML, "content-length: 2")
    await exchange.send(b"ok")


async def bad_chunk(exchange: Exchange) -> None:
    """A chunk whose size is no number, after one that was fine."""
    await exchange.head(HTML, "transfer-encoding: chunked")
    await exchange.send(b"5\r\n<h1>x\r\nZZZ\r\nmore\r\n0\r\n\r\n")


async def cut_chunk(exchange: Exchange) -> None:
    """A chunked body without its end."""
    await exchange.head(HTML, "transfer-encoding: chunked")
    await exchange.send(b"5\r\n<h1>x\r\n")


async def bad_length(exchange: Exchange) -> None:
    """A content-length that is no number."""
    await exchange.head(HTML, "content-length: many")
    await exchange.send(b"<h1>x</h1>")


async def two_lengths(exchange: Exchange) -> None:
    """Two content-lengths that disagree."""
    await exchange.head(HTML, "content-length: 5", "content-length: 10")
    await exchange.send(b"<h1>x</h1>")


async def flaky(exchange: Exchange) -> Answer | None:
    """`/flaky?times=`: closes the connection on the first N requests for this very URL, then the echo page."""
    if exchange.times() <= exchange.number("times", 1):
        exchange.writer.close()
        return None
    return echo(exchange)


async def promised(exchange: Exchange) -> None:
    """`/promised?mb=100000`: announces that many megabytes and sends them slowly."""
    await exchange.head(HTML, f"content-length: {exchange.number('mb', 100_000) << 20}")
    while True:
        await exchange.send(bytes(1000))
        await exchange.sleep(0.1)


@cache
def _deep(levels: int) -> bytes:
    return document("Deep", "<div>" * levels + "<p>the bottom</p>" + "</div>" * levels)


@cache
def _attributes(count: int) -> bytes:
    attributes = " ".join(f"a{number}=1" for number in range(count))
    return document("Attributes", f"<p {attributes}>the attributes</p>")


def deep(exchange: Exchange) -> Answer:
    """`/deep?levels=200000`: nested elements."""
    return Answer(_deep(exchange.number("levels", 200_000)))


def attributes(exchange: Exchange) -> Answer:
    """`/attributes?count=1000000`: one element with that many attributes."""
    return Answer(_attributes(exchange.number("count", 1_000_000)))


def bad_header_bytes(_exchange: Exchange) -> Answer:
    """Header values that are not ASCII."""
    return Answer(document("Header", "<h1>Header</h1>"), headers=(("x-name", "caf\xe9 \xff"),))


ROUTES: Mapping[str, Handler] = MappingProxyType(
    {
        "drip": drip,
        "slow-headers": slow_headers,
        "silent": silent,
        "endless": endless,
        "truncated": truncated,
        "reset": reset,
        "close-at-once": close_at_once,
        "garbage": garbage,
        "half-status": half_status,
        "bad-status": bad_status,
        "huge-header": huge_header,
        "many-headers": many_headers,
        "bad-chunk": bad_chunk,
        "cut-chunk": cut_chunk,
        "bad-length": bad_length,
        "two-lengths": two_lengths,
        "flaky": flaky,
        "promised": promised,
        "deep": deep,
        "attributes": attributes,
        "bad-header-bytes": bad_header_bytes,
    }
)
