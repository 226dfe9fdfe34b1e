"""What a page may load: the caller's policy, blocked kinds, and requests that are changed on their way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from nephila.fetch.browser.interception import Interception, RequestAllowed
from nephila.fetch.browser.page_visit import PageVisit

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam

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


async def control_requests(visit: PageVisit, request_allowed: RequestAllowed | None) -> None:
    """Set up what is blocked and what is changed; costs nothing when there is nothing.

    Raises:
        FetchError: A hook or a function of the caller that gives credentials raised.
    """
    patterns = blocked_patterns(visit)
    if patterns:
        cdp = await visit.slot.cdp()
        await cdp.send("Network.enable")
        await cdp.send("Network.setBlockedURLs", {"urls": patterns})
    cookies = [*map(_cookie, visit.request.cookies), *_header_cookies(visit)]
    if cookies:
        await visit.context.add_cookies(cookies)
    await Interception(visit, request_allowed).begin()


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


def _header_cookies(visit: PageVisit) -> list[SetCookieParam]:
    """What the `Cookie` header of the caller says, as cookies of the page's site."""
    from http.cookies import CookieError, SimpleCookie

    given = next((value for name, value in visit.request.headers.items() if name.lower() == "cookie"), "")
    try:
        pairs = SimpleCookie(given)
    except CookieError:
        return []
    return [{"name": name, "value": each.value, "url": visit.request.url} for name, each in pairs.items()]


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
