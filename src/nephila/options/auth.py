"""Who the crawler is to a server that asks: credentials and certificates, each for the origins it is meant for."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import Annotated, Final, TypeAlias

import can_ada

from nephila.errors import ConfigError
from nephila.options.base import Config
from nephila.options.rules import REFUSED, ConvertedBy, Secret

EVERY_ORIGIN: Final = "*"
"""Stands for all origins where a client certificate is given without one."""

HeaderMap: TypeAlias = Mapping[str, str]
Authenticate: TypeAlias = Callable[[str, HeaderMap], Awaitable[HeaderMap] | HeaderMap]
"""`async def __call__(url, headers) -> headers`: returns the headers to send, credentials included."""


class BasicAuth(Config, kw_only=False):
    """A user name and a password (RFC 7617).

    Attributes:
        username: Without a colon.
        password: Never shown.
    """

    username: str
    password: Annotated[str, Secret()] = ""

    def _settle(self, given: Mapping[str, object]) -> None:
        if ":" in self.username:
            raise ConfigError("BasicAuth: username must not hold a colon (RFC 7617, section 2).")

    def header(self) -> str:
        """The value of the `Authorization` header; a secret."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")


class BearerAuth(Config, kw_only=False):
    """A bearer token (RFC 6750).

    Attributes:
        token: Never shown.
    """

    token: Annotated[str, Secret()]

    def _settle(self, given: Mapping[str, object]) -> None:
        if not self.token.isprintable() or not self.token.isascii() or " " in self.token:
            raise ConfigError("BearerAuth: token must be printable ASCII without spaces (RFC 6750, section 2.1).")

    def header(self) -> str:
        """The value of the `Authorization` header; a secret."""
        return f"Bearer {self.token}"


class ClientCertificate(Config, kw_only=False):
    """The certificate a client shows to servers that ask for one.

    Attributes:
        cert: PEM file of the certificate and those above it, and of the key unless `key` names another.
        key: PEM file of the private key.
        password: Of the private key; never shown.
    """

    cert: str
    key: str | None = None
    password: Annotated[str | None, Secret()] = None


def read_auth(value: object) -> object:
    """Convert credentials by origin; origins are kept as `https://host[:port]`."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return REFUSED
    if not all(isinstance(auth, BasicAuth | BearerAuth) or callable(auth) for auth in value.values()):
        return REFUSED
    return {_origin(origin, "auth"): auth for origin, auth in value.items()}


def read_client_cert(value: object) -> object:
    """Convert client certificates to a dict by origin, where `*` stands for every one."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and not ("cert" in value and "://" not in "".join(map(str, value))):
        certificates = {
            origin if origin == EVERY_ORIGIN else _origin(origin, "client_cert"): _certificate(one)
            for origin, one in value.items()
        }
    else:
        certificates = {EVERY_ORIGIN: _certificate(value)}
    return REFUSED if any(one is REFUSED for one in certificates.values()) else certificates


def shown_origins(auth: object) -> object:
    """Return the origins alone: a function's name, too, may say more than it should."""
    return list(auth) if isinstance(auth, Mapping) else "***"


def _certificate(value: object) -> object:
    if isinstance(value, ClientCertificate):
        return value
    if isinstance(value, str):
        return ClientCertificate(value)
    if isinstance(value, tuple | list) and 1 <= len(value) <= 3:
        return ClientCertificate(*value)
    return ClientCertificate.from_kwargs(value) if isinstance(value, Mapping) else REFUSED


def _origin(origin: object, option: str) -> str:
    try:
        parsed = can_ada.parse(str(origin))
    except ValueError:
        parsed = None
    plain = parsed is not None and parsed.protocol in ("http:", "https:")
    if parsed is None or not plain or parsed.pathname != "/" or parsed.search or parsed.username:
        # Not shown: it may hold a password.
        raise ConfigError(f"{option} is given by origin, such as 'https://example.com' or 'http://example.com:8080'.")
    return parsed.origin


class AuthOptions(Config):
    """Credentials of the crawler. They are sent to their own origin only, never along a redirect to another one.

    Attributes:
        auth: Credentials by origin (`https://example.com`): `BasicAuth`, `BearerAuth`, or a function, async or not,
            that is given the URL and the headers of each request to that origin and returns the headers to send.
        client_cert: The certificate shown to servers that ask for one: a PEM file, `(cert, key)`,
            `(cert, key, password)`, a `ClientCertificate`, or a dict of these by origin, where `*` stands for all
            others. One given without an origin is shown to every server that asks.
    """

    auth: Annotated[
        dict[str, BasicAuth | BearerAuth | Authenticate],
        ConvertedBy(read_auth, "a dict of origins to BasicAuth, BearerAuth or a function"),
        Secret(shown_origins),
    ] = field(default_factory=dict)
    client_cert: Annotated[
        dict[str, ClientCertificate],
        ConvertedBy(read_client_cert, "a PEM file, (cert, key, password), a ClientCertificate, or a dict of these"),
    ] = field(default_factory=dict)
