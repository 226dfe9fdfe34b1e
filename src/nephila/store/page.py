"""A page as it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from nephila.models import Headers, Redirect, Response


@dataclass(slots=True)
class StoredPage:
    """The answer of a server to one request.

    Attributes:
        url: The URL asked for, without its fragment.
        response: What came; complete, with its body as sent.
        content: Digest of the body.
        fetched_at: When it was asked for or last confirmed, seconds since the epoch.
        stored_at: When its body was stored.
        document: The document read from it, packed by `nephila.extract.wire`; None when none is kept for the options.
    """

    url: str
    response: Response
    content: bytes
    fetched_at: float
    stored_at: float
    document: bytes | None = None

    @property
    def chain(self) -> list[tuple[int, Headers]]:
        """Status and headers of every redirect on the way."""
        hops = zip(self.response.redirects, self.response.redirect_headers, strict=True)
        return [(hop["status"], headers) for hop, headers in hops]


@dataclass(slots=True)
class PageUpdate:
    """What is to be written of one page.

    Attributes:
        key: The page's name.
        page: The page.
        options: Name of the way its document was read; None when no document is kept.
        document: Makes the document's bytes; None when none is written.
        confirmed: Whether the body is the one already stored.
        max_bytes: What the whole store may take.
    """

    key: bytes
    page: StoredPage
    options: bytes | None = None
    document: Callable[[], bytes] | None = None
    confirmed: bool = False
    max_bytes: int = 1 << 30


@dataclass(slots=True)
class _Head:
    """Everything about a response but its body."""

    url: str
    status: int
    headers: dict[str, str]
    redirects: list[dict[str, str | int]] = field(default_factory=list)
    redirect_headers: list[dict[str, str]] = field(default_factory=list)
    wire_bytes: int = 0


def encode_head(response: Response) -> bytes:
    """A response without its body, as MessagePack.

    Raises:
        UnicodeEncodeError: A header cannot be represented.
    """
    hops: list[dict[str, str | int]] = [
        {"url": hop["url"], "status": hop["status"], "location": hop["location"]} for hop in response.redirects
    ]
    chain = [dict(headers) for headers in response.redirect_headers]
    head = _Head(response.url, response.status or 0, dict(response.headers), hops, chain, response.wire_bytes)
    return msgspec.msgpack.encode(head)


def decode_head(encoded: bytes, body: bytes) -> Response:
    """The response again.

    Raises:
        msgspec.DecodeError: The bytes are damaged.
    """
    head = msgspec.msgpack.decode(encoded, type=_Head)
    return Response(
        url=head.url,
        status=head.status,
        headers=Headers(head.headers),
        body=body,
        redirects=[_redirect(hop) for hop in head.redirects],
        redirect_headers=[Headers(headers) for headers in head.redirect_headers],
        wire_bytes=head.wire_bytes,
    )


def _redirect(hop: Mapping[str, str | int]) -> Redirect:
    return Redirect(url=str(hop["url"]), status=int(hop["status"]), location=str(hop["location"]))
