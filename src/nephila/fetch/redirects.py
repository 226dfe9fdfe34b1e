"""Following redirects by the Fetch Standard (HTTP-redirect fetch) and RFC 9110, section 15.4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nephila.fetch.cookies import VisitCookies
from nephila.models import Redirect, Request, Response
from nephila.net import url as urls

REDIRECT_STATUSES = frozenset((301, 302, 303, 307, 308))

_SECRET_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization"))
"""Headers the caller set for one origin; they do not follow to another."""

_BODY_HEADERS = frozenset(("content-type", "content-length", "content-encoding", "content-language"))

_UNDECODED_BYTE = re.compile("[\udc80-\udcff]")


class RedirectRefused(Exception):  # noqa: N818 - it is an answer, not a failure of the program
    """The redirect may not be followed; the sentence says why."""


@dataclass(slots=True)
class Hop:
    """One request of a redirect chain."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    cookies: VisitCookies

    @classmethod
    def first(cls, request: Request) -> Hop:
        """The request as the caller asked for it."""
        cookies = VisitCookies(request.cookies)
        return cls(request.url.partition("#")[0], request.method, request.headers, request.body, cookies)

    def headers_to_send(self) -> Mapping[str, str]:
        """The headers with the visit's cookies for this URL."""
        cookie = self.cookies.header_for(self.url)
        if not cookie:
            return self.headers
        own = next((value for name, value in self.headers.items() if name.lower() == "cookie"), "")
        others = {name: value for name, value in self.headers.items() if name.lower() != "cookie"}
        return {**others, "Cookie": f"{own}; {cookie}" if own else cookie}


def next_hop(hop: Hop, response: Response, location: str, redirects: list[Redirect], limit: int) -> Hop:
    """The request that follows `response`.

    Raises:
        RedirectRefused: The target is no http(s) URL, the chain is too long or it goes in a circle.
    """
    target = urls.join(hop.url, location_url(location))
    if target is None:
        raise RedirectRefused(f"The redirect from {hop.url} leads to {location!r}, which is not a valid URL.")
    scheme = target.partition(":")[0]
    if scheme not in ("http", "https"):
        raise RedirectRefused(f"The redirect from {hop.url} leads to a {scheme}: URL, which is not followed.")
    if len(target) > urls.MAX_URL_LENGTH:
        raise RedirectRefused(f"The redirect from {hop.url} leads to a URL of {len(target)} characters.")
    if len(redirects) >= limit:
        raise RedirectRefused(f"More than {limit} redirects (max_redirects).")
    target = _with_fragment_removed(target)
    visited = sum(1 for earlier in redirects if earlier["url"] == target) + (hop.url == target)
    # A page may redirect to itself once, to set a cookie; a second time it goes in a circle.
    if visited > 1 or (visited and not response.headers.get("set-cookie")):
        raise RedirectRefused(f"The redirects go in a circle at {target}.")
    method, body, headers = hop.method, hop.body, dict(hop.headers)
    if (response.status == 303 and method not in ("GET", "HEAD")) or (
        response.status in (301, 302) and method == "POST"
    ):
        method, body = "GET", None
        headers = {name: value for name, value in headers.items() if name.lower() not in _BODY_HEADERS}
    if urls.origin_of(target) != urls.origin_of(hop.url):
        headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}
    return Hop(target, method, headers, body, hop.cookies)


def location_url(location: str) -> str:
    """The `Location` header as a URL reference: bytes that are not UTF-8 are percent-encoded as they are."""
    return _UNDECODED_BYTE.sub(lambda match: f"%{ord(match.group()) - 0xDC00:02X}", location)


def _with_fragment_removed(url: str) -> str:
    return url.partition("#")[0]
