"""The documentation mentions everything there is, and nothing in it leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields

import click
import pytest

import nephila
from nephila import BrowserConfig, CrawlerRunConfig, ErrorCode, HTTPCrawlerConfig
from nephila.cli.crawl import ExitCode
from nephila.cli.main import build_app
from nephila.extract.markdown_options import MarkdownOptions
from nephila.options.identity import DEFAULT_USER_AGENT
from nephila.options.support import BROWSER_UNSUPPORTED, HTTP_UNSUPPORTED, RUN_UNSUPPORTED
from nephila.result import RESULT_FIELDS
from tests.docs.blocks import DOCUMENTS, ROOT

OPTIONS = ("options.md", "reading.md", "many-urls.md")


def text_of(*names: str) -> str:
    return "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS if document.name in names)


def unmentioned(names: Iterable[str], text: str) -> list[str]:
    """The names that do not stand in code anywhere in the text."""
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code)]


@pytest.mark.parametrize(
    ("config", "missing"),
    [(CrawlerRunConfig, RUN_UNSUPPORTED), (BrowserConfig, BROWSER_UNSUPPORTED), (HTTPCrawlerConfig, HTTP_UNSUPPORTED)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_option(config: type[CrawlerRunConfig], missing: dict[str, str]) -> None:
    options = [option.name for option in fields(config)]
    assert unmentioned((name for name in options if name not in missing), text_of(*OPTIONS)) == []
    assert unmentioned(missing, text_of("options.md")) == []


def test_every_markdown_option() -> None:
    assert unmentioned((option.name for option in fields(MarkdownOptions)), text_of("reading.md")) == []


def test_every_result_field() -> None:
    assert unmentioned(RESULT_FIELDS, text_of("reading.md")) == []


def test_every_error_code() -> None:
    assert unmentioned(ErrorCode, text_of("errors.md")) == []


def test_every_public_name() -> None:
    everything = text_of(*(document.name for document in DOCUMENTS))
    assert unmentioned(nephila.__all__, everything) == []


def test_every_command_line_option() -> None:
    group = build_app()
    groups = [group, *(each for each in group.commands.values() if isinstance(each, click.Group))]
    commands = [*groups, *(command for each in groups for command in each.commands.values())]
    flags = [flag for command in commands for option in command.params for flag in option.opts if flag.startswith("-")]
    assert len(flags) > 15
    assert unmentioned([*flags, *group.commands], text_of("command-line.md")) == []


def test_every_exit_code() -> None:
    text = text_of("command-line.md")
    assert [code.value for code in ExitCode if f"| `{code.value}` |" not in text] == []


def test_links_lead_somewhere() -> None:
    for document in (*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"):
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_files_named_in_the_architecture_exist() -> None:
    named = re.findall(r"`([a-z_/]+\.py)`", text_of("architecture.md"))
    assert len(named) > 15
    assert [name for name in named if not (ROOT / "src" / "nephila" / name).exists()] == []


def test_the_newest_change_is_of_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == nephila.__version__


def test_the_user_agent_is_the_one_that_is_sent() -> None:
    assert f"`{DEFAULT_USER_AGENT}`" in text_of("README.md")


def test_no_badges() -> None:
    assert "badge" not in text_of("README.md").lower()
