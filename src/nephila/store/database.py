"""Opening the cache's SQLite file, making it when it is not there, and telling what is no cache."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from nephila.errors import NephilaError

APPLICATION_ID: Final = 0x4E455048
"""Says in the file's header whose it is."""

SCHEMA_VERSION: Final = 1

BUSY_SECONDS: Final = 30.0
"""How long other processes are waited for; each of them holds the file for milliseconds."""

_RETRY_SECONDS = 0.02

_PAGE_BYTES = 8192

_SCHEMA: Final = """
CREATE TABLE pages (
    key BLOB PRIMARY KEY, url TEXT NOT NULL, status INTEGER NOT NULL, head BLOB NOT NULL, content BLOB NOT NULL,
    fetched_at REAL NOT NULL, stored_at REAL NOT NULL, used_at REAL NOT NULL
);
CREATE INDEX pages_by_use ON pages (used_at);
CREATE INDEX pages_by_content ON pages (content);
CREATE TABLE contents (digest BLOB PRIMARY KEY, packing INTEGER NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE documents (
    key BLOB NOT NULL, options BLOB NOT NULL, made_from BLOB NOT NULL, packing INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (key, options)
);
"""

T = TypeVar("T")


class StoreError(NephilaError):
    """The cache cannot be used; the sentence says why."""


class DamagedStoreError(StoreError):
    """The file is no database at all, or a broken one."""


def store_error(path: Path, error: sqlite3.Error) -> StoreError:
    """SQLite's error about the file, as ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    damaged = code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return DamagedStoreError(f"{path}: {error}") if damaged else StoreError(f"{path}: {error}")


def remove_files(path: Path) -> None:
    """Remove the database with its journal.

    Raises:
        OSError: A file cannot be removed.
    """
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def open_database(path: Path, *, create: bool) -> sqlite3.Connection | None:
    """Open the cache for reading and writing.

    Args:
        path: The file.
        create: Make the file when there is none; otherwise None is returned then.

    Raises:
        StoreError: The file is no cache, or of a newer version, or cannot be opened.
    """
    try:
        if create:
            _touch(path)
        elif not path.exists():
            return None
        return until_free(lambda: _opened(path))
    except sqlite3.Error as error:
        raise store_error(path, error) from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error


def until_free(work: Callable[[], T]) -> T:
    """Do it again while other processes have the file locked, up to `BUSY_SECONDS`.

    SQLite waits by itself, but not in every case: not while the file is made, and not where waiting could be for ever.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > end:
                raise
            time.sleep(_RETRY_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret


def is_busy(error: sqlite3.Error) -> bool:
    """Whether it was another process that had the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _touch(path: Path) -> None:
    """Make the file for its owner alone: pages of a session may be in it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True
    )
    try:
        _prepare(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    if _number(database, "application_id") == 0 and not _has_tables(database):
        database.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    # The memory of one connection, and what is left of the journal between writes.
    database.execute("PRAGMA cache_size = -4000")
    database.execute("PRAGMA journal_size_limit = 8000000")
    if _number(database, "user_version") == SCHEMA_VERSION and _number(database, "application_id") == APPLICATION_ID:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        _make_tables(database, path)
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _make_tables(database: sqlite3.Connection, path: Path) -> None:
    """The tables, in a file that is empty or of an older version; another process may have been faster."""
    owner, version = _number(database, "application_id"), _number(database, "user_version")
    if owner == APPLICATION_ID and version == SCHEMA_VERSION:
        return
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if tables and owner != APPLICATION_ID:
        raise StoreError(f"{path} is a database, but no page cache.")
    if version > SCHEMA_VERSION:
        raise StoreError(f"{path} was written by a newer version of nephila.")
    for name in tables:
        # Pages can be fetched again, so an older version is not worth converting.
        database.execute(f'DROP TABLE "{name}"')
    for statement in _SCHEMA.split(";"):
        if statement.strip():
            database.execute(statement)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _has_tables(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _number(database: sqlite3.Connection, pragma: str) -> int:
    value: int = database.execute(f"PRAGMA {pragma}").fetchone()[0]
    return value
