"""The `nephila` command."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from nephila._version import __version__
from nephila.cli.arguments import (
    check_fields,
    check_files,
    check_format,
    check_headers,
    crawl_parameters,
    split_tags,
)
from nephila.cli.cache_command import cache_group

CRAWL_HELP: Final = """Fetch pages and write their content as Markdown, JSON, JSON Lines or a folder of files.

URLs are http, https, file or raw (raw: is followed by HTML itself); `-` reads them from standard input as they come.
Results appear in the order they are finished. Nothing but data goes to standard output; a progress bar, a summary and
the failures go to standard error.

\b
Examples:
  nephila crawl https://example.com
  nephila crawl https://example.com https://www.iana.org -o pages.md
  nephila crawl --input urls.txt -f jsonl --fields url,title,markdown > pages.jsonl
  nephila crawl --input urls.txt -f folder -o pages --concurrency 50 --delay 1
  generate-urls | nephila crawl - -f jsonl | consume-pages

\b
Exit codes:
  0    every URL succeeded
  1    some URLs failed
  2    the command line or the input cannot be used, or holds no URL
  3    every URL failed
  4    the output could not be written
  5    the crawl could not go on, such as for want of memory
  130  interrupted by Ctrl+C (what was finished is written); 143 by SIGTERM
  141  the reader of standard output left
"""

DOCTOR_HELP: Final = """Say what is installed, what is missing and how to mend it.

It checks by doing: it reads a page, starts a reading worker, and fetches a page from a server that it starts on this
machine. Nothing leaves the machine.

\b
Exit codes:
  0    everything needed works
  1    something needed is missing or does not work
"""


def build_app() -> click.Group:
    """The command line application."""
    context = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    app = _Commands(
        "nephila",
        help="Turns URLs into clean, truthful content: one page or millions.",
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_show_version,
                help="Show the version and exit.",
            )
        ],
        context_settings=context,
        no_args_is_help=True,
    )
    app.add_command(
        click.Command(
            "crawl",
            callback=_crawl,
            params=crawl_parameters(),
            help=CRAWL_HELP,
            short_help="Fetch pages and write their content.",
            context_settings=context,
            no_args_is_help=True,
        )
    )
    app.add_command(
        click.Command(
            "doctor",
            callback=_doctor,
            params=[click.Option(["--json", "as_json"], is_flag=True, help="Write the findings as JSON.")],
            help=DOCTOR_HELP,
            short_help="Say what is installed, what is missing and how to mend it.",
            context_settings=context,
        )
    )
    app.add_command(cache_group(context))
    return app


def run() -> None:
    """The entry point of the `nephila` command."""
    _open_standard_descriptors()
    try:
        sys.exit(build_app().main(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)


def _open_standard_descriptors() -> None:
    """Keep the numbers of standard streams that are closed from being given to sockets and files."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)


class _Commands(click.Group):
    """Commands, with the nearest name for one that is not."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            close = difflib.get_close_matches(name, self.commands, n=1)
            urls = ":" in name or "." in name
            hint = close[0] if close else f"crawl {name}" if urls else " or ".join(self.commands)
            raise click.UsageError(f"There is no command {name!r}; did you mean: {hint}?", ctx)
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"nephila {__version__}")
        ctx.exit()


def _crawl(
    urls: Sequence[str],
    file: str | None,
    format_: str | None,
    output: Path | None,
    fields: str | None,
    concurrency: int,
    timeout: float,
    delay: float,
    robots: bool | None,
    user_agent: str | None,
    header: Sequence[str],
    proxy: str | None,
    public_only: bool,
    css_selector: str | None,
    exclude_tags: Sequence[str],
    cache: str,
    quiet: bool,
) -> int:
    if not urls and file is None:
        raise click.UsageError("Give at least one URL, or --input FILE, or - for standard input.")
    chosen = check_format(format_, output)
    check_files(file, output)
    named, headers = check_fields(fields, chosen), check_headers(header)
    # Imported now: help and mistakes need none of it.
    from nephila.cli.crawl import Settings, crawl
    from nephila.cli.sources import Source

    settings = Settings(
        source=Source(urls, file),
        format=chosen,
        output=output,
        fields=named,
        concurrency=concurrency,
        timeout=timeout,
        delay=delay,
        robots=robots,
        user_agent=user_agent,
        headers=headers,
        proxy=proxy,
        public_only=public_only,
        css_selector=css_selector,
        excluded_tags=split_tags(exclude_tags),
        cache=cache,
        quiet=quiet,
    )
    return crawl(settings)


def _doctor(as_json: bool) -> int:
    from nephila.cli.doctor import doctor

    return doctor(as_json=as_json)
