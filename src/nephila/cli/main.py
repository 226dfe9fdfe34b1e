"""The `nephila` command."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from nephila._version import __version__
from nephila.cli import arguments as given

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


def build_app() -> typer.Typer:
    """The command line application."""
    context = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    app = typer.Typer(
        name="nephila",
        help="Turns URLs into clean, truthful content: one page or millions.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=context,
    )
    app.callback()(_root)
    crawl = app.command(
        "crawl",
        help=CRAWL_HELP,
        short_help="Fetch pages and write their content.",
        no_args_is_help=True,
        context_settings=context,
    )
    doctor = app.command(
        "doctor",
        help=DOCTOR_HELP,
        short_help="Say what is installed, what is missing and how to mend it.",
        context_settings=context,
    )
    crawl(_crawl)
    doctor(_doctor)
    return app


def run() -> None:
    """The entry point of the `nephila` command."""
    try:
        build_app()()
    except KeyboardInterrupt:
        sys.exit(130)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"nephila {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Nothing to do before a command."""


def _crawl(
    urls: given.Urls = None,
    input_: given.Input = None,
    format_: given.OutputFormat = None,
    output: given.Output = None,
    fields: given.Fields = None,
    concurrency: given.Concurrency = 20,
    timeout: given.Timeout = 60.0,
    delay: given.Delay = 0.0,
    user_agent: given.UserAgent = None,
    header: given.Header = None,
    proxy: given.Proxy = None,
    css_selector: given.CssSelector = None,
    exclude_tags: given.ExcludeTags = None,
    quiet: given.Quiet = False,
) -> None:
    from nephila.cli.crawl import Settings, crawl
    from nephila.cli.sources import Source

    if not urls and input_ is None:
        raise typer.BadParameter("give at least one URL, or --input FILE, or - for standard input")
    chosen = given.check_format(format_, output)
    settings = Settings(
        source=Source(urls or [], input_),
        format=chosen,
        output=output,
        fields=given.check_fields(fields, chosen),
        concurrency=concurrency,
        timeout=timeout,
        delay=delay,
        user_agent=user_agent,
        headers=given.check_headers(header or []),
        proxy=proxy,
        css_selector=css_selector,
        excluded_tags=given.split_tags(exclude_tags or []),
        quiet=quiet,
    )
    raise typer.Exit(crawl(settings))


def _doctor(json: given.AsJson = False) -> None:
    from nephila.cli.doctor import doctor

    raise typer.Exit(doctor(as_json=json))
