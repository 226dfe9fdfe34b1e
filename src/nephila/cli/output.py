"""The output formats: Markdown, a JSON array, JSON Lines, a folder of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nephila.cli.formats import Format
from nephila.cli.outlet import FileOutlet, Outlet, standard_output
from nephila.sinks.json_lines import JsonLinesSink
from nephila.sinks.markdown_folder import MarkdownFolderSink
from nephila.sinks.pages import markdown_text, with_front_matter
from nephila.sinks.record import encode, record

if TYPE_CHECKING:
    from nephila.handlers import ResultSink
    from nephila.result import CrawlResult


class Writer(Protocol):
    """Takes results in the order they come."""

    async def write(self, result: CrawlResult) -> None:
        """Write one result, completely.

        Raises:
            OSError: It could not be written.
        """

    async def close(self) -> None:
        """Complete the output and let go of it.

        Raises:
            OSError: It could not be completed.
        """


class MarkdownWriter:
    """Pages as Markdown.

    A single page is written as it is. Several are each preceded by a block of YAML between two lines of dashes, with
    the URL and, for a page that failed, why.

    Args:
        outlet: Where the bytes go.
        single: Whether there is only one page.
    """

    def __init__(self, outlet: Outlet, *, single: bool) -> None:
        self._outlet = outlet
        self._single = single

    async def write(self, result: CrawlResult) -> None:
        """Write a page; a failed single page has nothing to write."""
        if not self._single:
            await self._outlet.write(with_front_matter(result) + b"\n")
        elif result.success:
            await self._outlet.write(markdown_text(result))

    async def close(self) -> None:
        """Close the outlet."""
        await self._outlet.close()


class JsonLinesWriter:
    """A line of JSON for every result."""

    def __init__(self, outlet: Outlet, fields: Sequence[str]) -> None:
        self._outlet = outlet
        self._fields = fields

    async def write(self, result: CrawlResult) -> None:
        """Write one line."""
        await self._outlet.write(encode(record(result, self._fields)) + b"\n")

    async def close(self) -> None:
        """Close the outlet."""
        await self._outlet.close()


class JsonWriter:
    """One JSON array, written as it grows; complete after `close`, also when the crawl was cut short."""

    def __init__(self, outlet: Outlet, fields: Sequence[str]) -> None:
        self._outlet = outlet
        self._fields = fields
        self._separator = b"[\n"

    async def write(self, result: CrawlResult) -> None:
        """Write one element."""
        separator, self._separator = self._separator, b",\n"
        await self._outlet.write(separator + encode(record(result, self._fields)))

    async def close(self) -> None:
        """End the array and close the outlet."""
        await self._outlet.write(b"[]\n" if self._separator == b"[\n" else b"\n]\n")
        await self._outlet.close()


class _JsonFolderSink(MarkdownFolderSink):
    """The same folder with files of JSON."""

    suffix = ".json"

    def __init__(self, folder: Path, fields: Sequence[str]) -> None:
        super().__init__(folder)
        self._fields = fields

    def content(self, result: CrawlResult) -> bytes:
        """The page as one line of JSON."""
        return encode(record(result, self._fields)) + b"\n"


async def open_writer(format_: Format, output: Path | None, fields: Sequence[str], *, single: bool) -> Writer:
    """The writer for a format, ready to write.

    Args:
        format_: The format.
        output: The file or folder; None for standard output.
        fields: What a JSON record holds; for a folder, empty means Markdown files.
        single: Whether there is only one page.

    Raises:
        OSError: The file or folder cannot be made.
    """
    if format_ is Format.FOLDER:
        if output is None:
            raise ValueError("a folder needs a path")
        return await _opened(_JsonFolderSink(output, fields) if fields else MarkdownFolderSink(output))
    if format_ is Format.JSONL and output is not None:
        return await _opened(JsonLinesSink(output, fields))
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        outlet: Outlet = FileOutlet(output)
    else:
        outlet = standard_output()
    if format_ is Format.MARKDOWN:
        return MarkdownWriter(outlet, single=single)
    if format_ is Format.JSONL:
        return JsonLinesWriter(outlet, fields)
    return JsonWriter(outlet, fields)


async def _opened(sink: ResultSink) -> Writer:
    await sink.open()
    return sink
