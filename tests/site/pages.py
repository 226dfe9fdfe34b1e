"""The part of the test site that behaves: pages, redirects, statuses, forms, cookies, limits that are announced."""

from __future__ import annotations

import base64
import html
import json
import struct
import zlib
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from tests.site.exchange import Answer, Exchange, Handler

TEXT = (
    "The golden orb-weaver spins a web that is strong enough to stop a small bird, and repairs it every morning "
    "before the first insect of the day arrives. "
)


def document(title: str, body: str, head: str = "") -> bytes:
    """A small, valid HTML page."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{html.escape(title)}</title>{head}'
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def not_found(exchange: Exchange) -> Answer:
    """The answer to a path nobody serves."""
    return Answer(document("Not found", f"<h1>Nothing at {html.escape(exchange.arrival.path)}</h1>"), status=404)


def home(_exchange: Exchange) -> Answer:
    """A page that links to the first pages."""
    links = "".join(f'<li><a href="/page/{number}">Page {number}</a></li>' for number in range(1, 11))
    return Answer(document("Home", f"<h1>Home</h1><ul>{links}</ul>"))


def page(exchange: Exchange) -> Answer:
    """`/page/N`: an article with a list, a table, an image and links to the next two pages."""
    number = int(exchange.rest or 1)
    body = f"""<nav><a href="/">Home</a></nav>
<main><h1>Page {number}</h1><p>This is <strong>page {number}</strong>. {TEXT}</p>
<ul><li>one of {number}</li><li>two of {number}</li></ul>
<table><thead><tr><th>Name</th><th>Value</th></tr></thead><tbody><tr><td>number</td><td>{number}</td></tr>
<tr><td>square</td><td>{number * number}</td></tr></tbody></table>
<p>Next: <a href="/page/{number + 1}" title="The next page">page {number + 1}</a>,
<a href="{number + 2}">page {number + 2}</a>, elsewhere: <a href="https://example.com/{number}">example</a>.</p>
<img src="/binary?{number}" alt="Picture {number}" width="1" height="1"></main>"""
    return Answer(document(f"Page {number}", body, f'<meta name="description" content="About {number}">'))


def echo(exchange: Exchange) -> Answer:
    """`/echo?token=`: a page whose title, text and link carry the URL and the token."""
    url, token = html.escape(exchange.url), html.escape(exchange.query.get("token", ""))
    return Answer(document(f"Echo {token}", f'<h1>{token}</h1><p>{url}</p><a href="{url}">{token}</a>'))


async def slow(exchange: Exchange) -> Answer:
    """`/slow?ms=`: the echo page after that many milliseconds."""
    await exchange.sleep(exchange.number("ms", 1000) / 1000)
    return echo(exchange)


def status(exchange: Exchange) -> Answer:
    """`/status/N`: that status with a body and a header of its own."""
    code = int(exchange.rest)
    phrase = HTTPStatus(code).phrase if code in HTTPStatus._value2member_map_ else "Unknown"
    return Answer(document(f"{code} {phrase}", f"<h1>{code} {phrase}</h1>"), status=code, headers=(("x-site", "kept"),))


def _to(location: str, status_code: int = 302) -> Answer:
    return Answer(document("Moved", "<h1>Moved</h1>"), status=status_code, headers=(("location", location),))


def redirect(exchange: Exchange) -> Answer:
    """`/redirect/N`: N redirects (`?status=`), then the echo page."""
    left = int(exchange.rest or 1)
    code = exchange.number("status", 302)
    suffix = f"?status={code}" if code != 302 else ""
    return _to(f"/redirect/{left - 1}{suffix}" if left > 1 else "/echo?token=arrived", code)


def redirect_to(exchange: Exchange) -> Answer:
    """`/redirect-to?url=&status=`: to wherever the caller says."""
    return _to(exchange.query.get("url", "/"), exchange.number("status", 302))


def empty(_exchange: Exchange) -> Answer:
    """An HTML page of no bytes."""
    return Answer()


def png() -> bytes:
    """The smallest honest PNG: one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

XHTML = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">'
    "<head><title>XHTML page</title></head><body><h1>XHTML page</h1><p>Strict &amp; closed.<br/></p></body></html>\n"
)

ATOM = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed</title>'
    "<entry><title>First entry</title><id>urn:1</id></entry></feed>\n"
)


def as_json(_exchange: Exchange) -> Answer:
    """A JSON document."""
    data = {"name": "Nephila", "legs": 8, "web": {"golden": True}, "words": ["naïve", "façade"]}
    return Answer(json.dumps(data, ensure_ascii=False).encode(), "application/json")


