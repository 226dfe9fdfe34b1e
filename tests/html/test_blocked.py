"""Challenges told from pages: a labelled set, with precision and recall."""

from __future__ import annotations

import gzip
import time

import pytest

from nephila.html.blocked import blocked_by
from nephila.models import Headers

HTML = "text/html; charset=utf-8"
PROSE = "<p>" + "This paragraph is about spiders and the webs they build in the evening. " * 12 + "</p>"


def page(body: str, title: str = "A page") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


CHALLENGES = {
    "cloudflare challenge": (
        403,
        {"server": "cloudflare", "cf-mitigated": "challenge"},
        page("<noscript>Enable JavaScript and cookies to continue</noscript>", "Just a moment..."),
    ),
    "cloudflare challenge with status 200": (200, {"cf-mitigated": "challenge"}, page("")),
    "cloudflare managed challenge page": (
        503,
        {},
        page("<script>(function(){window._cf_chl_opt={cvId:'3',cType:'managed'};}());</script>", "Just a moment..."),
    ),
    "cloudflare block": (
        403,
        {"server": "cloudflare"},
        page("<h1>Sorry, you have been blocked</h1>" + PROSE, "Attention Required! | Cloudflare"),
    ),
    "cloudflare 1020": (
        403,
        {},
        page('<div id="cf-error-details"><h1>Error <span class="cf-error-code">1020</span></h1>Access denied</div>'),
    ),
    "cloudflare plain": (429, {"server": "cloudflare", "content-type": "text/plain"}, b"error code: 1015"),
    "akamai refusal": (
        403,
        {"server": "AkamaiGHost"},
        page(
            "<h1>Access Denied</h1>You don't have permission to access this server."
            "<p>Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295&#46;a4e16ab</p>",
            "Access Denied",
        ),
    ),
    "akamai behavioural": (200, {}, page('<div id="sec-if-cpt-container"></div><script src="/abc"></script>')),
    "akamai interstitial": (
        200,
        {},
        page(
            "<script>function triggerInterstitialChallenge(){}</script>"
            '<meta http-equiv="refresh" content="5;/?bm-verify=A">'
        ),
    ),
    "perimeterx": (
        403,
        {},
        page("<div id='px-captcha'></div><script>window._pxAppId='PXabc';</script>Press & Hold to confirm"),
    ),
    "perimeterx as data": (
        403,
        {"content-type": "application/json"},
        b'{"appId":"PXabc","jsClientSrc":"/abc/init.js","blockScript":"/abc/captcha.js"}',
    ),
    "datadome": (
        403,
        {"x-dd-b": "1"},
        page("<script>var dd={'rt':'c','cid':'A','host':'geo.captcha-delivery.com'}</script>"),
    ),
    "datadome with status 200": (
        200,
        {},
        page(
            "<script>var dd={'rt':'i','host':'geo'}</script><script src='https://ct.captcha-delivery.com/i.js'></script>"
        ),
    ),
    "imperva frame": (
        200,
        {},
        b'<html><head><META NAME="robots" CONTENT="noindex"></head><iframe id="main-iframe"'
        b' src="/_Incapsula_Resource?CWUDNSAI=2&incident_id=1-2">Request unsuccessful. '
        b"Incapsula incident ID: 1-2</iframe></html>",
    ),
    "imperva refusal": (403, {}, page("Request unsuccessful. Incapsula incident ID: 1340000-2")),
    "sucuri block": (
        403,
        {"x-sucuri-id": "11005", "x-sucuri-block": "BAK"},
        page("<h1>Access Denied - Sucuri Website Firewall</h1>"),
    ),
    "sucuri refusal": (403, {}, page("<h2>Access Denied</h2>", "Sucuri WebSite Firewall - Access Denied")),
    "sucuri script": (200, {}, page("<script>var s={},u,c,e=eval;sucuri_cloudproxy_js='';S='...'</script>")),
    "kasada": (
        429,
        {"x-kpsdk-ct": "0a"},
        page("<script>window.KPSDK={};</script><script src='/149e/ips.js'></script>"),
    ),
    "aws waf challenge": (
        202,
        {"x-amzn-waf-action": "challenge"},
        page("<script>window.awsWafCookieDomainList=[];window.gokuProps={}</script>"),
    ),
    "aws waf captcha": (405, {"x-amzn-waf-action": "captcha"}, page("", "Human Verification")),
    "amazon": (
        200,
        {},
        page('<h4>Enter the characters you see below</h4><form action="/errors/validateCaptcha"><input></form>'),
    ),
    "anubis": (
        200,
        {},
        page('<script id="anubis_challenge" type="application/json">{}</script>Making sure you are not a bot!'),
    ),
    "vercel": (429, {"x-vercel-mitigated": "challenge"}, page("", "Vercel Security Checkpoint")),
    "ddos-guard": (403, {"server": "ddos-guard"}, page("Checking your browser", "DDoS-Guard")),
    "f5": (
        200,
        {},
        page("The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 123"),
    ),
    "google": (429, {}, page("Our systems have detected unusual traffic from your computer network.")),
    "reddit": (403, {}, page("<p>You've been blocked by network security.</p>")),
}
PAGES = {
    "empty": (200, {}, b""),
    "one word": (200, {"content-type": "text/plain"}, b"ok"),
    "short page": (200, {}, page("<p>It works!</p>")),
    "no body tag": (200, {}, b"<p>hi"),
    "frameset": (200, {}, b"<frameset><frame src=a><frame src=b></frameset>"),
    "shell of an application": (200, {}, page('<div id="root"></div><script src="/app.js"></script>')),
    "redirecting page": (200, {}, page('<meta http-equiv="refresh" content="0;/new">')),
    "no content": (204, {}, b""),
    "small data": (200, {"content-type": "application/json"}, b"{}"),
    "an article that shows the script": (
        200,
        {"server": "cloudflare"},
        page(f"<h1>How Cloudflare's challenge works</h1>{PROSE}<pre>window._cf_chl_opt = {{}}</pre>"),
    ),
    "an article that shows a refusal": (
        200,
        {},
        page(f"{PROSE}<pre>Access Denied Reference&#32;&#35;18.2</pre><code>px-captcha window._pxAppId</code>"),
    ),
    "short news of a service": (200, {}, page("<p>Cloudflare, Akamai and DataDome had an outage.</p>", "Cloudflare")),
    "a page behind cloudflare": (
        200,
        {"server": "cloudflare", "cf-ray": "1-FRA"},
        page("<p>Hi</p><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
    ),
    "a page behind datadome": (200, {"x-datadome": "protected"}, page("<p>Shop</p>")),
    "a page behind imperva": (
        200,
        {"x-iinfo": "1"},
        page("<p>Hi</p><script src='/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3'></script>"),
    ),
    "a page with a captcha in its form": (200, {}, page("<form><div class='g-recaptcha'></div></form>")),
    "just a moment": (200, {}, page("<p>It takes just a moment...</p>", "Just a moment...")),
    "a log-in wall": (401, {}, page("<h1>Log in</h1>")),
    "a plain refusal": (403, {"server": "nginx"}, page("<center><h1>403 Forbidden</h1></center><hr>nginx")),
    "access denied by the application": (403, {}, page("<h1>Access Denied</h1><p>Ask your administrator.</p>")),
    "a refusal as data": (403, {"content-type": "application/json"}, b'{"error":"forbidden"}'),
    "not found": (404, {"server": "cloudflare"}, page("<h1>Not found</h1>")),
    "too many requests": (429, {"retry-after": "3"}, page("Slow down")),
    "out of order": (503, {}, page("<h1>Down for maintenance</h1>")),
    "origin down behind cloudflare": (
        522,
        {"server": "cloudflare"},
        page('<div id="cf-error-details"><span class="cf-error-code">522</span> Connection timed out</div>'),
    ),
    "a long error page about a refusal": (
        404,
        {},
        page(PROSE * 6 + "Our systems have detected unusual traffic from your computer network"),
    ),
    "a picture": (200, {"content-type": "image/png"}, b"\x89PNG _cf_chl_opt"),
    "a script of a service": (200, {"content-type": "application/javascript"}, b"window._pxAppId;px-captcha"),
}


def verdict(case: tuple[int, dict[str, str], bytes]) -> str | None:
    status, headers, body = case
    return blocked_by(status, Headers({"content-type": HTML} | headers), body)


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_challenge_is_told(name: str) -> None:
    service = verdict(CHALLENGES[name])
    assert service is not None and service.lower().split()[0] in name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_page(name: str) -> None:
    assert verdict(PAGES[name]) is None


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    found = sum(verdict(case) is not None for case in CHALLENGES.values())
    wrong = sum(verdict(case) is not None for case in PAGES.values())
    precision, recall = found / (found + wrong), found / len(CHALLENGES)
    with capsys.disabled():
        print(f"\nblocked: precision {precision:.3f}, recall {recall:.3f}, {len(CHALLENGES)} to {len(PAGES)}")
    assert precision == 1.0 and recall >= 0.95


def test_packed_and_hidden_from_nobody() -> None:
    status, headers, body = CHALLENGES["cloudflare managed challenge page"]
    packed = Headers({"content-type": HTML, "content-encoding": "gzip", **headers})
    assert blocked_by(status, packed, gzip.compress(body)) == "Cloudflare"
    assert blocked_by(200, packed, gzip.compress(body)) == "Cloudflare"
    assert blocked_by(200, packed, b"\x1f\x8b broken") is None
    assert blocked_by(403, packed, gzip.compress(body + bytes(5_000_000))) is None


def test_local_input_is_never_blocked() -> None:
    assert blocked_by(None, Headers({"content-type": HTML}), CHALLENGES["sucuri script"][2]) is None


def test_an_ordinary_page_costs_little() -> None:
    headers = Headers({"content-type": HTML})
    body = page(PROSE * 50)
    start = time.perf_counter()
    for _ in range(200):
        blocked_by(200, headers, body)
    assert (time.perf_counter() - start) / 200 < 0.001
