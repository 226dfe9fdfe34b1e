"""What may be kept and for how long it is fresh: RFC 9111 (HTTP Caching) for a private cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from nephila.models import Headers

HEURISTIC_PART: Final = 0.1
"""Of the time since `Last-Modified`, for a page that does not say how long it is fresh (RFC 9111, section 4.2.2)."""

HEURISTIC_MAX: Final = 24 * 3600.0
"""Seconds such a page is fresh at most."""

HEURISTIC_BLIND: Final = 3600.0
"""Seconds that a page is fresh which says nothing at all about its age."""

_LONGEST: Final = 2.0**31
"""Seconds; what a larger number means (RFC 9111, section 1.2.2)."""

_HEURISTIC_STATUSES: Final = frozenset((200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501))
"""Cacheable by default (RFC 9110, section 15.1), without 206, of which no cache of whole pages has any use."""

_NEVER: Final = frozenset((206, 304, 408, 425, 429, 500, 502, 503, 504))
"""A part of a page, no page, or a failure of the moment."""

_NOT_UPDATED: Final = frozenset(
    """
    connection content-encoding content-length content-range content-type keep-alive proxy-connection te trailer
    transfer-encoding upgrade
    """.split()
)
"""Headers of a 304 that do not replace the stored ones: they are of the message or of the body that was sent."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a response is fresh.

    Attributes:
        seconds: From when it was generated.
        explicit: Whether the server said so itself.
    """

    seconds: float
    explicit: bool


def directives(value: str | None) -> dict[str, str]:
    """The directives of a `Cache-Control` header, the first of each name, lower case; no argument is an empty one."""
    found: dict[str, str] = {}
    for item in _items(value or ""):
        name, _, argument = item.partition("=")
        found.setdefault(name.strip().lower(), argument.strip().strip('"'))
    found.pop("", None)
    return found


def lifetime(status: int, headers: Headers) -> Lifetime:
    """How long a response of this status with these headers is fresh."""
    control = directives(headers.get("cache-control"))
    if "no-cache" in control:
        return Lifetime(0.0, explicit=True)
    if "max-age" in control:
        argument = control["max-age"]
        # What is no number counts as stale (RFC 9111, section 4.2.1).
        return Lifetime(min(float(argument), _LONGEST) if _is_number(argument) else 0.0, explicit=True)
    date = http_date(headers.get("date"))
    if "expires" in headers:
        expires = http_date(headers.get("expires"))
        return Lifetime(max(0.0, expires - date) if expires is not None and date is not None else 0.0, explicit=True)
    if status not in _HEURISTIC_STATUSES:
        return Lifetime(0.0, explicit=False)
    modified = http_date(headers.get("last-modified"))
    if modified is None or date is None:
        return Lifetime(HEURISTIC_BLIND, explicit=False)
    return Lifetime(min(max(0.0, date - modified) * HEURISTIC_PART, HEURISTIC_MAX), explicit=False)


def age(headers: Headers, fetched_at: float, now: float) -> float:
    """Seconds since the response was generated (RFC 9111, section 4.2.3), counted from when it was asked for."""
    date = http_date(headers.get("date"))
    apparent = max(0.0, fetched_at - date) if date is not None else 0.0
    given = headers.get("age") or ""
    stated = float(given) if _is_number(given) else 0.0
    return max(apparent, stated) + max(0.0, now - fetched_at)


def is_fresh(
    status: int,
    chain: Sequence[tuple[int, Headers]],
    headers: Headers,
    fetched_at: float,
    now: float,
    ttl: float | None,
) -> bool:
    """Whether a stored response may be used without asking the server.

    Args:
        status: The final one.
        chain: Status and headers of every redirect on the way; each has to be fresh too.
        headers: The final ones.
        fetched_at: When it was asked for, seconds since the epoch.
        now: Seconds since the epoch.
        ttl: Seconds a successful page is fresh whatever its headers say; None means what they say.
    """
    if ttl is not None and status < 400:
        return 0.0 <= now - fetched_at < ttl
    for hop_status, hop_headers in (*chain, (status, headers)):
        if "no-store" in directives(hop_headers.get("cache-control")):
            return False
        fresh_for = lifetime(hop_status, hop_headers)
        if hop_status >= 400 and not fresh_for.explicit:
            return False
        if age(hop_headers, fetched_at, now) >= fresh_for.seconds:
            return False
    return True


def may_store(status: int | None, chain: Sequence[tuple[int, Headers]], headers: Headers, ttl: float | None) -> bool:
    """Whether a response to a GET request may be kept.

    An error only when the server says how long it is valid; what a server forbids to keep only with a `ttl`.
    """
    if status is None or status in _NEVER or status < 200:
        return False
    if status >= 400:
        fresh_for = lifetime(status, headers)
        if not (fresh_for.explicit and fresh_for.seconds > 0):
            return False
    elif ttl is not None:
        return "*" not in _items(headers.get("vary") or "")
    for hop_headers in (*(hop for _, hop in chain), headers):
        if "no-store" in directives(hop_headers.get("cache-control")):
            return False
        if "*" in _items(hop_headers.get("vary") or ""):
            return False
    return True


def request_allows(headers: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether a request with these headers may be answered from a cache without asking, and whether it may be kept."""
    read = keep = True
    for name, value in headers.items():
        name = name.lower()
        if name == "range" or name.startswith("if-"):
            return False, False
        if name == "cache-control":
            control = directives(value)
            read = read and "no-cache" not in control and control.get("max-age") != "0"
            keep = keep and "no-store" not in control
        elif name == "pragma":
            read = read and "no-cache" not in directives(value)
    return read and keep, keep


def validators(headers: Headers) -> dict[str, str]:
    """The request headers that ask whether a stored response is still the same; empty when there is nothing to ask."""
    asked = {}
    if tag := headers.get("etag"):
        asked["If-None-Match"] = tag
    modified = headers.get("last-modified")
    if modified and http_date(modified) is not None:
        asked["If-Modified-Since"] = modified
    return asked


def updated(stored: Headers, confirmed: Headers) -> Headers:
    """The stored headers with those of the 304 that confirmed them (RFC 9111, section 3.2)."""
    return Headers({**stored, **{name: value for name, value in confirmed.items() if name not in _NOT_UPDATED}})


def varies_by_cookie(headers: Headers) -> bool:
    """Whether the response depends on the cookies of the request."""
    return "cookie" in (item.lower() for item in _items(headers.get("vary") or ""))


def http_date(value: str | None) -> float | None:
    """An HTTP date in seconds since the epoch; None for anything else."""
    if not value or len(value) > 64:
        return None
    try:
        moment: datetime = parsedate_to_datetime(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _items(value: str) -> list[str]:
    """The items of a comma-separated header; commas in quoted strings do not count."""
    items, start, quoted, escaped = [], 0, False, False
    if '"' not in value:
        return [item.strip() for item in value.split(",")]
    for position, character in enumerate(value):
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            items.append(value[start:position].strip())
            start = position + 1
    items.append(value[start:].strip())
    return items
