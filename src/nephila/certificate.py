"""`SSLCertificate`: what a server proved itself with (X.509, RFC 5280)."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Extension, ExtensionType, Name

    from nephila.models import JSONValue

INSTALL: Final = 'pip install "nephila[certificates]"'

_EXTENSION_CHARACTERS: Final = 4096


def can_read_certificates() -> bool:
    """Whether the extra `certificates` is installed."""
    return importlib.util.find_spec("cryptography") is not None


class SSLCertificate(dict[str, "JSONValue"]):
    """A server's certificate as data.

    The keys are `subject` and `issuer` (the names' parts, such as `CN` and `O`), `version` (3 for almost all),
    `serial_number` (hexadecimal), `not_before` and `not_after` (ISO 8601), `fingerprint` (SHA-256, hexadecimal),
    `signature_algorithm`, `raw_cert` (the certificate itself, DER in Base64) and `extensions` (each with `name` and
    `value`, as text). A certificate that cannot be read has `fingerprint` and `raw_cert` only.
    """

    @classmethod
    def from_der(cls, certificate: bytes) -> SSLCertificate:
        """Read a certificate in DER, the form it is sent in.

        Raises:
            ImportError: The extra `certificates` is not installed.
        """
        from cryptography.x509 import load_der_x509_certificate

        whole = cls(
            fingerprint=hashlib.sha256(certificate).hexdigest(), raw_cert=base64.b64encode(certificate).decode("ascii")
        )
        try:
            return cls(_fields(load_der_x509_certificate(certificate)) | whole)
        except (ValueError, TypeError):
            # Servers send what they like; what the library refuses is still what was sent.
            return whole

    @classmethod
    def from_url(cls, url: str, timeout: float = 10) -> SSLCertificate | None:
        """Connect to the host of an https URL and return its certificate, trusted or not.

        Blocks; in asynchronous code, crawl with `fetch_ssl_certificate=True` instead.

        Args:
            url: The URL; its port counts.
            timeout: Seconds for each step.

        Returns:
            None when no connection could be made.

        Raises:
            ImportError: The extra `certificates` is not installed.
        """
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            parts = urlsplit(url if "://" in url else f"https://{url}")
            host = parts.hostname or ""
            with (
                socket.create_connection((host, parts.port or 443), timeout) as connection,
                context.wrap_socket(connection, server_hostname=host) as secured,
            ):
                certificate = secured.getpeercert(binary_form=True)
        except (OSError, ValueError):
            return None
        return cls.from_der(certificate) if certificate else None

    @property
    def issuer(self) -> dict[str, JSONValue]:
        """Who signed it."""
        return self._name("issuer")

    @property
    def subject(self) -> dict[str, JSONValue]:
        """Whom it is for."""
        return self._name("subject")

    @property
    def valid_from(self) -> str:
        """When it begins to be valid, ISO 8601."""
        return str(self.get("not_before", ""))

    @property
    def valid_until(self) -> str:
        """When it ends to be valid, ISO 8601."""
        return str(self.get("not_after", ""))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return str(self["fingerprint"])

    def to_json(self, filepath: str | None = None) -> str | None:
        """The certificate as JSON; with a path it is written there, and None returned."""
        text = json.dumps(self, indent=2, ensure_ascii=False)
        if filepath is None:
            return text
        Path(filepath).write_text(text, encoding="utf-8")
        return None

    def to_pem(self, filepath: str | None = None) -> str | None:
        """The certificate as PEM; with a path it is written there, and None returned."""
        text = ssl.DER_cert_to_PEM_cert(self._der())
        if filepath is None:
            return text
        Path(filepath).write_text(text, encoding="ascii")
        return None

    def to_der(self, filepath: str | None = None) -> bytes | None:
        """The certificate as it was sent; with a path it is written there, and None returned."""
        if filepath is None:
            return self._der()
        Path(filepath).write_bytes(self._der())
        return None

    def _der(self) -> bytes:
        return base64.b64decode(str(self["raw_cert"]))

    def _name(self, key: str) -> dict[str, JSONValue]:
        name = self.get(key)
        return name if isinstance(name, dict) else {}


def _fields(certificate: Certificate) -> dict[str, JSONValue]:
    algorithm = certificate.signature_hash_algorithm
    oid = certificate.signature_algorithm_oid
    # The library has no public name for every algorithm; its own is the standard's.
    name = getattr(oid, "_name", "") or (algorithm.name if algorithm is not None else oid.dotted_string)
    return {
        "subject": _parts(certificate.subject),
        "issuer": _parts(certificate.issuer),
        "version": certificate.version.value + 1,
        "serial_number": f"{certificate.serial_number:X}",
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "signature_algorithm": name,
        "extensions": [_extension(extension) for extension in certificate.extensions],
    }


def _parts(name: Name) -> dict[str, JSONValue]:
    """The parts of a name; those that come several times are joined."""
    parts: dict[str, JSONValue] = {}
    for attribute in name:
        key = attribute.rfc4514_attribute_name
        value = attribute.value if isinstance(attribute.value, str) else attribute.value.hex()
        parts[key] = f"{parts[key]}, {value}" if key in parts else value
    return parts


def _extension(extension: Extension[ExtensionType]) -> JSONValue:
    from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName

    value = extension.value
    if isinstance(value, SubjectAlternativeName):
        names = [f"DNS:{name.value}" for name in value if isinstance(name, DNSName)]
        names += [f"IP Address:{name.value}" for name in value if isinstance(name, IPAddress)]
        text = ", ".join(names)
    else:
        text = repr(value)
    return {"name": type(value).__name__, "critical": extension.critical, "value": text[:_EXTENSION_CHARACTERS]}
