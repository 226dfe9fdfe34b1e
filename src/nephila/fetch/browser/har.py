"""A page's requests as an HTTP Archive, version 1.2: http://www.softwareishard.com/blog/har-12-spec/."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from nephila._version import __version__
from nephila.fetch.browser.exchange import Exchange, Fields, first_of
from nephila.models import JSONValue

_PAGE: Final = "page_1"
_MAX_FIELDS: Final = 1_000
"""Parameters of one query."""


def har_of(
    exchanges: Sequence[Exchange], url: str, browser: str, browser_version: str, *, bodies: bool
) -> dict[str, JSONValue]:
    """The archive of one page.

    Args:
        exchanges: Its requests, in the order they were made.
        url: The page's.
        browser: The browser's name.
        browser_version: Its version.
        bodies: Whether the answers that are text are in it.
    """
    began = exchanges[0].started if exchanges else datetime.now(UTC).timestamp()
    page: dict[str, JSONValue] = {
        "startedDateTime": _time(began),
        "id": _PAGE,
        "title": url[:1000],
        "pageTimings": {},
    }
    entries: list[JSONValue] = [_entry(exchange, bodies=bodies) for exchange in exchanges]
    log: dict[str, JSONValue] = {
        "version": "1.2",
        "creator": {"name": "Nephila", "version": __version__},
        "browser": {"name": browser, "version": browser_version},
        "pages": [page],
        "entries": entries,
    }
    return {"log": log}


def _entry(exchange: Exchange, *, bodies: bool) -> dict[str, JSONValue]:
    timings = _timings(exchange.timing)
    # `ssl` is part of `connect`.
    spent = sum(value for name, value in timings.items() if value > 0 and name != "ssl")
    entry: dict[str, JSONValue] = {
        "pageref": _PAGE,
        "startedDateTime": _time(exchange.started),
        "time": spent,
        "request": _request(exchange),
        "response": _response(exchange, bodies=bodies),
        "cache": {},
        "timings": dict(timings),
        "_resourceType": exchange.resource_type,
    }
    if exchange.server:
        entry["serverIPAddress"] = exchange.server
    return entry


def _request(exchange: Exchange) -> dict[str, JSONValue]:
    headers = exchange.request_headers
    sent = exchange.post_data
    request: dict[str, JSONValue] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version,
        "cookies": _pairs(_cookies(first_of(headers, "cookie"))),
        "headers": _pairs(headers),
        "queryString": _pairs(_query(exchange.url)),
        "headersSize": -1,
        "bodySize": len(sent) if sent is not None else 0,
    }
    if sent is not None:
        request["postData"] = {
            "mimeType": first_of(headers, "content-type"),
            "params": [],
            "text": sent.decode("utf-8", "replace"),
        }
    return request


def _response(exchange: Exchange, *, bodies: bool) -> dict[str, JSONValue]:
    headers = exchange.response_headers
    body = exchange.body
    content: dict[str, JSONValue] = {
        "size": len(body) if body is not None else max(0, exchange.wire_bytes),
        "mimeType": exchange.content_type or "x-unknown",
    }
    text = exchange.text() if bodies else None
    if text is not None:
        content["text"] = text
    elif bodies and exchange.body_note:
        content["comment"] = f"not kept: {exchange.body_note}"
    response: dict[str, JSONValue] = {
        "status": exchange.status,
        "statusText": exchange.status_text,
        "httpVersion": exchange.http_version,
        "cookies": _pairs(
            pair for name, value in headers if name.lower() == "set-cookie" for pair in _cookies(value.split(";")[0])
        ),
        "headers": _pairs(headers),
        "content": content,
        "redirectURL": first_of(headers, "location"),
        "headersSize": -1,
        "bodySize": exchange.wire_bytes,
    }
    if exchange.failure:
        response["_error"] = exchange.failure
    return response


def _timings(timing: dict[str, float]) -> dict[str, float]:
    """Milliseconds of each phase; -1 for one that did not take place."""

    def between(begin: str, end: str) -> float:
        first, last = timing.get(begin, -1), timing.get(end, -1)
        return round(last - first, 3) if first >= 0 and last >= first else -1

    begins = [timing.get(name, -1) for name in ("domainLookupStart", "connectStart", "requestStart")]
    return {
        "blocked": round(next((begin for begin in begins if begin >= 0), -1), 3),
        "dns": between("domainLookupStart", "domainLookupEnd"),
        "connect": between("connectStart", "connectEnd"),
        "ssl": between("secureConnectionStart", "connectEnd"),
        # Not told apart from waiting.
        "send": 0,
        "wait": max(0, between("requestStart", "responseStart")),
        "receive": max(0, between("responseStart", "responseEnd")),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pairs(fields: Iterable[tuple[str, str]]) -> list[JSONValue]:
    return [{"name": name, "value": value} for name, value in fields]


def _cookies(header: str) -> Fields:
    pairs = (part.strip().partition("=") for part in header.split(";") if part.strip())
    return [(name, value) for name, _, value in pairs]


def _query(url: str) -> Fields:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return []
