"""HTTP over aiohttp: one connection pool, redirects followed here so that every hop is known."""

from __future__ import annotations

import asyncio
import functools
import http

import aiohttp
import yarl

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.connections import CountingConnector, before_send
from nephila.fetch.failures import classify
from nephila.fetch.proxy_connections import proxy_credentials
from nephila.fetch.redirects import REDIRECT_STATUSES, Hop, RedirectRefused, location_url, next_hop
from nephila.fetch.steps import observed, prepared
from nephila.fetch.tls import TlsContexts
from nephila.models import Headers, Redirect, Request, Response

_DRAIN_BYTES = 65_536
"""A redirect's body up to this size is read so that its connection can be used again."""

_DRAIN_SECONDS = 0.5
"""A slower one is not waited for."""

_MAX_HEADERS = 1000

_READ_BUFFER = 1 << 20


class HttpFetcher:
    """Fetches http and https URLs over a keep-alive pool; belongs to the event loop it was made on.

    Bodies stay in their content encoding: they are unpacked where they are read, under a limit.
    Cookies are kept where the request says: without a jar, those set during a visit are sent along its own redirect
    chain only, so that visits never mix.
    """

    def __init__(self, *, connections: int = 0, dns_ttl: int = 300) -> None:
        connector = CountingConnector(connections, dns_ttl)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            read_bufsize=_READ_BUFFER,
            max_line_size=16_384,
            max_field_size=32_768,
            max_headers=_MAX_HEADERS,
            middlewares=(connector.send,),
        )
        self._tls = TlsContexts()

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one URL and its redirects; see `Fetcher.fetch`."""
        hop = Hop.first(request)
        redirects: list[Redirect] = []
        wire_bytes = 0
        while True:
            try:
                response = await observed(request, deadline, self._exchange(request, hop, deadline))
            except FetchError as error:
                if not redirects:
                    raise
                # The way so far is not lost.
                response = Response(url=hop.url, status=None, headers=Headers(), body=b"")
                response.error, response.error_message = error.code, str(error)
            response.redirects = redirects
            response.wire_bytes = wire_bytes = wire_bytes + response.wire_bytes
            location = response.headers.get("location")
            if not request.follow_redirects or location is None or response.status not in REDIRECT_STATUSES:
                return response
            try:
                following = next_hop(hop, response, location, redirects, request.max_redirects)
            except RedirectRefused as refusal:
                response.error, response.error_message = ErrorCode.REDIRECT, str(refusal)
                return response
            redirects.append(Redirect(url=hop.url, status=response.status or 0, location=location))
            hop = following

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()

    async def _exchange(self, request: Request, hop: Hop, deadline: float) -> Response:
        """Send one request and receive its response, whole or in part."""
        response: Response | None = None
        wait = request.before_send
        before_send.set(None if wait is None else functools.partial(wait, hop.url))
        try:
            async with (
                asyncio.timeout_at(deadline),
                prepared(request, hop) as outgoing,
                self._session.request(
                    outgoing.method,
                    yarl.URL(hop.url, encoded=True),
                    headers=outgoing.headers,
                    data=outgoing.body,
                    allow_redirects=False,
                    ssl=self._tls.context(request, hop.url),
                    proxy=request.proxy,
                    proxy_headers=proxy_credentials(request),
                ) as answer,
            ):
                response = Response(url=hop.url, status=answer.status, headers=_headers(answer), body=b"")
                if "set-cookie" in response.headers:
                    hop.cookies.receive(hop.url, answer.headers.getall("Set-Cookie"))
                if answer.status == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and request.proxy is not None:
                    response.error = ErrorCode.PROXY
                    response.error_message = "The proxy refused the request with status 407: it wants credentials."
                if _will_follow(request, response):
                    await _drain(answer, response)
                else:
                    await _receive_body(answer, response, request.max_body_bytes)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            code, message = classify(error, hop.url, request.proxy)
            if response is None:
                raise FetchError(code, message) from error
            response.error, response.error_message = code, message
        return response


def _will_follow(request: Request, response: Response) -> bool:
    return request.follow_redirects and response.status in REDIRECT_STATUSES and "location" in response.headers


def _headers(answer: aiohttp.ClientResponse) -> Headers:
    headers = Headers()
    for name, value in answer.headers.items():
        name = name.lower()
        if not value.isascii():
            value = location_url(value) if name == "location" else _text(value)
        known = headers.get(name)
        if known is not None:
            value = known + ("\n" if name == "set-cookie" else ", ") + value
        headers[name] = value
    return headers


def _text(value: str) -> str:
    """A header's value; bytes that are not UTF-8 are Latin-1, as they once were by the standard (RFC 9110, 5.5)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


async def _drain(answer: aiohttp.ClientResponse, response: Response) -> None:
    """Read the short body of a redirect; where it leads does not depend on it."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await _receive_body(answer, response, _DRAIN_BYTES)
    except (TimeoutError, aiohttp.ClientError):
        answer.close()
    if response.error == ErrorCode.TOO_LARGE:
        response.error, response.error_message = None, ""


async def _receive_body(answer: aiohttp.ClientResponse, response: Response, limit: int) -> None:
    """Read the body into `response`, so that what arrived before a failure is kept."""
    received = bytearray()
    try:
        async for chunk in answer.content.iter_any():
            received += chunk
            if len(received) > limit:
                # The rest would have to be read to use the connection again.
                answer.close()
                response.error = ErrorCode.TOO_LARGE
                response.error_message = f"The body is larger than max_body_bytes ({limit:,} bytes)."
                break
    finally:
        response.wire_bytes = len(received)
        del received[limit:]
        response.body = bytes(received)
