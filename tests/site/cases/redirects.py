"""Redirects that lead nowhere, in circles, or where nobody may follow."""

from __future__ import annotations

import json

from tests.site.cases.case import HTML, PAGE, Case, head, page, redirect
from tests.site.cases.limits import endless
from tests.site.exchange import Answer, Exchange, Handler
from tests.site.server import Site

_REFUSED = {"status": 302, "code": "redirect", "contains": "Moved"}


def away(location: str) -> Handler:
    """A redirect to the same site on another host; `{}` stands for its URL."""

    def handler(exchange: Exchange) -> Answer:
        target = location.format(exchange.site.host_url("b.localhost"))
        return Answer(b"<h1>Moved</h1>", status=302, headers=(("location", target), ("set-cookie", "mine=1; Path=/")))

    return handler


def refresh(content: str, text: str = "") -> Handler:
    """A page with a meta refresh."""
    return lambda _exchange: Answer(f'<meta http-equiv="Refresh" content="{content}">Moved {text}'.encode())


def _chain(exchange: Exchange) -> Answer:
    """301, 302, a refresh, and a page that is forbidden."""
    step = int(exchange.query.get("step", 1))
    onward = f"?step={step + 1}"
    if step in (1, 2):
        return Answer(status=300 + step, headers=(("location", onward),))
    if step == 3:
        return Answer(f'<meta http-equiv=refresh content="0; url={onward}">'.encode())
    return Answer(PAGE, status=403)


def _turns(exchange: Exchange) -> Answer:
    """Two pages that refresh to each other."""
    other = "?b" if exchange.arrival.target.endswith("?a") else "?a"
    return Answer(f'<meta http-equiv=refresh content="0; url={other}">Moved'.encode())


def _who(exchange: Exchange) -> Answer:
    """What the request says of the caller."""
    told = {name: exchange.arrival.headers.get(name) for name in ("authorization", "cookie")}
    return Answer(json.dumps(told).encode(), "text/plain")


def _with_user(path: str) -> str:
    return path.replace("http://", "http://user:secret@")


REDIRECTS = (
    Case("to-a-relative-url", redirect("../page/1"), contains="Page 1", hops=1, requests=2),
    Case("to-a-query", redirect("?x=1"), contains="", status=302, code="redirect", hops=1, requests=2),
    Case("to-backslashes", redirect("\\page\\1"), contains="Page 1", hops=1, requests=2),
    Case("to-white-space", redirect("  /page/1\t "), contains="Page 1", hops=1, requests=2),
    Case("to-a-fragment-of-itself", redirect("#there"), **_REFUSED),
    Case("without-location", head(HTML.rstrip(), status=b"302 Found") + b"Moved", message="no Location", **_REFUSED),
    Case("with-empty-location", redirect(""), **_REFUSED),
    Case("to-a-file", redirect("file:///etc/passwd"), message="file:", **_REFUSED),
    Case("to-a-script", redirect("javascript:alert(1)"), message="javascript:", **_REFUSED),
    Case("to-data", redirect("data:text/html,<h1>x"), message="data:", **_REFUSED),
    Case("to-ftp", redirect("ftp://127.0.0.1/x"), message="ftp:", **_REFUSED),
    Case("to-raw", redirect("raw:<h1>Smuggled"), **_REFUSED),
    Case("to-no-host", redirect("http://"), **_REFUSED),
    Case("to-a-bad-port", redirect("http://127.0.0.1:99999/"), **_REFUSED),
    Case("to-a-long-url", redirect("/" + "a" * 9000), message="characters", **_REFUSED),
    Case(
        "to-plain-http-when-only-https",
        redirect("/page/1"),
        status=None,
        code="unsupported_scheme",
        contains="",
        requests=0,
        options={"allowed_schemes": ["https"]},
    ),
    Case("to-itself", redirect("/case/to-itself"), message="circle", **_REFUSED),
    Case("of-twenty-one-hops", url=lambda site: site.url("/redirect/21"), hops=20, requests=21, **_REFUSED),
    Case("of-no-hops-allowed", redirect("/page/1"), options={"max_redirects": 0}, **_REFUSED),
    Case("multiple-choices", redirect("/page/1", 300, PAGE), status=300),
    Case("use-proxy", redirect("http://127.0.0.1:9/", 305, PAGE), status=305),
    Case("created-with-location", redirect("/page/1", 201, PAGE), status=201),
    Case("location-of-a-page", redirect("/page/1", 200, PAGE)),
    Case(
        "two-locations",
        page(b"Moved", HTML + b"Location: /page/1\r\nLocation: /page/2\r\n", b"302 Found"),
        message="more than one",
        on={"curl": {"status": None, "code": "protocol", "contains": "", "message": "Multiple Location"}},
        **_REFUSED,
    ),
    Case("to-a-dead-port", redirect("http://127.0.0.1:9/"), status=None, code="connect", contains="", hops=1),
    Case("to-an-unknown-host", redirect("http://nowhere.invalid/"), status=None, code="dns", contains="", hops=1),
    Case(
        "of-endless-body",
        endless(head(HTML.rstrip(), b"Location: /page/1", status=b"302 Found"), b"x" * 60_000),
        contains="Page 1",
        hops=1,
        requests=2,
    ),
    Case(
        "of-dripping-body",
        endless(head(HTML.rstrip(), b"Location: /page/1", status=b"302 Found"), b"x", 0.05),
        contains="Page 1",
        hops=1,
        requests=2,
    ),
    Case("keeps-cookies-at-home", away("{}headers"), contains="127.0.0.2", absent="mine", hops=1, requests=2),
    Case(
        "keeps-given-credentials-at-home",
        away("{}headers"),
        contains="127.0.0.2",
        absent="authorization",
        hops=1,
        requests=2,
        browser={"headers": {"Authorization": "Bearer secret", "Cookie": "given=secret"}},
    ),
    Case(
        "keeps-url-credentials-at-home",
        away("{}headers"),
        contains="127.0.0.2",
        absent="authorization",
        hops=1,
        requests=2,
        url=lambda site: _with_user(site.url("/case/keeps-url-credentials-at-home")),
    ),
    Case(
        "credentials-of-the-url",
        _who,
        contains="Basic dXNlcjpzZWNyZXQ=",
        url=lambda site: _with_user(site.url("/case/credentials-of-the-url")),
    ),
    Case("chain-to-a-refusal", _chain, status=403, code="http", hops=3, requests=4),
    Case("refresh", refresh("0; url=/page/1"), contains="Page 1", hops=1, requests=2),
    Case("refresh-not-followed", refresh("0; url=/page/1"), contains="Moved", options={"follow_meta_refresh": False}),
    Case("refresh-later", refresh("30; url=/page/1"), contains="Moved"),
    Case("refresh-of-itself", refresh("0"), contains="Moved"),
    Case("refresh-to-itself", refresh("1; url=/case/refresh-to-itself#x"), contains="Moved"),
    Case("refresh-to-a-script", refresh("0; url=javascript:alert(1)"), contains="Moved"),
    Case("refresh-to-a-file", refresh("0; url=file:///etc/passwd"), contains="Moved"),
    Case("refresh-of-a-page-with-text", refresh("0; url=/page/1", "text " * 200), contains="Moved"),
    Case(
        "refresh-in-a-circle",
        _turns,
        code="redirect",
        contains="Moved",
        hops=1,
        requests=2,
        url=lambda site: site.url("/case/refresh-in-a-circle?a"),
    ),
    Case("refresh-nonsense", refresh("zero; url=/page/1"), contains="Moved"),
)


