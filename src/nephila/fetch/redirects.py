"""Following redirects by the Fetch Standard (HTTP-redirect fetch) and RFC 9110, section 15.4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nephila.errors import ErrorCode
from nephila.fetch.cookies import VisitCookies
from nephila.fetch.refresh import refresh_target
from nephila.models import Redirect, Request, Response
from nephila.net import url as urls

REDIRECT_STATUSES = frozenset((301, 302, 303, 307, 308))

_WEB = ("http", "https")

_ORIGIN_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization", "host"))
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
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    """Method, URL and cookies of the requests of the chain, once there is a redirect."""
    cookie: str = ""
    """The cookies of the visit that it was sent with."""

    @classmethod
    def first(cls, request: Request) -> Hop:
        """The request as the caller asked for it."""
        cookies = VisitCookies(request.cookies, request.cookie_jar)
        url, credentials = urls.without_credentials(request.url.partition("#")[0])
        return cls(url, request.method, _authorized(request.headers, credentials), request.body, cookies)

    def is_repeated(self) -> bool:
        """Whether the same request was in the chain before.

        A page may well redirect to itself when it has set a cookie, or after a form was posted to it.
        """
        return (self.method, self.url, self.cookies.header_for(self.url)) in self.seen

    def note_as_sent(self) -> None:
        """The request becomes a part of the chain."""
        self.seen.add((self.method, self.url, self.cookie))

    def headers_to_send(self) -> Mapping[str, str]:
        """The headers with the visit's cookies for this URL."""
        cookie = self.cookie = self.cookies.header_for(self.url)
        if not cookie:
            return self.headers
        own = next((value for name, value in self.headers.items() if name.lower() == "cookie"), "")
        others = {name: value for name, value in self.headers.items() if name.lower() != "cookie"}
        return {**others, "Cookie": f"{own}; {cookie}" if own else cookie}


def leads_on_to(request: Request, response: Response) -> str | None:
    """Where a response sends on to, as a URL reference; None when it is the final one."""
    if not request.follow_redirects:
        return None
    if response.status in REDIRECT_STATUSES:
        return response.headers.get("location") if response.error is not ErrorCode.REDIRECT else None
    return refresh_target(response) if request.follow_meta_refresh else None


def refuse_without_location(request: Request, response: Response) -> None:
    """A redirect that does not say where to is a failure; its content is kept."""
    if request.follow_redirects and response.status in REDIRECT_STATUSES and response.error is None:
        response.error = ErrorCode.REDIRECT
        response.error_message = f"The server answered with the redirect {response.status} but no Location."


def next_hop(hop: Hop, response: Response, location: str, redirects: list[Redirect], request: Request) -> Hop:
    """The request that follows `response`.

    Raises:
        RedirectRefused: The target is no http(s) URL, the chain is too long or it goes in a circle.
    """
    source = urls.redacted(hop.url)
    target = urls.join(hop.url, location)
    if target is None:
        to = urls.redacted(location)
        raise RedirectRefused(f"The redirect from {source} leads to {to!r}, which is not a valid URL.")
    scheme = target.partition(":")[0]
    schemes = request.policy.schemes if request.policy is not None else _WEB
    if scheme not in _WEB or scheme not in schemes:
        raise RedirectRefused(f"The redirect from {source} leads to a {scheme}: URL, which is not followed.")
    if len(target) > request.max_url_length:
        raise RedirectRefused(f"The redirect from {source} leads to a URL of {len(target)} characters.")
    if len(redirects) >= request.max_redirects:
        raise RedirectRefused(f"More than {request.max_redirects} redirects (max_redirects).")
    target, credentials = urls.without_credentials(target.partition("#")[0])
    method, body, headers = hop.method, hop.body, dict(hop.headers)
    # A page that refreshes to another is not among the statuses, and is always followed with GET.
    if (response.status not in (301, 302, 307, 308) and method not in ("GET", "HEAD")) or (
        response.status in (301, 302) and method == "POST"
    ):
        method, body = "GET", None
        headers = {name: value for name, value in headers.items() if name.lower() not in _BODY_HEADERS}
    if urls.origin_of(target) != urls.origin_of(hop.url):
        headers = {name: value for name, value in headers.items() if name.lower() not in _ORIGIN_HEADERS}
    hop.note_as_sent()
    following = Hop(target, method, _authorized(headers, credentials), body, hop.cookies, hop.seen)
    if following.is_repeated():
        raise RedirectRefused(f"The redirects go in a circle at {urls.redacted(target)}.")
    return following


def _authorized(headers: Mapping[str, str], credentials: str) -> Mapping[str, str]:
    """The headers with the credentials of the URL, which win over the caller's own."""
    if not credentials:
        return headers
    return {name: value for name, value in headers.items() if name.lower() != "authorization"} | {
        "Authorization": credentials
    }


def location_url(location: str) -> str:
    """The `Location` header as a URL reference: bytes that are not UTF-8 are percent-encoded as they are."""
    return _UNDECODED_BYTE.sub(lambda match: f"%{ord(match.group()) - 0xDC00:02X}", location)
