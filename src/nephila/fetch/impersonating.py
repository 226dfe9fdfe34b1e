"""HTTP as a browser speaks it: HTTP/2, its TLS hello and its headers, by libcurl-impersonate (extra `impersonate`).

`curl_cffi` is used at its lowest level, libcurl's multi interface on the event loop, so that bodies stay in their
content encoding, redirects are followed here, and whatever has arrived is kept.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import io
import ipaddress
import os
import re
import ssl
from collections.abc import Sequence
from typing import Final

from curl_cffi import AsyncCurl, Curl, CurlError, CurlHttpVersion, CurlInfo, CurlOpt
from curl_cffi.curl import CURL_WRITEFUNC_ERROR, ffi, lib  # type: ignore[attr-defined]
from curl_cffi.requests.impersonate import REAL_TARGET_MAP

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.base import IDEMPOTENT_METHODS
from nephila.fetch.bodies import DRAIN_BYTES, DRAIN_SECONDS
from nephila.fetch.chain import fetch_chain, will_follow
from nephila.fetch.curl_failures import classify
from nephila.fetch.deadlines import Deadlines
from nephila.fetch.headers import joined
from nephila.fetch.pace import MinimumSpeed
from nephila.fetch.proxy_connections import LOCALLY_RESOLVED
from nephila.fetch.redirects import Hop
from nephila.fetch.steps import Message, prepared
from nephila.models import Headers, Request, Response
from nephila.net.guard import AddressRefusedError, Resolver, SystemResolver
from nephila.net.url import host_of, origin_of

_IDLE_HANDLES: Final = 64
_SWITCHING: Final = 101
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


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
        self._deadlines = Deadlines()

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch one URL and its redirects; see `Fetcher.fetch`."""
        return await fetch_chain(request, deadline, self._exchange)

    async def close(self) -> None:
        """Close the pool."""
        self._deadlines.close()
        for handle in self._idle:
            handle.close()
        self._idle.clear()
        await self._multi.close()  # type: ignore[no-untyped-call]

    async def _exchange(self, request: Request, hop: Hop, deadline: float) -> Response:
        """Send one request and receive its response, whole or in part."""
        arriving = _Arriving(request, hop.url)
        handle = self._idle.pop() if self._idle else self._new_handle()
        is_over, pin = False, None
        try:
            with self._deadlines.until(deadline) as scope:
                arriving.speed = MinimumSpeed(scope, request.min_speed, request.min_speed_window)
                if request.before_send is not None:
                    await request.before_send(hop.url)
                pinned = await self._checked_addresses(request, hop)
                self._prepare(handle, request, await prepared(request, hop), arriving)
                # Held until the transfer is over.
                pin = _pin(handle, _host_and_port(hop.url)[1], pinned) if pinned else None
                is_over = await self._perform(handle, arriving)
        except AddressRefusedError as error:
            arriving.fail(ErrorCode.ADDRESS, f"{error}.")
        except TimeoutError as error:
            code, sentence = classify(error, hop.url, request.proxy)
            arriving.fail(code, f"{host_of(hop.url)} {scope.reason}" if scope.reason else sentence)
        except (CurlError, ValueError) as error:
            is_over = True
            arriving.end(*classify(error, hop.url, request.proxy, handle.getinfo(CurlInfo.OS_ERRNO)))
        finally:
            self._put_back(handle, is_over)
            del pin
            arriving.forget()
        response = arriving.response()
        if "set-cookie" in response.headers:
            hop.cookies.receive(hop.url, response.headers["set-cookie"].split("\n"))
        return response

    async def _checked_addresses(self, request: Request, hop: Hop) -> Sequence[str]:
        """The addresses that may be connected to; none when any may, or when it is a proxy that connects.

        Raises:
            AddressRefusedError: None of the host's may.
        """
        policy = request.policy
        if policy is None or not policy.public_only:
            return ()
        host, port = _host_and_port(hop.url)
        if request.proxy is not None and not request.proxy.startswith(LOCALLY_RESOLVED):
            await policy.check_host(host, port, self._resolver)
            return ()
        bare = host.strip("[]")
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            try:
                addresses = await self._resolver.resolve(bare, port)
            except OSError as error:
                code = ErrorCode.DNS if request.proxy is None else ErrorCode.ADDRESS
                raise FetchError(code, f"The host name {bare!r} could not be resolved.") from error
        else:
            addresses = (bare,)
        permitted = [address for address in addresses if policy.permits(host, address, port)]
        if not permitted:
            policy.check(host, addresses[0] if addresses else "", port)
        return permitted

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
        }
        if outgoing.method == "HEAD":
            options[CurlOpt.NOBODY] = 1
        elif outgoing.body is not None:
            options[CurlOpt.POSTFIELDSIZE] = len(outgoing.body)
            options[CurlOpt.POSTFIELDS] = outgoing.body
        if outgoing.method != ("GET" if outgoing.body is None else "POST") and outgoing.method != "HEAD":
            options[CurlOpt.CUSTOMREQUEST] = _token(outgoing.method)
        if outgoing.url.startswith("http:"):
            # On a kept connection of HTTP/1, libcurl takes what came while it was idle for the answer.
            options[CurlOpt.FRESH_CONNECT] = options[CurlOpt.FORBID_REUSE] = 1
        elif outgoing.method not in IDEMPOTENT_METHODS:
            # libcurl sends what was lost on a kept connection again, whatever it is.
            options[CurlOpt.FRESH_CONNECT] = 1
        if request.proxy is not None and request.proxy_auth is not None:
            options[CurlOpt.PROXYUSERNAME], options[CurlOpt.PROXYPASSWORD] = request.proxy_auth
            # libcurl does not tell the tunnels of an HTTP proxy's users apart.
            options[CurlOpt.FRESH_CONNECT] = options[CurlOpt.FORBID_REUSE] = 1
        if not request.verify_tls:
            options[CurlOpt.SSL_VERIFYPEER] = options[CurlOpt.SSL_VERIFYHOST] = 0
        for option, value in options.items():
            handle.setopt(option, value)


