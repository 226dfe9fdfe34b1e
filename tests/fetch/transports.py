"""The ways of getting bytes that pass the same tests: add one here and every test of `tests/fetch` runs over it too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nephila.fetch.base import Fetcher
from nephila.fetch.http import HttpFetcher


@dataclass(frozen=True)
class Transport:
    """One way of getting bytes.

    Attributes:
        name: Shown in the names of tests, and what `Case.on` uses to say that a transport's outcome is another.
        make: Makes the fetcher, for tests of the fetcher itself.
        options: Options of `HTTPCrawlerConfig` that make a crawler use it, for tests through the crawler.
    """

    name: str
    make: Callable[[], Fetcher]
    options: Mapping[str, object] = field(default_factory=dict)


def _impersonating() -> Fetcher:
    from nephila.fetch.impersonating import ImpersonatingFetcher

    return ImpersonatingFetcher("chrome")


TRANSPORTS: Mapping[str, Transport] = MappingProxyType(
    {
        transport.name: transport
        for transport in (
            Transport("aiohttp", HttpFetcher),
            Transport("curl", _impersonating, {"impersonate": "chrome"}),
        )
    }
)
