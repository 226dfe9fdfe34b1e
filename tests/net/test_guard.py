from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from nephila import CrawlerRunConfig
from nephila.errors import AdmitError, ConfigError
from nephila.net.guard import AddressPolicy, AddressRefusedError, SystemResolver, is_public
from nephila.options.addresses import parse_allowed


def policy(*allowed: str) -> AddressPolicy:
    return AddressPolicy.of(CrawlerRunConfig(allow_private_addresses=False, allowed_addresses=list(allowed)))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::8.8.8.8", True),
        ("2002:808:808::", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("192.0.2.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b:1::1", False),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
        ("2001::1", False),
        ("fc00::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_clothes_is_no_other(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    public = is_public(address)
    assert is_public(ipaddress.IPv6Address(0xFFFF_0000_0000 | number)) is public
    assert is_public(ipaddress.IPv6Address((0x64_FF9B << 96) | number)) is public
    assert public or not is_public(ipaddress.IPv6Address((0x2002 << 112) | (number << 80)))
    assert not is_public(ipaddress.IPv6Address(number))


@pytest.mark.parametrize(
    ("allowed", "host", "address", "port", "permitted"),
    [
        ("10.0.0.0/8", "a.example", "10.1.1.1", 80, True),
        ("10.0.0.0/8", "a.example", "8.8.8.8", 80, True),
        ("10.0.0.0/8", "a.example", "192.168.0.1", 80, False),
        ("10.0.0.1", "a.example", "::ffff:10.0.0.1", 80, True),
        ("10.0.0.0/8:8080", "a.example", "10.1.1.1", 8080, True),
        ("10.0.0.0/8:8080", "a.example", "10.1.1.1", 80, False),
        ("fd00::/8", "a.example", "fd00::1", 80, True),
        ("[fd00::/8]:443", "a.example", "fd00::1", 443, True),
        ("[fd00::/8]:443", "a.example", "fd00::1", 80, False),
        ("Intra.Example.", "intra.example", "10.0.0.1", 80, True),
        ("intra.example", "intra.example.", "10.0.0.1", 80, True),
        ("intra.example:81", "intra.example", "10.0.0.1", 80, False),
        ("intra.example", "other.intra.example", "10.0.0.1", 80, False),
        ("bücher.example", "xn--bcher-kva.example", "10.0.0.1", 80, True),
        ("127.0.0.1", "a.example", "not an address", 80, False),
        ("fe80::/10", "a.example", "fe80::1%eth0", 80, True),
    ],
)
def test_allowed_addresses(allowed: str, host: str, address: str, port: int, permitted: bool) -> None:
    assert policy(allowed).permits(host, address, port) is permitted


def test_without_the_guard_everything_is_permitted() -> None:
    assert AddressPolicy.of(CrawlerRunConfig()).permits("localhost", "127.0.0.1", 80)


@pytest.mark.parametrize(
    "text", ["", " ", "10.0.0.0/99", "a b", "http://a.example", "a:99999", "[::1", "[a]:1", "a/b", "::1:x"]
)
def test_what_is_no_address(text: str) -> None:
    assert parse_allowed(text) is None
    with pytest.raises(ConfigError, match="allowed_addresses must be a list of addresses"):
        CrawlerRunConfig(allowed_addresses=[text])


def test_schemes() -> None:
    AddressPolicy.of(CrawlerRunConfig()).check_scheme("file:///x")
    with pytest.raises(AdmitError, match="'file'"):
        policy().check_scheme("file:///x")
    AddressPolicy.of(CrawlerRunConfig(allow_private_addresses=False, allowed_schemes=["file"])).check_scheme(
        "file:///x"
    )
    only = AddressPolicy.of(CrawlerRunConfig(allowed_schemes=["https"]))
    for url in ("http://a.example/", "RAW:<p>", "file:///x"):
        with pytest.raises(AdmitError):
            only.check_scheme(url)
    with pytest.raises(ConfigError, match="allowed_schemes"):
        CrawlerRunConfig(allowed_schemes=["ftp"])


class Fixed:
    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        return self.addresses


async def test_host_that_a_proxy_connects_to() -> None:
    await policy().check_host("a.example", 80, Fixed("8.8.8.8"))
    await policy().check_host("[2001:4860:4860::8888]", 80, Fixed())
    for host, addresses in (
        ("a.example", ("8.8.8.8", "10.0.0.1")),
        ("10.0.0.1", ("8.8.8.8",)),
        ("[::1]", ("8.8.8.8",)),
    ):
        with pytest.raises(AddressRefusedError, match="not a public one"):
            await policy().check_host(host, 80, Fixed(*addresses))
    with pytest.raises(AddressRefusedError, match="could not be checked"):
        await policy().check_host("a.example", 80, Fixed())


async def test_the_systems_resolver() -> None:
    assert set(await SystemResolver().resolve("localhost", 80)) <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError):
        await SystemResolver().resolve("nowhere.invalid", 80)
