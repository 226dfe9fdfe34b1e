"""The output formats: Markdown, a JSON array, JSON Lines, a folder of files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from nephila.cli.formats import Format
from nephila.cli.names import FileNames
from nephila.cli.outlet import FileOutlet, Outlet, standard_output
from nephila.cli.record import INDEX_FIELDS, encode, record

if TYPE_CHECKING:
    from nephila.models import JSONValue
    from nephila.result import CrawlResult

INDEX: Final = "index.jsonl"
_LONGEST_URL_SHOWN: Final = 8192
_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


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
            await self._outlet.write(_text(result))

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


class FolderWriter:
    """A file for every successful page, and `index.jsonl` with a line for every result.

    Args:
        folder: Made when it is missing. Files of an earlier run with the same names are replaced.
        fields: With fields the files are JSON with these; without, Markdown with a YAML block on top.
    """

    def __init__(self, folder: Path, fields: Sequence[str] | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._fields = fields
        self._names = FileNames()
        self._index = FileOutlet(folder / INDEX)

    async def write(self, result: CrawlResult) -> None:
        """Write the page's file, then its line in the index."""
        line: dict[str, JSONValue] = {"file": None}
        if result.success:
            name = self._names.name(result.url, ".md" if self._fields is None else ".json")
            if self._fields is None:
                content = with_front_matter(result)
            else:
                content = encode(record(result, self._fields)) + b"\n"
            (self._folder / name).write_bytes(content)
            line["file"] = name
        await self._index.write(encode(record(result, INDEX_FIELDS) | line) + b"\n")

    async def close(self) -> None:
        """Close the index."""
        await self._index.close()


def with_front_matter(result: CrawlResult) -> bytes:
    """A page's Markdown after a YAML block that says where it is from."""
    entries: dict[str, JSONValue] = {"url": result.url[:_LONGEST_URL_SHOWN]}
    if result.redirected_url and result.redirected_url != result.url and result.url[:4].lower() != "raw:":
        entries["redirected_url"] = result.redirected_url
    if result.status_code is not None:
        entries["status"] = result.status_code
    if title := result.metadata.get("title"):
        entries["title"] = title
    if not result.success:
        entries["error"] = str(result.error_code)
        entries["message"] = result.error_message
    lines = "".join(f"{name}: {_yaml(value)}\n" for name, value in entries.items())
    block = f"---\n{lines}---\n".encode()
    return block + (b"\n" + _text(result) if result.success else b"")


def _yaml(value: JSONValue) -> str:
    """A value as YAML: JSON (YAML 1.2, section 1.3) without the characters YAML does not print."""
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _text(result: CrawlResult) -> bytes:
    text = str(result.markdown)
    if text and not text.endswith("\n"):
        text += "\n"
    return text.encode("utf-8", "replace")


def open_writer(format_: Format, output: Path | None, fields: Sequence[str], *, single: bool) -> Writer:
    """The writer for a format; must be called in a running loop.

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
        return FolderWriter(output, fields or None)
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
