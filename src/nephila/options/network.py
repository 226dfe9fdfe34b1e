"""How a page's bytes are had."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import field
from typing import Annotated, Final, TypeAlias

from nephila.options.addresses import ADDRESSES_EXPECTED, SCHEMES_EXPECTED, read_addresses, read_schemes
from nephila.options.base import Config
from nephila.options.identity import USER_AGENT_MODES
from nephila.options.proxy import PROXY_EXPECTED, ProxyConfig, read_proxies
from nephila.options.rules import REFUSED, AtLeast, ConvertedBy, Count, Milliseconds, OneOf, PositiveInt, Seconds
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
        user_agent_mode: `random` makes one up for each attempt, the same one for visits with the same `session_id`,
            with header fields that agree with it; None takes the crawler's setting.
        user_agent_generator_config: What a made-up User-Agent may be: keys browsers, os, min_version, platforms,
            fallback; see `AgentGenerator`.
        proxy_config: The proxy, or a list of proxies to try in turn within each attempt, where None stands for no
            proxy; those still to be tried share the time that is left of `page_timeout`. Besides
            `ProxyConfig`, dicts, strings (see `ProxyConfig.from_string`) and `"direct"` (no proxy) are accepted.
            `[None]` goes without the proxy that the `BrowserConfig` sets.
        proxy_rotation_strategy: Chooses the proxy of each attempt; not together with `proxy_config`.
        proxy_session_id: Visits with the same id keep the same proxy.
        proxy_session_ttl: Seconds until such a proxy is chosen anew; None means never.
        proxy_session_auto_release: Forget the session's proxy when `arun_many` ends.
        check_robots_txt: Visit only what robots.txt allows (RFC 9309), redirects included, for the User-Agent that is
            sent. What it does not allow fails with the code `robots`. A site's `Crawl-delay` becomes the shortest pause
            between requests to it in `arun_many`.
        max_crawl_delay: Seconds of a `Crawl-delay` that are kept at most; 0 keeps none.
        obey_robots_meta: Do as `X-Robots-Tag` and robots meta elements say: `noindex` withholds the page's content and
            fails it with the code `robots`, `nofollow` empties its links. Otherwise they are only reported.
        fetch_ssl_certificate: Report the server's certificate in `ssl_certificate`; needs the extra `certificates`.
        fetch_mode: `http` (fetch it), `browser` (render it) or `auto` (render it when an option needs the browser);
            None takes the crawler's.
        max_retries: Repetitions after a failed or blocked attempt.
        fallback_fetch_function: `async (url) -> html`, asked when every attempt failed.
        max_body_bytes: Bytes of a body as sent; a longer one is an error, found without reading it whole.
        max_redirects: Redirects followed; one more is an error.
        follow_meta_refresh: Follow a page that does nothing but send on to another with `<meta http-equiv=refresh>`,
            as a redirect.
        max_url_length: Characters of a URL, given or redirected to; a longer one is an error.
        max_header_bytes: Bytes of all the headers of a response, informational ones before it included; more are an
            error.
        max_headers: Header lines of a response; more are an error.
        min_speed: Bytes a second that a body has to come with, over `min_speed_window`; a slower one is ended with a
            timeout, and what arrived is kept. 0 asks for nothing.
        min_speed_window: Seconds over which the speed is measured, one stretch after the other.
        allow_private_addresses: Connect to any address. False is the address guard: every address that is connected
            to, on redirects and behind proxies too, has to be a public one, and `file:` URLs are refused.
        allowed_addresses: Addresses, networks (`10.0.0.0/8`) and host names that are connected to all the same, each
            with a port (`intranet.example:8080`) or not.
        allowed_schemes: Schemes of URLs that may be opened, also by a redirect; None stands for http, https, file and
            raw, without file when private addresses are not allowed.
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
    max_crawl_delay: Seconds = 60.0
    obey_robots_meta: bool = False
    fetch_ssl_certificate: bool = False
    max_retries: Count = 0
    fetch_mode: Annotated[str, OneOf(FETCH_MODES)] | None = None
    fallback_fetch_function: FallbackFetch | None = None
    max_body_bytes: PositiveInt = 50_000_000
    max_redirects: Count = 20
    follow_meta_refresh: bool = True
    max_url_length: PositiveInt = 8192
    max_header_bytes: PositiveInt = 262_144
    max_headers: PositiveInt = 1000
    min_speed: Count = 64
    min_speed_window: Annotated[float, AtLeast(0.05)] = 30.0
    allow_private_addresses: bool = True
    allowed_addresses: Annotated[list[str], ConvertedBy(read_addresses, ADDRESSES_EXPECTED)] = field(
        default_factory=list
    )
    allowed_schemes: Annotated[list[str] | None, ConvertedBy(read_schemes, SCHEMES_EXPECTED)] = None
