from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from nephila.models import Request, Response
from tests.fetch.probe import Probe
from tests.fetch.transports import TRANSPORTS, Transport

Fetch = Callable[..., Awaitable[Response]]


@pytest.fixture(params=TRANSPORTS.values(), ids=TRANSPORTS.keys(), scope="module")
def transport(request: pytest.FixtureRequest) -> Transport:
    """Each way of getting bytes in turn."""
    given: Transport = request.param
    return given


@pytest.fixture
async def fetch(transport: Transport) -> AsyncIterator[Fetch]:
    """Fetch a URL: `await fetch(url, within=seconds, ...)` with the fields of `Request`."""
    fetcher = transport.make()

    async def fetch(url: str, within: float = 10.0, **request: Any) -> Response:
        return await fetcher.fetch(Request(url, **request), asyncio.get_running_loop().time() + within)

    yield fetch
    await fetcher.close()


@pytest.fixture(scope="module")
def probe(transport: Transport) -> Iterator[Probe]:
    """A crawler in a process of its own, so that its memory can be measured and a crash or a hang be seen."""
    with Probe(transport) as probe:
        yield probe
