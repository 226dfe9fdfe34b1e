"""Which addresses may be connected to, asked for every connection that is made.

What is public is what Python's `ipaddress` calls globally reachable (the IANA special-purpose address registries). An
IPv6 address that stands for an IPv4 address (mapped, 6to4: RFC 3056, NAT64: RFC 6052) is judged by that.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from nephila.errors import AdmitError, ErrorCode
from nephila.net.url import SCHEMES, is_raw, parse
from nephila.options.addresses import AllowedAddress, parse_allowed

if TYPE_CHECKING:
    from nephila.options.network import NetworkOptions

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""The well-known prefix for IPv4 addresses behind a translator (RFC 6052, section 2.1)."""


class Resolver(Protocol):
    """Turns a host name into addresses."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """The IPv4 and IPv6 addresses of `host`.

        Raises:
            OSError: There are none.
        """
        ...


class SystemResolver:
    """The operating system's resolver, in a thread."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """See `Resolver.resolve`."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(sockaddr[0]) for *_, sockaddr in found]


class AddressRefusedError(OSError):
    """The policy does not permit the connection; the sentence says so without the address."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What may be connected to.

    Attributes:
        public_only: Permit public addresses only.
        allowed: What is permitted nevertheless.
        schemes: The schemes of URLs that may be opened, also by a redirect.
    """

    public_only: bool = False
    allowed: tuple[AllowedAddress, ...] = ()
    schemes: tuple[str, ...] = SCHEMES

    @classmethod
    def of(cls, options: NetworkOptions) -> AddressPolicy:
        """The policy that options ask for; local files are closed to whom only public addresses are open."""
        public_only = not options.allow_private_addresses
        schemes = options.allowed_schemes
        if schemes is None:
            schemes = [scheme for scheme in SCHEMES if not (public_only and scheme == "file")]
        parsed = (parse_allowed(text) for text in options.allowed_addresses)
        allowed = tuple(_canonical(each) for each in parsed if each is not None)
        return cls(public_only, allowed, tuple(schemes))

    def check_scheme(self, url: str) -> None:
        """Refuse a URL whose scheme is not permitted.

        Raises:
            AdmitError: It is not.
        """
        scheme = "raw" if is_raw(url) else url.partition(":")[0].lower()
        if scheme not in self.schemes:
            raise AdmitError(
                ErrorCode.UNSUPPORTED_SCHEME, f"URLs of the scheme {scheme!r} may not be opened here (allowed_schemes)."
            )

    def permits(self, host: str, address: str, port: int) -> bool:
        """Whether `address`, which is one of `host`'s, may be connected to at `port`."""
        if not self.public_only:
            return True
        try:
            numeric = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return is_public(numeric) or self._is_allowed(host, numeric, port)

    def check(self, host: str, address: str, port: int) -> None:
        """The same as an error.

        Raises:
            AddressRefusedError: The address is not permitted.
        """
        if not self.permits(host, address, port):
            raise AddressRefusedError(
                f"{host} may not be connected to: its address is not a public one (allow_private_addresses)"
            )

    async def check_host(self, host: str, port: int, resolver: Resolver) -> None:
        """Check a host that somebody else will connect to, such as a proxy: each of its addresses has to be permitted.

        Raises:
            AddressRefusedError: One is not permitted, or none is known.
        """
        if not self.public_only:
            return
        bare = host.strip("[]")
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            try:
                addresses = await resolver.resolve(bare, port)
            except OSError:
                addresses = ()
            if not addresses:
                raise AddressRefusedError(
                    f"The address of {host} could not be checked before the proxy is asked: its name is not known here "
                    "(allow_private_addresses)"
                ) from None
        else:
            addresses = (bare,)
        for address in addresses:
            self.check(host, address, port)

    def _is_allowed(self, host: str, address: Address, port: int) -> bool:
        name = host.rstrip(".").lower()
        inner = getattr(address, "ipv4_mapped", None) or address
        for entry in self.allowed:
            if entry.port is not None and entry.port != port:
                continue
            if entry.network is None:
                if entry.host == name:
                    return True
            elif inner.version == entry.network.version and inner in entry.network:
                return True
        return False


def is_public(address: Address) -> bool:
    """Whether the address, or the IPv4 address that it stands for, is globally reachable and belongs to one host."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.sixtofour is not None and not is_public(address.sixtofour):
            return False
    # Teredo and IPv4-compatible addresses are not global or reserved as a whole.
    return address.is_global and not (address.is_multicast or address.is_unspecified or address.is_reserved)


def _canonical(entry: AllowedAddress) -> AllowedAddress:
    """With the host name as URLs have it."""
    if entry.network is not None:
        return entry
    parsed = parse(f"http://{entry.host}/")
    return AllowedAddress((parsed.hostname if parsed is not None else entry.host).rstrip("."), None, entry.port)
