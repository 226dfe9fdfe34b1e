from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from nephila.errors import FetchError
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.fetch.browser.find import find_browser
from nephila.models import Request, Response
from nephila.options import BrowserConfig, CrawlerRunConfig

Render = Callable[..., Awaitable[Response]]


def _missing() -> str:
    """Why pages cannot be rendered here; empty when they can."""
    try:
        from playwright._impl._driver import compute_driver_executable  # noqa: F401
    except ImportError as error:
        return str(error)
    try:
        find_browser("")
    except FetchError as error:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            return "" if os.path.exists(playwright.chromium.executable_path) else str(error)
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if "fetch/browser" in str(item.path)]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    why = _missing() if ours else ""
    if not why:
        return
    if os.environ.get("CI") == "true" or os.environ.get("NEPHILA_REQUIRE_BROWSER") == "1":
        pytest.exit(f"The browser tests cannot run: {why}", returncode=1)
    warnings.warn(pytest.PytestWarning(f"THE BROWSER TESTS ARE SKIPPED: {why}"), stacklevel=1)
    for item in ours:
        item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture
async def fetcher() -> AsyncIterator[BrowserFetcher]:
    fetcher = BrowserFetcher(BrowserConfig())
    yield fetcher
    await fetcher.close()


@pytest.fixture
def render(fetcher: BrowserFetcher) -> Render:
    """Render a URL: `await render(url, within=seconds, **options of CrawlerRunConfig)`."""

    async def render(url: str, within: float = 30.0, request: dict[str, Any] | None = None, **run: Any) -> Response:
        asked = Request(url, config=CrawlerRunConfig(**run), **(request or {}))
        return await fetcher.fetch(asked, asyncio.get_running_loop().time() + within)

    return render
