"""TLS contexts: verified or not, with or without a certificate of the client's own."""

from __future__ import annotations

import ssl

from nephila.errors import ErrorCode, FetchError
from nephila.models import Request
from nephila.net.url import origin_of
from nephila.options.auth import EVERY_ORIGIN, ClientCertificate


class TlsContexts:
    """The contexts of one fetcher, made once each; connections of different contexts are never mixed up."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[bool, str, str | None, str | None], ssl.SSLContext] = {}

    def context(self, request: Request, url: str) -> ssl.SSLContext | bool:
        """The context for a connection to `url`; True means the client's own.

        Raises:
            FetchError: The client certificate cannot be loaded.
        """
        certificate = _certificate_for(request, url)
        if request.verify_tls and certificate is None:
            return True
        key = (request.verify_tls, *_identity(certificate))
        if key not in self._contexts:
            self._contexts[key] = _made(request.verify_tls, certificate)
        return self._contexts[key]


def _certificate_for(request: Request, url: str) -> ClientCertificate | None:
    certificates = request.client_certs
    if not certificates or not url.startswith("https:"):
        return None
    return certificates.get(origin_of(url)) or certificates.get(EVERY_ORIGIN)


def _identity(certificate: ClientCertificate | None) -> tuple[str, str | None, str | None]:
    return ("", None, None) if certificate is None else (certificate.cert, certificate.key, certificate.password)


def _made(verify: bool, certificate: ClientCertificate | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        try:
            # An empty password instead of none: else OpenSSL would ask for one on the terminal.
            context.load_cert_chain(certificate.cert, certificate.key, certificate.password or "")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, FileNotFoundError) else "no usable certificate and key"
            raise FetchError(ErrorCode.TLS, f"The client certificate could not be loaded: {reason}.") from error
    return context
