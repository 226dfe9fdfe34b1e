from __future__ import annotations

import itertools
import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, environment, run
from tests.site.proxy import Proxy
from tests.site.server import Site


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_page_is_its_markdown_and_nothing_else(site: Site) -> None:
    outcome = run("crawl", site.url("/page/1"))
    assert outcome.code == 0
    assert outcome.text.splitlines()[0].startswith(("# Page 1", "[Home]"))
    assert "# Page 1\n" in outcome.text
    assert f"]({site.url('/page/2')}" in outcome.text
    assert outcome.err == ""


def test_several_pages_have_their_url_on_top_and_a_summary(site: Site) -> None:
    urls = [site.url("/page/1"), site.url("/status/404"), site.url("/page/2")]
    outcome = run("crawl", *urls)
    assert outcome.code == 1
    for url in urls:
        assert f'---\nurl: "{url}"\n' in outcome.text
    assert 'status: 404\ntitle: "404 Not Found"\nerror: "http"\n' in outcome.text
    summary, failure = outcome.err.splitlines()
    assert summary.startswith("Crawled 3 pages in ")
    assert ": 2 ok, 1 failed; " in summary
    assert failure.split()[:2] == ["http", "1"]
    assert urls[1] in failure


def test_single_failure_is_a_sentence(site: Site) -> None:
    url = site.url("/status/503")
    outcome = run("crawl", url)
    assert outcome.code == 3
    assert outcome.out == b""
    (sentence,) = outcome.err.splitlines()
    assert sentence.startswith(url)
    assert "503" in sentence
    assert sentence.endswith("[http]")


def test_quiet_says_nothing(site: Site) -> None:
    outcome = run("crawl", "--quiet", site.url("/page/1"), site.url("/status/404"))
    assert outcome.code == 1
    assert outcome.err == ""


def test_all_failed(site: Site) -> None:
    assert run("crawl", site.url("/status/404"), "nonsense").code == 3


def test_json_is_an_array_of_records(site: Site) -> None:
    outcome = run("crawl", "-f", "json", site.url("/page/1"), site.url("/page/2"))
    records = json.loads(outcome.text)
    assert {record["url"] for record in records} == {site.url("/page/1"), site.url("/page/2")}
    assert all(record["success"] and record["status_code"] == 200 for record in records)
    assert records[0]["links"]["internal"]
    assert "html" not in records[0]


def test_fields_choose_and_order(site: Site) -> None:
    outcome = run("crawl", "-f", "jsonl", "--fields", "title,url,markdown", site.url("/page/7"))
    (record,) = lines(outcome.text)
    assert list(record) == ["title", "url", "markdown"]
    assert record["title"] == "Page 7"


