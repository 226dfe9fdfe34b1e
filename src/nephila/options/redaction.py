"""What may be shown of options that hold secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

HIDDEN: Final = "***"

_SECRET_WORDS: Final = ("auth", "cookie", "token", "secret", "key", "session", "password")


def shown_headers(headers: object) -> object:
    """Return header fields with the values of Authorization, Cookie and their like hidden."""
    if not isinstance(headers, Mapping):
        return HIDDEN
    return {
        name: HIDDEN if any(word in str(name).lower() for word in _SECRET_WORDS) else value
        for name, value in headers.items()
    }


def shown_cookies(cookies: object) -> object:
    """Return cookies with their values hidden."""
    if not isinstance(cookies, list):
        return HIDDEN
    return [
        {name: HIDDEN if name == "value" else value for name, value in cookie.items()}
        if isinstance(cookie, Mapping)
        else HIDDEN
        for cookie in cookies
    ]


def shown_url(url: object) -> object:
    """Return a URL without user, password, path and query, any of which may hold a token."""
    try:
        parts = urlsplit(str(url))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{parts.hostname or ''}{port}/{HIDDEN}"