def _pin(handle: Curl, port: int, addresses: Sequence[str]) -> object:
    """Have the connection made to one of these addresses, whatever the host is called and resolves to.

    libcurl is sent to a name that stands for just these addresses and that no name server knows. Its cache of names and
    its pool know connections by that name, so that one is only used again for the same addresses.
    """
    name = f"{hashlib.sha256(','.join(addresses).encode()).hexdigest()[:32]}.invalid"
    given = ",".join(f"[{address}]" if ":" in address else address for address in addresses)
    # With the plus sign, what the name stands for is forgotten after a while.
    handle.setopt(CurlOpt.RESOLVE, [f"+{name}:{port}:{given}"])
    # curl_cffi makes no list for this option.
    target = ffi.gc(lib.curl_slist_append(ffi.NULL, f"::{name}:{port}".encode()), lib.curl_slist_free_all)
    handle.setopt(CurlOpt.CONNECT_TO, target)
    return target


def _token(method: str) -> str:
    if _TOKEN.fullmatch(method) is None:
        raise ValueError(f"{method!r} is not an HTTP method")
    return method


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
        self._body = io.BytesIO()
        self._size = 0
        self.speed: MinimumSpeed | None = None
        """Told of what arrives of the body."""
        self._limit = request.max_body_bytes
        self._error: ErrorCode | None = None
        self._message = ""

    def take_line(self, line: bytes) -> int:
        """A line of the head; the status line of a later one (after 100 Continue) begins anew."""
        self._header_bytes += len(line)
        limit = self._request.max_header_bytes
        if self._header_bytes > limit or len(self._lines) > self._request.max_headers:
            self._error = ErrorCode.TOO_LARGE
            self._message = (
                f"The headers that {host_of(self._url)} sent are larger than max_header_bytes ({limit:,} bytes) "
                "or more than max_headers."
            )
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
        elif self._status is not None and (self._status == _SWITCHING or not 100 <= self._status < 200):
            self._end_head()
            if self._error is not None and not self.is_complete:
                return int(CURL_WRITEFUNC_ERROR)
        return len(line)

    def take_data(self, data: bytes) -> int:
        """A piece of the body."""
        room = self._limit - self._size
        self._size += len(data)
        self._body.write(data if room >= len(data) else data[: max(0, room)])
        if self.speed is not None:
            self.speed.received = self._size
        if self._size > self._limit:
            if not self.is_followed and self._error is None:
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
        if self.speed is not None:
            self.speed.stop()

    def response(self) -> Response:
        """What has arrived.

        Raises:
            FetchError: Nothing has.
        """
        if not self.is_complete:
            message = f"{host_of(self._url)} closed the connection before answering completely."
            raise FetchError(self._error or ErrorCode.CONNECTION_LOST, self._message or message)
        response = Response(url=self._url, status=self._status, headers=self._headers, body=b"")
        response.wire_bytes = self._size
        response.body = self._body.getvalue()
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
        if "transfer-encoding" in self._headers and "content-length" in self._headers:
            # Two lengths are how responses are smuggled (RFC 9112, section 6.3).
            self._error = ErrorCode.PROTOCOL
            self._message = f"The answer of {host_of(self._url)} is not valid HTTP: it says its length in two ways."
            return
        self.is_followed = will_follow(self._request, self._status, self._headers)
        if self.is_followed:
            self._limit = DRAIN_BYTES
            self._timer = asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._stop_draining)
        elif self.speed is not None:
            self.speed.start()
        self.is_complete = True
        if self._status == _SWITCHING:
            self._error = ErrorCode.PROTOCOL
            self._message = f"The server switched to another protocol (status {self._status})."
            self._stop_draining()
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
