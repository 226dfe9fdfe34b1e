"""Every piece of code in README.md and docs/ runs, prints what is written below it, and is typed."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from nephila import BrowserConfig, CrawlerRunConfig
from tests.cli.command import environment
from tests.docs import pages
from tests.docs.blocks import ROOT, Block, all_blocks, commands, comparable
from tests.site.server import Site

STANDS_FOR = "https://example.com"


@pytest.fixture
def docs_site(site: Site) -> Site:
    pages.serve(site)
    return site


@pytest.fixture(autouse=True)
def no_defaults() -> Iterator[None]:
    """A piece that sets defaults sets them for itself only."""
    yield
    CrawlerRunConfig.reset_defaults()
    BrowserConfig.reset_defaults()


def here(text: str, site: Site) -> str:
    """The text with the local site in place of example.com."""
    return (
        text.replace(f"{STANDS_FOR}/", site.url())
        .replace(STANDS_FOR, site.url(""))
        .replace("example.com", authority(site))
    )


def as_written(text: str, site: Site) -> str:
    """The reverse."""
    return (
        text.replace(site.url(""), STANDS_FOR)
        .replace(authority(site), "example.com")
        .replace("127.0.0.1", "example.com")
    )


def authority(site: Site) -> str:
    return f"127.0.0.1:{site.port}"


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_python(block: Block, docs_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = compile(here(block.program, docs_site), str(block), "exec")
    if not block.runs:
        return
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(code, {"__name__": "__main__"})
    if block.output is not None:
        assert comparable(as_written(printed.getvalue(), docs_site)) == comparable(block.output)


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")
@pytest.mark.parametrize("block", [block for block in all_blocks("console") if block.runs], ids=str)
def test_console(block: Block, docs_site: Site, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    nephila = programs / "nephila"
    nephila.write_text(f'#!/bin/sh\nexec {sys.executable} -m nephila "$@"\n', encoding="utf-8")
    nephila.chmod(nephila.stat().st_mode | stat.S_IXUSR)
    work = tmp_path / "work"
    work.mkdir()
    env = environment({"PATH": os.pathsep.join([str(programs), os.environ["PATH"]])})
    for command, output in commands(block):
        done = subprocess.run(
            ["/bin/sh", "-c", here(command, docs_site)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=60,
            env=env,
            cwd=work,
            check=False,
        )
        assert comparable(as_written(done.stdout.decode(), docs_site)) == comparable(output), command


def test_types(tmp_path: Path) -> None:
    """mypy --strict, as `make lint` runs it over the package, over every piece of Python."""
    for block in all_blocks("python"):
        (tmp_path / f"{block.document.stem.replace('-', '_')}_{block.line}.py").write_text(
            block.program, encoding="utf-8"
        )
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file=pyproject.toml",
            "--follow-imports=silent",
            *map(str, sorted(tmp_path.glob("*.py"))),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
