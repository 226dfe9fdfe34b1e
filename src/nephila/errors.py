"""What can go wrong, in one tree and one closed list of codes.

    NephilaError
    ├── ConfigError (also a ValueError)     the caller asked for something that cannot be
    │   ├── UnknownOptionError              no such option; names the nearest one
    │   ├── UnsupportedOptionError          the option is known, its feature is not built
    │   └── UntrustedConfigError            somebody else's config sets what only a trusted one may
    ├── VisitError                          one URL could not be visited; becomes a failed CrawlResult
    │   ├── AdmitError                      the URL itself is unusable
    │   ├── FetchError                      the bytes could not be had
    │   └── ReadError                       the bytes could not be read
    ├── CrawlerClosedError                  the crawler was closed while the call was running
    └── MemoryPressureError                 memory stayed above the limit for too long

A `VisitError` never leaves `arun` or `arun_many`: it becomes a result with `success=False`, its `code` as
`error_code` and its sentence as `error_message`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nephila.result import CrawlResult


class ErrorCode(StrEnum):
    """Every `error_code` a failed result can carry. The list is closed: code that matches on it can be complete."""

    INVALID_URL = "invalid_url"
    """The URL is empty, malformed or too long."""
    UNSUPPORTED_SCHEME = "unsupported_scheme"
    """The URL's scheme is not one of http, https, file and raw."""
    NO_CONFIG_MATCH = "no_config_match"
    """None of the configs in the list matches the URL."""
    FILE = "file"
    """A local file is missing, a directory, or not readable; or a download could not be saved."""
    DNS = "dns"
    """The host name could not be resolved."""
    CONNECT = "connect"
    """No connection could be made, or it was refused."""
    TLS = "tls"
    """The TLS handshake failed or the certificate is not trusted."""
    PROXY = "proxy"
    """The proxy could not be reached or refused the request."""
    TIMEOUT = "timeout"
    """The visit's deadline passed."""
    CONNECTION_LOST = "connection_lost"
    """The connection ended before the response was complete."""
    PROTOCOL = "protocol"
    """The server's answer is not valid HTTP, or its encoding is broken."""
    REDIRECT = "redirect"
    """Too many redirects, a loop, or a redirect to somewhere that may not be followed."""
    TOO_LARGE = "too_large"
    """The body, or what it unpacks to, exceeds its limit."""
    HTTP = "http"
    """The server answered with a status of 400 or above."""
    BLOCKED = "blocked"
    """A bot protection answered with its challenge or refusal in place of the page."""
    ROBOTS = "robots"
    """robots.txt does not allow the URL or could not be had, or the page asks not to be used."""
    ADDRESS = "address"
    """The host's address may not be connected to."""
    READ = "read"
    """The page could not be read (parsed, converted)."""
    READER_CRASHED = "reader_crashed"
    """The page ended the worker process that was reading it."""
    BROWSER = "browser"
    """The browser failed."""
    USER_CODE = "user_code"
    """A matcher, hook, filter, strategy, result handler or sink of the caller raised."""
    CANCELLED = "cancelled"
    """The run ended before the URL was visited."""
    INTERNAL = "internal"
    """A fault of the crawler itself; please report it."""


class NephilaError(Exception):
    """The root of every error this package raises."""


class ConfigError(NephilaError, ValueError):
    """The caller asked for something that cannot be; the sentence says what to do."""


class UnknownOptionError(ConfigError, TypeError):
    """There is no option of that name; the sentence names the nearest one."""


class UnsupportedOptionError(ConfigError):
    """The option is known but its feature is not built in this version."""


class UntrustedConfigError(ConfigError):
    """A config from an untrusted source sets what only a trusted one may."""


class VisitError(NephilaError):
    """One URL could not be visited.

    Attributes:
        code: The `ErrorCode` the result will carry.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class AdmitError(VisitError):
    """The URL itself is unusable: empty, malformed, too long or of an unsupported scheme."""


class FetchError(VisitError):
    """The bytes could not be had."""


class ReadError(VisitError):
    """The bytes could not be read."""


class CrawlerClosedError(NephilaError, RuntimeError):
    """The crawler was closed while the call was running."""


class MemoryPressureError(NephilaError, MemoryError):
    """Memory stayed above the limit for longer than `memory_wait_timeout`.

    Attributes:
        results: The results finished until then.
    """

    def __init__(self, message: str, results: Sequence[CrawlResult] = ()) -> None:
        super().__init__(message)
        self.results = list(results)
