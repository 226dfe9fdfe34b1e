"""Secrets are sent to where they belong and stand nowhere else: not in logs, not in results."""

from __future__ import annotations

import json
import logging

import pytest

from nephila import AsyncWebCrawler, BasicAuth, BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig, ProxyConfig
from nephila.http_strategy import AsyncHTTPCrawlerStrategy
from tests.site.exchange import Answer
from tests.site.server import Site
from tests.site.socks import SocksProxy

SECRETS = ("url-secret", "header-secret", "cookie-secret", "auth-secret", "proxy-secret")


def crawler(site: Site, impersonate: str | None) -> AsyncWebCrawler:
    browser = BrowserConfig(
        headers={"X-Api-Key": "header-secret"},
        cookies=[{"name": "id", "value": "cookie-secret", "url": site.url()}],
    )
    origin = f"http://127.0.0.1:{site.port}"
    http = HTTPCrawlerConfig(auth={origin: BasicAuth("user", "auth-secret")}, impersonate=impersonate)
    return AsyncWebCrawler(AsyncHTTPCrawlerStrategy(http), config=browser)


@pytest.mark.parametrize("impersonate", [None, "chrome"])
async def test_no_secret_is_logged_or_kept(
    site: Site, caplog: pytest.LogCaptureFixture, impersonate: str | None
) -> None:
    site.host("b.localhost")
    away = site.host_url("b.localhost", "/page/2")
    site.handle("/away", lambda _: Answer(status=302, headers=(("location", away),)))
    site.handle("/loop", lambda _: Answer(status=302, headers=(("location", "/loop"),)))
    caplog.set_level(logging.DEBUG)
    with SocksProxy(user="user", password="proxy-secret") as socks:
        through = ProxyConfig(f"socks5://127.0.0.1:{socks.port}", "user", "proxy-secret")
        dead = ProxyConfig("http://127.0.0.1:9", "user", "proxy-secret")
        async with crawler(site, impersonate) as opened:
            dumps = []
            for path in ("/page/1", "/away", "/loop", "/reset", "/garbage", "/status/500", "/close-at-once"):
                url = site.url(path).replace("http://", "http://user:url-secret@")
                for proxy in (None, through, dead):
                    config = CrawlerRunConfig(max_retries=0, proxy_config=proxy, verbose=True, check_robots_txt=True)
                    result = await opened.arun(url, config)
                    result.url = ""  # as the caller gave it
                    dumps.append(json.dumps(result.model_dump(), default=str))
    told = caplog.text + "".join(dumps)
    assert caplog.text and "127.0.0.1" in told
    assert [secret for secret in SECRETS if secret in told] == []
    # What was set for one origin was not sent to the other; headers of the whole crawler go everywhere.
    others = [arrival for arrival in site.requests if arrival.path == "/page/2"]
    assert others and not any({"authorization", "cookie"} & arrival.headers.keys() for arrival in others)
    robots = [arrival for arrival in site.requests if arrival.path == "/robots.txt"]
    assert robots and all("url-secret" not in str(arrival.headers) for arrival in robots)
