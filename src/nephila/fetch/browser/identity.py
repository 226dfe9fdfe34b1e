"""Who a visit is to the sites it sees: everything that decides which browser context it may use."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from nephila.fetch.browser.gate import Way
from nephila.models import Request
from nephila.options import BrowserConfig, CrawlerRunConfig

_EVERYWHERE: Final = frozenset(("accept-language", "dnt"))
"""Header fields that say the same to every site a page loads from."""

BROWSERS_OWN: Final = _EVERYWHERE | frozenset(
    "accept accept-encoding user-agent content-length host connection upgrade-insecure-requests cookie".split()
)
"""Header fields that are not added to single requests: the browser writes them itself, as it does all `sec-` ones."""

ORIGIN_HEADERS: Final = frozenset(("authorization", "cookie", "proxy-authorization"))
"""Header fields that are for the site of the page only, not for those it leads to."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What contexts are told apart by.

    Attributes:
        storage_state: The local storage and databases of origins a context begins with, as JSON; None for none.
        given_origins: The origins in it.
        way: How its requests get to the network when not by the browser's own means.
    """

    user_agent: str
    viewport: tuple[int, int]
    scale: float
    locale: str | None
    timezone: str | None
    geolocation: tuple[float, float, float] | None
    proxy: tuple[str, str, str] | None
    way: Way | None
    headers: tuple[tuple[str, str], ...]
    ignore_https_errors: bool
    scripts: bool
    downloads: bool
    storage_state: str | None
    given_origins: frozenset[str]

    @classmethod
    def of(cls, request: Request, run: CrawlerRunConfig, browser: BrowserConfig) -> Identity:
        """The identity of a visit."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        place = run.geolocation
        user, password = request.proxy_auth or ("", "")
        origins = [origin for origin in request.origins if isinstance(origin, dict) and "origin" in origin]
        return cls(
            user_agent=headers.get("user-agent", browser.user_agent),
            viewport=(browser.viewport_width, browser.viewport_height),
            scale=browser.device_scale_factor,
            locale=run.locale,
            timezone=run.timezone_id,
            geolocation=(place.latitude, place.longitude, place.accuracy) if place is not None else None,
            proxy=(request.proxy, user, password) if request.proxy is not None else None,
            way=_way(request),
            headers=tuple(sorted(item for item in headers.items() if item[0] in _EVERYWHERE)),
            ignore_https_errors=not request.verify_tls,
            scripts=browser.java_script_enabled,
            downloads=browser.accept_downloads,
            storage_state=json.dumps({"cookies": [], "origins": origins}) if origins else None,
            given_origins=frozenset(str(origin["origin"]) for origin in origins),
        )

    def same_client(self, other: Identity) -> bool:
        """Whether a context of the one will do for the other, whatever it has stored meanwhile."""
        return self == replace(other, storage_state=self.storage_state, given_origins=self.given_origins)

    def context_options(self) -> dict[str, Any]:
        """The arguments of Playwright's `new_context`."""
        options: dict[str, Any] = {
            "user_agent": self.user_agent,
            "viewport": {"width": self.viewport[0], "height": self.viewport[1]},
            "device_scale_factor": self.scale,
            "ignore_https_errors": self.ignore_https_errors,
            "java_script_enabled": self.scripts,
            "accept_downloads": self.downloads,
            # They would serve pages behind the back of whoever watches the requests.
            "service_workers": "block",
        }
        if self.locale is not None:
            options["locale"] = self.locale
        if self.timezone is not None:
            options["timezone_id"] = self.timezone
        if self.geolocation is not None:
            latitude, longitude, accuracy = self.geolocation
            options["geolocation"] = {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}
            options["permissions"] = ["geolocation"]
        if self.proxy is not None:
            server, user, password = self.proxy
            options["proxy"] = {"server": server}
            if user:
                options["proxy"] |= {"username": user, "password": password}
        if self.headers:
            options["extra_http_headers"] = dict(self.headers)
        if self.storage_state is not None:
            options["storage_state"] = json.loads(self.storage_state)
        return options


def _way(request: Request) -> Way | None:
    """The way through the gate, when there is something a browser cannot do by itself."""
    guarded = request.policy is not None and request.policy.public_only
    scheme = (request.proxy or "").partition(":")[0]
    # Chromium gives SOCKS proxies no credentials, and does not know the schemes that say who resolves names.
    foreign = scheme in ("socks4a", "socks5h") or (scheme.startswith("socks") and request.proxy_auth is not None)
    if not (guarded or foreign):
        return None
    return Way(request.policy if guarded else None, request.proxy, request.proxy_auth)
