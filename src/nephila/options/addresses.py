"""How the addresses that may be connected to are written in options."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from nephila.options.rules import REFUSED

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

ADDRESSES_EXPECTED: Final = "a list of addresses, networks such as '10.0.0.0/8', or host names, each with a port or not"

SCHEMES_EXPECTED: Final = "a list of the schemes 'http', 'https', 'file' and 'raw'"

_SCHEMES: Final = ("http", "https", "file", "raw")

_WITH_PORT: Final = re.compile(r"(.+):(\d{1,5})")

_HOST_NAME: Final = re.compile(r"[^\s/\\:@?#\[\]%<>^|]{1,253}")


@dataclass(frozen=True, slots=True)
class AllowedAddress:
    """One entry of `allowed_addresses`.

    Attributes:
        host: A host name, as it was written; empty when a network is meant.
        network: The addresses; None when a host name is meant.
        port: The only port allowed; None allows each.
    """

    host: str
    network: Network | None
    port: int | None


def parse_allowed(text: str) -> AllowedAddress | None:
    """Read `10.1.2.3`, `10.0.0.0/8:8080`, `[fd00::/8]:80`, `intranet.example` and the like; None for anything else."""
    text = text.strip()
    network = _network(text)
    if network is not None:
        return AllowedAddress("", network, None)
    port: int | None = None
    with_port = _WITH_PORT.fullmatch(text)
    if with_port is not None:
        text, port = with_port.group(1), int(with_port.group(2))
        if not 0 < port < 65_536:
            return None
    if text.startswith("[") and text.endswith("]"):
        network = _network(text[1:-1])
        return None if network is None else AllowedAddress("", network, port)
    network = _network(text) if ":" not in text else None
    if network is not None:
        return AllowedAddress("", network, port)
    return AllowedAddress(text, None, port) if _HOST_NAME.fullmatch(text) else None


def read_addresses(value: object) -> object:
    """Accept a list of strings that `parse_allowed` can read."""
    if value is None:
        return []
    if not isinstance(value, list | tuple | set | frozenset):
        return REFUSED
    return list(value) if all(isinstance(text, str) and parse_allowed(text) for text in value) else REFUSED


def read_schemes(value: object) -> object:
    """Accept a list of schemes."""
    if value is None:
        return None
    if not isinstance(value, list | tuple | set | frozenset) or not value:
        return REFUSED
    return list(value) if all(scheme in _SCHEMES for scheme in value) else REFUSED


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
