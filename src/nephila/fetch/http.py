"""HTTP over aiohttp: one connection pool, redirects followed here so that every hop is known."""

from __future__ import annotations

import asyncio
import functools
import http
from collections.abc import Mapping

import aiohttp
import yarl

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.bodies import drain, receive_body
from nephila.fetch.chain import fetch_chain, will_follow
from nephila.fetch.connections import CountingConnector, Terms, before_send, on_connection, terms_of_request
from nephila.fetch.deadlines import Deadlines
from nephila.fetch.failures import classify
from nephila.fetch.headers import joined
from nephila.fetch.pace import MinimumSpeed
from nephila.fetch.proxy_connections import proxy_credentials
from nephila.fetch.redirects import REDIRECT_STATUSES, Hop
from nephila.fetch.steps import observed, prepared
from nephila.fetch.tls import TlsContexts
from nephila.models import Request, Response
from nephila.net.guard import Resolver
from nephila.net.url import host_of

_READ_BUFFER = 1 << 20

_MADE_UP = frozenset(("User-Agent", "Accept", "Accept-Encoding"))
"""Headers that aiohttp adds to a request without them."""


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
        connector = CountingConnector(connections, dns_ttl, resolver)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            read_bufsize=_READ_BUFFER,
            middlewares=(connector.send,),
        )
        self._deadlines = Deadlines()
        self._tls = TlsContexts()

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one URL and its redirects; see `Fetcher.fetch`."""
        return await fetch_chain(
            request, lambda hop: observed(request, deadline, self._exchange(request, hop, deadline))
        )

    async def close(self) -> None:
        """Close the pool."""
        self._deadlines.close()
        await self._session.close()

    async def _exchange(self, request: Request, hop: Hop, deadline: float) -> Response:
        """Send one request and receive its response, whole or in part."""
        response: Response | None = None
        terms = Terms(request.policy, hop.url, request.max_header_bytes)
        terms_of_request.set(terms)
        speed: MinimumSpeed | None = None
        wait = request.before_send
        before_send.set(None if wait is None else functools.partial(wait, hop.url))
        certificates: list[bytes] = []
        on_connection.set(functools.partial(_note_certificate, certificates) if request.want_certificate else None)
        try:
            async with self._deadlines.until(deadline) as scope:
                outgoing = await prepared(request, hop)
                async with self._session.request(
                    outgoing.method,
                    yarl.URL(hop.url, encoded=True),
                    headers=outgoing.headers,
                    skip_auto_headers=_not_to_be_made_up(outgoing.headers),
                    data=outgoing.body,
                    allow_redirects=False,
                    ssl=self._tls.context(request, hop.url),
                    proxy=request.proxy,
                    proxy_headers=proxy_credentials(request),
                    max_line_size=request.max_header_bytes,
                    max_field_size=request.max_header_bytes,
                    max_headers=request.max_headers,
                ) as answer:
                    headers = joined(answer.headers.items())
                    response = Response(url=hop.url, status=answer.status, headers=headers, body=b"")
                    speed = MinimumSpeed(scope, request.min_speed, request.min_speed_window)
                    await _receive(answer, response, request, hop, speed)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            refused = None if isinstance(error, TimeoutError) else terms.refusal
            code, message = classify(refused or error, hop.url, request.proxy)
            if speed is not None and speed.too_slow:
                message = f"{host_of(hop.url)} sent less than {request.min_speed} bytes a second (min_speed)."
            if response is None:
                raise FetchError(code, message) from error
            response.error, response.error_message = code, message
        response.certificate = certificates[-1] if certificates else None
        return response


async def _receive(
    answer: aiohttp.ClientResponse, response: Response, request: Request, hop: Hop, speed: MinimumSpeed
) -> None:
    """Take in what comes with the head, and the body."""
    if "set-cookie" in response.headers:
        hop.cookies.receive(hop.url, answer.headers.getall("Set-Cookie"))
    if answer.status == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and request.proxy is not None:
        response.error = ErrorCode.PROXY
        response.error_message = "The proxy refused the request with status 407: it wants credentials."
    if answer.status in REDIRECT_STATUSES and len(set(answer.headers.getall("Location", ()))) > 1:
        response.error = ErrorCode.REDIRECT
        response.error_message = "The server redirects to more than one Location."
    if answer.status < http.HTTPStatus.OK:
        response.error = ErrorCode.PROTOCOL
        response.error_message = f"The server switched to another protocol (status {answer.status})."
        answer.close()
    elif response.error is None and will_follow(request, response.status, response.headers):
        await drain(answer, response)
    else:
        await receive_body(answer, response, request.max_body_bytes, speed, request.cut_body)


def _not_to_be_made_up(headers: Mapping[str, str]) -> frozenset[str] | None:
    """The headers that aiohttp would add by itself; None, which is cheaper, when they are all given."""
    if all(map(headers.__contains__, _MADE_UP)):
        return None
    return _MADE_UP


def _note_certificate(certificates: list[bytes], transport: asyncio.BaseTransport) -> None:
    """Add the certificate of a connection over TLS; whether it is trusted is decided elsewhere."""
    tls = transport.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    if certificate:
        certificates.append(certificate)
