"""Pages in a real SQLite file: kept, found, replaced, evicted, and files that are no cache."""

from __future__ import annotations

import gzip
import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from nephila.store.database import APPLICATION_ID, SCHEMA_VERSION, DamagedStoreError, StoreError
from nephila.store.page_store import PageStore
from tests.programs import environment
from tests.store.pages_for_tests import key_of, page_of, redirected, update_of

OPTIONS = b"o" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "pages.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[PageStore]:
    store = PageStore(path)
    yield store
    store.close()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def test_what_is_kept_is_found(store: PageStore) -> None:
    update = redirected(update_of("a", b"<p>one" * 100, b"document" * 100, etag='"1"', x="ü"))
    store.write([update])
    found = store.find(key_of("a"), OPTIONS)
    assert found is not None
    assert found.response == update.page.response
    assert type(found.response.headers) is type(update.page.response.headers)
    assert (found.url, found.content, found.fetched_at, found.stored_at) == (
        update.page.url, update.page.content, update.page.fetched_at, update.page.stored_at,
    )  # fmt: skip
    assert found.document == b"document" * 100
    assert found.chain == [(301, {"location": "/new", "x": "ü"})]
    assert store.find(key_of("b"), OPTIONS) is None
    other = store.find(key_of("a"), b"p" * 32)
    assert other is not None and other.document is None


def test_nothing_is_made_before_something_is_written(store: PageStore, path: Path) -> None:
    assert store.find(key_of("a"), None) is None
    assert list(store.all()) == [] and store.info().pages == 0 and store.clear() == 0
    assert not path.parent.exists()
    store.write([update_of("a")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_body_is_kept_once_and_as_it_came(store: PageStore, path: Path) -> None:
    packed = gzip.compress(b"<p>same" * 100)
    store.write([update_of(name, packed, content_encoding="gzip") for name in "abc"])
    store.write([update_of("d", b"<p>text" * 100)])
    assert rows(path, "SELECT packing, data FROM contents WHERE packing = 0") == [(0, packed)]
    assert store.info().contents == 2
    (size,) = rows(path, "SELECT length(data) FROM contents WHERE packing != 0")[0]
    assert isinstance(size, int) and size < 100


def test_a_new_body_replaces_the_old_with_its_documents(store: PageStore, path: Path) -> None:
    store.write([update_of("a", b"old", b"read of old")])
    store.write([update_of("a", b"new")])
    found = store.find(key_of("a"), OPTIONS)
    assert found is not None and found.response.body == b"new" and found.document is None
    assert store.info().contents == 1
    assert rows(path, "SELECT count(*) FROM documents") == [(0,)]


def test_a_confirmed_page_keeps_body_and_document(store: PageStore) -> None:
    store.write([update_of("a", b"body", b"read")])
    confirmed = update_of("a", b"body", etag='"2"')
    confirmed.confirmed = True
    store.write([confirmed])
    found = store.find(key_of("a"), OPTIONS)
    assert found is not None
    assert (found.response.body, found.document, found.response.headers["etag"]) == (b"body", b"read", '"2"')


def test_a_page_that_was_evicted_meanwhile_is_not_confirmed(store: PageStore) -> None:
    store.write([update_of("other")])
    confirmed = update_of("a", b"gone")
    confirmed.confirmed = True
    store.write([confirmed])
    assert store.find(key_of("a"), None) is None


def test_the_least_recently_used_go_first(store: PageStore, path: Path) -> None:
    names = [f"{number:03}" for number in range(100)]
    for name in names:
        store.write([update_of(name, os.urandom(20_000))])
    with sqlite3.connect(path) as database:
        database.executemany(
            "UPDATE pages SET used_at = ? WHERE key = ?", [(int(name), key_of(name)) for name in names]
        )
    database.close()
    assert store.find(key_of("000"), None) is not None  # used again
    limited = update_of("new", os.urandom(20_000))
    limited.max_bytes = 1_000_000
    store.write([limited])
    kept = [name for name in names if store.find(key_of(name), None) is not None]
    assert kept[0] == "000" and kept[1:] == names[-len(kept) + 1 :]
    assert 30 < len(kept) < 50
    assert store.info().stored_bytes <= 1_000_000
    assert store.find(key_of("new"), None) is not None
    size = path.stat().st_size
    for name in names:
        again = update_of(f"again {name}", os.urandom(20_000))
        again.max_bytes = 1_000_000
        store.write([again])
    assert path.stat().st_size <= size * 1.1


def test_clear_gives_the_space_back(store: PageStore, path: Path) -> None:
    store.write([update_of(str(number), os.urandom(20_000), b"d" * 500) for number in range(50)])
    assert store.clear() == 50
    assert store.info().pages == store.info().documents == store.info().contents == 0
    assert path.stat().st_size < 100_000


def test_all_pages(store: PageStore) -> None:
    store.write([update_of(name, name.encode()) for name in "cab"])
    assert [page.response.body for page in store.all()] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("damage", ["garbage", "truncated", "overwritten"])
def test_a_damaged_file(store: PageStore, path: Path, damage: str) -> None:
    store.write([update_of(str(number), os.urandom(5000)) for number in range(100)])
    store.close()
    content = path.read_bytes()
    if damage == "garbage":
        path.write_bytes(b"no database " * 1000)
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 3])
    else:
        path.write_bytes(content[:100] + os.urandom(len(content) - 100))
    with pytest.raises(DamagedStoreError, match=r"pages\.sqlite3: "):
        for number in range(100):
            store.find(key_of(str(number)), None)


