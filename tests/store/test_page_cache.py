"""The cache of an event loop: what waits, what is answered, what is given up."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from nephila.store.page_cache import PageCache
from tests.store.pages_for_tests import key_of, update_of


def cache_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "nephila-cache"]


async def test_pages_are_found_as_soon_as_they_are_kept(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "pages.sqlite3")
    assert await cache.find(key_of("a"), None) is None
    assert all(await asyncio.gather(*(cache.keep(update_of(str(number))) for number in range(200))))
    found = await asyncio.gather(*(cache.find(key_of(str(number)), None) for number in range(200)))
    assert None not in found
    await cache.close()
    assert cache_threads() == []
    assert await cache.find(key_of("1"), None) is None
    assert not await cache.keep(update_of("1"))


async def test_nothing_runs_before_it_is_asked(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "pages.sqlite3")
    assert cache_threads() == [] and list(tmp_path.iterdir()) == []
    await cache.close()


async def test_who_leaves_is_not_answered(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "pages.sqlite3")
    leaving = [asyncio.create_task(cache.keep(update_of(str(number)))) for number in range(20)]
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    assert await cache.keep(update_of("last"))
    assert await cache.find(key_of("3"), None) is not None
    await cache.close()


async def test_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "pages.sqlite3"
    path.write_bytes(b"garbage" * 1000)
    cache = PageCache(path)
    with caplog.at_level(logging.WARNING):
        for number in range(5):
            assert await cache.find(key_of("a"), None) is None
            assert not await cache.keep(update_of(str(number)))
    await cache.close()
    (record,) = caplog.records
    assert record.name == "nephila.cache" and "no page cache" in record.getMessage()
    assert path.read_bytes() == b"garbage" * 1000


async def test_no_place_at_all(caplog: pytest.LogCaptureFixture) -> None:
    cache = PageCache(None)
    with caplog.at_level(logging.WARNING):
        assert await cache.find(key_of("a"), None) is None
        assert not await cache.keep(update_of("a"))
    await cache.close()
    assert len(caplog.records) == 1 and cache_threads() == []


def test_a_loop_that_ended_without_closing(tmp_path: Path) -> None:
    path = tmp_path / "pages.sqlite3"

    async def begin() -> PageCache:
        cache = PageCache(path)
        assert await cache.keep(update_of("a"))
        return cache

    abandoned = asyncio.run(begin())
    abandoned._orders.put(None)
    for thread in cache_threads():
        thread.join(5)

    async def look() -> bool:
        cache = PageCache(path)
        try:
            return await cache.find(key_of("a"), None) is not None
        finally:
            await cache.close()

    assert asyncio.run(look())
