"""The options of `nephila crawl`, and the checks that turn what was given into settings."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from nephila.cli.formats import Format, guess_format
from nephila.sinks.record import DEFAULT_FIELDS, UnknownFieldError, parse_fields

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, section 5.6.2)."""

_LONGEST: Final = 86_400
"""Seconds: a day."""


class _Seconds(click.FloatRange):
    """A number of seconds; not `nan`, which compares with nothing."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return number


def crawl_parameters() -> list[click.Parameter]:
    """The arguments and options of `nephila crawl`, in the order of its help."""
    return [
        click.Argument(["urls"], nargs=-1, metavar="[URL]..."),
        *_input_and_output(),
        *_pace(),
        *_requests(),
        *_selection(),
        click.Option(
            ["--cache"],
            type=click.Choice(["bypass", "enabled", "read_only", "write_only"], case_sensitive=False),
            default="bypass",
            show_default=True,
            help="Take pages from the page cache while they are fresh, and keep them in it; see nephila cache --help.",
        ),
        click.Option(["--quiet", "-q"], is_flag=True, help="No progress bar, no summary, no failures."),
    ]


def _input_and_output() -> list[click.Option]:
    return [
        click.Option(
            ["--input", "-i", "file"],
            metavar="FILE",
            help="Read URLs from a file, one a line; blank lines and lines that start with # are skipped. "
            "- is standard input.",
        ),
        click.Option(
            ["--format", "-f", "format_"],
            type=click.Choice([each.value for each in Format], case_sensitive=False),
            help="markdown: the pages one after the other, each with its URL on top if there are several. "
            "json: one array. jsonl: a line of JSON a page. folder: a Markdown file a page (JSON with --fields), and "
            "index.jsonl. Default: what the name of --output says, else markdown.",
        ),
        click.Option(
            ["--output", "-o"],
            type=click.Path(path_type=Path),
            help="Write to this file or folder instead of standard output.",
        ),
        click.Option(
            ["--fields"],
            metavar="NAME,...",
            help="What a JSON record holds, such as url,title,markdown; all for everything. "
            f"Default: {', '.join(DEFAULT_FIELDS)}.",
        ),
    ]


def _pace() -> list[click.Option]:
    return [
        click.Option(
            ["--concurrency", "-c"],
            type=click.IntRange(min=1),
            default=20,
            show_default=True,
            metavar="N",
            help="Pages fetched at once.",
        ),
        click.Option(
            ["--timeout"],
            type=_Seconds(min=0, min_open=True, max=_LONGEST),
            default=60,
            show_default=True,
            metavar="SECONDS",
            help="Longest time for one page, redirects included.",
        ),
        click.Option(
            ["--delay"],
            type=_Seconds(min=0, max=_LONGEST),
            default=0,
            show_default=True,
            metavar="SECONDS",
            help="Pause between the starts of two requests to one host; a Crawl-delay in its robots.txt may make it "
            "longer.",
        ),
        click.Option(
            ["--robots/--no-robots", "robots"],
            default=None,
            help="Obey robots.txt for every URL, or for none. Default: for those read from a file or standard input, "
            "not for those named here one by one.",
        ),
    ]


def _requests() -> list[click.Option]:
    return [
        click.Option(["--user-agent"], metavar="TEXT", help="The User-Agent header. Default: Nephila's own."),
        click.Option(
            ["--header", "-H"], multiple=True, metavar="'NAME: VALUE'", help="Send this header; may be repeated."
        ),
        click.Option(
            ["--proxy"],
            metavar="URL",
            help="Fetch through this proxy: http://host:port or http://user:password@host:port.",
        ),
        click.Option(
            ["--public-only"],
            is_flag=True,
            help="Connect to public addresses only, also on redirects, and open no local files.",
        ),
    ]


def _selection() -> list[click.Option]:
    return [
        click.Option(["--css-selector"], metavar="SELECTOR", help="Read only the parts of the page that match."),
        click.Option(
            ["--exclude-tags"],
            multiple=True,
            metavar="TAG,...",
            help="Leave these elements out, such as nav,footer; may be repeated.",
        ),
    ]


def check_format(format_: str | None, output: Path | None) -> Format:
    """The format to write, given or told from the name of the output."""
    chosen = guess_format(output) if format_ is None else Format(format_)
    if chosen is Format.FOLDER:
        if output is None:
            raise click.UsageError("--format folder needs --output FOLDER.")
        if output.exists() and not output.is_dir():
            raise click.UsageError(f"--output {output} is a file, not a folder.")
    elif output is not None and output.is_dir():
        raise click.UsageError(f"--output {output} is a folder; use --format folder or name a file in it.")
    return chosen


def check_files(file: str | None, output: Path | None) -> None:
    """Refuse to write over the very URLs that are to be read."""
    if file is not None and output is not None and output.exists() and Path(file).exists() and output.samefile(file):
        raise click.UsageError(f"--output {output} is the file that --input reads.")


def check_fields(fields: str | None, format_: Format) -> Sequence[str]:
    """The fields of a record; empty for Markdown."""
    if fields is None:
        return DEFAULT_FIELDS if format_ in (Format.JSON, Format.JSONL) else ()
    if format_ is Format.MARKDOWN:
        raise click.UsageError("--fields goes with --format json, jsonl or folder.")
    try:
        return parse_fields(fields)
    except UnknownFieldError as error:
        raise click.UsageError(f"--fields: {error}") from error


def check_headers(lines: Sequence[str]) -> dict[str, str]:
    """The headers by name."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip(" \t")
        if not colon or not _HEADER_NAME.fullmatch(name):
            raise click.UsageError(f"--header {line!r} is not of the form 'Name: value'.")
        if any(ord(letter) < 0x20 and letter != "\t" for letter in value):
            raise click.UsageError(f"--header {name}: a header cannot hold a line break.")
        headers[name] = value
    return headers


def split_tags(texts: Sequence[str]) -> list[str]:
    """Tag names from comma-separated lists."""
    return [tag.strip().lower() for text in texts for tag in text.split(",") if tag.strip()]
