"""The site the contestants crawl, by either server."""

import gzip
import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.server import Site, find_nginx, serve

REPOSITORY = Path(__file__).resolve().parents[2]


def servers() -> Iterator[object]:
    yield pytest.param(False, id="own")
    yield pytest.param(True, id="nginx", marks=pytest.mark.skipif(find_nginx() is None, reason="nginx is not there"))


@pytest.fixture(params=servers())
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    root = tmp_path / "site"
    for name, body in (("u/00000", "ünï" * 100), ("p/00001", "plain" * 100), ("s/042", "forty-two"), ("s/000", "zero")):
        file = root / f"{name}.html.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(body.encode()))
    with serve(root, tmp_path, REPOSITORY, use_nginx=request.param) as running:
        yield running


def get(host: str, *paths: str, accept: str = "gzip, br") -> list[tuple[int, str, str, bytes]]:
    """Status, type, encoding and decoded body of each path, over one connection."""
    connection = http.client.HTTPConnection(host, timeout=5)
    answers = []
    for path in paths:
        connection.request("GET", path, headers={"Accept-Encoding": accept})
        response = connection.getresponse()
        body, encoding = response.read(), response.getheader("Content-Encoding", "")
        body = gzip.decompress(body) if encoding == "gzip" else body
        answers.append((response.status, response.getheader("Content-Type", ""), encoding, body))
    connection.close()
    return answers


def test_every_host_serves_on_one_connection(site: Site) -> None:
    assert len(set(site.hosts)) == 8
    for host in site.hosts:
        first, second = get(host, "/u/00000.html", "/p/00001.html")
        assert first == (200, "text/html; charset=utf-8", "gzip", ("ünï" * 100).encode())
        assert second == (200, "text/html", "gzip", b"plain" * 100)


def test_a_client_without_gzip_gets_plain_bytes(site: Site) -> None:
    [answer] = get(site.hosts[0], "/u/00000.html", accept="identity")
    assert answer == (200, "text/html; charset=utf-8", "", ("ünï" * 100).encode())


def test_stream_urls_share_pages_by_their_last_digits(site: Site) -> None:
    answers = get(site.hosts[0], "/s/0007042", "/s/0001000", "/s/0007042.html")
    assert [(answer[0], answer[3]) for answer in answers[:2]] == [(200, b"forty-two"), (200, b"zero")]
    assert answers[2][0] == 404


def test_what_is_not_there_is_404(site: Site) -> None:
    assert get(site.hosts[0], "/robots.txt")[0][0] == 404


def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.server.choose_hosts", lambda: ["203.0.113.1:9"])
    with (
        pytest.raises(RuntimeError, match=r"(?s)did not come up: .*assign"),
        serve(tmp_path, tmp_path, REPOSITORY, False),
    ):
        raise AssertionError("must not serve")
