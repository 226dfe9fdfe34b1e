from __future__ import annotations

import base64
import socket
import ssl

import pytest

from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.test_site import read_all
from tests.site.tls import Certificate, TlsSite


def through(proxy: Proxy, head: str) -> bytes:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as connection:
        connection.sendall(head.encode())
        return read_all(connection)


def test_proxy_forwards_and_logs(site: Site, proxy: Proxy) -> None:
    url = site.url("/echo?token=proxied")
    reply = through(proxy, f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n")
    assert b"<h1>proxied</h1>" in reply
    assert [(hit.method, hit.target, hit.authorized) for hit in proxy.hits] == [("GET", url, True)]
    assert site.requests[0].target == "/echo?token=proxied"


def test_proxy_wants_credentials_when_it_has_some(site: Site) -> None:
    with Proxy("user", "p@ss") as proxy:
        head = f"GET {site.url('/')} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
        assert through(proxy, head + "\r\n").startswith(b"HTTP/1.1 407")
        assert site.requests == []
        token = base64.b64encode(b"user:p@ss").decode()
        assert through(proxy, f"{head}Proxy-Authorization: Basic {token}\r\n\r\n").startswith(b"HTTP/1.1 200")
        assert [hit.authorized for hit in proxy.hits] == [False, True]
        assert "proxy-authorization" not in site.requests[0].headers


def test_proxy_says_what_it_cannot_reach(proxy: Proxy) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert through(proxy, f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 502")


def test_proxy_tunnels_tls(site: Site, proxy: Proxy, tls_site: TlsSite) -> None:
    port = tls_site.ports[Certificate.GOOD]
    context = ssl.create_default_context(cafile=str(tls_site.ca_file))
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as connection:
        connection.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(connection, server_hostname="127.0.0.1") as secure:
            secure.sendall(b"GET /page/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"<h1>Page 1</h1>" in read_all(secure)
    assert proxy.hits[0].target == f"127.0.0.1:{port}"


@pytest.mark.parametrize("kind", Certificate)
def test_certificates_are_what_they_claim(tls_site: TlsSite, kind: Certificate) -> None:
    context = ssl.create_default_context(cafile=str(tls_site.ca_file))
    reasons = {
        Certificate.SELF_SIGNED: "unable to get local issuer|self.signed",
        Certificate.EXPIRED: "expired",
        Certificate.WRONG_HOST: "not valid for",
    }
    with socket.create_connection(("127.0.0.1", tls_site.ports[kind]), timeout=10) as connection:
        if kind in reasons:
            with pytest.raises(ssl.SSLCertVerificationError, match=reasons[kind]):
                context.wrap_socket(connection, server_hostname="127.0.0.1")
        else:
            with context.wrap_socket(connection, server_hostname="127.0.0.1") as secure:
                secure.sendall(b"GET /page/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert b"<h1>Page 1</h1>" in read_all(secure)
