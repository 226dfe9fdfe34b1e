"""HTTP over aiohttp: one connection pool, redirects followed here so that every hop is known."""

from __future__ import annotations

import asyncio
import base64
import functools
import http
import ssl
from collections.abc import Mapping

import aiohttp
import yarl

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.chain import DRAIN_BYTES, DRAIN_SECONDS, fetch_chain, will_follow
from nephila.fetch.connections import CountingConnector, before_send, on_connection
from nephila.fetch.failures import classify
from nephila.fetch.headers import joined
from nephila.fetch.redirects import Hop
from nephila.models import Request, Response

_MAX_HEADERS = 1000

_READ_BUFFER = 1 << 20


class HttpFetcher:
    """Fetches http and https URLs over a keep-alive pool; belongs to the event loop it was made on.

    Bodies stay in their content encoding: they are unpacked where they are read, under a limit.
    Cookies set during a visit are sent along its own redirect chain only, so that visits never mix.
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
        self._unverified: ssl.SSLContext | None = None

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one URL and its redirects; see `Fetcher.fetch`."""
        return await fetch_chain(request, lambda hop: self._exchange(request, hop, deadline))

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()

    async def _exchange(self, request: Request, hop: Hop, deadline: float) -> Response:
        """Send one request and receive its response, whole or in part."""
        response: Response | None = None
        headers, tunnel_headers = _headers_to_send(request, hop)
        wait = request.before_send
        before_send.set(None if wait is None else functools.partial(wait, hop.url))
        certificates: list[bytes] = []
        on_connection.set(functools.partial(_note_certificate, certificates) if request.want_certificate else None)
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._session.request(
                    hop.method,
                    yarl.URL(hop.url, encoded=True),
                    headers=headers,
                    data=hop.body,
                    allow_redirects=False,
                    ssl=self._tls(request),
                    proxy=request.proxy,
                    proxy_headers=tunnel_headers,
                ) as answer,
            ):
                response = Response(url=hop.url, status=answer.status, headers=joined(answer.headers.items()), body=b"")
                if "set-cookie" in response.headers:
                    hop.cookies.receive(hop.url, answer.headers.getall("Set-Cookie"))
                if answer.status == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and request.proxy is not None:
                    response.error = ErrorCode.PROXY
                    response.error_message = "The proxy refused the request with status 407: it wants credentials."
                if will_follow(request, response.status, response.headers):
                    await _drain(answer, response)
                else:
                    await _receive_body(answer, response, request.max_body_bytes)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            code, message = classify(error, hop.url, request.proxy)
            if response is None:
                raise FetchError(code, message) from error
            response.error, response.error_message = code, message
        response.certificate = certificates[-1] if certificates else None
        return response

    def _tls(self, request: Request) -> ssl.SSLContext | bool:
        if request.verify_tls:
            return True
        if self._unverified is None:
            self._unverified = ssl.create_default_context()
            self._unverified.check_hostname = False
            self._unverified.verify_mode = ssl.CERT_NONE
        return self._unverified


def _headers_to_send(request: Request, hop: Hop) -> tuple[Mapping[str, str], Mapping[str, str] | None]:
    """The headers for the server, and those for the proxy that opens a tunnel to it.

    A proxy reads its credentials in the request itself when it forwards that, and in its CONNECT when it only tunnels.
    """
    headers = hop.headers_to_send()
    if request.validators is not None and request.validators[0] == hop.url:
        headers = {**headers, **request.validators[1]}
    if request.proxy is None or request.proxy_auth is None:
        return headers, None
    token = base64.b64encode(":".join(request.proxy_auth).encode()).decode("ascii")
    credentials = {"Proxy-Authorization": f"Basic {token}"}
    return (headers, credentials) if hop.url.startswith("https:") else ({**headers, **credentials}, None)


def _note_certificate(certificates: list[bytes], transport: asyncio.BaseTransport) -> None:
    """Add the certificate of a connection over TLS; whether it is trusted is decided elsewhere."""
    tls = transport.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    if certificate:
        certificates.append(certificate)


async def _drain(answer: aiohttp.ClientResponse, response: Response) -> None:
    """Read the short body of a redirect; where it leads does not depend on it."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await _receive_body(answer, response, DRAIN_BYTES)
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
