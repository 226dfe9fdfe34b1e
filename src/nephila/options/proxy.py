"""One proxy server, in every spelling users have."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Self
from urllib.parse import quote, unquote

from nephila.errors import ConfigError
from nephila.options.base import Config
from nephila.options.rules import REFUSED, Secret

_SCHEMES: Final = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_FORMS: Final = (
    "scheme://user:password@host:port, scheme://host:port, host:port:user:password, "
    "user:password@host:port or host:port"
)


class ProxyConfig(Config, kw_only=False):
    """One proxy server.

    Attributes:
        server: `scheme://host:port`; the scheme is http when left out (http, https, socks4, socks4a, socks5, socks5h).
            A user name and a password written in it move to `username` and `password`.
        username: The user name the proxy asks for.
        password: The password the proxy asks for; never shown.
        ip: The proxy's address; derived from `server` when left out.
    """

    DIRECT: ClassVar[str] = "direct"
    """Stands for no proxy wherever a proxy can be given as a string."""

    server: str
    username: str | None = None
    password: Annotated[str | None, Secret()] = None
    ip: str | None = None

    def _settle(self, given: Mapping[str, object]) -> None:
        if "server" not in given:
            return
        derived = self.ip if "ip" in given else None
        scheme, user, password, address = _taken_apart(self.server)
        self.server = f"{scheme}://{address}"
        if user is not None:
            self.username, self.password = user, password
        self.ip = derived or _host_of(address)

    @classmethod
    def from_string(cls, proxy: str) -> Self:
        """Read a proxy written as one string.

        Accepted are `scheme://user:password@host:port`, `scheme://host:port`, `host:port:user:password`,
        `user:password@host:port` and `host:port`. The password may hold `@` and `:`; in the forms with `@`,
        percent-escapes in user and password are decoded.

        Raises:
            ConfigError: The string has none of these forms.
        """
        parts = proxy.strip().split(":", 3)
        if "://" not in proxy and not proxy.startswith("[") and len(parts) == 4 and _is_port(parts[1]):
            host, port, user, password = parts
            return cls(server=f"http://{host}:{port}", username=user, password=password)
        return cls(server=proxy)

    @classmethod
    def from_env(cls, env_var: str = "PROXIES") -> list[Self]:
        """Read the proxies of an environment variable, separated by commas; none when it is not set.

        Raises:
            ConfigError: One of them has none of the forms `from_string` reads.
        """
        return [cls.from_string(proxy) for proxy in os.environ.get(env_var, "").split(",") if proxy.strip()]

    @property
    def scheme(self) -> str:
        """The scheme of `server`, such as `http` or `socks5`."""
        return self.server.partition("://")[0]

    def url(self) -> str:
        """Return the proxy as one URL with user and password, percent-escaped; a secret."""
        if self.username is None:
            return self.server
        scheme, _, address = self.server.partition("://")
        password = "" if self.password is None else ":" + quote(self.password, safe="")
        return f"{scheme}://{quote(self.username, safe='')}{password}@{address}"


def _taken_apart(server: str) -> tuple[str, str | None, str | None, str]:
    """Split a proxy's URL into scheme, user, password and `host:port`."""
    text = server.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    # The last @ ends the password: a host cannot hold one, a password can.
    credentials, at, address = rest.rpartition("@")
    address = address.rstrip("/")
    if scheme not in _SCHEMES or not _is_address(address):
        # Not shown: what cannot be read may well hold a password.
        raise ConfigError(f"ProxyConfig: a proxy is written {_FORMS}; what was given has none of these forms.")
    if not at:
        return scheme, None, None, address
    user, colon, password = credentials.partition(":")
    return scheme, unquote(user), unquote(password) if colon else None, address


def _is_port(text: str) -> bool:
    return _PORT.fullmatch(text) is not None and int(text) <= 65_535


def _is_address(address: str) -> bool:
    if address.startswith("["):
        inside, bracket, port = address[1:].partition("]")
        return bool(inside and bracket) and (not port or (port[0] == ":" and _is_port(port[1:])))
    host, colon, port = address.partition(":")
    return bool(host) and not any(c.isspace() or c in "/?#" for c in host) and (not colon or _is_port(port))


def _host_of(address: str) -> str:
    return address[1:].partition("]")[0] if address.startswith("[") else address.partition(":")[0]


def read_proxy(value: object) -> object:
    """Convert one proxy given as object, dict or string; `direct` and None mean no proxy."""
    if value is None or isinstance(value, ProxyConfig):
        return value
    if isinstance(value, str):
        return None if value.strip().lower() == ProxyConfig.DIRECT else ProxyConfig.from_string(value)
    return ProxyConfig.from_kwargs(value) if isinstance(value, Mapping) else REFUSED


def read_proxies(value: object) -> object:
    """Convert one proxy or a list of them; an empty list means no proxy."""
    if not isinstance(value, list | tuple):
        return read_proxy(value)
    proxies = [read_proxy(item) for item in value]
    return REFUSED if any(proxy is REFUSED for proxy in proxies) else proxies or None


PROXY_EXPECTED: Final = f"a ProxyConfig, a dict of its options, 'direct', or a string ({_FORMS})"
