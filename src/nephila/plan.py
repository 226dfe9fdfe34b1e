"""A config prepared for visiting: what is the same for every URL is worked out once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode

from nephila.errors import ConfigError
from nephila.extract.pool import ReadingPlan
from nephila.models import Request
from nephila.net.url import host_of, is_raw
from nephila.options import BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig, ProxyConfig, needing_browser

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_CRAWLER_MODE = "fetch_mode of the crawler"
"""Why, when no option of the run and none that needs the browser has decided it."""


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Everything a visit needs to know that does not depend on its URL.

    Attributes:
        config: The caller's config; never changed.
        reading: Its reading part, ready to be sent to a worker.
        headers: Request headers.
        timeout: Seconds the visit may take, from the first look-up to the finished document, of each repetition
            anew.
        way: How pages are had: `http`, `browser`, or `auto` when nothing has decided it yet.
        why: What decided that, in a few words.
        renders_local: Whether the browser is used for `raw:` and `file:` input too.
    """

    config: CrawlerRunConfig
    reading: ReadingPlan
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    cookies: Sequence[Mapping[str, object]]
    timeout: float
    verify_tls: bool
    follow_redirects: bool
    proxy: ProxyConfig | None
    verbose: bool
    way: str
    why: str
    renders_local: bool

    @classmethod
    def of(cls, config: CrawlerRunConfig, browser: BrowserConfig, http: HTTPCrawlerConfig) -> VisitPlan:
        """Combine the three configs; what is said closest to the call wins."""
        body, content_type = _body(http)
        way, why = _way(config, browser)
        headers = {"Accept": _ACCEPT, "Accept-Encoding": _ACCEPT_ENCODING}
        headers["User-Agent"] = config.user_agent or browser.user_agent
        if content_type:
            headers["Content-Type"] = content_type
        for given in (browser.headers, http.headers or {}):
            for name, value in given.items():
                _replace(headers, name, value)
        return cls(
            config=config,
            reading=ReadingPlan.of(config),
            method=(config.method if config.method != "GET" else http.method).upper(),
            headers=headers,
            body=body,
            cookies=_checked_cookies(browser.cookies),
            timeout=config.page_timeout / 1000,
            verify_tls=http.verify_ssl and not browser.ignore_https_errors,
            follow_redirects=http.follow_redirects,
            proxy=_proxy(config, browser),
            verbose=config.verbose and browser.verbose,
            way=way,
            why=why,
            renders_local=way == "browser" and (config.fetch_mode == "browser" or why != _CRAWLER_MODE),
        )

    def renders(self, url: str) -> bool:
        """Whether a browser is used for `url` from the start."""
        if is_raw(url) or url.startswith("file:"):
            return self.renders_local
        return self.way == "browser"

    def request(self, url: str, before_send: Callable[[str], Awaitable[None]] | None = None) -> Request:
        """The request for one URL."""
        proxy = self.proxy
        auth = (proxy.username, proxy.password or "") if proxy is not None and proxy.username else None
        return Request(
            url=url,
            method=self.method,
            headers=self.headers,
            body=self.body,
            cookies=self.cookies,
            follow_redirects=self.follow_redirects,
            max_redirects=self.config.max_redirects,
            verify_tls=self.verify_tls,
            max_body_bytes=self.config.max_body_bytes,
            proxy=proxy.server if proxy is not None else None,
            proxy_auth=auth,
            before_send=before_send,
            config=self.config,
        )


def _way(config: CrawlerRunConfig, browser: BrowserConfig) -> tuple[str, str]:
    """How pages are had, and what decided it.

    Raises:
        ConfigError: Plain HTTP is asked for together with what only a browser can do.
    """
    mode = config.fetch_mode or browser.fetch_mode
    needing = needing_browser(config, browser)
    if mode == "http" and needing:
        raise ConfigError(f"fetch_mode is 'http', but {', '.join(needing)} can only be done by the browser.")
    if config.fetch_mode is not None and mode != "auto":
        return mode, f"fetch_mode={mode!r}"
    if needing:
        return "browser", f"{', '.join(needing)} set"
    return mode, _CRAWLER_MODE


def _proxy(config: CrawlerRunConfig, browser: BrowserConfig) -> ProxyConfig | None:
    """The run's proxy, else the crawler's; a list of one says it for sure, so `[None]` means none."""
    given = config.proxy_config
    if isinstance(given, list):
        return given[0]
    return given or browser.proxy_config


def _body(http: HTTPCrawlerConfig) -> tuple[bytes | None, str]:
    """The request body and its content type."""
    if http.json is not None:
        return json.dumps(http.json).encode(), "application/json"
    if http.data is None:
        return None, ""
    if isinstance(http.data, bytes):
        return http.data, "application/octet-stream"
    if isinstance(http.data, str):
        return http.data.encode(), "text/plain; charset=utf-8"
    return urlencode(http.data, doseq=True).encode(), "application/x-www-form-urlencoded"


def _checked_cookies(cookies: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    """The cookies, when each says all that is needed to send it."""
    for cookie in cookies:
        if not (cookie.get("name") and "value" in cookie and (cookie.get("url") or cookie.get("domain"))):
            given = ", ".join(map(str, cookie)) or "none"
            raise ConfigError(f"A cookie in cookies needs a name, a value, and a url or a domain; given: {given}.")
        try:
            SimpleCookie()[str(cookie["name"])] = str(cookie["value"])
        except CookieError as error:
            raise ConfigError(f"A cookie in cookies cannot be sent: {error}.") from None
        if cookie.get("url") and not host_of(str(cookie["url"])):
            raise ConfigError("The url of a cookie in cookies is no absolute URL.")
    return cookies


def _replace(headers: dict[str, str], name: str, value: str) -> None:
    """Set a header whatever case its name is in."""
    for known in [known for known in headers if known.lower() == name.lower()]:
        del headers[known]
    headers[name] = value
