"""Pages in a SQLite file: find, keep, forget. Everything here blocks; see `nephila.store.page_cache` for the loop."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nephila.store.database import open_database, store_error, until_free
from nephila.store.packing import UnpackError, pack, unpack
from nephila.store.page import PageUpdate, StoredPage, decode_head, encode_head

_USE_GRAIN = 300.0
"""Seconds: a use is not written down when the last one is no older."""

_EVICTED_AT_ONCE = 64

_KEPT_PART = 0.9
"""Of the limit, once it was reached."""

_PAGE_QUERY = "SELECT url, head, content, fetched_at, stored_at, used_at FROM pages WHERE key = ?"
_CONTENT_QUERY = "SELECT packing, data FROM contents WHERE digest = ?"
_DOCUMENT_QUERY = "SELECT packing, data FROM documents WHERE key = ? AND options = ? AND made_from = ?"


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """The numbers of a store.

    Attributes:
        pages: Pages kept.
        contents: Different bodies of them.
        documents: Documents read from them.
        body_bytes: Size of the bodies as sent.
        stored_bytes: What all of it takes in the file.
        oldest: When the page longest unconfirmed was fetched, seconds since the epoch; None without pages.
        newest: The same for the latest.
    """

    pages: int = 0
    contents: int = 0
    documents: int = 0
    body_bytes: int = 0
    stored_bytes: int = 0
    oldest: float | None = None
    newest: float | None = None


class PageStore:
    """Pages by their keys, bodies by their digests.

    To be used by one thread at a time. The file is not opened before it is needed, and not made before something is
    written.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: sqlite3.Connection | None = None
        self._used: dict[bytes, float] = {}

    def find(self, key: bytes, options: bytes | None) -> StoredPage | None:
        """The page of this name, with its document for these options; None when there is none.

        Raises:
            StoreError: The store cannot be used.
        """
        database = self._open(create=False)
        if database is None:
            return None
        with _errors_named(self.path):
            return until_free(lambda: self._find(database, key, options))

    def write(self, updates: Sequence[PageUpdate]) -> None:
        """Keep pages, all in one transaction, and forget the least recently used when that is too much.

        Raises:
            StoreError: The store cannot be written.
        """
        database = self._open(create=True)
        assert database is not None
        with _errors_named(self.path):
            prepared = [_prepared(update) for update in updates]
            until_free(lambda: self._write(database, prepared))

    def all(self) -> Iterator[StoredPage]:
        """Every page, in the order of their URLs.

        Raises:
            StoreError: The store cannot be read.
        """
        database = self._open(create=False)
        if database is None:
            return
        with _errors_named(self.path):
            keys = [key for (key,) in database.execute("SELECT key FROM pages ORDER BY url, key")]
            for key in keys:
                page = until_free(lambda key=key: self._find(database, key, None))  # type: ignore[misc]
                if page is not None:
                    yield page

    def info(self) -> StoreInfo:
        """Counts and sizes.

        Raises:
            StoreError: The store cannot be read.
        """
        database = self._open(create=False)
        if database is None:
            return StoreInfo()
        with _errors_named(self.path):
            pages, oldest, newest = database.execute(
                "SELECT count(*), min(fetched_at), max(fetched_at) FROM pages"
            ).fetchone()
            contents, size = database.execute("SELECT count(*), coalesce(sum(size), 0) FROM contents").fetchone()
            (documents,) = database.execute("SELECT count(*) FROM documents").fetchone()
            return StoreInfo(pages, contents, documents, size, _bytes_in_use(database), oldest, newest)

    def clear(self) -> int:
        """Forget every page, give back the space, and return how many there were.

        Raises:
            StoreError: The store cannot be written.
        """
        database = self._open(create=False)
        if database is None:
            return 0
        with _errors_named(self.path):
            count = until_free(lambda: _clear(database))
            until_free(lambda: database.execute("VACUUM"))
            until_free(lambda: database.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        return count

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        database, self._database = self._database, None
        if database is not None:
            with contextlib.suppress(sqlite3.Error), contextlib.closing(database):
                if self._used:
                    _write_uses(database, self._used)
            self._used = {}

    def _open(self, *, create: bool) -> sqlite3.Connection | None:
        if self._database is None:
            self._database = open_database(self.path, create=create)
        return self._database

    def _find(self, database: sqlite3.Connection, key: bytes, options: bytes | None) -> StoredPage | None:
        row = database.execute(_PAGE_QUERY, (key,)).fetchone()
        if row is None:
            return None
        url, head, content, fetched_at, stored_at, used_at = row
        packed = database.execute(_CONTENT_QUERY, (content,)).fetchone()
        if packed is None:
            return None
        try:
            response = decode_head(head, unpack(*packed))
        except (UnpackError, msgspec.DecodeError):
            return None
        page = StoredPage(url, response, content, fetched_at, stored_at)
        if options is not None:
            made = database.execute(_DOCUMENT_QUERY, (key, options, content)).fetchone()
            if made is not None:
                with contextlib.suppress(UnpackError):
                    page.document = unpack(*made)
        now = time.time()
        if now - used_at > _USE_GRAIN:
            self._used[key] = now
        return page

    def _write(self, database: sqlite3.Connection, prepared: Sequence[_Prepared]) -> None:
        with _transaction(database):
            for each in prepared:
                _write_page(database, each)
            uses, self._used = self._used, {}
            database.executemany("UPDATE pages SET used_at = ? WHERE key = ?", [(at, key) for key, at in uses.items()])
            limit = min(each.update.max_bytes for each in prepared)
            if _bytes_in_use(database) > limit:
                _evict(database, int(limit * _KEPT_PART))


@dataclass(slots=True)
class _Prepared:
    """An update with everything packed, so that the file is locked for the writing alone."""

    update: PageUpdate
    head: bytes
    body: tuple[int, bytes] | None
    document: tuple[int, bytes] | None


def _prepared(update: PageUpdate) -> _Prepared:
    response = update.page.response
    body: tuple[int, bytes] | None = None
    if not update.confirmed:
        # A body that came packed is kept as it came.
        body = (0, response.body) if response.content_encoding else pack(response.body)
    packed = pack(update.document()) if update.document is not None and update.options is not None else None
    return _Prepared(update, encode_head(response), body, packed)


def _write_page(database: sqlite3.Connection, prepared: _Prepared) -> None:
    update, page = prepared.update, prepared.update.page
    if (
        update.confirmed
        and database.execute("SELECT 1 FROM contents WHERE digest = ?", (page.content,)).fetchone() is None
    ):
        # Evicted by another process since it was read.
        return
    before = database.execute("SELECT content FROM pages WHERE key = ?", (update.key,)).fetchone()
    now = time.time()
    status, url = page.response.status, page.url.encode("utf-8", "replace").decode()
    database.execute(
        "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (update.key, url, status, prepared.head, page.content, page.fetched_at, page.stored_at, now),
    )
    if prepared.body is not None:
        database.execute(
            "INSERT OR IGNORE INTO contents VALUES (?, ?, ?, ?)",
            (page.content, prepared.body[0], len(page.response.body), prepared.body[1]),
        )
    if before is not None and before[0] != page.content:
        database.execute("DELETE FROM documents WHERE key = ?", (update.key,))
        _drop_unused(database, before[0])
    if prepared.document is not None:
        database.execute(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)",
            (update.key, update.options, page.content, *prepared.document),
        )


