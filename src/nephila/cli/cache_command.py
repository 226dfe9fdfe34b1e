"""The options of `nephila cache`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

CACHE_HELP: Final = """Look into the page cache, write it out, or clear it.

Pages are kept by a crawl with `--cache enabled` or with `cache_mode=CacheMode.ENABLED`, in one file: in the folder of
--directory, else of the variable NEPHILA_CACHE_DIR, else in the user's cache folder.

\b
Exit codes:
  0    done
  1    the cache cannot be used
  2    the command line cannot be used
  4    the output could not be written
"""

_EXPORT_HELP: Final = """Write every page as a line of JSON.

A line holds url, final_url, status, headers, redirects, fetched_at, stored_at and body: the page unpacked, as text. A
body that is not UTF-8 is Base64 in body_base64, one that cannot be unpacked is in body_as_sent_base64.
"""


def cache_group(context: dict[str, object]) -> click.Group:
    """`nephila cache` and its commands."""
    group = click.Group(
        "cache",
        help=CACHE_HELP,
        short_help="Look into the page cache, write it out, or clear it.",
        context_settings=context,
        no_args_is_help=True,
    )
    group.add_command(
        click.Command(
            "info",
            callback=_info,
            params=[
                _directory(),
                click.Option(["--json", "as_json"], is_flag=True, help="Write the numbers as JSON."),
            ],
            help="Say where the cache is, how many pages it holds and how large it is.",
            context_settings=context,
        )
    )
    group.add_command(
        click.Command(
            "clear", callback=_clear, params=[_directory()], help="Forget every page.", context_settings=context
        )
    )
    output = click.Option(
        ["--output", "-o"],
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Where to; standard output when left out.",
    )
    group.add_command(
        click.Command(
            "export",
            callback=_export,
            params=[_directory(), output],
            help=_EXPORT_HELP,
            short_help="Write every page as a line of JSON.",
            context_settings=context,
        )
    )
    return group


def _directory() -> click.Option:
    return click.Option(["--directory", "-d"], metavar="DIR", help="The folder of the cache.")


def _info(directory: str | None, as_json: bool) -> int:
    # Imported now: help and mistakes need none of it.
    from nephila.cli.cache import info

    return info(directory, as_json=as_json)


def _clear(directory: str | None) -> int:
    from nephila.cli.cache import clear

    return clear(directory)


def _export(directory: str | None, output: Path | None) -> int:
    from nephila.cli.cache import export

    return export(directory, output)
