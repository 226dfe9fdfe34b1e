"""How a page's bytes are had."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import field
from typing import Annotated, Final, TypeAlias

from nephila.options.base import Config
from nephila.options.identity import USER_AGENT_MODES
from nephila.options.proxy import PROXY_EXPECTED, ProxyConfig, read_proxies
from nephila.options.rules import REFUSED, ConvertedBy, Count, Milliseconds, OneOf, PositiveInt, Seconds
from nephila.options.strategies import ProxyRotationStrategy

FallbackFetch: TypeAlias = Callable[[str], Awaitable[str | None]]

FETCH_MODES: Final = ("auto", "http", "browser")

_METHOD: Final = re.compile(r"[A-Za-z]+")


def read_method(value: object) -> object:
    """Accept an HTTP method in any case and return it in capitals."""
    return value.upper() if isinstance(value, str) and _METHOD.fullmatch(value) else REFUSED


Method: TypeAlias = Annotated[str, ConvertedBy(read_method, "an HTTP method such as 'GET'")]


class NetworkOptions(Config):
    """Request, proxy, limits and repetition.

    Attributes:
        method: HTTP method; written in any case, kept in capitals.
        page_timeout: Milliseconds for the visit, from the look-up of the name to the finished document, redirects
            included; each repetition has as much.
        user_agent: The User-Agent of this visit; None takes the crawler's.
        user_agent_mode: `random` makes one up for each visit; None takes the crawler's setting.
        user_agent_generator_config: What a made-up User-Agent may be: keys browsers, os, min_version, platforms,
            pct_threshold, fallback.
        proxy_config: The proxy, or a list of proxies to try in turn, where None stands for no proxy. Besides
            `ProxyConfig`, dicts, strings (see `ProxyConfig.from_string`) and `"direct"` (no proxy) are accepted.
            `[None]` goes without the proxy that the `BrowserConfig` sets.
        proxy_rotation_strategy: Chooses the proxy of each visit.
        proxy_session_id: Visits with the same id keep the same proxy.
        proxy_session_ttl: Seconds until such a proxy is chosen anew; None means never.
        proxy_session_auto_release: Forget the session's proxy when `arun_many` ends.
        check_robots_txt: Visit only what robots.txt allows.
        fetch_ssl_certificate: Report the server's certificate in `ssl_certificate`.
        fetch_mode: `http` (fetch it), `browser` (render it) or `auto` (fetch it, and render it when an option or
            the page itself needs it); None takes the crawler's.
        max_retries: Repetitions after a failed or blocked attempt.
        fallback_fetch_function: `async (url) -> html`, asked when every attempt failed.
        max_body_bytes: Bytes of a body as sent; a longer one is an error, found without reading it whole.
        max_redirects: Redirects followed; one more is an error.
    """

    method: Method = "GET"
    page_timeout: Milliseconds = 60_000
    user_agent: str | None = None
    user_agent_mode: Annotated[str, OneOf(USER_AGENT_MODES)] | None = None
    user_agent_generator_config: dict[str, object] = field(default_factory=dict)
    proxy_config: Annotated[
        ProxyConfig | list[ProxyConfig | None] | None,
        ConvertedBy(read_proxies, f"{PROXY_EXPECTED}, or a list of these"),
    ] = None
    proxy_rotation_strategy: ProxyRotationStrategy | None = None
    proxy_session_id: str | None = None
    proxy_session_ttl: Seconds | None = None
    proxy_session_auto_release: bool = False
    check_robots_txt: bool = False
    fetch_ssl_certificate: bool = False
    max_retries: Count = 0
    fetch_mode: Annotated[str, OneOf(FETCH_MODES)] | None = None
    fallback_fetch_function: FallbackFetch | None = None
    max_body_bytes: PositiveInt = 50_000_000
    max_redirects: Count = 20
