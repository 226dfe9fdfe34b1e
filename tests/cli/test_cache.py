"""`nephila cache` and `nephila crawl --cache`, as they are typed."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from nephila.cli.cache import CacheExit
from tests.cli.command import Outcome, run
from tests.site.server import Site


def crawl(site: Site, folder: Path, *paths: str, mode: str = "enabled") -> Outcome:
    urls = [site.url(path) for path in paths]
    fields = ("--fields", "url,cache_status", "-f", "jsonl")
    return run("crawl", *urls, *fields, "--cache", mode, env={"NEPHILA_CACHE_DIR": str(folder)})


def test_a_second_crawl_comes_from_the_cache(site: Site, tmp_path: Path) -> None:
    statuses = []
    for _ in range(2):
        outcome = crawl(site, tmp_path, "/page/1")
        assert outcome.code == 0
        statuses.append(json.loads(outcome.text)["cache_status"])
    assert (statuses, site.request_count) == (["miss", "hit"], 1)
    assert "0 bytes received" in crawl(site, tmp_path, "/page/1", "/page/1").err
    bypassing = crawl(site, tmp_path, "/page/1", mode="bypass")
    assert json.loads(bypassing.text)["cache_status"] is None


def test_info(site: Site, tmp_path: Path) -> None:
    empty = run("cache", "info", "--directory", str(tmp_path))
    assert empty.code == 0 and empty.text == f"There is no cache yet; it would be in {tmp_path / 'pages.sqlite3'}.\n"
    assert list(tmp_path.iterdir()) == []
    crawl(site, tmp_path, "/page/1", "/page/2")
    shown = run("cache", "info", "-d", str(tmp_path))
    assert shown.code == 0 and "pages      2 with 2 different bodies\n" in shown.text
    numbers = json.loads(run("cache", "info", "-d", str(tmp_path), "--json").text)
    assert (numbers["pages"], numbers["documents"], numbers["exists"]) == (2, 2, True)
    assert 0 < numbers["body_bytes"] < numbers["stored_bytes"] < 200_000
    assert numbers["oldest"] <= numbers["newest"]


def test_export(site: Site, tmp_path: Path) -> None:
    site.serve("/permanent", b"", status=301, headers={"location": "/gzip"})
    crawl(site, tmp_path, "/permanent", "/binary", "/page/1")
    exported = run("cache", "export", "-d", str(tmp_path))
    assert exported.code == 0
    lines = {record["url"]: record for record in map(json.loads, exported.text.splitlines())}
    assert len(lines) == 3
    moved = lines[site.url("/permanent")]
    assert moved["final_url"] == site.url("/gzip") and moved["redirects"][0]["status"] == 301
    assert moved["headers"]["content-encoding"] == "gzip" and moved["body"].lstrip().startswith("<")
    assert base64.b64decode(lines[site.url("/binary")]["body_base64"]).startswith(b"\x89PNG")
    output = tmp_path / "out.jsonl"
    assert run("cache", "export", "-d", str(tmp_path), "-o", str(output)).out == b""
    assert output.read_bytes() == exported.out
    refused = run("cache", "export", "-d", str(tmp_path), "-o", str(tmp_path / "no" / "out.jsonl"))
    assert refused.code == CacheExit.OUTPUT_FAILED and "cannot be written" in refused.err


def test_clear(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "/page/1")
    assert run("cache", "clear", "-d", str(tmp_path)).err == "Cleared 1 page.\n"
    assert run("cache", "clear", "-d", str(tmp_path)).err == "Cleared 0 pages.\n"
    assert run("cache", "export", "-d", str(tmp_path)).out == b""


@pytest.mark.parametrize("command", ["info", "export"])
def test_a_damaged_cache(tmp_path: Path, command: str) -> None:
    file = tmp_path / "pages.sqlite3"
    file.write_bytes(b"garbage" * 1000)
    outcome = run("cache", command, "-d", str(tmp_path))
    assert outcome.code == CacheExit.STORE_FAILED and outcome.out == b""
    assert outcome.err == f"Error: the cache cannot be used: {file}: file is not a database\n"
    cleared = run("cache", "clear", "-d", str(tmp_path))
    assert cleared.code == 0 and "Removed the damaged cache" in cleared.err
    assert not file.exists()


def test_help_and_mistakes() -> None:
    assert "info" in run("cache").err + run("cache").text
    shown = run("cache", "--help")
    assert shown.code == 0 and "Exit codes" in shown.text
    assert run("cache", "infos").code == 2
