from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable

import pytest

from tests.site import encodings, hostile, pages
from tests.site.server import Site


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def raw(site: Site, data: bytes, address: str = "127.0.0.1") -> bytes:
    with socket.create_connection((address, site.port), timeout=10) as connection:
        connection.sendall(data)
        return read_all(connection)


def get(site: Site, target: str, address: str = "127.0.0.1", headers: str = "") -> tuple[bytes, bytes]:
    reply = raw(
        site, f"GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n".encode(), address
    )
    head, _, body = reply.partition(b"\r\n\r\n")
    return head, body


def test_page_has_links_and_is_logged(site: Site) -> None:
    head, body = get(site, "/page/3")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'href="/page/4"' in body
    (arrival,) = site.requests
    assert (arrival.method, arrival.path, arrival.host, arrival.status) == ("GET", "/page/3", "127.0.0.1", 200)
    assert arrival.completed
    assert arrival.ended is not None and arrival.ended >= arrival.started


def test_keep_alive_and_pipelining_share_a_connection(site: Site) -> None:
    one = b"GET /echo?token=%d HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = raw(site, one % 1 + one % 2 + b"GET /echo?token=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert reply.count(b"HTTP/1.1 200 OK") == 3
    assert [arrival.target[-1] for arrival in site.requests] == ["1", "2", "3"]
    assert len({arrival.connection for arrival in site.requests}) == 1


def test_hosts_have_addresses_and_names(site: Site) -> None:
    assert site.host("a.localhost") == site.host("a.localhost") != site.host("b.localhost")
    get(site, "/", site.host("a.localhost"))
    get(site, "/", site.host("b.localhost"))
    assert [arrival.host for arrival in site.requests] == ["a.localhost", "b.localhost"]


def test_peak_counts_simultaneous_requests(site: Site) -> None:
    address = site.host("a.localhost")
    threads = [threading.Thread(target=get, args=(site, "/slow?ms=300", address)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    get(site, "/")
    assert site.peak.total == 5
    assert site.peak.hosts == {"a.localhost": 5, "127.0.0.1": 1}
    assert site.active == 0


def test_post_and_chunked_request_bodies_come_back(site: Site) -> None:
    head = b"POST /post HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    assert raw(site, head + b"Content-Length: 5\r\n\r\nhello").endswith(b"\r\n\r\nhello")
    assert raw(site, head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n").endswith(b"hello")


def test_first_requests_are_refused_per_url(site: Site) -> None:
    statuses = [get(site, "/429?times=2&retry_after=3&token=a")[0] for _ in range(3)]
    assert [status.split()[1] for status in statuses] == [b"429", b"429", b"200"]
    assert b"retry-after: 3" in statuses[0]
    assert get(site, "/429?times=2&token=b")[0].split()[1] == b"429"
    assert get(site, "/flaky?times=1") == (b"", b"")
    assert get(site, "/flaky?times=1")[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw-deflate", "br", "zstd", "gzip-gzip"])
def test_encodings_are_announced_and_small(site: Site, encoding: str) -> None:
    head, body = get(site, f"/{encoding}")
    assert b"content-encoding: " in head
    assert len(body) < 1000
    if encoding == "gzip":
        assert gzip.decompress(body) == encodings.encoded_page("gzip")


def test_bomb_is_small_and_honest(site: Site) -> None:
    _, body = get(site, "/bomb?mb=16")
    assert len(body) < 32_000
    assert gzip.decompress(body) == bytes(16 << 20)


@pytest.mark.parametrize("label", encodings.CHARSETS)
def test_charset_is_declared_and_used(site: Site, label: str) -> None:
    head, body = get(site, f"/charset/{label}")
    assert f"charset={label}".encode() in head
    assert encodings.sample(label).encode(encodings.codec_of(label)) in body


def test_reset_is_a_reset(site: Site) -> None:
    with pytest.raises(ConnectionResetError):
        get(site, "/reset")


def test_drip_goes_on_until_the_client_leaves(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        connection.sendall(b"GET /drip?ms=20 HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while not received.endswith(b"xxxxx"):
            received += connection.recv(100)
        assert site.active == 1
    wait_until(lambda: site.active == 0)
    (arrival,) = site.requests
    assert arrival.ended is not None
    assert not arrival.completed


@pytest.mark.parametrize("target", ["/garbage", "/truncated", "/bad-chunk", "/half-status", "/two-lengths"])
def test_hostile_answers_end(site: Site, target: str) -> None:
    reply = b"\r\n\r\n".join(get(site, target))
    assert reply


def test_fault_in_a_handler_and_bad_requests_are_answered(site: Site) -> None:
    head, body = get(site, "/slow?ms=soon")
    assert head.startswith(b"HTTP/1.1 500")
    assert b"ValueError" in body
    assert raw(site, b"POST /post HTTP/1.1\r\nContent-Length: many\r\n\r\n").startswith(b"HTTP/1.1 400")


FOR_EVER = {"drip", "slow-headers", "silent", "endless", "promised"}


@pytest.mark.parametrize("name", sorted({*pages.ROUTES, *encodings.ROUTES, *hostile.ROUTES} - FOR_EVER - {"reset"}))
def test_every_path_ends(site: Site, name: str) -> None:
    rest = {"charset": "/gbk", "status": "/418", "bomb": "?mb=1", "slow": "?ms=1", "deep": "?levels=9"}.get(name, "")
    reply = raw(site, f"GET /{name}{rest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert not reply.startswith(b"HTTP/1.1 500"), reply
    (arrival,) = site.requests
    assert arrival.completed


@pytest.mark.parametrize("name", sorted(FOR_EVER))
def test_paths_without_an_end_end_with_the_client(site: Site, name: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        connection.sendall(f"GET /{name}?ms=10 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        if name != "silent":
            assert connection.recv(100)
        wait_until(lambda: site.active == 1)
    wait_until(lambda: site.active == 0)


def test_extra_paths_last_until_reset(site: Site) -> None:
    site.serve("/mine", "<p>mine</p>", headers={"x-mine": "1"})
    head, body = get(site, "/mine?q=1")
    assert b"x-mine: 1" in head
    assert body == b"<p>mine</p>"
    site.reset()
    assert get(site, "/mine")[0].startswith(b"HTTP/1.1 404")
