"""A page with everything it loaded as WARC/1.1: https://iipc.github.io/warc-specifications/."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from nephila._version import __version__
from nephila.fetch.browser.exchange import Exchange, Fields, first_of

_UNDONE: Final = frozenset(("content-encoding", "transfer-encoding", "content-length"))
"""Fields that are not true of a body which the browser has unpacked."""


def warc_of(exchanges: Iterable[Exchange]) -> bytes:
    """The records of a page's requests; files of several pages may be put one after the other.

    A body is stored as the browser gives it, without its content encoding; the fields that spoke of that are kept
    under names that begin with `X-Archive-Orig-`.
    """
    info = f"software: Nephila {__version__}\r\nformat: WARC File Format 1.1\r\n".encode()
    now = datetime.now(UTC).timestamp()
    records = [_record("warcinfo", now, {"Content-Type": "application/warc-fields"}, info)]
    for exchange in exchanges:
        if exchange.url.startswith(("http:", "https:")):
            records += _records_of(exchange)
    return b"".join(records)


def _records_of(exchange: Exchange) -> list[bytes]:
    answer_id, request_id = _new_id(), _new_id()
    shared = {"WARC-Target-URI": exchange.url}
    if exchange.server:
        shared["WARC-IP-Address"] = exchange.server.strip("[]")
    records: list[bytes] = []
    if exchange.status:
        body = exchange.body or b""
        fields = {
            **shared,
            "Content-Type": "application/http;msgtype=response",
            "WARC-Payload-Digest": _digest(body),
        }
        if exchange.body_note:
            fields["WARC-Truncated"] = exchange.body_note
        records.append(_record("response", exchange.started, fields, _answer(exchange, body), answer_id))
        shared = {**shared, "WARC-Concurrent-To": answer_id}
    fields = {**shared, "Content-Type": "application/http;msgtype=request"}
    records.append(_record("request", exchange.started, fields, _request(exchange), request_id))
    return records


def _record(kind: str, seconds: float, fields: dict[str, str], block: bytes, record_id: str | None = None) -> bytes:
    date = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {
        "WARC-Type": kind,
        "WARC-Record-ID": record_id or _new_id(),
        "WARC-Date": date,
        **fields,
        "WARC-Block-Digest": _digest(block),
        "Content-Length": str(len(block)),
    }
    lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in head.items())
    return b"WARC/1.1\r\n" + lines.encode("utf-8", "replace") + b"\r\n" + block + b"\r\n\r\n"


def _answer(exchange: Exchange, body: bytes) -> bytes:
    phrase = exchange.status_text
    if not phrase:
        try:
            phrase = HTTPStatus(exchange.status).phrase
        except ValueError:
            phrase = "Unknown"
    fields = [
        (f"X-Archive-Orig-{name}" if name.lower() in _UNDONE else name, value)
        for name, value in exchange.response_headers
    ]
    fields.append(("Content-Length", str(len(body))))
    return _head(f"HTTP/1.1 {exchange.status} {phrase}", fields) + body


def _request(exchange: Exchange) -> bytes:
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = list(exchange.request_headers)
    if not first_of(fields, "host"):
        fields.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    return _head(f"{exchange.method} {target} HTTP/1.1", fields) + (exchange.post_data or b"")


def _head(first: str, fields: Fields) -> bytes:
    # The names that begin with a colon are HTTP/2's own way of writing the first line.
    lines = [first, *(f"{name}: {_one_line(value)}" for name, value in fields if not name.startswith(":"))]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace") + b"\r\n"


def _one_line(value: str) -> str:
    return " ".join(value.splitlines())


def _digest(data: bytes) -> str:
    # SHA-1 because that is what the tools of web archives compare; nothing is protected by it.
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")


def _new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"
