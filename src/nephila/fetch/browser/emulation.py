"""What a page is told about its user where its context could not be made for the visit, and user agents that agree."""

from __future__ import annotations

import re
from typing import Any, Final

from nephila.fetch.browser.identity import Identity
from nephila.fetch.browser.slot import Slot
from nephila.options.identity import DEFAULT_USER_AGENT

_CHROME: Final = re.compile(r"Chrome/(\d{1,4})((?:\.\d{1,6}){0,3})")
_SYSTEMS: Final = (
    ("Android", "Android", "Linux armv81"),
    ("Windows", "Windows", "Win32"),
    ("Mac OS X", "macOS", "MacIntel"),
    ("CrOS", "Chrome OS", "Linux x86_64"),
    ("Linux", "Linux", "Linux x86_64"),
)


async def agree(slot: Slot) -> None:
    """Have `navigator` and the client hints say what the visit's user agent says; Chromium only."""
    override = user_agent_override(slot.identity)
    if override is not None:
        await (await slot.cdp()).send("Emulation.setUserAgentOverride", override)


async def emulate(slot: Slot) -> None:
    """What a context of the visit's own would have been made with, for a page of a context that is shared."""
    identity, cdp = slot.identity, await slot.cdp()
    if identity.timezone is not None:
        await cdp.send("Emulation.setTimezoneOverride", {"timezoneId": identity.timezone})
    if identity.locale is not None:
        await cdp.send("Emulation.setLocaleOverride", {"locale": identity.locale})
    if identity.geolocation is not None:
        latitude, longitude, accuracy = identity.geolocation
        place = {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}
        await cdp.send("Emulation.setGeolocationOverride", place)
        await slot.context.grant_permissions(["geolocation"])
    if identity.headers:
        await slot.page.set_extra_http_headers(dict(identity.headers))


def user_agent_override(identity: Identity) -> dict[str, Any] | None:
    """The arguments of `Emulation.setUserAgentOverride`; None for the user agent that claims to be no browser."""
    agent = identity.user_agent
    if agent == DEFAULT_USER_AGENT:
        return None
    override: dict[str, Any] = {"userAgent": agent}
    language = dict(identity.headers).get("accept-language") or identity.locale
    if language:
        override["acceptLanguage"] = language
    named = [system for system in _SYSTEMS if system[0] in agent]
    _, system, platform = named[0] if named else ("", "", "")
    if platform:
        override["platform"] = platform
    found = _CHROME.search(agent)
    if found is None:
        # Another kind of browser: it sends no client hints.
        override["userAgentMetadata"] = _metadata([], [], system, mobile=" Mobile" in agent)
        return override
    major, full = found.group(1), found.group(1) + (found.group(2) or ".0.0.0")
    brand = "Microsoft Edge" if " Edg" in agent else "Google Chrome"
    names = ("Not)A;Brand", "Chromium", brand)
    brands = [{"brand": name, "version": "8" if name == names[0] else major} for name in names]
    fulls = [{"brand": name, "version": "8.0.0.0" if name == names[0] else full} for name in names]
    override["userAgentMetadata"] = _metadata(brands, fulls, system, mobile=" Mobile" in agent)
    return override


def _metadata(
    brands: list[dict[str, str]], full_versions: list[dict[str, str]], system: str, *, mobile: bool
) -> dict[str, Any]:
    versions = {"Windows": "10.0.0", "macOS": "14.0.0", "Android": "14.0.0"}
    return {
        "brands": brands,
        "fullVersionList": full_versions,
        "platform": system,
        "platformVersion": versions.get(system, ""),
        "architecture": "" if mobile else "x86",
        "bitness": "" if mobile else "64",
        "model": "",
        "mobile": mobile,
    }
