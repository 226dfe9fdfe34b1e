"""Receiving the body of an aiohttp response: under its limits, and in no more memory than they say."""

from __future__ import annotations

import asyncio
import io

import aiohttp

from nephila.errors import ErrorCode
from nephila.fetch.pace import MinimumSpeed
from nephila.models import Response

DRAIN_BYTES = 65_536
"""A redirect's body up to this size is read so that its connection can be used again."""

DRAIN_SECONDS = 0.5
"""A slower one is not waited for."""

_BODILESS_STATUSES = frozenset((204, 304))


def arrived_whole(answer: aiohttp.ClientResponse, response: Response, limit: int) -> bool:
    """Take the body if the whole of it came with the head, as most short ones do."""
    content = answer.content
    if not content.is_eof() or content.exception() is not None:
        return False
    body = content.read_nowait()
    response.wire_bytes = len(body)
    response.body = body
    if len(body) > limit:
        _cut(answer, response, limit)
    return True


async def drain(answer: aiohttp.ClientResponse, response: Response) -> None:
    """Read the short body of a redirect; where it leads does not depend on it."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await receive_body(answer, response, DRAIN_BYTES, None)
    except (TimeoutError, aiohttp.ClientError):
        answer.close()
    if response.error == ErrorCode.TOO_LARGE:
        response.error, response.error_message = None, ""


async def receive_body(
    answer: aiohttp.ClientResponse, response: Response, limit: int, speed: MinimumSpeed | None, cut: bool = False
) -> None:
    """Read the body into `response`, so that what arrived before a failure is kept.

    A body that is announced to be too large is not read at all, unless its beginning is wanted (`cut`).
    """
    announced = answer.content_length
    if announced is not None and announced > limit and not cut and answer.method != "HEAD" and _may_have_body(answer):
        answer.close()
        response.error = ErrorCode.TOO_LARGE
        response.error_message = f"The body of {announced:,} bytes is larger than max_body_bytes ({limit:,} bytes)."
        return
    if arrived_whole(answer, response, limit):
        return
    if speed is not None:
        speed.start()
    # Its buffer becomes the body without being copied.
    received = io.BytesIO()
    size = 0
    try:
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            received.write(chunk if size <= limit else chunk[: limit - size])
            if speed is not None:
                speed.received = size
            if size > limit:
                _cut(answer, response, limit)
                break
    finally:
        if speed is not None:
            speed.stop()
        response.wire_bytes = size
        response.body = received.getvalue()


def _cut(answer: aiohttp.ClientResponse, response: Response, limit: int) -> None:
    # The rest would have to be read to use the connection again.
    answer.close()
    response.body = response.body[:limit]
    response.error = ErrorCode.TOO_LARGE
    response.error_message = f"The body is larger than max_body_bytes ({limit:,} bytes)."


def _may_have_body(answer: aiohttp.ClientResponse) -> bool:
    return answer.status not in _BODILESS_STATUSES