def test_a_body_that_cannot_be_unpacked_is_a_miss(store: PageStore, path: Path) -> None:
    store.write([update_of("a", b"<p>text" * 100)])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE contents SET data = x'00112233'")
    database.close()
    assert store.find(key_of("a"), None) is None


def test_a_database_of_somebody_else_is_left_alone(store: PageStore, path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE accounts (name TEXT)")
    database.close()
    for attempt in (lambda: store.find(key_of("a"), None), lambda: store.write([update_of("a")])):
        with pytest.raises(StoreError, match="is a database, but no page cache"):
            attempt()
    assert rows(path, "SELECT name FROM sqlite_master") == [("accounts",)]


@pytest.mark.parametrize("newer", [False, True])
def test_another_version(store: PageStore, path: Path, newer: bool) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE pages (url TEXT)")
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + (1 if newer else -1)}")
    database.close()
    if newer:
        with pytest.raises(StoreError, match="newer version"):
            store.write([update_of("a")])
        assert rows(path, "SELECT sql FROM sqlite_master") == [("CREATE TABLE pages (url TEXT)",)]
    else:
        store.write([update_of("a")])
        assert store.find(key_of("a"), None) is not None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        PageStore(tmp_path / "pages.sqlite3").write([update_of("a")])
    tmp_path.chmod(0o700)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"Not a directory|File exists"):
        PageStore(tmp_path / "file" / "pages.sqlite3").write([update_of("a")])


def test_the_disk_is_full(store: PageStore, path: Path) -> None:
    resource = pytest.importorskip("resource")
    store.write([update_of("a", b"first")])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(StoreError):
            for number in range(20):
                store.write([update_of(str(number), os.urandom(50_000))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    found = store.find(key_of("a"), None)
    assert found is not None and found.response.body == b"first"
    store.write([update_of("b", b"there is room again")])
    assert store.find(key_of("b"), None) is not None


def test_a_page_asked_for_by_another_connection_while_one_writes(store: PageStore, path: Path) -> None:
    store.write([update_of("a")])
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE pages SET url = 'x'")
        found = store.find(key_of("a"), None)
        writer.execute("ROLLBACK")
    writer.close()
    assert found is not None and found.url == page_of("a").url


PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from nephila.store.page_cache import PageCache
from tests.store.pages_for_tests import key_of, update_of
import logging
logging.basicConfig(level=logging.WARNING)

async def task(cache, number):
    found = 0
    for turn in range(4):
        name = str((number * 7 + turn * 13) % 60)
        body = os.urandom(300) * 10
        page = await cache.find(key_of(name), b"o" * 32)
        found += page is not None
        assert page is None or len(page.response.body) == 3000
        assert await cache.keep(update_of(name, body, b"d" * 500)), "not kept"
    return found

async def main():
    cache = PageCache(Path(sys.argv[1]))
    counts = await asyncio.gather(*(task(cache, number) for number in range(50)))
    await cache.close()
    print(sum(counts))

asyncio.run(main())
"""


def test_twenty_processes_of_fifty_tasks(path: Path) -> None:
    """The file is made, switched to WAL and written to by all of them at once."""
    root = Path(__file__).resolve().parents[2]
    variables = environment()
    variables["PYTHONPATH"] = os.pathsep.join((variables["PYTHONPATH"], str(root)))
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(path)]
    running = [
        subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(20)
    ]
    outcomes = [process.communicate(timeout=120) for process in running]
    assert [(process.returncode, err) for process, (_, err) in zip(running, outcomes, strict=True)] == [(0, "")] * 20
    assert sum(int(out) for out, _ in outcomes) > 1000
    store = PageStore(path)
    info = store.info()
    store.close()
    assert info.pages == 60 and info.contents == 60 and info.documents == 60
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
