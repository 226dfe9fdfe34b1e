"""A config prepared for visiting: what is the same for every URL is worked out once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from nephila.extract.pool import ReadingPlan
from nephila.identity import Agents, CrawlerIdentity, VisitSteps
from nephila.models import Request
from nephila.options import BrowserConfig, ClientCertificate, CrawlerRunConfig, HTTPCrawlerConfig, ProxyConfig
from nephila.proxies import Route

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ACCEPT_ENCODING = "gzip, deflate, br, zstd"


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
    """

    config: CrawlerRunConfig
    reading: ReadingPlan
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    own_headers: Mapping[str, str]
    timeout: float
    verify_tls: bool
    follow_redirects: bool
    route: Route
    identity: CrawlerIdentity
    agents: Agents
    steps: VisitSteps
    client_certs: Mapping[str, ClientCertificate]
    verbose: bool

    @classmethod
    def of(
        cls, config: CrawlerRunConfig, browser: BrowserConfig, http: HTTPCrawlerConfig, identity: CrawlerIdentity
    ) -> VisitPlan:
        """Combine the three configs; what is said closest to the call wins."""
        body, content_type = _body(http)
        headers = {"Accept": _ACCEPT, "Accept-Encoding": _ACCEPT_ENCODING}
        headers["User-Agent"] = config.user_agent or browser.user_agent
        if content_type:
            headers["Content-Type"] = content_type
        own_headers: dict[str, str] = {}
        for given in (browser.headers, http.headers or {}):
            for name, value in given.items():
                _replace(own_headers, name, value)
                _replace(headers, name, value)
        return cls(
            config=config,
            reading=ReadingPlan.of(config),
            method=(config.method if config.method != "GET" else http.method).upper(),
            headers=headers,
            body=body,
            own_headers=own_headers,
            timeout=config.page_timeout / 1000,
            verify_tls=http.verify_ssl and not browser.ignore_https_errors,
            follow_redirects=http.follow_redirects,
            route=Route(config, browser),
            identity=identity,
            agents=identity.agents_for(config),
            steps=identity.steps_for(config),
            client_certs=http.client_cert,
            verbose=config.verbose and browser.verbose,
        )

    def request(
        self, url: str, proxy: ProxyConfig | None = None, before_send: Callable[[str], Awaitable[None]] | None = None
    ) -> Request:
        """The request for one URL through one proxy."""
        auth = (proxy.username, proxy.password or "") if proxy is not None and proxy.username else None
        return Request(
            url=url,
            method=self.method,
            headers=self._headers_for(url),
            body=self.body,
            follow_redirects=self.follow_redirects,
            max_redirects=self.config.max_redirects,
            verify_tls=self.verify_tls,
            max_body_bytes=self.config.max_body_bytes,
            proxy=proxy.server if proxy is not None else None,
            proxy_auth=auth,
            cookie_jar=self.identity.jar_for(self.config.session_id),
            client_certs=self.client_certs,
            steps=self.steps if self.steps.needed else None,
            before_send=before_send,
        )

    def _headers_for(self, url: str) -> Mapping[str, str]:
        agent = self.agents.one()
        if agent is None:
            return self.headers
        headers = dict(self.headers)
        for given in (agent.headers_for(url), self.own_headers):
            for name, value in given.items():
                _replace(headers, name, value)
        return headers


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
