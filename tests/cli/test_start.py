"""The command as a whole: help, version, and that it starts quickly because it loads little."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nephila import __version__
from tests.cli.command import environment, run
from tests.site.server import Site


def loaded_by(*arguments: str) -> set[str]:
    """The modules imported by a run of the command."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "nephila", *arguments],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines() if line.startswith("import")}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["crawl", "--help"], ["doctor", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"aiohttp", "turbohtml", "asyncio", "msgspec", "psutil", "uvloop", "rich", "nephila.crawler"}
    assert not heavy & loaded_by(*arguments)


def test_local_page_loads_no_http_client(site: Site) -> None:
    loaded = loaded_by("crawl", "raw:<h1>x</h1>")
    assert "turbohtml" in loaded
    assert not {"aiohttp", "uvloop", "rich"} & loaded


def test_version() -> None:
    outcome = run("--version")
    assert (outcome.code, outcome.text) == (0, f"nephila {__version__}\n")


def test_help_has_examples_and_exit_codes() -> None:
    text = run("crawl", "--help").text
    assert "Examples:\n    nephila crawl https://example.com\n" in text
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130", "141"):
        assert f"\n    {code}" in text
    assert "--concurrency" in text


def test_no_arguments_is_help() -> None:
    assert "Commands:" in run().err
    assert "Examples:" in run("crawl").err


def test_unknown_option_and_command_name_the_nearest() -> None:
    assert "--fields" in run("crawl", "--fild", "x").err
    assert "There is no command 'craw'; did you mean: crawl?" in run("craw").err
    assert "did you mean: crawl https://example.com?" in run("https://example.com").err
