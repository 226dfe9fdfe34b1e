"""A config prepared for visiting: what is the same for every URL is worked out once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from nephila.certificate import INSTALL, can_read_certificates
from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.extract.pool import ReadingPlan
from nephila.fetch.browsers import INSTALL as INSTALL_IMPERSONATE, can_impersonate, known_browsers
from nephila.identity import Agents, CrawlerIdentity, VisitSteps
from nephila.models import Request
from nephila.net.guard import AddressPolicy
from nephila.net.url import admit, is_local
from nephila.options import (
    BrowserConfig,
    CacheMode,
    CrawlerRunConfig,
    HTTPCrawlerConfig,
    ProxyConfig,
    needing_browser,
)
from nephila.options.identity import DEFAULT_USER_AGENT
from nephila.proxies import Route

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_CRAWLER_MODE = "fetch_mode of the crawler"
_LEFT_TO_PAGES = "Pages are fetched over HTTP first."
"""Why, when no option of the run and none that needs the browser has decided it."""


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Everything a visit needs to know that does not depend on its URL.

    Attributes:
        config: The caller's config; never changed.
        reading: Its reading part, ready to be sent to a worker.
        headers: Request headers.
        route: Which proxies its visits go through.
        identity: Of the crawler: cookies and sessions.
        agents: Where a made-up user agent comes from.
        steps: Credentials and hooks around each request.
        own_headers: Those of them that the caller set, which replace the headers of a made-up agent.
        timeout: Seconds the visit may take, from the first look-up to the finished document, of each repetition
            anew.
        way: How pages are had: `http`, `browser`, or `auto` when nothing has decided it yet.
        why: What decided that, in a sentence.
        renders_local: Whether the browser is used for `raw:` and `file:` input too.
        template: What every request has in common.
        validators: See `Request.validators`.
        reading_name: What the way of reading is called in the page cache; None when it has none, or no cache is used.
    """

    config: CrawlerRunConfig
    reading: ReadingPlan
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    own_headers: Mapping[str, str]
    timeout: float
    policy: AddressPolicy
    route: Route
    identity: CrawlerIdentity
    agents: Agents
    steps: VisitSteps
    verbose: bool
    downloads_path: str | None
    impersonate: str | None
    way: str
    why: str
    renders_local: bool
    template: Request
    validators: tuple[str, Mapping[str, str]] | None = None
    reading_name: bytes | None = None

    @classmethod
    def of(
        cls, config: CrawlerRunConfig, browser: BrowserConfig, http: HTTPCrawlerConfig, identity: CrawlerIdentity
    ) -> VisitPlan:
        """Combine the three configs; what is said closest to the call wins."""
        if config.fetch_ssl_certificate and not can_read_certificates():
            raise UnsupportedOptionError(f"fetch_ssl_certificate needs the extra that reads certificates: {INSTALL}.")
        body, content_type = _body(http)
        way, why = _way(config, browser, identity)
        reading = ReadingPlan.of(config)
        headers = _own_headers(config, browser, http)
        if content_type:
            headers["Content-Type"] = content_type
        own_headers: dict[str, str] = {}
        for given in (browser.headers, http.headers or {}):
            for name, value in given.items():
                _replace(own_headers, name, value)
                _replace(headers, name, value)
        return cls(
            config=config,
            reading=reading,
            method=_method(config, http),
            headers=headers,
            body=body,
            own_headers=own_headers,
            timeout=config.page_timeout / 1000,
            policy=AddressPolicy.of(config),
            route=Route(config, browser),
            identity=identity,
            agents=identity.agents_for(config),
            steps=identity.steps_for(config),
            verbose=config.verbose and browser.verbose,
            template=_template(config, browser, http, body),
            reading_name=_reading_name(config, reading),
            downloads_path=http.downloads_path,
            impersonate=http.impersonate,
            way=way,
            why=why,
            renders_local=way == "browser" and (config.fetch_mode == "browser" or not why.startswith(_CRAWLER_MODE)),
        )

    def renders(self, url: str) -> bool:
        """Whether a browser is used for `url` from the start."""
        if is_local(url):
            return self.renders_local
        return self.way == "browser"

    def chooses(self, url: str) -> bool:
        """Whether it is left to the page whether it is rendered."""
        return self.way == "auto" and not is_local(url)

    def rendering(self, why: str) -> VisitPlan:
        """The same plan with the browser as its way."""
        return replace(self, way="browser", why=why)

    def admit(self, url: object) -> str:
        """Check a URL given by the caller; see `net.url.admit`.

        Raises:
            AdmitError: It cannot be visited, or may not.
        """
        address = admit(url, self.config.max_url_length)
        self.policy.check_scheme(address)
        return address

    def request(
        self, url: str, proxy: ProxyConfig | None = None, before_send: Callable[[str], Awaitable[None]] | None = None
    ) -> Request:
        """The request for one URL through one proxy."""
        request = self.template.clone()
        request.url = url
        request.headers = self._headers_for(url)
        request.validators = self.validators
        request.cookie_jar = self.identity.jar_for(self.config.session_id)
        request.steps = self.steps if self.steps.needed else None
        request.before_send = before_send
        request.session = session = self.identity.session_for(self.config.session_id)
        request.origins = self.identity.origins_for(session)
        request.hooks = self.identity.hooks if self.identity.hooks.of_pages else None
        if proxy is not None:
            request.proxy = proxy.server
            request.proxy_auth = (proxy.username, proxy.password or "") if proxy.username else None
        return request

    def _headers_for(self, url: str) -> Mapping[str, str]:
        agent = self.agents.one()
        if agent is None:
            return self.headers
        headers = dict(self.headers)
        for given in (agent.headers_for(url), self.own_headers):
            for name, value in given.items():
                _replace(headers, name, value)
        return headers


