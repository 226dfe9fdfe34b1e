"""The output formats, and how they are told from a name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class Format(StrEnum):
    """What `--format` accepts."""

    MARKDOWN = "markdown"
    JSON = "json"
    JSONL = "jsonl"
    FOLDER = "folder"


def guess_format(output: Path | None) -> Format:
    """The format that the name of the output asks for; Markdown when it asks for none."""
    if output is None:
        return Format.MARKDOWN
    if output.is_dir():
        return Format.FOLDER
    suffixes = {".json": Format.JSON, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}
    return suffixes.get(output.suffix.lower(), Format.MARKDOWN)