def set_cookie(exchange: Exchange) -> Answer:
    """`/set-cookie?name=value&...`: sets the cookies, then sends the page that echoes them."""
    cookies = exchange.query or {"session": "1"}
    headers = tuple(("set-cookie", f"{name}={value}; Path=/") for name, value in cookies.items())
    return Answer(document("Cookies set", "<h1>Set</h1>"), headers=headers)


def cookies(exchange: Exchange) -> Answer:
    """The cookies that came, as a JSON object."""
    raw = exchange.arrival.headers.get("cookie", "")
    pairs = dict(pair.strip().split("=", 1) for pair in raw.split(";") if "=" in pair)
    return Answer(json.dumps(pairs).encode(), "application/json")


def headers(exchange: Exchange) -> Answer:
    """The request's headers, as a JSON object with lower-cased names."""
    return Answer(json.dumps(dict(exchange.arrival.headers)).encode(), "application/json")


def post(exchange: Exchange) -> Answer:
    """The request's body, with the request's own content type."""
    content_type = exchange.arrival.headers.get("content-type", "application/octet-stream")
    return Answer(exchange.arrival.body, content_type, headers=(("x-method", exchange.arrival.method),))


def basic_auth(exchange: Exchange) -> Answer:
    """`/basic-auth?user=user&password=secret`: 401 without them."""
    pair = f"{exchange.query.get('user', 'user')}:{exchange.query.get('password', 'secret')}"
    expected = "Basic " + base64.b64encode(pair.encode()).decode()
    if exchange.arrival.headers.get("authorization") == expected:
        return Answer(document("Welcome", "<h1>Welcome</h1>"))
    return Answer(document("Who?", "<h1>Who?</h1>"), status=401, headers=(("www-authenticate", 'Basic realm="site"'),))


def _refuse_first(exchange: Exchange, code: int) -> Answer:
    if exchange.times() > exchange.number("times", 1):
        return echo(exchange)
    wait = exchange.query.get("retry_after", "")
    extra = (("retry-after", wait),) if wait else ()
    return Answer(document("Later", "<h1>Later</h1>"), status=code, headers=extra)


def too_many(exchange: Exchange) -> Answer:
    """`/429?retry_after=&times=&token=`: 429 to the first N requests for this very URL, then the echo page."""
    return _refuse_first(exchange, 429)


def unavailable(exchange: Exchange) -> Answer:
    """`/503?retry_after=&times=&token=`: the same with 503."""
    return _refuse_first(exchange, 503)


def big(exchange: Exchange) -> Answer:
    """`/big?kb=`: a page of paragraphs, that many kB long."""
    paragraph = f"<p>{TEXT}</p>\n"
    return Answer(document("Big", paragraph * max(1, exchange.number("kb", 1000) * 1000 // len(paragraph))))


def spellings(_exchange: Exchange) -> Answer:
    """A page that links to one page in many spellings."""
    links = ("page/1", "/page/1", "./page/1", "/page/./1", "/page/x/../1", "/page/1#top", "/page/1?utm_source=x")
    return Answer(document("Spellings", "".join(f'<a href="{link}">{link}</a> ' for link in links)))


ROUTES: Mapping[str, Handler] = MappingProxyType(
    {
        "": home,
        "page": page,
        "echo": echo,
        "slow": slow,
        "status": status,
        "redirect": redirect,
        "redirect-to": redirect_to,
        "redirect-loop": lambda exchange: _to(exchange.arrival.target),
        "redirect-no-location": lambda _: Answer(document("Moved", "<h1>Moved nowhere</h1>"), status=302),
        "redirect-file": lambda _: _to("file:///etc/passwd"),
        "empty": empty,
        "binary": lambda _: Answer(png(), "image/png"),
        "pdf": lambda _: Answer(PDF, "application/pdf"),
        "json": as_json,
        "xml": lambda _: Answer(ATOM.encode(), "application/xml"),
        "text": lambda _: Answer(f"Plain text.\n\n{TEXT}\n<b>not bold</b>\n".encode(), "text/plain; charset=utf-8"),
        "xhtml": lambda _: Answer(XHTML.encode(), "application/xhtml+xml"),
        "no-type": lambda _: Answer(document("No type", "<h1>No content type</h1>"), ""),
        "big": big,
        "set-cookie": set_cookie,
        "cookies": cookies,
        "headers": headers,
        "post": post,
        "basic-auth": basic_auth,
        "429": too_many,
        "503": unavailable,
        "spellings": spellings,
    }
)
