"""What happens around each request: cookies and credentials into it, and the caller's hooks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final

import multidict

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.proxy_connections import forwarded_openly, proxy_credentials
from nephila.fetch.redirects import Hop
from nephila.models import Request, Response
from nephila.net.hooks import OutgoingRequest

_GRACE: Final = 1.0
"""Seconds a hook has at least, also when the deadline has passed: it is told of just that."""


async def prepared(request: Request, hop: Hop) -> OutgoingRequest:
    """The request as it is sent, after the steps.

    Raises:
        FetchError: A step failed.
    """
    headers: multidict.CIMultiDict[str] = multidict.CIMultiDict(hop.headers_to_send())
    outgoing = OutgoingRequest(hop.url, hop.method, headers, hop.body)
    if request.steps is not None:
        await request.steps.prepare(outgoing)
    if forwarded_openly(request, hop.url):
        # After the steps: no hook needs to know what the proxy is told.
        outgoing.headers.update(proxy_credentials(request) or {})
    return outgoing


async def observed(request: Request, deadline: float, exchange: Awaitable[Response]) -> Response:
    """Make the exchange and tell the steps how it went.

    Raises:
        FetchError: The exchange failed, or a step.
    """
    if request.steps is None:
        return await exchange
    try:
        response = await exchange
    except FetchError as error:
        if error.code is not ErrorCode.USER_CODE:
            await _within(request.steps.failed(error), deadline)
        raise
    if response.error is not None:
        await _within(request.steps.failed(FetchError(response.error, response.error_message)), deadline)
    await _within(request.steps.received(response), deadline)
    return response


async def _within(step: Awaitable[None], deadline: float) -> None:
    try:
        async with asyncio.timeout_at(max(deadline, asyncio.get_running_loop().time() + _GRACE)):
            await step
    except TimeoutError:
        raise FetchError(ErrorCode.TIMEOUT, "A hook did not end before the deadline (page_timeout).") from None
