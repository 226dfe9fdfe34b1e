from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from nephila.fetch.http import HttpFetcher
from nephila.models import Request, Response

Fetch = Callable[..., Awaitable[Response]]


@pytest.fixture
async def fetch() -> AsyncIterator[Fetch]:
    """Fetch a URL: `await fetch(url, within=seconds, ...)` with the fields of `Request`."""
    fetcher = HttpFetcher()

    async def fetch(url: str, within: float = 10.0, **request: Any) -> Response:
        return await fetcher.fetch(Request(url, **request), asyncio.get_running_loop().time() + within)

    yield fetch
    await fetcher.close()
