"""Telling a challenge or a refusal of a bot protection from the page that was asked for.

It goes by what the services put into their own answers: headers they document, and the scripts, forms and titles of
their pages. A page that is short, that failed, or that writes about such services is none of theirs: an answer counts
as blocked when it carries such a sign and its status is an error, or when nobody could take it for a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nephila.errors import ReadError
from nephila.html.decode import parse_html
from nephila.html.inflate import inflate

_HEAD: Final = 15_000
"""How much of a body is looked at; the signs are near the top."""

_SMALL_ENCODED: Final = 12_000
_SMALL: Final = 60_000
"""A challenge that comes with a good status is a small page; larger ones are not looked at."""

_UNPACKED: Final = 1_000_000
_READABLE: Final = 700
"""Characters of visible text from which a page with a good status is a page, whatever scripts it has."""

_READABLE_ERROR: Final = 4000
"""The same with an error; refusals have a few paragraphs of advice."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """What an answer of a service looks like.

    Attributes:
        service: Whose it is.
        needed: All of these are in the page.
        header: A header it has, and what is in its value.
        certain: Whether it means a challenge with any status; otherwise only with an error.
    """

    service: str
    needed: tuple[bytes, ...] = ()
    header: tuple[str, str] = ("", "")
    certain: bool = False


_HEADER_SIGNS: Final = (
    # https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    _Sign("Cloudflare", header=("cf-mitigated", "challenge"), certain=True),
    # https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html
    _Sign("AWS WAF", header=("x-amzn-waf-action", ""), certain=True),
    # https://vercel.com/docs/vercel-firewall
    _Sign("Vercel", header=("x-vercel-mitigated", ""), certain=True),
    _Sign("DataDome", header=("x-dd-b", "")),
    _Sign("Sucuri", header=("x-sucuri-block", "")),
    _Sign("Kasada", header=("x-kpsdk-ct", "")),
)
_PAGE_SIGNS: Final = (
    _Sign("Cloudflare", (b"_cf_chl_opt",), certain=True),
    _Sign("Cloudflare", (b"<title>Attention Required! | Cloudflare</title>",)),
    _Sign("Cloudflare", (b'class="cf-error-code">1', b"cf-error-details")),
    _Sign("Cloudflare", (b"error code: 10",), ("server", "cloudflare")),
    _Sign("Akamai", (b"sec-if-cpt-container",), certain=True),
    _Sign("Akamai", (b"bm-verify=", b"triggerInterstitialChallenge"), certain=True),
    _Sign("Akamai", (b"Access Denied", b"Reference&#32;&#35;")),
    _Sign("Akamai", (b"Access Denied", b"errors.edgesuite.net")),
    _Sign("PerimeterX", (b"window._pxAppId", b"px-captcha"), certain=True),
    _Sign("PerimeterX", (b'"appId":"PX', b'"blockScript"')),
    _Sign("PerimeterX", (b'"appId": "PX', b'"blockScript"')),
    _Sign("DataDome", (b"captcha-delivery.com",)),
    _Sign("DataDome", (b"var dd={", b"captcha-delivery.com/"), certain=True),
    _Sign("Imperva", (b"_Incapsula_Resource", b"ncident"), certain=True),
    _Sign("Imperva", (b"_Incapsula_Resource", b'name="robots" content="noindex', b"<iframe"), certain=True),
    _Sign("Imperva", (b"Incapsula incident ID",)),
    _Sign("Sucuri", (b"sucuri_cloudproxy_js",), certain=True),
    _Sign("Sucuri", (b"Sucuri WebSite Firewall", b"Access Denied")),
    _Sign("Kasada", (b"window.KPSDK",), certain=True),
    _Sign("AWS WAF", (b"window.awsWafCookieDomainList",), certain=True),
    _Sign("AWS WAF", (b"window.gokuProps",), certain=True),
    _Sign("Amazon", (b"/errors/validateCaptcha",), certain=True),
    _Sign("Anubis", (b'id="anubis_challenge"',), certain=True),
    _Sign("DDoS-Guard", (b"<title>DDoS-Guard</title>",), certain=True),
    _Sign("Radware", (b"Radware Captcha Page",), certain=True),
    _Sign(
        "F5",
        (b"The requested URL was rejected. Please consult with your administrator.", b"support ID is"),
        certain=True,
    ),
    _Sign("Google", (b"Our systems have detected unusual traffic from your computer network",)),
    _Sign("Reddit", (b"blocked by network security",)),
    _Sign("Cloudflare", (b"<title>Just a moment...</title>",)),
)
_TEXTUAL: Final = re.compile(r"\s*(?:text/|application/(?:xhtml\+xml|json|[a-z.+-]*\+json)|$)", re.IGNORECASE)
_UNSEEN: Final = "script,style,noscript,template,head,iframe"


def blocked_by(status: int | None, headers: Mapping[str, str], body: bytes) -> str | None:
    """Whose challenge or refusal an answer is; None for a page, and for an ordinary failure.

    Args:
        status: The final status.
        headers: By lower-cased names.
        body: As sent.
    """
    if status is None:
        return None
    is_error = status >= 400
    for sign in _HEADER_SIGNS:
        name, part = sign.header
        if (is_error or sign.certain) and part in headers.get(name, "\0").lower() and name in headers:
            return sign.service
    head = _head(headers, body, is_error)
    if not head:
        return None
    for sign in _PAGE_SIGNS:
        if (is_error or sign.certain) and all(part in head for part in sign.needed):
            name, part = sign.header
            if name and part not in headers.get(name, "").lower():
                continue
            return sign.service if _is_empty(body, headers, is_error) else None
    return None


def _head(headers: Mapping[str, str], body: bytes, is_error: bool) -> bytes:
    """The beginning of a page, unpacked; empty when it is not worth a look."""
    if not body or not _TEXTUAL.match(headers.get("content-type", "")):
        return b""
    encoding = headers.get("content-encoding", "")
    if not is_error and len(body) > (_SMALL_ENCODED if encoding else _SMALL):
        return b""
    return _unpacked(body, encoding, _UNPACKED if is_error else _SMALL)[:_HEAD]


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    if not encoding:
        return body
    try:
        return inflate(body, encoding, limit).data
    except ReadError:
        # Reading it will say what is wrong with it.
        return b""


def _is_empty(body: bytes, headers: Mapping[str, str], is_error: bool) -> bool:
    """Whether the page has hardly any text that somebody could read."""
    limit, readable = (_UNPACKED, _READABLE_ERROR) if is_error else (_SMALL, _READABLE)
    tree, _ = parse_html(_unpacked(body, headers.get("content-encoding", ""), limit))
    root = tree.find("body") or tree.root
    if root is None:
        return True
    root.remove(_UNSEEN)
    return len(" ".join(root.text.split())) < readable