def test_utf8_whatever_the_locale(site: Site) -> None:
    outcome = run("crawl", site.url("/charset/shift_jis"), env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert "日本語のページ" in outcome.text


def test_folder(site: Site, tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text(f"# pages\n\n{site.url('/page/1')}\n{site.url('/status/404')}\n", "utf-8")
    outcome = run("crawl", "-i", "urls.txt", "-f", "folder", "-o", "out", cwd=tmp_path)
    assert outcome.code == 1
    assert outcome.out == b""
    index = lines((tmp_path / "out" / "index.jsonl").read_text("utf-8"))
    by_url = {str(line["url"]): line for line in index}
    assert by_url[site.url("/status/404")]["file"] is None
    page = tmp_path / "out" / str(by_url[site.url("/page/1")]["file"])
    assert "# Page 1\n" in page.read_text("utf-8")
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_output_file_and_format_from_its_name(site: Site, tmp_path: Path) -> None:
    outcome = run("crawl", site.url("/page/1"), "-o", str(tmp_path / "deep" / "x.jsonl"))
    assert (outcome.code, outcome.out) == (0, b"")
    assert lines((tmp_path / "deep" / "x.jsonl").read_text("utf-8"))[0]["title"] == "Page 1"


def test_standard_input_is_read_as_it_comes(site: Site) -> None:
    stdin = f"# comment\n\n{site.url('/page/1')}\r\n{site.url('/page/2')}".encode()
    for arguments in (["-"], ["--input", "-"]):
        outcome = run("crawl", *arguments, "-f", "jsonl", "--fields", "title", stdin=stdin)
        assert outcome.code == 0
        assert sorted(str(line["title"]) for line in lines(outcome.text)) == ["Page 1", "Page 2"]


def test_identity_and_headers_are_sent(site: Site) -> None:
    run("crawl", site.url("/page/1"), "--user-agent", "me/1", "-H", "X-One: 1", "--header", "Authorization: Bearer: x")
    (arrival,) = site.requests
    assert arrival.headers["user-agent"] == "me/1"
    assert arrival.headers["x-one"] == "1"
    assert arrival.headers["authorization"] == "Bearer: x"


def test_proxy_is_used(site: Site) -> None:
    with Proxy("user", "p@ss") as proxy:
        outcome = run("crawl", site.url("/page/1"), "--proxy", f"http://user:p%40ss@127.0.0.1:{proxy.port}")
        assert outcome.code == 0, outcome.err
        assert [hit.authorized for hit in proxy.hits][-1:] == [True]


def test_public_only_connects_to_nothing_private(site: Site, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>Local</h1>")
    for url in (site.url("/page/1"), f"http://2130706433:{site.port}/", page.as_uri()):
        outcome = run("crawl", url, "--public-only")
        assert outcome.code != 0
        assert b"Local" not in outcome.out
    assert site.request_count == 0


def test_concurrency_bounds_the_requests(site: Site) -> None:
    urls = [site.url(f"/slow?ms=100&n={number}") for number in range(12)]
    outcome = run("crawl", *urls, "-c", "3", "-f", "jsonl", "--fields", "url")
    assert outcome.code == 0
    assert len(lines(outcome.text)) == 12
    assert site.peak.total == 3


def test_delay_spaces_the_requests_of_a_host(site: Site) -> None:
    run("crawl", *(site.url(f"/page/{number}") for number in range(4)), "--delay", "0.3")
    starts = sorted(arrival.started for arrival in site.requests)
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert len(gaps) == 3
    assert min(gaps) > 0.28


def test_timeout_ends_a_page(site: Site) -> None:
    outcome = run("crawl", site.url("/drip"), site.url("/page/1"), "--timeout", "1", "-f", "jsonl")
    assert outcome.code == 1
    codes = {str(record["url"]): record["error_code"] for record in lines(outcome.text)}
    assert codes == {site.url("/drip"): "timeout", site.url("/page/1"): None}


def test_selection(site: Site) -> None:
    outcome = run("crawl", site.url("/page/1"), "--css-selector", "main", "--exclude-tags", "table,ul")
    assert "# Page 1" in outcome.text
    assert "square" not in outcome.text
    assert "one of 1" not in outcome.text
    assert "Home" not in outcome.text


def test_selector_without_a_match_is_told(site: Site) -> None:
    outcome = run("crawl", site.url("/page/1"), "--css-selector", "#none")
    assert outcome.code == 0
    assert "Warning: " in outcome.err


def test_binary_page_is_told(site: Site) -> None:
    outcome = run("crawl", site.url("/binary"))
    assert outcome.out == b""
    assert "There is nothing to show as Markdown (image/png).\n" in outcome.err


def test_bad_urls_are_results(site: Site) -> None:
    outcome = run("crawl", "-f", "jsonl", "nonsense", "ftp://x/", "file:///nowhere", site.url("/page/1"))
    codes = {str(record["url"]): record["error_code"] for record in lines(outcome.text)}
    assert codes == {
        "nonsense": "invalid_url",
        "ftp://x/": "unsupported_scheme",
        "file:///nowhere": "file",
        site.url("/page/1"): None,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x", "--fields", "url"], "--fields goes with --format json, jsonl or folder"),
        (["x", "-f", "jsonl", "--fields", "titel"], "did you mean 'title'?"),
        (["x", "-f", "folder"], "--format folder needs --output FOLDER"),
        (["x", "-f", "csv"], "csv"),
        (["x", "--header", "novalue"], "is not of the form 'Name: value'"),
        (["x", "--header", "X: a\nb"], "cannot hold a line break"),
        (["x", "--concurrency", "0"], "'--concurrency'"),
        (["x", "--timeout", "inf"], "'--timeout'"),
        (["x", "--delay", "nan"], "'--delay'"),
        (["x", "--timeout", "-1"], "'--timeout'"),
        (["x", "--proxy", "ht!tp://"], "proxy"),
        (["x", "--nothing"], "--nothing"),
        (["--input", "/nowhere/urls.txt"], "/nowhere/urls.txt: No such file or directory."),
        (["--input", "/"], "/: Is a directory."),
        (["x", "-f", "markdown", "-o", "/proc/nowhere/x.md"], "/proc"),
        (["x", "-f", "markdown", "-o", "/tmp"], "is a folder"),
        (["-"], "there is no URL in standard input."),
        (["-q"], "Give at least one URL"),
    ],
)
def test_usage_errors_are_sentences(arguments: list[str], sentence: str) -> None:
    outcome = run("crawl", *arguments)
    assert outcome.code == 2, outcome.err
    assert outcome.out == b""
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


def test_input_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text("https://a.example/\n", "utf-8")
    outcome = run("crawl", "-i", "urls.txt", "-o", "./urls.txt", cwd=tmp_path)
    assert outcome.code == 2
    assert "--output urls.txt is the file that --input reads." in outcome.err
    assert (tmp_path / "urls.txt").read_text("utf-8") == "https://a.example/\n"


@pytest.mark.parametrize(
    ("redirection", "sentence"),
    [(">&-", "Standard output is closed."), ("<&-", "Standard input is closed."), ("2>&-", "")],
)
def test_closed_streams_are_told(redirection: str, sentence: str) -> None:
    line = " ".join([*map(shlex.quote, COMMAND), "crawl", "-", redirection])
    done = subprocess.run(line, shell=True, input=b"", capture_output=True, env=environment(), timeout=60)
    assert done.returncode == 2
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_full_disk_is_told(site: Site) -> None:
    outcome = run("crawl", site.url("/page/1"), site.url("/page/2"), "-f", "jsonl", "-o", "/dev/full")
    assert outcome.code == 4
    assert "the output could not be written: No space left on device." in outcome.err
    assert "Traceback" not in outcome.err


def test_robots_txt_is_obeyed_for_lists_and_not_for_pages_named(site: Site, tmp_path: Path) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /page/1\nDisallow: /page/2\n", "text/plain")
    pages = [site.url(f"/page/{number}") for number in (1, 2, 3)]
    listed = tmp_path / "urls.txt"
    listed.write_text("\n".join(pages))

    def outcomes(*arguments: str, stdin: bytes = b"") -> dict[str, str | None]:
        done = run("crawl", *arguments, "-f", "jsonl", "-q", "--fields", "url,error_code", stdin=stdin)
        records = [json.loads(line) for line in done.text.splitlines()]
        return {record["url"].rpartition("/")[2]: record["error_code"] for record in records}

    assert outcomes("-i", str(listed)) == {"1": "robots", "2": "robots", "3": None}
    assert outcomes("-", stdin=listed.read_bytes()) == {"1": "robots", "2": "robots", "3": None}
    assert outcomes(pages[0], "-i", str(listed)) == {"1": None, "2": "robots", "3": None}
    assert outcomes(*pages) == {"1": None, "2": None, "3": None}
    assert outcomes(pages[0]) == {"1": None}
    assert outcomes("--robots", *pages) == {"1": "robots", "2": "robots", "3": None}
    assert outcomes("--robots", pages[0]) == {"1": "robots"}
    assert outcomes("--no-robots", "-i", str(listed)) == {"1": None, "2": None, "3": None}
