"""`nephila cache`: what is in the page cache, out of it, and gone."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import IO, Final

import click
import msgspec

from nephila.errors import ReadError
from nephila.html.inflate import inflate
from nephila.models import JSONValue, representable_fields
from nephila.store.database import DamagedStoreError, StoreError, remove_files
from nephila.store.location import CACHE_FOLDER_VARIABLE, cache_path
from nephila.store.page import StoredPage
from nephila.store.page_store import PageStore, StoreInfo

_UNPACKED_AT_MOST: Final = 200_000_000
"""Bytes of one body."""


class CacheExit(IntEnum):
    """What `nephila cache` tells its caller."""

    OK = 0
    STORE_FAILED = 1
    OUTPUT_FAILED = 4


def info(directory: str | None, *, as_json: bool) -> int:
    """Write the numbers of the cache to standard output."""
    with _store(directory) as store:
        return _reported(lambda: _print_info(store, store.info(), as_json))


def clear(directory: str | None) -> int:
    """Forget every page; a damaged cache is removed."""
    with _store(directory) as store:
        return _reported(lambda: _clear(store))


def export(directory: str | None, output: Path | None) -> int:
    """Write every page as a line of JSON to a file or to standard output."""
    with _store(directory) as store:
        return _reported(lambda: _export(store, output))


@contextmanager
def _store(directory: str | None) -> Iterator[PageStore]:
    path = cache_path(directory)
    if path is None:
        raise click.UsageError(
            f"This system names no folder for the cache; give --directory or {CACHE_FOLDER_VARIABLE}."
        )
    store = PageStore(path)
    try:
        yield store
    finally:
        store.close()


def _reported(work: Callable[[], None]) -> int:
    """Do it; a store that cannot be used or an output that cannot be written is said in one sentence."""
    try:
        work()
    except StoreError as error:
        click.echo(f"Error: the cache cannot be used: {error}", err=True)
        return CacheExit.STORE_FAILED
    except BrokenPipeError:
        return CacheExit.OUTPUT_FAILED
    except OSError as error:
        click.echo(f"Error: the output cannot be written: {error.strerror or error}", err=True)
        return CacheExit.OUTPUT_FAILED
    return CacheExit.OK


def _print_info(store: PageStore, numbers: StoreInfo, as_json: bool) -> None:
    known: dict[str, JSONValue] = {
        "file": str(store.path),
        "exists": store.path.exists(),
        "pages": numbers.pages,
        "contents": numbers.contents,
        "documents": numbers.documents,
        "body_bytes": numbers.body_bytes,
        "stored_bytes": numbers.stored_bytes,
        "oldest": _moment(numbers.oldest),
        "newest": _moment(numbers.newest),
    }
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(representable_fields(known)), indent=2).decode() + "\n"
    elif not known["exists"]:
        text = f"There is no cache yet; it would be in {store.path}.\n"
    else:
        text = (
            f"file       {store.path}\n"
            f"pages      {numbers.pages:,} with {numbers.contents:,} different bodies\n"
            f"documents  {numbers.documents:,}\n"
            f"size       {numbers.stored_bytes / 1e6:,.1f} MB, for bodies of {numbers.body_bytes / 1e6:,.1f} MB\n"
        )
        if numbers.pages:
            text += f"fetched    {_moment(numbers.oldest)} to {_moment(numbers.newest)}\n"
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _clear(store: PageStore) -> None:
    try:
        count = store.clear()
    except DamagedStoreError:
        store.close()
        remove_files(store.path)
        click.echo(f"Removed the damaged cache {store.path}.", err=True)
        return
    click.echo(f"Cleared {count:,} page{'' if count == 1 else 's'}.", err=True)


def _export(store: PageStore, output: Path | None) -> None:
    if output is None:
        _write_pages(store, sys.stdout.buffer)
        return
    with output.open("wb") as file:
        _write_pages(store, file)


def _write_pages(store: PageStore, file: IO[bytes]) -> None:
    for page in store.all():
        file.write(msgspec.json.encode(representable_fields(_record(page))) + b"\n")
    file.flush()


def _record(page: StoredPage) -> dict[str, JSONValue]:
    """A page as JSON: its body as text where it is UTF-8, else as Base64."""
    response = page.response
    record: dict[str, JSONValue] = {
        "url": page.url,
        "final_url": response.url,
        "status": response.status,
        "headers": dict(response.headers),
        "redirects": [
            {"url": hop["url"], "status": hop["status"], "location": hop["location"]} for hop in response.redirects
        ],
        "fetched_at": _moment(page.fetched_at),
        "stored_at": _moment(page.stored_at),
    }
    try:
        body = inflate(response.body, response.content_encoding, _UNPACKED_AT_MOST).data
        record["body"] = body.decode("utf-8")
    except ReadError:
        record["body_as_sent_base64"] = base64.b64encode(response.body).decode("ascii")
    except UnicodeDecodeError:
        record["body_base64"] = base64.b64encode(body).decode("ascii")
    return record


def _moment(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds is not None else None
