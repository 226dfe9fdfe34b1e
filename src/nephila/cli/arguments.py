"""The options of the commands, and the checks that turn them into settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from nephila.cli.formats import Format, guess_format
from nephila.cli.record import DEFAULT_FIELDS, UnknownFieldError, parse_fields

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, section 5.6.2)."""

Urls = Annotated[list[str] | None, typer.Argument(metavar="URL", show_default=False, help="URLs to crawl.")]
Input = Annotated[
    str | None,
    typer.Option(
        "--input",
        "-i",
        metavar="FILE",
        help="Read URLs from a file, one a line; blank lines and lines that start with # are skipped. "
        "- is standard input.",
    ),
]
OutputFormat = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        case_sensitive=False,
        show_default=False,
        help="markdown: pages one after the other, each with its URL on top if there are several. json: one array. "
        "jsonl: a line of JSON a page. folder: a Markdown file a page (JSON with --fields) and index.jsonl. "
        "Default: what the name of --output says, else markdown.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="PATH", help="Write to this file or folder instead of standard output."),
]
Fields = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help="What a JSON record holds, such as url,title,markdown; all for everything. "
        f"Default: {', '.join(DEFAULT_FIELDS)}.",
    ),
]
Concurrency = Annotated[int, typer.Option("--concurrency", "-c", min=1, metavar="N", help="Pages fetched at once.")]
Timeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.001, help="Longest time for one page, redirects included.")
]
Delay = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.0, help="Pause between the starts of two requests to one host.")
]
UserAgent = Annotated[
    str | None, typer.Option(metavar="TEXT", help="The User-Agent header. Default: nephila, its version and its URL.")
]
Header = Annotated[
    list[str] | None,
    typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="Send this header; may be repeated."),
]
Proxy = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Fetch through this proxy: http://host:port or http://user:password@host:port."),
]
CssSelector = Annotated[
    str | None, typer.Option(metavar="SELECTOR", help="Read only the parts of the page that match.")
]
ExcludeTags = Annotated[
    list[str] | None,
    typer.Option(metavar="TAG,...", help="Leave these elements out, such as nav,footer; may be repeated."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress bar, no summary, no failures on standard error.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")]


def check_format(format_: Format | None, output: Path | None) -> Format:
    """The format to write, given or told from the name of the output."""
    chosen = guess_format(output) if format_ is None else format_
    if chosen is Format.FOLDER:
        if output is None:
            raise typer.BadParameter("--format folder needs --output FOLDER")
        if output.exists() and not output.is_dir():
            raise typer.BadParameter(f"--output {output} is a file, not a folder")
    elif output is not None and output.is_dir():
        raise typer.BadParameter(f"--output {output} is a folder; use --format folder or name a file in it")
    return chosen


def check_fields(fields: str | None, format_: Format) -> Sequence[str]:
    """The fields of a record; empty for Markdown."""
    if fields is None:
        return DEFAULT_FIELDS if format_ in (Format.JSON, Format.JSONL) else ()
    if format_ is Format.MARKDOWN:
        raise typer.BadParameter("--fields goes with --format json, jsonl or folder")
    try:
        return parse_fields(fields)
    except UnknownFieldError as error:
        raise typer.BadParameter(f"--fields: {error}") from error


def check_headers(lines: Sequence[str]) -> dict[str, str]:
    """The headers by name."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        value = value.strip(" \t")
        if not colon or not _HEADER_NAME.fullmatch(name.strip()):
            raise typer.BadParameter(f"--header {line!r} is not of the form 'Name: value'")
        if any(ord(letter) < 0x20 and letter != "\t" for letter in value):
            raise typer.BadParameter(f"--header {name.strip()}: a header cannot hold a line break")
        headers[name.strip()] = value
    return headers


def split_tags(texts: Sequence[str]) -> list[str]:
    """Tag names from comma-separated lists."""
    return [tag.strip().lower() for text in texts for tag in text.split(",") if tag.strip()]
