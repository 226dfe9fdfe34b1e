"""Who a visit is to the sites it sees: everything that decides which browser context it may use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from nephila.models import Request
from nephila.options import BrowserConfig, CrawlerRunConfig

_NOT_OURS: Final = frozenset(("accept", "accept-encoding", "user-agent", "content-type", "content-length", "host"))
"""Header fields the browser writes itself."""

ORIGIN_HEADERS: Final = frozenset(("authorization", "cookie", "proxy-authorization"))
"""Header fields that are for the site of the page only, not for what the page loads from elsewhere."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What contexts are told apart by.

    Attributes:
        shared: Whether visits of this identity share cookies and storage, because the caller gave them the same.
    """

    user_agent: str
    viewport: tuple[int, int]
    scale: float
    locale: str | None
    timezone: str | None
    geolocation: tuple[float, float, float] | None
    proxy: tuple[str, str, str] | None
    headers: tuple[tuple[str, str], ...]
    ignore_https_errors: bool
    scripts: bool
    downloads: bool
    storage_state: str | None
    shared: bool

    @classmethod
    def of(cls, request: Request, run: CrawlerRunConfig, browser: BrowserConfig) -> Identity:
        """The identity of a visit."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        place = run.geolocation
        user, password = request.proxy_auth or ("", "")
        state = browser.storage_state
        return cls(
            user_agent=headers.get("user-agent", browser.user_agent),
            viewport=(browser.viewport_width, browser.viewport_height),
            scale=browser.device_scale_factor,
            locale=run.locale,
            timezone=run.timezone_id,
            geolocation=(place.latitude, place.longitude, place.accuracy) if place is not None else None,
            proxy=(request.proxy, user, password) if request.proxy is not None else None,
            headers=tuple(sorted(item for item in headers.items() if item[0] not in _NOT_OURS | ORIGIN_HEADERS)),
            ignore_https_errors=not request.verify_tls,
            scripts=browser.java_script_enabled,
            downloads=browser.accept_downloads,
            storage_state=state if isinstance(state, str) or state is None else json.dumps(state, sort_keys=True),
            shared=state is not None,
        )

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
            state = self.storage_state
            options["storage_state"] = json.loads(state) if state.lstrip().startswith("{") else state
        return options
