"""The cookies of one visit: those the caller gave and those set on the way (RFC 6265)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http.cookies import CookieError, Morsel, SimpleCookie

import aiohttp
import yarl


class VisitCookies:
    """A cookie jar that lives as long as one visit, so that visits never mix.

    Args:
        given: Cookies of the config: `name`, `value` and `url` or `domain`, with an optional `path` and `secure`.
    """

    def __init__(self, given: Sequence[Mapping[str, object]] = ()) -> None:
        self._jar: aiohttp.CookieJar | None = None
        for cookie in given:
            self._add(cookie)

    def receive(self, url: str, headers: Sequence[str]) -> None:
        """Take in the `Set-Cookie` headers of a response; malformed ones are skipped."""
        for header in headers:
            cookie = _parse(header)
            if cookie is not None:
                self._open().update_cookies({cookie.key: cookie}, yarl.URL(url, encoded=True))

    def header_for(self, url: str) -> str:
        """The `Cookie` header for `url`; an empty string when no cookie applies."""
        if self._jar is None:
            return ""
        cookies = self._jar.filter_cookies(yarl.URL(url, encoded=True))
        return "; ".join(f"{name}={morsel.coded_value}" for name, morsel in cookies.items())

    def _open(self) -> aiohttp.CookieJar:
        if self._jar is None:
            # IP addresses may set cookies too, as they may in browsers.
            self._jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        return self._jar

    def _add(self, cookie: Mapping[str, object]) -> None:
        parsed: SimpleCookie = SimpleCookie()
        name = str(cookie["name"])
        parsed[name] = str(cookie["value"])
        parsed[name]["path"] = str(cookie.get("path") or "/")
        parsed[name]["secure"] = bool(cookie.get("secure"))
        domain = str(cookie.get("domain") or "")
        url = str(cookie.get("url") or f"https://{domain.lstrip('.')}/")
        if domain.startswith("."):
            parsed[name]["domain"] = domain
        self._open().update_cookies(parsed, yarl.URL(url))


def _parse(header: str) -> Morsel[str] | None:
    """One `Set-Cookie` header by RFC 6265, section 5.2, which takes any value, where `SimpleCookie` is strict."""
    pair, *attributes = header.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name:
        return None
    cookie: Morsel[str] = Morsel()
    try:
        cookie.set(name, value, value)
        for attribute in attributes:
            key, _, content = (part.strip() for part in attribute.partition("="))
            if cookie.isReservedKey(key):
                cookie[key] = content or key.lower() in ("secure", "httponly")
    except CookieError:
        return None
    return cookie
