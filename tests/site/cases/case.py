"""What one row of the table of hostile cases says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypedDict

from tests.site.exchange import Answer, Exchange, Handler
from tests.site.server import Site

HTML = b"Content-Type: text/html; charset=utf-8\r\n"
PAGE = b"<!DOCTYPE html><title>Case</title><h1>Arrived</h1><p>whole and sound</p>"


class Other(TypedDict, total=False):
    """What is other over one transport."""

    status: int | None
    code: str | None
    contains: str
    message: str
    requests: int | None


NOWHERE: Mapping[str, Other] = MappingProxyType({})


@dataclass(frozen=True)
class Case:
    """A misbehaviour and its outcome.

    Attributes:
        name: A path component; the site answers `/case/<name>`.
        answer: How the site behaves there; bytes are sent as they are, then the connection is closed.
        status: The status that the result has.
        code: Its error code; None for a success.
        contains: Text that its `html` has; an empty string asks for nothing.
        absent: Text that its `html` must not have.
        message: Text that its error message has.
        hops: How many redirects it lists.
        requests: How many requests the site has seen; None when that does not matter.
        options: Options of the visit.
        browser: Options of the crawler.
        url: Makes the URL, when it is not that of the path.
        memory: Megabytes that the visit may cost: the limits in `options` and a constant.
        on: What is other over the transport of that name.
    """

    name: str
    answer: Handler | bytes | None = None
    status: int | None = 200
    code: str | None = None
    contains: str = "Arrived"
    absent: str = "Smuggled"
    message: str = ""
    hops: int = 0
    requests: int | None = 1
    options: Mapping[str, object] = field(default_factory=dict)
    browser: Mapping[str, object] = field(default_factory=dict)
    url: Callable[[Site], str] | None = None
    memory: float = 72.0
    on: Mapping[str, Other] = field(default_factory=dict)

    def over(self, transport: str) -> Case:
        """The case as it is over a transport."""
        return replace(self, **self.on.get(transport, {}))

    def install(self, site: Site) -> str:
        """Have the site behave; returns the URL to visit."""
        url = site.url(f"/case/{self.name}")
        site.host("b.localhost")
        if isinstance(self.answer, bytes):
            site.handle(f"/case/{self.name}", raw(self.answer))
        elif self.answer is not None:
            site.handle(f"/case/{self.name}", self.answer)
        return self.url(site) if self.url is not None else url


def raw(data: bytes) -> Handler:
    """A handler that sends these bytes and closes the connection."""

    async def handler(exchange: Exchange) -> None:
        await exchange.send(data)

    return handler


def page(body: bytes = PAGE, head: bytes = HTML, status: bytes = b"200 OK") -> bytes:
    """A correct response: the status, the header lines given, a content-length and the body."""
    return b"HTTP/1.1 " + status + b"\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    """A status line and header lines, with nothing added."""
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", b""])


def encoded(body: bytes, encoding: str) -> Handler:
    """A handler that answers HTML with this `Content-Encoding`."""

    def handler(_exchange: Exchange) -> Answer:
        return Answer(body, headers=(("content-encoding", encoding),))

    return handler


def redirect(location: str, status: int = 302, body: bytes = b"<h1>Moved</h1>") -> Handler:
    """A handler that redirects."""

    def handler(_exchange: Exchange) -> Answer:
        return Answer(body, status=status, headers=(("location", location),))

    return handler
