"""Cookies and local storage into a page's context before a visit, and out of it after one of a session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from nephila.errors import ConfigError
from nephila.fetch.browser.page_visit import PageVisit
from nephila.models import JSONValue
from nephila.net.cookie_files import cookie_from_dict, cookie_to_dict
from nephila.net.cookie_jar import Cookie
from nephila.net.url import origin_of

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

logger = logging.getLogger("nephila.browser")

_LAST_LOOK: Final = 2.0
"""Seconds for reading what a page has stored."""

_STORED: Final = """() => {
    try { return Object.entries(localStorage).map(([name, value]) => ({name, value})); } catch { return null; }
}"""

_SET: Final = """
(() => {
    const kept = %s[location.origin];
    try {
        if (!kept || localStorage.length) return;
        for (const {name, value} of kept) localStorage.setItem(name, value);
    } catch {}
})();
"""


async def put_cookies(visit: PageVisit) -> None:
    """Have the context's cookies be those of the visit's jar; in a context others use too, only add them."""
    jar = visit.request.cookie_jar
    wanted = {_place(cookie): cookie for cookie in jar} if jar is not None else {}
    if visit.request.session is None and not wanted:
        return
    present: dict[tuple[str, str, str], Cookie] = {}
    if visit.request.session is not None or not visit.slot.exclusive:
        present = await _present(visit.context)
    if visit.slot.exclusive:
        for name, domain, path in present.keys() - wanted.keys():
            await visit.context.clear_cookies(name=name, domain=domain, path=path)
    missing = [cookie for place, cookie in wanted.items() if not _same(cookie, present.get(place))]
    await _add(visit, missing)
    visit.cookies_before = present if not visit.slot.exclusive else wanted


async def take_cookies(visit: PageVisit) -> None:
    """Give the session what the visit has changed of its cookies and of the page's local storage."""
    session, jar = visit.request.session, visit.request.cookie_jar
    if session is None or jar is None:
        return
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(min(_LAST_LOOK, visit.remaining())):
            present = await _present(visit.context)
            for place, cookie in present.items():
                if not _same(cookie, visit.cookies_before.get(place)):
                    jar.add(cookie)
            for place in visit.cookies_before.keys() - present.keys():
                jar.add(replace(visit.cookies_before[place], expires=0.0))
            stored = await visit.page.evaluate(_STORED)
    except (Error, TimeoutError) as error:
        logger.debug("the cookies of a session could not be read: %s", error)
        return
    origin = origin_of(visit.page.url)
    if stored is not None and origin != "null":
        merge_origins(session.origins, [{"origin": origin, "localStorage": stored}])


def merge_origins(known: list[JSONValue], newer: Iterable[JSONValue]) -> None:
    """Replace what is known of each origin by what is newer; an origin that keeps nothing is left out."""
    for entry in newer:
        if not isinstance(entry, dict):
            continue
        old = next((each for each in known if isinstance(each, dict) and each.get("origin") == entry["origin"]), None)
        if old is not None:
            known.remove(old)
            entry = {**old, **entry}
        if entry.get("localStorage") or entry.get("indexedDB"):
            known.append(entry)


async def put_local_storage(context: BrowserContext, origins: Iterable[JSONValue]) -> None:
    """Have pages of a context that is not new find the local storage of a storage state."""
    import json

    kept = {each["origin"]: each.get("localStorage", []) for each in origins if isinstance(each, dict)}
    if kept:
        await context.add_init_script(_SET % json.dumps(kept))


async def _present(context: BrowserContext) -> dict[tuple[str, str, str], Cookie]:
    found: dict[tuple[str, str, str], Cookie] = {}
    for given in await context.cookies():
        # Cookies of a partition are for one site inside another, which plain HTTP does not know.
        if given.get("partitionKey"):
            continue
        with contextlib.suppress(ConfigError):
            cookie = cookie_from_dict(given)
            found[_place(cookie)] = cookie
    return found


async def _add(visit: PageVisit, cookies: list[Cookie]) -> None:
    """Add them; those the browser does not take are told of on the result."""
    if not cookies:
        return
    from playwright.async_api import Error

    forms = [_form(cookie) for cookie in cookies]
    try:
        await visit.context.add_cookies(forms)
    except Error:
        for form in forms:
            try:
                await visit.context.add_cookies([form])
            except Error:
                visit.rendered.warnings.append(f"The browser does not take the cookie {form['name']!r}.")


def _form(cookie: Cookie) -> Any:
    form = cast("dict[str, object]", cookie_to_dict(cookie))
    if not cookie.same_site or (cookie.same_site == "None" and not cookie.secure):
        del form["sameSite"]
    return form


def _place(cookie: Cookie) -> tuple[str, str, str]:
    """What the browser tells cookies apart by."""
    return (cookie.name, cookie.domain if cookie.host_only else f".{cookie.domain}", cookie.path)


def _same(cookie: Cookie, other: Cookie | None) -> bool:
    if other is None or (cookie.value, cookie.secure, cookie.http_only) != (other.value, other.secure, other.http_only):
        return False
    if cookie.expires is None or other.expires is None:
        return cookie.expires is other.expires
    # The browser keeps fewer digits.
    return abs(cookie.expires - other.expires) < 2
