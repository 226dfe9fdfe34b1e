"""A request and the redirects that follow it, whatever transport sends them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.redirects import (
    REDIRECT_STATUSES,
    Hop,
    RedirectRefused,
    leads_on_to,
    next_hop,
    refuse_without_location,
)
from nephila.fetch.steps import observed
from nephila.models import Headers, Redirect, Request, Response

Exchange: TypeAlias = Callable[[Request, Hop, float], Awaitable[Response]]
"""Sends one request of a chain and receives its response, whole or in part, until a time on the loop's clock."""


async def fetch_chain(request: Request, deadline: float, exchange: Exchange) -> Response:
    """Send a request and follow its redirects.

    Args:
        request: The request.
        deadline: Time on the loop's clock.
        exchange: Sends one request.

    Raises:
        FetchError: There was no response at all.
    """
    hop = Hop.first(request)
    redirects: list[Redirect] = []
    redirect_headers: list[Headers] = []
    wire_bytes = 0
    while True:
        try:
            if redirects and request.before_hop is not None:
                await request.before_hop(hop.url)
            if request.steps is None:
                response = await exchange(request, hop, deadline)
            else:
                response = await observed(request.steps, deadline, exchange(request, hop, deadline))
        except FetchError as error:
            if not redirects:
                raise
            # The way so far is not lost.
            response = Response(url=hop.url, status=None, headers=Headers(), body=b"")
            response.error, response.error_message = error.code, str(error)
        response.redirects, response.redirect_headers = redirects, redirect_headers
        response.wire_bytes = wire_bytes = wire_bytes + response.wire_bytes
        location = leads_on_to(request, response)
        if location is None:
            refuse_without_location(request, response)
            return response
        try:
            following = next_hop(hop, response, location, redirects, request)
        except RedirectRefused as refusal:
            response.error, response.error_message = ErrorCode.REDIRECT, str(refusal)
            return response
        redirects.append(Redirect(url=hop.url, status=response.status or 0, location=location))
        redirect_headers.append(response.headers)
        hop = following


def will_follow(request: Request, status: int | None, headers: Headers) -> bool:
    """Whether a response is a redirect that is followed."""
    return request.follow_redirects and status in REDIRECT_STATUSES and "location" in headers