def _method(config: CrawlerRunConfig, http: HTTPCrawlerConfig) -> str:
    return (config.method if config.method != "GET" else http.method).upper()


def _template(config: CrawlerRunConfig, browser: BrowserConfig, http: HTTPCrawlerConfig, body: bytes | None) -> Request:
    return Request(
        url="",
        method=_method(config, http),
        body=body,
        follow_redirects=http.follow_redirects,
        max_redirects=config.max_redirects,
        verify_tls=http.verify_ssl and not browser.ignore_https_errors,
        max_body_bytes=config.max_body_bytes,
        max_url_length=config.max_url_length,
        max_header_bytes=config.max_header_bytes,
        max_headers=config.max_headers,
        min_speed=config.min_speed,
        min_speed_window=config.min_speed_window,
        follow_meta_refresh=config.follow_meta_refresh,
        policy=AddressPolicy.of(config),
        client_certs=http.client_cert,
        want_certificate=config.fetch_ssl_certificate,
        config=config,
    )


def _reading_name(config: CrawlerRunConfig, reading: ReadingPlan) -> bytes | None:
    # Classes of the caller's own may have the name of one of ours, and more to them than can be written down.
    if config.cache_mode in (CacheMode.BYPASS, CacheMode.DISABLED) or reading.pickled is None:
        return None
    # Imported here: most crawls have no cache.
    from nephila.store.identity import options_digest

    return options_digest(reading.options)


def _own_headers(config: CrawlerRunConfig, browser: BrowserConfig, http: HTTPCrawlerConfig) -> dict[str, str]:
    """The headers nobody asked for by name; an impersonated browser sends its own."""
    user_agent = config.user_agent or browser.user_agent
    if http.impersonate is None:
        return {"Accept": _ACCEPT, "Accept-Encoding": _ACCEPT_ENCODING, "User-Agent": user_agent}
    if not can_impersonate():
        raise UnsupportedOptionError(f"impersonate needs the extra of that name: {INSTALL_IMPERSONATE}.")
    if http.impersonate not in known_browsers():
        names = ", ".join(sorted(name for name in known_browsers() if name.replace("_", "").isalpha()))
        raise ConfigError(f"impersonate: {http.impersonate!r} is no browser that is known; among those are {names}.")
    if http.client_cert:
        raise UnsupportedOptionError("client_cert cannot be combined with impersonate.")
    if config.fetch_ssl_certificate:
        raise UnsupportedOptionError("fetch_ssl_certificate cannot be combined with impersonate.")
    return {"User-Agent": user_agent} if user_agent != DEFAULT_USER_AGENT else {}


def _way(config: CrawlerRunConfig, browser: BrowserConfig, identity: CrawlerIdentity) -> tuple[str, str]:
    """How pages are had, and what decided it.

    Raises:
        ConfigError: Plain HTTP is asked for together with what only a browser can do.
    """
    mode = config.fetch_mode or browser.fetch_mode
    needing = needing_browser(config, browser)
    if config.js_only and config.session_id is None:
        raise ConfigError("CrawlerRunConfig: js_only needs the session_id of the page to run scripts on.")
    if mode == "http" and needing:
        raise ConfigError(f"fetch_mode is 'http', but {', '.join(needing)} can only be done by the browser.")
    if config.fetch_mode is not None and mode != "auto":
        return mode, f"fetch_mode of the run is {mode!r}."
    if needing:
        return "browser", f"Only a browser can do what is asked for: {', '.join(needing)}."
    if mode == "auto" and identity.hooks.of_pages:
        return "browser", f"Only a browser can call the hooks {', '.join(identity.hooks.of_pages)}."
    return mode, _LEFT_TO_PAGES if mode == "auto" else f"{_CRAWLER_MODE} is {mode!r}."


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


def _replace(headers: dict[str, str], name: str, value: str) -> None:
    """Set a header whatever case its name is in."""
    for known in [known for known in headers if known.lower() == name.lower()]:
        del headers[known]
    headers[name] = value
