"""The certificate a result reports, and reading certificates."""

from __future__ import annotations

import base64
import json
import ssl
from pathlib import Path

import pytest
import trustme

from nephila import AsyncWebCrawler, HTTPCrawlerConfig, SSLCertificate, UnsupportedOptionError, plan as plan_module
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.tls import Certificate, TlsSite

CARELESS = HTTPCrawlerConfig(verify_ssl=False)


async def test_of_the_connection_used(site: Site, tls_site: TlsSite) -> None:
    async with AsyncWebCrawler(config=CARELESS) as crawler:
        result = await crawler.arun(tls_site.url(Certificate.GOOD, "/page/1"), fetch_ssl_certificate=True)
    certificate = result.ssl_certificate
    assert isinstance(certificate, SSLCertificate)
    assert certificate.to_pem() == ssl.get_server_certificate(("127.0.0.1", tls_site.ports[Certificate.GOOD]))
    assert certificate.issuer["O"] == "trustme v" + trustme.__version__
    assert certificate.valid_from < certificate.valid_until and "T" in certificate.valid_from
    extensions = {extension["name"]: extension["value"] for extension in certificate["extensions"]}
    assert "DNS:localhost" in extensions["SubjectAlternativeName"]
    assert "IP Address:127.0.0.1" in extensions["SubjectAlternativeName"]
    assert json.loads(result.model_dump_json())["ssl_certificate"] == certificate


async def test_also_on_a_connection_that_was_kept(site: Site, tls_site: TlsSite) -> None:
    async with AsyncWebCrawler(config=CARELESS) as crawler:
        await crawler.arun(tls_site.url(Certificate.GOOD, "/page/1"))
        result = await crawler.arun(tls_site.url(Certificate.GOOD, "/page/2"), fetch_ssl_certificate=True)
    assert result.ssl_certificate is not None
    assert len({arrival.connection for arrival in site.requests}) == 1


async def test_after_redirects_of_the_last_hop(site: Site, tls_site: TlsSite) -> None:
    last = tls_site.url(Certificate.WRONG_HOST, "/page/1")
    site.serve("/away", "", status=302, headers={"location": last})
    site.serve("/to-http", "", status=302, headers={"location": site.url("/page/1")})
    async with AsyncWebCrawler(config=CARELESS) as crawler:
        result = await crawler.arun(tls_site.url(Certificate.GOOD, "/away"), fetch_ssl_certificate=True)
        plain = await crawler.arun(tls_site.url(Certificate.GOOD, "/to-http"), fetch_ssl_certificate=True)
    assert result.redirected_url == last and result.ssl_certificate is not None
    names = [e["value"] for e in result.ssl_certificate["extensions"] if e["name"] == "SubjectAlternativeName"]
    assert names == ["DNS:elsewhere.example"]
    assert plain.success and plain.ssl_certificate is None


async def test_through_a_proxy(site: Site, tls_site: TlsSite, proxy: Proxy) -> None:
    async with AsyncWebCrawler(config=CARELESS) as crawler:
        url = tls_site.url(Certificate.EXPIRED, "/page/1")
        result = await crawler.arun(url, fetch_ssl_certificate=True, proxy_config=proxy.url)
    assert result.ssl_certificate is not None and result.ssl_certificate.valid_until < "2100"


async def test_only_when_asked_for(site: Site, tls_site: TlsSite) -> None:
    async with AsyncWebCrawler(config=CARELESS) as crawler:
        assert (await crawler.arun(tls_site.url(Certificate.GOOD, "/page/1"))).ssl_certificate is None
        assert (await crawler.arun(site.url("/page/1"), fetch_ssl_certificate=True)).ssl_certificate is None


async def test_without_the_extra(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "can_read_certificates", lambda: False)
    async with AsyncWebCrawler() as crawler:
        with pytest.raises(UnsupportedOptionError, match=r"nephila\[certificates\]"):
            await crawler.arun(site.url("/page/1"), fetch_ssl_certificate=True)


def test_from_url(tls_site: TlsSite) -> None:
    certificate = SSLCertificate.from_url(tls_site.url(Certificate.SELF_SIGNED, "/x"))
    assert certificate is not None and len(certificate.fingerprint) == 64
    assert SSLCertificate.from_url("https://127.0.0.1:1/", timeout=1) is None


def test_files(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("a.example")
    pem = issued.cert_chain_pems[0].bytes().decode()
    certificate = SSLCertificate.from_der(ssl.PEM_cert_to_DER_cert(pem))
    for name, write in (("a.json", certificate.to_json), ("a.pem", certificate.to_pem), ("a.der", certificate.to_der)):
        assert write(str(tmp_path / name)) is None
    assert (tmp_path / "a.pem").read_text() == pem
    assert (tmp_path / "a.der").read_bytes() == certificate.to_der() == base64.b64decode(certificate["raw_cert"])
    assert json.loads((tmp_path / "a.json").read_text()) == certificate == json.loads(certificate.to_json() or "")
    assert certificate["version"] == 3 and int(certificate["serial_number"], 16) > 0
    assert certificate["signature_algorithm"].endswith(("SHA256", "sha256WithRSAEncryption"))


@pytest.mark.parametrize("junk", [b"", b"\x30\x82", b"\x00" * 1000])
def test_what_cannot_be_read_is_kept(junk: bytes) -> None:
    certificate = SSLCertificate.from_der(junk)
    assert set(certificate) == {"fingerprint", "raw_cert"} and certificate.to_der() == junk
    assert certificate.subject == {} and certificate.valid_from == ""
