"""`MarkdownFolderSink`: a Markdown file for every page, and an index."""

from __future__ import annotations

import asyncio
from os import PathLike, scandir
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nephila.errors import ConfigError
from nephila.result import CrawlResult
from nephila.sinks.files import LineFile, write_whole
from nephila.sinks.names import FileNames
from nephila.sinks.pages import with_front_matter
from nephila.sinks.record import INDEX_FIELDS, encode, record

if TYPE_CHECKING:
    from nephila.models import JSONValue

INDEX: Final = "index.jsonl"


class MarkdownFolderSink:
    """A folder with a Markdown file for every successful page, and `index.jsonl` with a line for every result.

    A file begins with a block of YAML that says where the page is from. Its name is made of the URL, is safe on every
    file system, never leaves the folder and is unique in it (`nephila.sinks.names`). The index has `file` (None for a
    page that failed) and `nephila.sinks.record.INDEX_FIELDS`. A page's file is there as a whole before its line is,
    also when the process is killed. All is written in a thread.

    The names given out are remembered until the run ends: about 150 bytes of memory for each page.

    Args:
        folder: Made when it is missing.
        append: False starts the index anew, and a page replaces a file of the same name from an earlier run; other
            files stay. True adds to the index, and never replaces a file.
    """

    suffix = ".md"

    def __init__(self, folder: str | PathLike[str], *, append: bool = False) -> None:
        self.folder = Path(folder)
        self._append = append
        self._index: LineFile | None = None
        self._names = FileNames()

    async def open(self) -> None:
        """Make the folder and open the index.

        Raises:
            OSError: The folder or the index cannot be made.
            ConfigError: The sink is open already.
        """
        if self._index is not None:
            raise ConfigError(f"{self.folder} is open already: give each run that goes on at once a sink of its own.")
        self._index = await asyncio.to_thread(self._open)

    async def write(self, result: CrawlResult) -> None:
        """Write the page's file, then its line in the index.

        Raises:
            OSError: One of them could not be written.
        """
        if self._index is None:
            raise ValueError("the sink is not open")
        await asyncio.to_thread(self._write, self._index, result)

    async def close(self) -> None:
        """Close the index; safe to call twice."""
        index, self._index = self._index, None
        if index is not None:
            await asyncio.to_thread(index.close)

    def content(self, result: CrawlResult) -> bytes:
        """What the file of a page holds."""
        return with_front_matter(result)

    def _open(self) -> LineFile:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._names = FileNames()
        if self._append:
            with scandir(self.folder) as entries:
                self._names.reserve(entry.name for entry in entries)
        return LineFile(self.folder / INDEX, append=self._append)

    def _write(self, index: LineFile, result: CrawlResult) -> None:
        line: dict[str, JSONValue] = {"file": None}
        if result.success:
            name = self._names.name(result.url, self.suffix)
            write_whole(self.folder / name, self.content(result))
            line["file"] = name
        index.write(encode(record(result, INDEX_FIELDS) | line) + b"\n")
