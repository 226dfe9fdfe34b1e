"""The test site over TLS, with certificates that are good and certificates that are not."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import trustme

from tests.site.server import Site


class Certificate(StrEnum):
    """What is wrong with a certificate, if anything."""

    GOOD = "good"
    """Signed by the authority in `TlsSite.ca_file`, for 127.0.0.1 and localhost."""
    SELF_SIGNED = "self_signed"
    """Signed by an authority nobody knows."""
    EXPIRED = "expired"
    """Signed by the known authority, out of date since a day."""
    WRONG_HOST = "wrong_host"
    """Signed by the known authority, for another host."""


class TlsSite:
    """The pages of a `Site` on one TLS port for each kind of certificate.

    Attributes:
        ca_file: The authority's certificate, for `SSL_CERT_FILE` or a client's trust store.
        ports: The port of each certificate.
    """

    def __init__(self, site: Site, folder: Path) -> None:
        authority, stranger = trustme.CA(), trustme.CA()
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        certificates = {
            Certificate.GOOD: authority.issue_cert("127.0.0.1", "localhost"),
            Certificate.SELF_SIGNED: stranger.issue_cert("127.0.0.1", "localhost"),
            Certificate.EXPIRED: authority.issue_cert("127.0.0.1", not_before=now - 9 * day, not_after=now - day),
            Certificate.WRONG_HOST: authority.issue_cert("elsewhere.example"),
        }
        self.ca_file = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.ports: Mapping[Certificate, int] = {
            kind: site.listen(tls=_context(certificate)) for kind, certificate in certificates.items()
        }

    def url(self, certificate: Certificate, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """The `https://` URL of a path behind that certificate."""
        return f"https://{host}:{self.ports[certificate]}{path}"


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
