"""libcurl's errors turned into the error codes and sentences of the other transport."""

from __future__ import annotations

import os
import re
from typing import Final

from nephila.errors import ErrorCode
from nephila.net.url import host_of, redacted

_DETAIL: Final = re.compile(r"curl: \(\d+\) (.*?)\.? See https://curl\.se/", re.DOTALL)

# https://curl.se/libcurl/c/libcurl-errors.html
_PROXY: Final = 97
_PROXY_DNS: Final = 5
_DNS: Final = 6
_CONNECT: Final = frozenset((7, 45))
_TIMEOUT: Final = 28
_UNTRUSTED: Final = frozenset((51, 60, 82, 83, 90, 91))
_TLS: Final = frozenset((35, 53, 54, 58, 59, 64, 66, 77, 80, 98))
_LOST: Final = frozenset((18, 52, 55, 56, 95))
_STREAM: Final = 92
_HEAD: Final = 100
_INVALID: Final = frozenset((3, 43))


def classify(error: BaseException, url: str, proxy: str | None, errno: object = 0) -> tuple[ErrorCode, str]:
    """The error code and the sentence for what went wrong while fetching `url`; `errno` is the system's last error."""
    host = host_of(url) or url
    if isinstance(error, TimeoutError):
        return ErrorCode.TIMEOUT, f"{host} did not answer completely before the deadline (page_timeout)."
    if isinstance(error, ValueError):
        return ErrorCode.INVALID_URL, f"The request could not be made: {_detail(error)}."
    code = int(getattr(error, "code", 0) or 0)
    detail = os.strerror(errno) if isinstance(errno, int) and errno > 0 and code in _CONNECT else _detail(error)
    if code == _PROXY or "CONNECT tunnel failed" in str(error):
        return ErrorCode.PROXY, f"The proxy refused the connection: {detail}."
    if proxy is not None and (code in (_DNS, _PROXY_DNS) or code in _CONNECT):
        # The host itself is looked up and reached by the proxy.
        return ErrorCode.PROXY, f"The proxy could not be reached: {detail}."
    if code == _DNS:
        return ErrorCode.DNS, f"The host name {host!r} could not be resolved."
    if code in _CONNECT:
        return ErrorCode.CONNECT, f"No connection to {host} could be made: {detail}."
    if code == _TIMEOUT:
        return ErrorCode.TIMEOUT, f"{host} did not answer in time: {detail}."
    if code in _UNTRUSTED:
        return ErrorCode.TLS, f"The certificate of {host} is not trusted: {detail}."
    if code in _TLS:
        return ErrorCode.TLS, f"The TLS connection to {host} failed: {detail}."
    if code == 56 and "chunk" in detail:
        return ErrorCode.PROTOCOL, f"The answer of {host} is not valid HTTP: {detail}."
    if code == _HEAD:
        return ErrorCode.TOO_LARGE, f"The headers that {host} sent are larger than libcurl accepts: {detail}."
    if code in _LOST or code == _STREAM:
        return ErrorCode.CONNECTION_LOST, f"{host} closed the connection before answering completely."
    if code in _INVALID:
        return ErrorCode.INVALID_URL, f"The request could not be made: {detail}."
    return ErrorCode.PROTOCOL, f"The answer of {host} is not valid HTTP: {detail}."


def _detail(error: BaseException) -> str:
    """What libcurl says, on one line and without its ending full stop."""
    text = str(error)
    found = _DETAIL.search(text)
    text = " ".join((found.group(1) if found else text).split())
    return redacted(text).rstrip(".") or type(error).__name__
