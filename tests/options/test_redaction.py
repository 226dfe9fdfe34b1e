import pytest

from nephila.errors import ConfigError
from nephila.options import BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig, LLMConfig, ProxyConfig

SECRET = "s3cr3t"
HOLDERS = [
    lambda: ProxyConfig("http://h.example:1", "user", SECRET),
    lambda: ProxyConfig(f"http://user:{SECRET}@h.example:1"),
    lambda: CrawlerRunConfig(proxy_config=f"http://user:{SECRET}@h.example:1"),
    lambda: CrawlerRunConfig(proxy_config=[f"http://user:{SECRET}@h.example:1"]),
    lambda: LLMConfig(api_token=SECRET),
    lambda: BrowserConfig(headers={"Authorization": f"Bearer {SECRET}"}),
    lambda: BrowserConfig(headers={"cookie": f"id={SECRET}"}),
    lambda: HTTPCrawlerConfig(headers={"AUTHORIZATION": SECRET, "Cookie": SECRET, "X-Api-Key": SECRET}),
    lambda: BrowserConfig(cookies=[{"name": "id", "value": SECRET, "domain": "a.example"}]),
    lambda: BrowserConfig(storage_state={"cookies": [{"name": "id", "value": SECRET}]}),
    lambda: BrowserConfig(cdp_url=f"wss://browser.example:9222/{SECRET}?token={SECRET}"),
    lambda: BrowserConfig(cdp_url=f"wss://user:{SECRET}@browser.example:bad/"),
]


@pytest.mark.parametrize("build", HOLDERS)
def test_no_secret_is_shown(build):
    config = build()
    assert SECRET not in repr(config)
    assert SECRET not in str(config)
    assert "***" in repr(config)


def test_everything_else_is_shown():
    config = BrowserConfig(headers={"Accept": "text/html", "Authorization": "x"}, cdp_url="ws://b.example:1/k")
    assert repr(config) == (
        "BrowserConfig(headers={'Accept': 'text/html', 'Authorization': '***'}, cdp_url='ws://b.example:1/***')"
    )
    cookies = BrowserConfig(cookies=[{"name": "id", "value": "x", "domain": "a.example"}])
    assert "a.example" in repr(cookies)
    assert repr(ProxyConfig("http://h:1")) == "ProxyConfig(server='http://h:1', ip='h')"


@pytest.mark.parametrize(
    "build",
    [
        lambda: ProxyConfig(server="http://h:1", password=[SECRET]),
        lambda: LLMConfig(api_token=SECRET.encode()),
        lambda: BrowserConfig(headers=f"Authorization: {SECRET}"),
        lambda: BrowserConfig(cookies=SECRET),
        lambda: CrawlerRunConfig(proxy_config=f"http://user:{SECRET}@h:port"),
        lambda: CrawlerRunConfig(proxy_config={"server": "h:1", "pasword": SECRET}),
    ],
)
def test_no_error_shows_a_secret(build):
    with pytest.raises(ConfigError) as caught:
        build()
    assert SECRET not in str(caught.value)


def test_a_copy_keeps_the_secret():
    proxy = ProxyConfig("http://h:1", "user", SECRET)
    assert proxy.clone().password == SECRET
    assert ProxyConfig.load(proxy.dump()).password == SECRET