def guarded(name: str, form: str) -> Case:
    """A URL of this machine in some spelling, with the address guard on."""

    def url(site: Site) -> str:
        return f"http://{form.format(port=site.port)}/page/1"

    return Case(name, url=url, status=None, code="address", contains="", requests=0, options=_GUARD, message="public")


_GUARD = {"allow_private_addresses": False}
_ALLOWED = {**_GUARD, "allowed_addresses": ["127.0.0.1/32"]}

ADDRESSES = (
    guarded("guard-loopback", "127.0.0.1:{port}"),
    guarded("guard-localhost", "localhost:{port}"),
    guarded("guard-trailing-dot", "127.0.0.1.:{port}"),
    guarded("guard-decimal", "2130706433:{port}"),
    guarded("guard-hexadecimal", "0x7f.1:{port}"),
    guarded("guard-octal", "017700000001:{port}"),
    guarded("guard-full-width", "127.0.0.1:{port}"),
    guarded("guard-ipv6-loopback", "[::1]:{port}"),
    guarded("guard-mapped", "[::ffff:127.0.0.1]:{port}"),
    guarded("guard-compatible", "[::127.0.0.1]:{port}"),
    guarded("guard-nat64", "[64:ff9b::127.0.0.1]:{port}"),
    guarded("guard-6to4", "[2002:7f00:1::]:{port}"),
    guarded("guard-zero", "0.0.0.0:{port}"),
    guarded("guard-ipv6-zero", "[::]:{port}"),
    guarded("guard-metadata", "169.254.169.254"),
    guarded("guard-private", "10.0.0.1"),
    guarded("guard-shared", "100.64.0.1"),
    guarded("guard-multicast", "224.0.0.1"),
    guarded("guard-unique-local", "[fd00::1]"),
    guarded("guard-link-local", "[fe80::1]"),
    Case(
        "guard-file",
        url=lambda _site: "file:///etc/passwd",
        status=None,
        code="unsupported_scheme",
        contains="",
        requests=0,
        options=_GUARD,
    ),
    Case("guard-allows-a-network", page(), options=_ALLOWED),
    Case(
        "guard-allows-a-name",
        page(),
        options={**_GUARD, "allowed_addresses": ["LocalHost."]},
        url=lambda site: f"http://localhost:{site.port}/case/guard-allows-a-name",
    ),
    Case(
        "guard-allows-another-port",
        page(),
        status=None,
        code="address",
        contains="",
        requests=0,
        options={**_GUARD, "allowed_addresses": ["127.0.0.1:1"]},
    ),
    Case("guard-on-a-redirect", away("{}page/1"), status=None, code="address", contains="", hops=1, options=_ALLOWED),
    Case(
        "guard-on-a-decimal-redirect",
        redirect("http://2130706434:9/"),
        status=None,
        code="address",
        contains="",
        hops=1,
        options=_ALLOWED,
    ),
    Case(
        "guard-on-a-refresh",
        refresh("0; url=http://10.0.0.1/"),
        status=None,
        code="address",
        contains="",
        hops=1,
        options=_ALLOWED,
    ),
)
