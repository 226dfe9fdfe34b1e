"""Response headers as they are kept: names in lower case, one value each, in any bytes."""

from __future__ import annotations

from collections.abc import Iterable

from nephila.fetch.redirects import location_url
from nephila.models import Headers

_BY_LINE = frozenset(("set-cookie", "x-robots-tag"))
"""Headers whose repetitions mean something else when they are joined with commas."""


def joined(fields: Iterable[tuple[str, str]]) -> Headers:
    """Header fields as they came, with bytes that are not UTF-8 as surrogate escapes; see `Headers`."""
    pairs = list(fields)
    headers = Headers({name.lower(): value for name, value in pairs})
    if len(headers) == len(pairs) and all(map(str.isascii, headers.values())):
        return headers
    headers = Headers()
    for name, value in pairs:
        name = name.lower()
        if not value.isascii():
            value = location_url(value) if name == "location" else _text(value)
        known = headers.get(name)
        if known is not None:
            value = known + ("\n" if name in _BY_LINE else ", ") + value
        headers[name] = value
    return headers


def _text(value: str) -> str:
    """A header's value; bytes that are not UTF-8 are Latin-1, as they once were by the standard (RFC 9110, 5.5)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value