def _evict(database: sqlite3.Connection, limit: int) -> None:
    """Forget the least recently used pages until the rest takes no more than the limit."""
    while _bytes_in_use(database) > limit:
        oldest = database.execute(
            "SELECT key, content FROM pages ORDER BY used_at LIMIT ?", (_EVICTED_AT_ONCE,)
        ).fetchall()
        if not oldest:
            return
        for key, content in oldest:
            database.execute("DELETE FROM pages WHERE key = ?", (key,))
            database.execute("DELETE FROM documents WHERE key = ?", (key,))
            _drop_unused(database, content)
            if _bytes_in_use(database) <= limit:
                return


def _drop_unused(database: sqlite3.Connection, content: bytes) -> None:
    database.execute(
        "DELETE FROM contents WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM pages WHERE content = ?1)", (content,)
    )


def _clear(database: sqlite3.Connection) -> int:
    with _transaction(database):
        (count,) = database.execute("SELECT count(*) FROM pages").fetchone()
        for table in ("pages", "contents", "documents"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own three names
    return int(count)


def _write_uses(database: sqlite3.Connection, uses: dict[bytes, float]) -> None:
    with _transaction(database):
        database.executemany("UPDATE pages SET used_at = ? WHERE key = ?", [(at, key) for key, at in uses.items()])


def _bytes_in_use(database: sqlite3.Connection) -> int:
    """What the rows take in the file; pages of the file that are free are written to again before it grows."""
    numbers = [
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    ]
    return int((numbers[0] - numbers[1]) * numbers[2])


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing; begun as a writer, since a reader that turns writer may find that another was faster."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    """SQLite's errors as `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(path, error) from error
