"""The programs in examples/ run as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import environment
from tests.docs import pages
from tests.docs.blocks import ROOT
from tests.site.server import Site

EXAMPLES = ROOT / "examples"


@pytest.fixture
def docs_site(site: Site) -> Site:
    pages.serve(site)
    return site


def run(name: str, *arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env=environment({"PYTHONUTF8": "1"}),
        cwd=cwd,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_batch_to_jsonl(docs_site: Site, tmp_path: Path) -> None:
    urls = [docs_site.url("/spiders"), docs_site.url("/nowhere"), docs_site.url("/prices")]
    lines = [json.loads(line) for line in run("batch_to_jsonl.py", *urls, cwd=tmp_path).splitlines()]
    assert [line["url"] for line in lines] == urls
    assert [line["title"] for line in lines] == ["Golden orb-weavers", "Not found", "Prices"]
    assert [line["error_code"] for line in lines] == [None, "http", None]


def test_stream_to_folder(docs_site: Site, tmp_path: Path) -> None:
    urls = [docs_site.url(f"/news/{number}") for number in (1, 2, 3)]
    printed = run("stream_to_folder.py", "pages", *urls, docs_site.url("/nowhere"), cwd=tmp_path)
    texts = sorted(path.read_text(encoding="utf-8") for path in (tmp_path / "pages").iterdir())
    assert [text.splitlines()[4] for text in texts] == ["# News 1", "# News 2", "# News 3"]
    assert "http: The server answered with status 404 Not Found." in printed


def test_links_of_a_site(docs_site: Site, tmp_path: Path) -> None:
    printed = run("links_of_a_site.py", docs_site.url("/spiders"), "--most", "5", cwd=tmp_path).splitlines()
    found = [line.removeprefix(docs_site.url("")) for line in printed if line.startswith("http")]
    assert found[0] == "/spiders"
    assert {"/", "/prices", "/spiders/silk", "/spiders/web"} == set(found[1:])


def test_links_of_a_site_stops_where_it_is_told(docs_site: Site, tmp_path: Path) -> None:
    run("links_of_a_site.py", docs_site.url("/spiders"), "--most", "2", cwd=tmp_path)
    assert docs_site.request_count == 2


def test_markdown_for_rag(docs_site: Site, tmp_path: Path) -> None:
    lines = run("markdown_for_rag.py", docs_site.url("/spiders"), "--words", "30", cwd=tmp_path).splitlines()
    pieces = [json.loads(line) for line in lines]
    assert len(pieces) > 1
    assert all(len(piece["text"].split()) <= 30 for piece in pieces)
    assert {piece["url"] for piece in pieces} == {docs_site.url("/spiders")}
    text = " ".join(piece["text"] for piece in pieces)
    assert "stronger than steel" in text
    assert "Newsletter" not in text


def test_markdown_for_rag_with_a_question(docs_site: Site, tmp_path: Path) -> None:
    printed = run("markdown_for_rag.py", docs_site.url("/spiders"), "--query", "what do they eat", cwd=tmp_path)
    assert "grasshoppers" in printed
    assert "warm places" not in printed


def test_raw_html(tmp_path: Path) -> None:
    printed = run("raw_html.py", cwd=tmp_path)
    assert "# Price list" in printed
    page = tmp_path / "page.html"
    page.write_text("<h1>Mine</h1><a href='b'>b</a>", encoding="utf-8")
    printed = run("raw_html.py", str(page), "--base-url", "https://example.org/a/", cwd=tmp_path)
    assert "# Mine" in printed
    assert "https://example.org/a/b" in printed


def test_every_example_is_tested() -> None:
    tested = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in sorted(EXAMPLES.glob("*.py")) if f'"{path.name}"' not in tested] == []
