"""HTTP as a browser speaks it: HTTP/2, its TLS hello and its headers, by libcurl-impersonate (extra `impersonate`).

`curl_cffi` is used at its lowest level, libcurl's multi interface on the event loop, so that bodies stay in their
content encoding, redirects are followed here, and whatever has arrived is kept.
"""

from __future__ import annotations

import asyncio
import functools
import os
import ssl
from typing import Final

from curl_cffi import AsyncCurl, Curl, CurlError, CurlHttpVersion, CurlInfo, CurlOpt
from curl_cffi.curl import CURL_WRITEFUNC_ERROR
from curl_cffi.requests.impersonate import REAL_TARGET_MAP

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.bodies import DRAIN_BYTES, DRAIN_SECONDS
from nephila.fetch.chain import fetch_chain, will_follow
from nephila.fetch.curl_failures import classify
from nephila.fetch.headers import joined
from nephila.fetch.redirects import Hop
from nephila.fetch.steps import Message, prepared
from nephila.models import Headers, Request, Response
from nephila.net.guard import AddressRefusedError, Resolver, SystemResolver
from nephila.net.url import origin_of

_IDLE_HANDLES: Final = 64


class ImpersonatingFetcher:
    """Fetches http and https URLs as a browser would; belongs to the event loop it was made on.

    `Request.before_send` is awaited before the connection is made, for libcurl makes it and sends at once.

    Args:
        browser: One of `known_browsers`.
        resolver: Finds the addresses of hosts when they have to be checked; None asks the operating system.
    """

    def __init__(self, browser: str, resolver: Resolver | None = None) -> None:
        self._resolver = resolver or SystemResolver()
        self._browser: str = REAL_TARGET_MAP.get(browser, browser)
        authorities = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or ""
        self._multi = AsyncCurl(cacert=authorities)
        self._new_handle = functools.partial(Curl, cacert=authorities)
        self._idle: list[Curl] = []

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one URL and its redirects; see `Fetcher.fetch`."""
        return await fetch_chain(request, deadline, self._exchange)

    async def close(self) -> None:
        """Close the pool."""
        for handle in self._idle:
            handle.close()
        self._idle.clear()
        await self._multi.close()  # type: ignore[no-untyped-call]

    async def _exchange(self, request: Request, hop: Hop, deadline: float) -> Response:
        """Send one request and receive its response, whole or in part."""
        arriving = _Arriving(request, hop.url)
        handle = self._idle.pop() if self._idle else self._new_handle()
        is_over = False
        try:
            async with asyncio.timeout_at(deadline):
                if request.before_send is not None:
                    await request.before_send(hop.url)
                pinned = await self._checked_addresses(request, hop)
                self._prepare(handle, request, await prepared(request, hop), arriving)
                if pinned is not None:
                    # The very addresses that were checked, and no connection that was made before.
                    handle.setopt(CurlOpt.RESOLVE, [pinned])
                    handle.setopt(CurlOpt.FRESH_CONNECT, 1)
                is_over = await self._perform(handle, arriving)
        except AddressRefusedError as error:
            arriving.fail(ErrorCode.ADDRESS, f"{error}.")
        except TimeoutError as error:
            arriving.fail(*classify(error, hop.url, request.proxy))
        except (CurlError, ValueError) as error:
            is_over = True
            arriving.end(*classify(error, hop.url, request.proxy, handle.getinfo(CurlInfo.OS_ERRNO)))
        finally:
            self._put_back(handle, is_over)
            arriving.forget()
        response = arriving.response()
        if "set-cookie" in response.headers:
            hop.cookies.receive(hop.url, response.headers["set-cookie"].split("\n"))
        return response

    async def _checked_addresses(self, request: Request, hop: Hop) -> str | None:
        """The addresses that may be connected to, as libcurl takes them; None when any may.

        Raises:
            AddressRefusedError: Not all of the host's may.
        """
        policy = request.policy
        if policy is None or not policy.public_only:
            return None
        host, port = _host_and_port(hop.url)
        await policy.check_host(host, port, self._resolver)
        if request.proxy is not None:
            return None
        bare = host.strip("[]")
        try:
            addresses = await self._resolver.resolve(bare, port)
        except OSError:
            # libcurl says so in its own words.
            return None
        for address in addresses:
            policy.check(host, address, port)
        return f"{host}:{port}:{','.join(f'[{address}]' if ':' in address else address for address in addresses)}"

    async def _perform(self, handle: Curl, arriving: _Arriving) -> bool:
        """Run the transfer; False when it was left before its end."""
        done = self._multi.add_handle(handle)
        try:
            # Waited for with `wait`, which leaves `done` alone when this task is cancelled.
            await asyncio.wait((done, arriving.drained), return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                return False
            done.result()
        finally:
            if not done.done():
                self._multi.remove_handle(handle)
        return True

    def _put_back(self, handle: Curl, is_over: bool) -> None:
        if is_over and len(self._idle) < _IDLE_HANDLES:
            handle.clean_handles_and_buffers()
            handle.reset()
            self._idle.append(handle)
        else:
            handle.close()

    def _prepare(self, handle: Curl, request: Request, outgoing: Message, arriving: _Arriving) -> None:
        handle.impersonate(self._browser, default_headers=True)
        options: dict[CurlOpt, object] = {
            CurlOpt.URL: outgoing.url,
            CurlOpt.PATH_AS_IS: 1,
            CurlOpt.FOLLOWLOCATION: 0,
            # HTTP/2 is agreed on within TLS; browsers do not ask for it elsewhere.
            CurlOpt.HTTP_VERSION: int(CurlHttpVersion.V2TLS),
            # Bodies are unpacked where they are read, under a limit.
            CurlOpt.HTTP_CONTENT_DECODING: 0,
            CurlOpt.SUPPRESS_CONNECT_HEADERS: 1,
            CurlOpt.HEADERFUNCTION: arriving.take_line,
            CurlOpt.WRITEFUNCTION: arriving.take_data,
            # An empty name keeps the environment's proxy out.
            CurlOpt.PROXY: request.proxy or "",
            CurlOpt.HTTPHEADER: _header_lines(outgoing),
            CurlOpt.LOW_SPEED_LIMIT: request.min_speed,
            CurlOpt.LOW_SPEED_TIME: max(1, round(request.min_speed_window)) if request.min_speed else 0,
        }
        if outgoing.method == "HEAD":
            options[CurlOpt.NOBODY] = 1
        elif outgoing.body is not None:
            options[CurlOpt.POSTFIELDSIZE] = len(outgoing.body)
            options[CurlOpt.POSTFIELDS] = outgoing.body
        if outgoing.method not in ("GET", "HEAD"):
            options[CurlOpt.CUSTOMREQUEST] = outgoing.method
        if request.proxy is not None and request.proxy_auth is not None:
            options[CurlOpt.PROXYUSERNAME], options[CurlOpt.PROXYPASSWORD] = request.proxy_auth
        if not request.verify_tls:
            options[CurlOpt.SSL_VERIFYPEER] = options[CurlOpt.SSL_VERIFYHOST] = 0
        for option, value in options.items():
            handle.setopt(option, value)


def _header_lines(outgoing: Message) -> list[bytes]:
    lines = []
    names = set()
    for name, value in outgoing.headers.items():
        if any(letter in name + value for letter in "\r\n\0"):
            raise ValueError(f"The header {name!r} holds a line break")
        names.add(name.lower())
        # A header without a value is written with a semicolon (CURLOPT_HTTPHEADER).
        lines.append((f"{name}: {value}" if value else f"{name};").encode("utf-8", "surrogateescape"))
    # What libcurl would add by itself.
    lines += [f"{name}:".encode() for name in ("Expect", "Content-Type") if name.lower() not in names]
    return lines


class _Arriving:
    """A response while it arrives; libcurl calls it from inside the event loop."""

    def __init__(self, request: Request, url: str) -> None:
        self.is_complete = False
        self.drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the body of a redirect is not waited for any longer."""
        self.is_followed = False
        self._timer: asyncio.TimerHandle | None = None
        self._request, self._url = request, url
        self._status: int | None = None
        self._lines: list[bytes] = []
        self._header_bytes = 0
        self._headers = Headers()
        self._body = bytearray()
        self._limit = request.max_body_bytes
        self._error: ErrorCode | None = None
        self._message = ""

    def take_line(self, line: bytes) -> int:
        """A line of the head; the status line of a later one (after 100 Continue) begins anew."""
        self._header_bytes += len(line)
        limit = self._request.max_header_bytes
        if self._header_bytes > limit or len(self._lines) > self._request.max_headers:
            self._error = ErrorCode.TOO_LARGE
            self._message = f"The header is larger than max_header_bytes ({limit:,} bytes) or max_headers."
            return int(CURL_WRITEFUNC_ERROR)
        text = line.rstrip(b"\r\n")
        if self.is_complete:
            # Trailers say nothing of the body that came before them.
            return len(line)
        if text.startswith(b"HTTP/"):
            self._lines = []
            self._status = _status_of(text)
        elif text:
            self._lines.append(text)
        elif self._status is not None and not 100 <= self._status < 200:
            self._end_head()
        return len(line)

    def take_data(self, data: bytes) -> int:
        """A piece of the body."""
        self._body += data
        if len(self._body) > self._limit:
            if not self.is_followed:
                self._error = ErrorCode.TOO_LARGE
                self._message = f"The body is larger than max_body_bytes ({self._limit:,} bytes)."
            return int(CURL_WRITEFUNC_ERROR)
        return len(data)

    def fail(self, code: ErrorCode, message: str) -> None:
        """It goes no further."""
        if self._error is None:
            self._error, self._message = code, message

    def end(self, code: ErrorCode, message: str) -> None:
        """The transfer failed, which does not matter to a redirect that is followed."""
        if not (self.is_followed and self.is_complete):
            self.fail(code, message)

    def forget(self) -> None:
        """Nothing more will come."""
        if self._timer is not None:
            self._timer.cancel()

    def response(self) -> Response:
        """What has arrived.

        Raises:
            FetchError: Nothing has.
        """
        if not self.is_complete:
            raise FetchError(self._error or ErrorCode.PROTOCOL, self._message or "The answer is not valid HTTP.")
        response = Response(url=self._url, status=self._status, headers=self._headers, body=b"")
        response.wire_bytes = len(self._body)
        del self._body[max(0, self._limit) :]
        response.body = bytes(self._body)
        response.error, response.error_message = self._error, self._message
        if response.error is None and response.status == 407 and self._request.proxy is not None:
            response.error = ErrorCode.PROXY
            response.error_message = "The proxy refused the request with status 407: it wants credentials."
        return response

    def _end_head(self) -> None:
        fields: list[tuple[str, str]] = []
        for line in self._lines:
            text = line.decode("utf-8", "surrogateescape")
            if text[0] in " \t" and fields:
                # A folded line goes on with the field before (RFC 9112, section 5.2).
                fields[-1] = (fields[-1][0], f"{fields[-1][1]} {text.strip()}")
            else:
                name, _, value = text.partition(":")
                fields.append((name.strip(), value.strip(" \t")))
        self._headers = joined(fields)
        self.is_followed = will_follow(self._request, self._status, self._headers)
        if self.is_followed:
            self._limit = DRAIN_BYTES
            self._timer = asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._stop_draining)
        self.is_complete = True
        announced = self._headers.get("content-length", "") or ""
        if announced.isdigit() and int(announced) > self._limit and self._refuses_body():
            self._error = ErrorCode.TOO_LARGE
            self._message = (
                f"The body of {int(announced):,} bytes is larger than max_body_bytes ({self._limit:,} bytes)."
            )
            self._limit = -1
            self._stop_draining()

    def _refuses_body(self) -> bool:
        """Whether a body that is announced to be too large is not read."""
        if self.is_followed or self._request.cut_body:
            return False
        return self._request.method != "HEAD" and self._status not in (204, 304)

    def _stop_draining(self) -> None:
        if not self.drained.done():
            self.drained.set_result(None)


def _host_and_port(url: str) -> tuple[str, int]:
    scheme, _, rest = origin_of(url).partition("://")
    host, colon, port = rest.rpartition(":")
    if not colon or not port.isdigit():
        host, port = rest, "443" if scheme == "https" else "80"
    return host, int(port)


def _status_of(line: bytes) -> int | None:
    parts = line.split(None, 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None
