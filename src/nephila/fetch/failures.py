"""Foreign exceptions turned into error codes and sentences, in one place."""

from __future__ import annotations

import os
import socket
import ssl

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, PayloadEncodingError

from nephila.errors import ErrorCode
from nephila.fetch.connections import FreshConnectionLostError
from nephila.fetch.head import BrokenBodyError, HeadTooLargeError
from nephila.net.guard import AddressRefusedError
from nephila.net.url import host_of, redacted


def classify(error: BaseException, url: str, proxy: str | None) -> tuple[ErrorCode, str]:
    """The error code and the sentence for what went wrong while fetching `url`."""
    host = host_of(url) or url
    match error:
        case AddressRefusedError():
            return ErrorCode.ADDRESS, f"{error}."
        case BrokenBodyError():
            return ErrorCode.PROTOCOL, f"The body that {host} sent is not valid HTTP: {_first_line(str(error))}."
        case HeadTooLargeError():
            return ErrorCode.TOO_LARGE, f"The headers that {host} sent are larger than {error}."
        case aiohttp.ClientProxyConnectionError():
            return ErrorCode.PROXY, f"The proxy could not be reached: {_detail(error.os_error)}."
        case aiohttp.ClientHttpProxyError():
            return ErrorCode.PROXY, f"The proxy refused the connection with status {error.status}."
        case TimeoutError():
            return ErrorCode.TIMEOUT, f"{host} did not answer completely before the deadline (page_timeout)."
        case aiohttp.ClientConnectorCertificateError():
            return ErrorCode.TLS, f"The certificate of {host} is not trusted: {_certificate_detail(error)}."
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return ErrorCode.TLS, f"The TLS connection to {host} failed: {_detail(error)}."
        case aiohttp.ClientConnectorDNSError() | socket.gaierror() if proxy is not None:
            # The host itself is looked up by the proxy.
            return ErrorCode.PROXY, "The proxy could not be reached: its name could not be resolved."
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return ErrorCode.DNS, f"The host name {host!r} could not be resolved."
        case aiohttp.ClientConnectorError():
            return ErrorCode.CONNECT, f"No connection to {host} could be made: {_detail(error.os_error)}."
        case aiohttp.ClientPayloadError(__cause__=HttpProcessingError() as cause) if not isinstance(
            cause, PayloadEncodingError
        ):
            return ErrorCode.PROTOCOL, f"The body that {host} sent is not valid HTTP: {_first_line(cause.message)}."
        case aiohttp.ClientPayloadError():
            return ErrorCode.CONNECTION_LOST, f"The connection to {host} ended before the body was complete."
        case (
            FreshConnectionLostError() | aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError()
        ):
            return ErrorCode.CONNECTION_LOST, f"{host} closed the connection before answering completely."
        case aiohttp.ClientResponseError() if "Too many headers" in error.message:
            return ErrorCode.TOO_LARGE, f"{host} sent more headers than are accepted (max_headers)."
        case aiohttp.ClientResponseError():
            return ErrorCode.PROTOCOL, f"The answer of {host} is not valid HTTP: {_detail(error)}."
        case aiohttp.InvalidURL() | ValueError():
            return ErrorCode.INVALID_URL, f"The request could not be made: {_detail(error)}."
        case OSError():
            return ErrorCode.CONNECT, f"No connection to {host} could be made: {_detail(error)}."
        case _:
            return ErrorCode.PROTOCOL, f"Fetching from {host} failed: {_detail(error)}."


def _certificate_detail(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    return cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else _detail(cause)


def _first_line(message: str) -> str:
    """What the parser says without its pointer into the bytes."""
    lines = [line.strip(" :.") for line in message.removeprefix("400, message:").strip().splitlines()]
    return lines[0] if lines and lines[0] else "broken"


def _detail(error: BaseException) -> str:
    """What the exception says, on one line and without its ending full stop."""
    if isinstance(error, OSError) and error.errno and not isinstance(error, (ssl.SSLError, socket.gaierror)):
        # asyncio puts its own words with the address into strerror.
        text = os.strerror(error.errno)
    elif isinstance(error, aiohttp.ClientResponseError):
        text = _first_line(error.message)
    else:
        text = str(error)
    return redacted(" ".join(text.split())).rstrip(".") or type(error).__name__
