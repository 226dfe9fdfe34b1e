"""What a browser says went wrong, as error codes and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from nephila.errors import ErrorCode
from nephila.net.url import host_of, redacted

_NET_ERROR: Final = re.compile(r"\b(?:net::ERR_|NS_ERROR_)([A-Z0-9_]+)")

_GONE: Final = (
    "Target page, context or browser has been closed",
    "Target crashed",
    "Page crashed",
    "Connection closed",
    "Browser has been closed",
    "browser has disconnected",
    "Target closed",
    "frame was detached",
)

_CODES: Final = MappingProxyType(
    {
        "NAME_": ErrorCode.DNS,
        "DNS_": ErrorCode.DNS,
        "ICANN_NAME_COLLISION": ErrorCode.DNS,
        "UNKNOWN_HOST": ErrorCode.DNS,
        "PROXY_": ErrorCode.PROXY,
        "TUNNEL_CONNECTION_FAILED": ErrorCode.PROXY,
        "SOCKS_": ErrorCode.PROXY,
        "MANDATORY_PROXY": ErrorCode.PROXY,
        "UNEXPECTED_PROXY_AUTH": ErrorCode.PROXY,
        "NO_SUPPORTED_PROXIES": ErrorCode.PROXY,
        "CERT_": ErrorCode.TLS,
        "SSL_": ErrorCode.TLS,
        "BAD_SSL": ErrorCode.TLS,
        "TLS13_": ErrorCode.TLS,
        "CONNECTION_TIMED_OUT": ErrorCode.TIMEOUT,
        "TIMED_OUT": ErrorCode.TIMEOUT,
        "NET_TIMEOUT": ErrorCode.TIMEOUT,
        "CONNECTION_REFUSED": ErrorCode.CONNECT,
        "CONNECTION_FAILED": ErrorCode.CONNECT,
        "ADDRESS_UNREACHABLE": ErrorCode.CONNECT,
        "ADDRESS_INVALID": ErrorCode.CONNECT,
        "INTERNET_DISCONNECTED": ErrorCode.CONNECT,
        "NETWORK_ACCESS_DENIED": ErrorCode.CONNECT,
        "UNSAFE_PORT": ErrorCode.CONNECT,
        "CONNECTION_": ErrorCode.CONNECTION_LOST,
        "EMPTY_RESPONSE": ErrorCode.CONNECTION_LOST,
        "SOCKET_NOT_CONNECTED": ErrorCode.CONNECTION_LOST,
        "NETWORK_CHANGED": ErrorCode.CONNECTION_LOST,
        "NETWORK_IO_SUSPENDED": ErrorCode.CONNECTION_LOST,
        "CONTENT_LENGTH_MISMATCH": ErrorCode.CONNECTION_LOST,
        "INCOMPLETE_CHUNKED_ENCODING": ErrorCode.CONNECTION_LOST,
        "TOO_MANY_REDIRECTS": ErrorCode.REDIRECT,
        "UNSAFE_REDIRECT": ErrorCode.REDIRECT,
        "REDIRECT_LOOP": ErrorCode.REDIRECT,
        "INVALID_REDIRECT": ErrorCode.REDIRECT,
        "BLOCKED_BY_CLIENT": ErrorCode.ADDRESS,
        "FILE_": ErrorCode.FILE,
        "ACCESS_DENIED": ErrorCode.FILE,
        "INVALID_URL": ErrorCode.INVALID_URL,
        "UNKNOWN_URL_SCHEME": ErrorCode.REDIRECT,
        "DISALLOWED_URL_SCHEME": ErrorCode.REDIRECT,
        "INVALID_RESPONSE": ErrorCode.PROTOCOL,
        "INVALID_HTTP_RESPONSE": ErrorCode.PROTOCOL,
        "INVALID_CHUNKED_ENCODING": ErrorCode.PROTOCOL,
        "CONTENT_DECODING": ErrorCode.PROTOCOL,
        "RESPONSE_HEADERS_": ErrorCode.PROTOCOL,
        "HTTP2_": ErrorCode.PROTOCOL,
        "QUIC_": ErrorCode.PROTOCOL,
    }
)
"""Names, or their beginnings, of Chromium's network errors (net_error_list.h); the first that fits decides."""

_SENTENCES: Final = MappingProxyType(
    {
        ErrorCode.DNS: "The host name {host!r} could not be resolved ({name}).",
        ErrorCode.PROXY: "The proxy could not be reached or refused the request ({name}).",
        ErrorCode.TLS: "The TLS connection to {host} failed or its certificate is not trusted ({name}).",
        ErrorCode.TIMEOUT: "{host} did not answer in time ({name}).",
        ErrorCode.CONNECT: "No connection to {host} could be made ({name}).",
        ErrorCode.CONNECTION_LOST: "{host} closed the connection before answering completely ({name}).",
        ErrorCode.REDIRECT: "The redirects of {host} could not be followed ({name}).",
        ErrorCode.ADDRESS: "The address of {host} may not be connected to ({name}).",
        ErrorCode.FILE: "The file could not be read ({name}).",
        ErrorCode.PROTOCOL: "The answer of {host} is not valid HTTP ({name}).",
        ErrorCode.INVALID_URL: "The browser does not take this URL ({name}).",
    }
)


def net_error(message: str) -> str:
    """The name of the network error a message speaks of, such as `NAME_NOT_RESOLVED`; empty when there is none."""
    found = _NET_ERROR.search(message)
    return found.group(1) if found else ""


def is_gone(message: str) -> bool:
    """Whether the page, its process or the whole browser has ended."""
    return any(part in message for part in _GONE)


def is_navigation(message: str) -> bool:
    """Whether a script's page went elsewhere while the script was running."""
    return "Execution context was destroyed" in message or "Cannot find context" in message


def classify(error: BaseException, url: str, *, default: ErrorCode = ErrorCode.BROWSER) -> tuple[ErrorCode, str]:
    """The error code and the sentence for what a browser's driver raised while it was visiting `url`."""
    message = str(error)
    host = host_of(url) or "The page"
    if type(error).__name__ == "TimeoutError":
        return ErrorCode.TIMEOUT, f"{host} was not ready before the deadline (page_timeout)."
    name = net_error(message)
    if name:
        code = next((code for beginning, code in _CODES.items() if name.startswith(beginning)), default)
        sentence = _SENTENCES.get(code, "The browser could not load the page ({name}).")
        return code, sentence.format(host=host, name=name)
    return default, f"The browser failed: {_first_line(message)}."


def _first_line(message: str) -> str:
    """What the driver says, without the log of its calls."""
    lines = _lines(message)
    return redacted(next(lines, "it gave no reason")).rstrip(".")


def _lines(message: str) -> Iterator[str]:
    for line in message.splitlines():
        if line.strip() and not line.startswith("Call log"):
            yield " ".join(line.split())[:300]
