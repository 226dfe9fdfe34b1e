"""`JsonLinesSink`: a line of JSON for every result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from nephila.errors import ConfigError
from nephila.result import CrawlResult
from nephila.sinks.files import LineFile
from nephila.sinks.record import DEFAULT_FIELDS, checked_fields, encode, record


class JsonLinesSink:
    """A file with one JSON object a line for every result, in UTF-8 (https://jsonlines.org).

    Every line is with the system before the next result is taken, so the file holds whole lines only and all of
    them, even when the process is killed. It is written in a thread: a slow disk does not hold up the visits under
    way.

    Args:
        path: The file; its folder is made when it is missing.
        fields: What an object holds, in this order: fields of `CrawlResult`, and for short `title`, `description`,
            `language`, `markdown_with_citations`, `references_markdown` and `fit_markdown`. None means
            `nephila.sinks.record.DEFAULT_FIELDS`: all but the page itself (`html`, `cleaned_html`, `body`) and what
            is seldom needed.
        append: False starts the file anew, True adds to it; a last line that was cut short is taken back first.

    Raises:
        ConfigError: A field does not exist; the sentence names the nearest one.
    """

    def __init__(self, path: str | PathLike[str], fields: Sequence[str] | None = None, *, append: bool = False) -> None:
        if isinstance(fields, str):
            raise ConfigError(f"JsonLinesSink: fields is a list of names; write fields=[{fields!r}].")
        self.path = Path(path)
        self.fields = DEFAULT_FIELDS if fields is None else checked_fields(fields)
        self._append = append
        self._file: LineFile | None = None

    async def open(self) -> None:
        """Open the file.

        Raises:
            OSError: It cannot be opened.
            ConfigError: The sink is open already.
        """
        if self._file is not None:
            raise ConfigError(f"{self.path} is open already: give each run that goes on at once a sink of its own.")
        self._file = await asyncio.to_thread(LineFile, self.path, append=self._append)

    async def write(self, result: CrawlResult) -> None:
        """Write one line.

        Raises:
            OSError: It could not be written; the file ends with the line before.
        """
        if self._file is None:
            raise ValueError("the sink is not open")
        await asyncio.to_thread(self._write, self._file, result)

    async def close(self) -> None:
        """Close the file; safe to call twice."""
        file, self._file = self._file, None
        if file is not None:
            await asyncio.to_thread(file.close)

    def _write(self, file: LineFile, result: CrawlResult) -> None:
        file.write(encode(record(result, self.fields)) + b"\n")
