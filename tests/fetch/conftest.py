from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from nephila.fetch.base import Fetcher
from nephila.fetch.http import HttpFetcher
from nephila.fetch.impersonating import ImpersonatingFetcher
from nephila.models import Request, Response

Fetch = Callable[..., Awaitable[Response]]


def transport(name: str) -> Fetcher:
    return HttpFetcher() if name == "aiohttp" else ImpersonatingFetcher("chrome")


@pytest.fixture(params=["aiohttp", "curl"])
async def fetch(request: pytest.FixtureRequest) -> AsyncIterator[Fetch]:
    """Fetch a URL: `await fetch(url, within=seconds, ...)` with the fields of `Request`."""
    fetcher = transport(request.param)

    async def fetch(url: str, within: float = 10.0, **request: Any) -> Response:
        return await fetcher.fetch(Request(url, **request), asyncio.get_running_loop().time() + within)

    yield fetch
    await fetcher.close()
