"""The cookies of one visit: those it starts with and those set on the way (RFC 6265bis)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nephila.net.cookie_files import cookie_from_dict
from nephila.net.cookie_jar import CookieJar


class VisitCookies:
    """The cookies that one visit sends and receives.

    Args:
        given: Cookies to add, as dicts; see `cookie_from_dict`.
        jar: Where they are kept: the jar of a session, which visits share, or one for this visit alone. None means a
            new one, so that visits never mix.
    """

    def __init__(self, given: Sequence[Mapping[str, object]] = (), jar: CookieJar | None = None) -> None:
        self._jar = jar
        if given:
            kept = self._kept()
            for cookie in given:
                kept.add(cookie_from_dict(cookie))

    def receive(self, url: str, headers: Sequence[str]) -> None:
        """Take in the `Set-Cookie` headers of a response; those that cannot be accepted are skipped."""
        jar = self._kept()
        for header in headers:
            jar.receive(url, header)

    def header_for(self, url: str) -> str:
        """The `Cookie` header for `url`; an empty string when no cookie applies."""
        return "" if self._jar is None else self._jar.header_for(url)

    def _kept(self) -> CookieJar:
        """The jar, made when there is something to keep: most visits never need one."""
        if self._jar is None:
            self._jar = CookieJar()
        return self._jar
