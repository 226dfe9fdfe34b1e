import pytest

from nephila.errors import ConfigError
from nephila.options import BrowserConfig, CrawlerRunConfig, ProxyConfig

STRINGS = [
    ("http://user:pass@host.example:8080", "http://host.example:8080", "user", "pass"),
    ("https://host.example:443", "https://host.example:443", None, None),
    ("host.example:8080:user:pass", "http://host.example:8080", "user", "pass"),
    ("host.example:8080", "http://host.example:8080", None, None),
    ("http://user:p@ss@host.example:8080", "http://host.example:8080", "user", "p@ss"),
    ("http://user:p@s:s@host.example:8080/", "http://host.example:8080", "user", "p@s:s"),
    ("host.example:8080:user:p@s:s", "http://host.example:8080", "user", "p@s:s"),
    ("user:p@ss@host.example:8080", "http://host.example:8080", "user", "p@ss"),
    ("http://us%40er:p%2Fw%3Ax@h:1", "http://h:1", "us@er", "p/w:x"),
    ("SOCKS5://host.example:1080", "socks5://host.example:1080", None, None),
    ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128", None, None),
    ("[2001:db8::1]:3128", "http://[2001:db8::1]:3128", None, None),
    ("http://user@host.example:1", "http://host.example:1", "user", None),
    ("  host.example:8080 ", "http://host.example:8080", None, None),
]


@pytest.mark.parametrize(("text", "server", "username", "password"), STRINGS)
def test_reads_every_form(text, server, username, password):
    proxy = ProxyConfig.from_string(text)
    assert (proxy.server, proxy.username, proxy.password) == (server, username, password)
    assert CrawlerRunConfig(proxy_config=text).proxy_config == proxy
    assert BrowserConfig(proxy_config=text).proxy_config == proxy
    assert ProxyConfig.from_string(proxy.url()) == proxy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://host:1",
        "http://",
        "http://host:port",
        "http://host:99999",
        "host:80:user",
        "http://a b:1",
        "http://[::1:1",
        "http://h:1/secretpath",
    ],
)
def test_refuses_what_has_no_known_form_without_showing_it(text):
    with pytest.raises(ConfigError, match="a proxy is written") as caught:
        ProxyConfig.from_string(text)
    assert "secret" not in str(caught.value)


def test_credentials_in_the_server_move_to_their_options():
    proxy = ProxyConfig(server="http://user:secret@host.example:1")
    assert (proxy.server, proxy.username, proxy.password) == ("http://host.example:1", "user", "secret")
    assert proxy.scheme == "http"


def test_the_address_is_derived_unless_given():
    assert ProxyConfig("http://192.0.2.7:8080").ip == "192.0.2.7"
    assert ProxyConfig("http://[2001:db8::1]:8080").ip == "2001:db8::1"
    assert ProxyConfig("http://p.example:1", ip="192.0.2.9").ip == "192.0.2.9"
    assert ProxyConfig("http://a.example:1").clone(server="http://b.example:2").ip == "b.example"


def test_direct_and_none_mean_no_proxy():
    assert CrawlerRunConfig(proxy_config="direct").proxy_config is None
    assert CrawlerRunConfig(proxy_config=[]).proxy_config is None
    assert BrowserConfig(proxy_config="direct").proxy_config is None
    config = CrawlerRunConfig(
        proxy_config=["http://a:1", None, "direct", {"server": "http://b:2"}, ProxyConfig("http://c:3")]
    )
    assert config.proxy_config == [
        ProxyConfig("http://a:1"),
        None,
        None,
        ProxyConfig("http://b:2"),
        ProxyConfig("http://c:3"),
    ]
    assert ProxyConfig.DIRECT == "direct"


def test_other_values_are_refused():
    with pytest.raises(ConfigError, match="proxy_config must be a ProxyConfig"):
        CrawlerRunConfig(proxy_config=8080)
    with pytest.raises(ConfigError, match="proxy_config must be"):
        CrawlerRunConfig(proxy_config=["http://a:1", 7])
    with pytest.raises(ConfigError, match="proxy_config must be"):
        BrowserConfig(proxy_config=["http://a:1"])


def test_reads_the_environment(monkeypatch):
    monkeypatch.setenv("PROXIES", "http://a:1, b:2:user:pw,")
    assert ProxyConfig.from_env() == [ProxyConfig("http://a:1"), ProxyConfig("http://b:2", "user", "pw")]
    monkeypatch.delenv("PROXIES")
    assert ProxyConfig.from_env() == []


def test_the_old_browser_option_warns_and_becomes_proxy_config():
    with pytest.warns(UserWarning, match="use proxy_config") as caught:
        config = BrowserConfig(proxy="http://user:secret@host.example:1")
    assert caught[0].filename == __file__
    assert config.proxy is None
    assert config.proxy_config == ProxyConfig("http://host.example:1", "user", "secret")
    with pytest.warns(UserWarning, match="use proxy_config"):
        assert BrowserConfig(proxy="direct").proxy_config is None
