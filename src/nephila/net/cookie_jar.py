"""A cookie jar as browsers keep one (RFC 6265bis, "Cookies: HTTP State Management Mechanism")."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from nephila.net.cookie_dates import seconds_of
from nephila.net.url import parse

MAX_BYTES: Final = 4096
"""Of a cookie's name and value together; a larger cookie is refused (section 5.6)."""

MAX_PER_DOMAIN: Final = 180
"""Cookies of one domain; the one that was changed longest ago makes room. The RFC asks for at least 50."""

MAX_COOKIES: Final = 3000
"""Cookies in one jar, the least the RFC asks for."""

MAX_AGE: Final = 400 * 86_400.0
"""Seconds a cookie may live (section 5.5)."""

_MAX_ATTRIBUTE: Final = 1024
"""Characters; longer attribute values are skipped (section 5.6)."""

_REGISTRIES: Final = frozenset("ac co com edu go gov mil ne net or org".split())
"""Second labels under a country's top level that names are registered below, such as `co.uk`."""

_UNSENDABLE: Final = frozenset("\x7f" + "".join(map(chr, range(0xDC80, 0xDD00))))
"""Delete, and bytes that are not UTF-8, which the HTTP client could not send back."""

_Key: TypeAlias = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie.

    Attributes:
        name: May be empty.
        value: Never shown.
        domain: Host name in lower case, without a leading dot.
        path: Begins with a slash.
        host_only: Sent to `domain` itself only, not to its sub-domains.
        secure: Sent over https only.
        http_only: Not shown to scripts.
        same_site: `Strict`, `Lax`, `None`, or an empty string when the server did not say.
        expires: Seconds since the epoch; None means when the session ends.
        number: Rises with every cookie; orders equal paths.
    """

    name: str
    value: str
    domain: str
    path: str = "/"
    host_only: bool = True
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    expires: float | None = None
    number: int = 0

    def __repr__(self) -> str:
        return f"Cookie({self.name!r}, domain={self.domain!r}, path={self.path!r})"

    @property
    def key(self) -> _Key:
        """What tells cookies of one domain apart."""
        return (self.name, self.path, self.host_only)

    def header(self) -> str:
        """As it stands in the `Cookie` header."""
        return f"{self.name}={self.value}" if self.name else self.value


class CookieJar:
    """Cookies of many hosts, bounded in number and size; safe to use from several threads.

    Args:
        clock: The time in seconds since the epoch.
    """

    def __init__(self, cookies: Iterable[Cookie] = (), clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        # The inner dicts are replaced, never changed: jars made by `fork` share them.
        self._domains: dict[str, dict[_Key, Cookie]] = {}
        for cookie in cookies:
            self.add(cookie)

    def __len__(self) -> int:
        return sum(map(len, self._domains.values()))

    def __iter__(self) -> Iterator[Cookie]:
        """The cookies that have not expired."""
        now = self._clock()
        for cookies in list(self._domains.values()):
            yield from (cookie for cookie in cookies.values() if cookie.expires is None or cookie.expires > now)

    def fork(self) -> CookieJar:
        """A jar that begins with the same cookies and goes its own way; cheap."""
        other = CookieJar(clock=self._clock)
        with self._lock:
            other._domains = dict(self._domains)
        other._numbers = itertools.count(next(self._numbers))
        return other

    def add(self, cookie: Cookie) -> None:
        """Store a cookie from a trusted source, such as a file; an expired one removes its predecessor."""
        with self._lock:
            self._store(cookie)

    def receive(self, url: str, header: str) -> bool:
        """Take in one `Set-Cookie` header of the response from `url`; returns whether it was accepted."""
        parsed = parse(url)
        if parsed is None or not parsed.hostname:
            return False
        host, secure_origin = parsed.hostname, parsed.protocol == "https:"
        cookie = read_set_cookie(header, host, parsed.pathname, self._clock())
        if cookie is None or (cookie.secure and not secure_origin):
            return False
        with self._lock:
            if not secure_origin and self._hides_a_secure_one(cookie):
                return False
            self._store(cookie)
        return True

    def header_for(self, url: str) -> str:
        """The `Cookie` header for a request to `url`; an empty string when no cookie applies."""
        return "; ".join(cookie.header() for cookie in self.matching(url))

    def matching(self, url: str) -> list[Cookie]:
        """The cookies for `url` in the order in which they are sent (section 5.8.3)."""
        if not self._domains:
            return []
        parsed = parse(url)
        if parsed is None or not parsed.hostname:
            return []
        host, path, secure, now = parsed.hostname, parsed.pathname or "/", parsed.protocol == "https:", self._clock()
        found = [
            cookie
            for domain in _domains_of(host)
            for cookie in self._domains.get(domain, {}).values()
            if (not cookie.host_only or domain == host)
            and (secure or not cookie.secure)
            and (cookie.expires is None or cookie.expires > now)
            and _path_matches(path, cookie.path)
        ]
        return sorted(found, key=lambda cookie: (-len(cookie.path), cookie.number))

    def _store(self, cookie: Cookie) -> None:
        now = self._clock()
        known = self._domains.get(cookie.domain, {})
        old = known.get(cookie.key)
        cookies = {key: each for key, each in known.items() if key != cookie.key}
        if cookie.expires is None or cookie.expires > now:
            if len(cookies) >= MAX_PER_DOMAIN:
                cookies = {key: each for key, each in cookies.items() if each.expires is None or each.expires > now}
                for key in list(itertools.islice(cookies, max(0, len(cookies) - MAX_PER_DOMAIN + 1))):
                    del cookies[key]
            latest = now + MAX_AGE
            expires = None if cookie.expires is None else min(cookie.expires, latest)
            number = old.number if old is not None else next(self._numbers)
            cookies[cookie.key] = replace(cookie, expires=expires, number=number)
        # At the end: the domain that was changed longest ago is the first to go.
        self._domains.pop(cookie.domain, None)
        if cookies:
            self._domains[cookie.domain] = cookies
        while len(self) > MAX_COOKIES:
            del self._domains[next(iter(self._domains))]

    def _hides_a_secure_one(self, cookie: Cookie) -> bool:
        """Whether a cookie set without TLS would cover one that was set with it (section 5.7, step 16)."""
        for domain, cookies in self._domains.items():
            if not (_domain_matches(domain, cookie.domain) or _domain_matches(cookie.domain, domain)):
                continue
            for other in cookies.values():
                if other.secure and other.name == cookie.name and _path_matches(cookie.path, other.path):
                    return True
        return False


def read_set_cookie(header: str, host: str, path: str, now: float) -> Cookie | None:
    """The cookie of one `Set-Cookie` header by sections 5.6 and 5.7; None when it is to be ignored.

    Args:
        header: The header's value.
        host: That sent it, in lower case.
        path: Of the URL it came from.
        now: Seconds since the epoch.
    """
    if any((character < " " and character != "\t") or character in _UNSENDABLE for character in header):
        return None
    pair, _, rest = header.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", name
    name, value = name.strip(" \t"), value.strip(" \t")
    if not (name or value) or len((name + value).encode("utf-8", "surrogateescape")) > MAX_BYTES:
        return None
    attributes = _attributes(rest)
    domain = _cookie_domain(attributes.get("domain", ""), host)
    if domain is None:
        return None
    given_path = attributes.get("path", "")
    cookie = Cookie(
        name,
        value,
        domain or host,
        given_path if given_path.startswith("/") else _default_path(path),
        host_only=not domain,
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site={"strict": "Strict", "lax": "Lax", "none": "None"}.get(attributes.get("samesite", "").lower(), ""),
        expires=_expiry(attributes, now),
    )
    return cookie if _may_be_stored(cookie, given_path) else None


def _attributes(text: str) -> Mapping[str, str]:
    """The attributes by their lower-case names; the last of equal ones counts."""
    attributes: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        value = value.strip(" \t")
        if len(value) <= _MAX_ATTRIBUTE:
            attributes[name.strip(" \t").lower()] = value
    return attributes


def _cookie_domain(given: str, host: str) -> str | None:
    """The domain a cookie is for: empty for the host alone, None when the host may not say so."""
    domain = given.removeprefix(".").lower()
    if not domain:
        return ""
    parsed = parse(f"http://{domain}/")
    domain = parsed.hostname if parsed is not None else ""
    if not domain or not _domain_matches(host, domain):
        return None
    if _is_address(host):
        return ""
    if is_public_suffix(domain):
        return "" if domain == host else None
    return domain


def _expiry(attributes: Mapping[str, str], now: float) -> float | None:
    age = attributes.get("max-age", "")
    digits = age.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return now + min(int(age), int(MAX_AGE)) if int(age) > 0 else 0.0
    return seconds_of(attributes["expires"]) if "expires" in attributes else None


def _may_be_stored(cookie: Cookie, given_path: str) -> bool:
    if cookie.same_site == "None" and not cookie.secure:
        return False
    # A nameless cookie whose value looks like a prefixed pair would be sent as one.
    shown = (cookie.name or cookie.value).lower()
    if not cookie.name and shown.startswith(("__secure-", "__host-")):
        return False
    if shown.startswith("__secure-"):
        return cookie.secure
    if shown.startswith("__host-"):
        return cookie.secure and cookie.host_only and given_path == "/"
    return True


def is_public_suffix(domain: str) -> bool:
    """Whether anybody can register names below `domain`, as far as its shape says: `com`, `co.uk`.

    There is no list of public suffixes here; a cookie for a suffix of an unusual shape would be accepted.
    """
    labels = domain.split(".")
    return len(labels) == 1 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _REGISTRIES)


def _is_address(host: str) -> bool:
    # The URL parser has brought every IPv4 spelling to four numbers, and no name ends with a number.
    return host.startswith("[") or host.rpartition(".")[2].isdigit()


def _domain_matches(host: str, domain: str) -> bool:
    return host == domain or (host.endswith("." + domain) and not _is_address(host))


def _domains_of(host: str) -> Iterator[str]:
    """The host and every domain above it."""
    yield host
    if _is_address(host):
        return
    rest = host
    while "." in rest:
        rest = rest.partition(".")[2]
        if rest:
            yield rest


def _path_matches(path: str, cookie_path: str) -> bool:
    return path == cookie_path or (
        path.startswith(cookie_path) and (cookie_path.endswith("/") or path[len(cookie_path)] == "/")
    )


def _default_path(path: str) -> str:
    """The directory of the URL (section 5.1.4)."""
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"
