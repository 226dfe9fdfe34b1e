"""What happens around each request: cookies and credentials into it, and the caller's hooks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final

import multidict

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.proxy_connections import forwarded_openly, proxy_credentials
from nephila.fetch.redirects import Hop
from nephila.models import Request, Response
from nephila.net.hooks import OutgoingRequest, RequestSteps

_GRACE: Final = 1.0
"""Seconds a hook has at least, also when the deadline has passed: it is told of just that."""


@dataclass(slots=True)
class Message:
    """A request as it is sent.

    Attributes:
        url: Where it goes.
        method: The HTTP method.
        headers: The header fields; shared with others, never to be changed.
        body: The body.
    """

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes | None


def message_of(request: Request, hop: Hop) -> Message:
    """A request without steps as it is sent."""
    headers = _headers_of(request, hop)
    if request.proxy is not None and forwarded_openly(request, hop.url):
        headers = {**headers, **(proxy_credentials(request) or {})}
    return Message(hop.url, hop.method, headers, hop.body)


def _headers_of(request: Request, hop: Hop) -> Mapping[str, str]:
    headers = hop.headers_to_send()
    if request.validators is not None and request.validators[0] == hop.url:
        return {**headers, **request.validators[1]}
    return headers


async def prepared(request: Request, hop: Hop) -> Message:
    """The request as it is sent, after the steps.

    Raises:
        FetchError: A step failed.
    """
    if request.steps is None:
        return message_of(request, hop)
    headers: multidict.CIMultiDict[str] = multidict.CIMultiDict(_headers_of(request, hop))
    outgoing = OutgoingRequest(hop.url, hop.method, headers, hop.body)
    await request.steps.prepare(outgoing)
    if forwarded_openly(request, hop.url):
        # After the steps: no hook needs to know what the proxy is told.
        outgoing.headers.update(proxy_credentials(request) or {})
    return Message(hop.url, outgoing.method, outgoing.headers, outgoing.body)


async def observed(steps: RequestSteps, deadline: float, exchange: Awaitable[Response]) -> Response:
    """Make the exchange and tell the steps how it went.

    Raises:
        FetchError: The exchange failed, or a step.
    """
    try:
        response = await exchange
    except FetchError as error:
        if error.code is not ErrorCode.USER_CODE:
            await _within(steps.failed(error), deadline)
        raise
    if response.error is not None:
        await _within(steps.failed(FetchError(response.error, response.error_message)), deadline)
    await _within(steps.received(response), deadline)
    return response


async def _within(step: Awaitable[None], deadline: float) -> None:
    try:
        async with asyncio.timeout_at(max(deadline, asyncio.get_running_loop().time() + _GRACE)):
            await step
    except TimeoutError:
        raise FetchError(ErrorCode.TIMEOUT, "A hook did not end before the deadline (page_timeout).") from None
