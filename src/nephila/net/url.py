"""URLs by the WHATWG URL Standard: parsing, joining, hosts and sites."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

import can_ada

from nephila.errors import AdmitError, ErrorCode

MAX_URL_LENGTH = 8192
"""Characters of a URL unless the caller sets another limit. RFC 9110, section 4.1 asks for at least 8,000 octets."""

SCHEMES = ("http", "https", "file", "raw")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_CREDENTIALS = re.compile(r"(:[/\\]{2})[^/\\?#\s]*@")
_WHITE_SPACE = "".join(chr(code) for code in range(0x21))


def parse(url: str, base: can_ada.URL | None = None) -> can_ada.URL | None:
    """Parse `url`, relative to `base` if given; None when it is not a URL by the standard."""
    try:
        return can_ada.parse(url) if base is None else base + url
    except (ValueError, TypeError):
        # TypeError: a lone surrogate cannot be passed to the parser.
        return None


def join(base: str, reference: str) -> str | None:
    """Resolve `reference` against `base` as a browser does; None when the outcome is no URL."""
    parsed_base = parse(base)
    if parsed_base is None:
        return None
    joined = parse(reference, parsed_base)
    return None if joined is None else joined.href


def host_of(url: str) -> str:
    """The URL's host name in lower case, without port; an empty string when it has none."""
    parsed = parse(url)
    return "" if parsed is None else parsed.hostname


def origin_of(url: str) -> str:
    """Scheme, host and port, such as `https://example.com:8443`; `null` for schemes without an origin."""
    parsed = parse(url)
    return "null" if parsed is None else parsed.origin


def without_credentials(url: str) -> tuple[str, str]:
    """The URL without user and password, and these as the value of an `Authorization` header (RFC 7617).

    The second is empty when the URL has neither.
    """
    if "@" not in url:
        return url, ""
    parsed = parse(url)
    if parsed is None or not (parsed.username or parsed.password):
        return url, ""
    pair = unquote_to_bytes(parsed.username) + b":" + unquote_to_bytes(parsed.password)
    parsed.username, parsed.password = "", ""
    return parsed.href, "Basic " + base64.b64encode(pair).decode("ascii")


def is_raw(url: str) -> bool:
    """Whether a URL holds the page itself (`raw:` or `raw://`)."""
    return url[:4].lower() == "raw:"


def admit(url: object, max_length: int = MAX_URL_LENGTH) -> str:
    """Check a URL given by a caller and return it serialised.

    `raw:` input is returned as it is but for white space in front: everything after the colon is the page itself.

    Raises:
        AdmitError: It is not a string, empty, too long, malformed, or of a scheme Nephila does not open.
    """
    if not isinstance(url, str):
        raise AdmitError(ErrorCode.INVALID_URL, f"A URL is a string; this is {type(url).__name__}.")
    text = url.strip(_WHITE_SPACE)
    if not text:
        raise AdmitError(ErrorCode.INVALID_URL, "The URL is empty.")
    if is_raw(text):
        return url.lstrip(_WHITE_SPACE)
    if len(text) > max_length:
        raise AdmitError(
            ErrorCode.INVALID_URL, f"The URL has {len(text)} characters; at most {max_length} are accepted."
        )
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise AdmitError(
            ErrorCode.INVALID_URL, f"{text[:80]!r} is not an absolute URL: it starts with no scheme such as https://."
        )
    name = scheme.group().lower()
    if name not in SCHEMES:
        hint = " Is https:// missing in front?" if re.match(r"[\w.-]+:\d+(/|$)", text) else ""
        raise AdmitError(
            ErrorCode.UNSUPPORTED_SCHEME,
            f"The scheme {name[:80]!r} is not supported: use http, https, file or raw.{hint}",
        )
    parsed = parse(text)
    if parsed is None or (name != "file" and not parsed.hostname):
        raise AdmitError(ErrorCode.INVALID_URL, f"{text[:80]!r} is not a valid URL (WHATWG URL Standard).")
    return parsed.href


def same_site(host: str, other: str) -> bool:
    """Whether two hosts are of one site: equal without a leading `www.`, or one a sub-domain of the other.

    A look-alike such as `notexample.com` is not part of `example.com`; IP addresses are only ever equal.
    """
    host, other = host.removeprefix("www."), other.removeprefix("www.")
    if host == other:
        return bool(host)
    if not host or not other or host[-1].isdigit() or other[-1].isdigit() or "]" in (host[-1], other[-1]):
        return False
    return host.endswith("." + other) or other.endswith("." + host)


def in_domain(host: str, domain: str) -> bool:
    """Whether `host` is `domain` or one of its sub-domains."""
    domain = domain.lower().strip(".").removeprefix("www.")
    return bool(domain) and (host.removeprefix("www.") == domain or host.endswith("." + domain))


def redacted(url: str) -> str:
    """The URL for a log or a message: without user and password, and shortened, as `raw:` may be a whole page."""
    text = url
    if "@" in url and len(url) <= 2 * MAX_URL_LENGTH and not is_raw(url):
        # Only the parser knows every spelling of credentials: `http:\\a b:c@host` has some.
        parsed = parse(url)
        if parsed is not None and (parsed.username or parsed.password):
            parsed.username, parsed.password = "***", ""
            text = parsed.href
    text = text[:200] + "..." if len(text) > 200 else text
    return _CREDENTIALS.sub(r"\1***@", text)
