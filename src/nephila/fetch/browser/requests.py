"""What a page may load: the caller's policy, blocked kinds, and requests that are changed on their way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, cast

from nephila.fetch.browser.identity import ORIGIN_HEADERS
from nephila.fetch.browser.page_visit import PageVisit
from nephila.net.url import is_raw, origin_of

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam
    from playwright.async_api import Route

_PICTURES: Final = (
    "*.png *.jpg *.jpeg *.gif *.webp *.avif *.svg *.ico *.bmp *.mp4 *.webm *.mp3 *.ogg *.wav *.m4a "
    "*.woff *.woff2 *.ttf *.otf *.eot"
).split()
_STYLES: Final = ("*.css", "*.css?*")
_ADVERTS: Final = (
    "doubleclick.net googlesyndication.com googletagmanager.com google-analytics.com googleadservices.com "
    "adservice.google.com amazon-adsystem.com adnxs.com criteo.com criteo.net taboola.com outbrain.com "
    "scorecardresearch.com quantserve.com hotjar.com connect.facebook.net ads-twitter.com moatads.com "
    "rubiconproject.com pubmatic.com openx.net casalemedia.com adsrvr.org bidswitch.net smartadserver.com "
    "chartbeat.com mixpanel.com "
    "segment.io segment.com fullstory.com clarity.ms bat.bing.com matomo.cloud newrelic.com nr-data.net zedo.com"
).split()


async def control_requests(visit: PageVisit, request_allowed: Callable[[str], Awaitable[bool]] | None) -> None:
    """Set up what is blocked and what is changed; costs nothing when there is nothing."""
    patterns = blocked_patterns(visit)
    if patterns:
        cdp = await visit.slot.cdp()
        await cdp.send("Network.enable")
        await cdp.send("Network.setBlockedURLs", {"urls": patterns})
    if visit.request.cookies:
        await visit.context.add_cookies([_cookie(cookie) for cookie in visit.request.cookies])
    if _has_own_headers(visit) or visit.request.method != "GET" or request_allowed is not None:
        await _route(visit, request_allowed)


def blocked_patterns(visit: PageVisit) -> list[str]:
    """URL patterns the options of the browser exclude."""
    browser = visit.browser
    patterns: list[str] = []
    if browser.text_mode or browser.light_mode:
        patterns += [*_PICTURES, *(f"{pattern}?*" for pattern in _PICTURES)]
    if browser.avoid_css:
        patterns += _STYLES
    if browser.avoid_ads:
        patterns += [form for host in _ADVERTS for form in (f"*://{host}/*", f"*://*.{host}/*")]
    return patterns


def _has_own_headers(visit: PageVisit) -> bool:
    return any(name.lower() in ORIGIN_HEADERS for name in visit.request.headers)


async def _route(visit: PageVisit, request_allowed: Callable[[str], Awaitable[bool]] | None) -> None:
    """Take every request in hand, which is slow, so only when there is a reason."""
    request = visit.request
    own = {name: value for name, value in request.headers.items() if name.lower() in ORIGIN_HEADERS}
    kinds = {name.lower(): value for name, value in request.headers.items() if name.lower() == "content-type"}
    origin = origin_of(request.url)
    first = not is_raw(request.url)

    async def handle(route: Route) -> None:
        nonlocal first
        asked = route.request
        if request_allowed is not None and not await request_allowed(asked.url):
            await route.abort("blockedbyclient")
            return
        headers = {**asked.headers, **own} if own and origin_of(asked.url) == origin else None
        if first and asked.is_navigation_request():
            first = False
            if "content-type" in kinds:
                headers = {**(headers or asked.headers), **kinds}
            await route.continue_(method=request.method, headers=headers, post_data=request.body)
        else:
            await route.continue_(headers=headers)

    visit.slot.marked = True
    await visit.page.route("**/*", handle)


def _cookie(cookie: Mapping[str, object]) -> SetCookieParam:
    """A cookie of the config as Playwright takes it."""
    taken: dict[str, object] = {
        name: value
        for name, value in cookie.items()
        if name in ("name", "value", "url", "domain", "path", "expires", "httpOnly", "secure", "sameSite")
    }
    if "url" not in taken:
        taken.setdefault("path", "/")
    else:
        taken.pop("domain", None)
        taken.pop("path", None)
    return cast("SetCookieParam", taken)
