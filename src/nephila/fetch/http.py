"""HTTP over aiohttp: one connection pool, redirects followed here so that every hop is known."""

from __future__ import annotations

import http

import aiohttp

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.bodies import arrived_whole, drain, receive_body
from nephila.fetch.chain import fetch_chain, will_follow
from nephila.fetch.connections import CheckedPool, Terms, terms_of_request
from nephila.fetch.deadlines import Deadline, Deadlines
from nephila.fetch.failures import classify
from nephila.fetch.headers import joined
from nephila.fetch.pace import MinimumSpeed
from nephila.fetch.redirects import REDIRECT_STATUSES, Hop
from nephila.fetch.steps import message_of, prepared
from nephila.fetch.tls import TlsContexts
from nephila.models import Request, Response
from nephila.net.guard import Resolver
from nephila.net.url import host_of


class HttpFetcher:
    """Fetches http and https URLs over a keep-alive pool; belongs to the event loop it was made on.

    Bodies stay in their content encoding: they are unpacked where they are read, under a limit.
    Cookies are kept where the request says: without a jar, those set during a visit are sent along its own redirect
    chain only, so that visits never mix.

    Args:
        connections: Connections open at once; 0 for no limit.
        dns_ttl: Seconds for which the addresses of a host are remembered.
        resolver: Finds the addresses of hosts; None asks the operating system.
    """

    def __init__(self, *, connections: int = 0, dns_ttl: int = 300, resolver: Resolver | None = None) -> None:
        self._pool = CheckedPool(connections, dns_ttl, resolver)
        self._deadlines = Deadlines()
        self._tls = TlsContexts()

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one URL and its redirects; see `Fetcher.fetch`."""
        return await fetch_chain(request, deadline, self._exchange)

    async def close(self) -> None:
        """Close the pool."""
        self._deadlines.close()
        await self._pool.close()

    async def _exchange(self, request: Request, hop: Hop, deadline: float) -> Response:
        """Send one request and receive its response, whole or in part."""
        response: Response | None = None
        terms = Terms(request.policy, hop.url, request.max_header_bytes)
        terms_of_request.set(terms)
        try:
            with self._deadlines.until(deadline) as scope:
                # Nothing to wait for in most crawls, and then a coroutine less for each page.
                message = message_of(request, hop) if request.steps is None else await prepared(request, hop)
                answer = await self._pool.send(request, message, self._tls.context(request, hop.url), terms)
                try:
                    headers = joined(answer.headers.items())
                    response = Response(hop.url, answer.status, headers, b"")
                    _take_head(answer, response, request, hop)
                    if not arrived_whole(answer, response, request.max_body_bytes):
                        await _receive(answer, response, request, scope)
                finally:
                    if not answer.closed:
                        answer.release()
                    if message.body is not None:
                        await answer.wait_for_close()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            refused = None if isinstance(error, TimeoutError) else terms.refusal
            code, sentence = classify(refused or error, hop.url, request.proxy)
            if scope.reason:
                sentence = f"{host_of(hop.url)} {scope.reason}"
            if response is None:
                raise FetchError(code, sentence) from error
            response.error, response.error_message = code, sentence
        response.certificate = terms.certificate
        return response


def _take_head(answer: aiohttp.ClientResponse, response: Response, request: Request, hop: Hop) -> None:
    """Take in what comes with the head."""
    if "set-cookie" in response.headers:
        hop.cookies.receive(hop.url, answer.headers.getall("Set-Cookie"))
    status = answer.status
    if status == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and request.proxy is not None:
        response.error = ErrorCode.PROXY
        response.error_message = "The proxy refused the request with status 407: it wants credentials."
    if status in REDIRECT_STATUSES and len(set(answer.headers.getall("Location", ()))) > 1:
        response.error = ErrorCode.REDIRECT
        response.error_message = "The server redirects to more than one Location."
    if status < http.HTTPStatus.OK:
        response.error = ErrorCode.PROTOCOL
        response.error_message = f"The server switched to another protocol (status {status})."
        answer.close()


async def _receive(answer: aiohttp.ClientResponse, response: Response, request: Request, scope: Deadline) -> None:
    """Receive the body as far as it is wanted."""
    if answer.status < http.HTTPStatus.OK:
        return
    if response.error is None and will_follow(request, response.status, response.headers):
        await drain(answer, response)
        return
    speed = MinimumSpeed(scope, request.min_speed, request.min_speed_window)
    await receive_body(answer, response, request.max_body_bytes, speed, request.cut_body)
