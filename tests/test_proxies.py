"""Every request goes the way it was told to, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import trustme

from nephila import (
    AsyncWebCrawler,
    BrowserConfig,
    ConfigError,
    CrawlerRunConfig,
    CrawlResult,
    ErrorCode,
    HTTPCrawlerConfig,
    ProxyConfig,
    ProxyRotationStrategy,
    RoundRobinProxyStrategy,
)
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.socks import SocksProxy
from tests.site.tls import Certificate, TlsSite

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def pair() -> Iterator[tuple[Proxy, Proxy]]:
    with Proxy("one", "p@ss:1") as first, Proxy("two", "2") as second:
        yield first, second


@pytest.fixture
async def crawler() -> AsyncIterator[AsyncWebCrawler]:
    async with AsyncWebCrawler() as crawler:
        yield crawler


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """Takes connections and never says a word."""
    arrived: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: arrived.append(writer), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in arrived:
        writer.transport.abort()


def url_of(proxy: Proxy, user: str, password: str) -> ProxyConfig:
    return ProxyConfig(proxy.url, user, password)


def used(result: CrawlResult) -> list[object]:
    tries = result.crawl_stats["proxies_used"]
    assert isinstance(tries, list)
    return [tried["proxy"] for tried in tries if isinstance(tried, dict)]


# --- one proxy ------------------------------------------------------------------------------------------------------


async def test_each_request_uses_the_proxy_it_was_told(site: Site, pair: tuple[Proxy, Proxy]) -> None:
    first, second = pair
    browser = BrowserConfig(proxy_config=url_of(first, "one", "p@ss:1"))
    async with AsyncWebCrawler(config=browser) as crawler:
        of_crawler = await crawler.arun(site.url("/page/1"))
        of_request = await crawler.arun(site.url("/page/2"), proxy_config=f"http://two:2@127.0.0.1:{second.port}")
        of_none = await crawler.arun(site.url("/page/3"), proxy_config=[None])
    assert of_crawler.success and of_request.success and of_none.success
    assert [(hit.target, hit.authorized) for hit in first.hits] == [(site.url("/page/1"), True)]
    assert [(hit.target, hit.authorized) for hit in second.hits] == [(site.url("/page/2"), True)]
    assert [used(result) for result in (of_crawler, of_request, of_none)] == [[first.url], [second.url], []]
    assert [r.crawl_stats["resolved_by"] for r in (of_crawler, of_request, of_none)] == ["proxy", "proxy", "direct"]
    assert all("proxy-authorization" not in arrival.headers for arrival in site.requests)


async def test_concurrent_visits_do_not_mix_their_proxies(site: Site, pair: tuple[Proxy, Proxy]) -> None:
    first, second = pair
    ways = [url_of(first, "one", "p@ss:1"), url_of(second, "two", "2")]
    async with AsyncWebCrawler() as crawler:
        results = await asyncio.gather(
            *(
                crawler.arun(site.url(f"/echo?token=t{number}"), CrawlerRunConfig(proxy_config=ways[number % 2]))
                for number in range(40)
            )
        )
    assert all(result.success for result in results)
    for parity, proxy in enumerate(pair):
        targets = {hit.target for hit in proxy.hits}
        assert targets == {site.url(f"/echo?token=t{number}") for number in range(parity, 40, 2)}


async def test_wrong_credentials(site: Site, pair: tuple[Proxy, Proxy], crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/page/1"), proxy_config=url_of(pair[0], "one", "wrong"))
    assert (result.error_code, result.status_code) == (ErrorCode.PROXY, 407)
    assert (result.error_message or "").startswith(f"All proxies failed: {pair[0].url}: ")
    assert "wrong" not in result.model_dump_json()
    assert [hit.authorized for hit in pair[0].hits] == [False]
    assert site.request_count == 0


@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks4a", "socks5", "socks5h"])
async def test_a_dead_proxy_is_never_left_out(site: Site, crawler: AsyncWebCrawler, scheme: str) -> None:
    result = await crawler.arun(site.url("/page/1"), proxy_config=f"{scheme}://127.0.0.1:9")
    assert result.error_code == ErrorCode.PROXY, result.error_message
    assert site.request_count == 0


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_silent_proxy_ends_with_the_deadline(site: Site, crawler: AsyncWebCrawler, scheme: str) -> None:
    async with silent_server() as port:
        result = await crawler.arun(site.url("/1"), proxy_config=f"{scheme}://127.0.0.1:{port}", page_timeout=300)
    assert result.error_code == ErrorCode.TIMEOUT
    assert site.request_count == 0


async def test_a_proxy_has_limited_time_to_connect(
    site: Site, crawler: AsyncWebCrawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nephila.fetch.proxy_connections.CONNECT_SECONDS", 0.2)
    async with silent_server() as port:
        result = await crawler.arun(site.url("/1"), proxy_config=f"socks5://127.0.0.1:{port}")
    assert result.error_code == ErrorCode.PROXY
    assert "within 0.2 seconds" in (result.error_message or "")


async def test_the_environment_names_no_proxy(
    site: Site, crawler: AsyncWebCrawler, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert (await crawler.arun(site.url("/page/1"))).success
    assert proxy.hits == []


# --- TLS ------------------------------------------------------------------------------------------------------------


async def test_https_through_a_tunnel(
    tls_site: TlsSite, pair: tuple[Proxy, Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(verify_ssl=False)) as crawler:
        url = tls_site.url(Certificate.GOOD, "/page/1")
        good = await crawler.arun(url, proxy_config=url_of(pair[0], "one", "p@ss:1"))
        other_user = await crawler.arun(url, proxy_config=url_of(pair[0], "one", "other"))
    assert good.success
    # The tunnel that the first visit has left open is not for a user who may not open one.
    assert other_user.error_code == ErrorCode.PROXY
    assert [(hit.method, hit.authorized) for hit in pair[0].hits] == [("CONNECT", True), ("CONNECT", False)]


async def test_tls_to_the_proxy_itself(site: Site, tls_site: TlsSite) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Proxy("user", "pass", tls=context) as proxy:
        way = url_of(proxy, "user", "pass")
        assert way.scheme == "https"
        async with AsyncWebCrawler() as careful:
            refused = await careful.arun(site.url("/page/1"), proxy_config=way)
        async with AsyncWebCrawler(config=HTTPCrawlerConfig(verify_ssl=False)) as crawler:
            plain = await crawler.arun(site.url("/page/1"), proxy_config=way)
            tunnelled = await crawler.arun(tls_site.url(Certificate.GOOD, "/page/2"), proxy_config=way)
        assert refused.error_code in (ErrorCode.TLS, ErrorCode.PROXY)
        assert plain.success and tunnelled.success, (plain.error_message, tunnelled.error_message)
        assert [hit.method for hit in proxy.hits] == ["GET", "CONNECT"]


# --- SOCKS ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "version", "by_name"),
    [("socks4", 4, False), ("socks4a", 4, True), ("socks5", 5, False), ("socks5h", 5, True)],
)
async def test_socks(site: Site, crawler: AsyncWebCrawler, scheme: str, version: int, by_name: bool) -> None:
    with SocksProxy() as proxy:
        way = f"{scheme}://user@127.0.0.1:{proxy.port}"
        for number in (1, 2):
            url = f"http://localhost:{site.port}/page/{number}"
            result = await crawler.arun(url, proxy_config=way)
            assert result.success, result.error_message
        (hit,) = proxy.hits  # The second request came on the connection of the first.
    assert (hit.version, hit.by_name, hit.port) == (version, by_name, site.port)
    assert hit.host == ("localhost" if by_name else "127.0.0.1")
    assert [arrival.target for arrival in site.requests] == ["/page/1", "/page/2"]
    assert len({arrival.connection for arrival in site.requests}) == 1


async def test_socks_looks_names_up_where_it_was_told(
    site: Site, crawler: AsyncWebCrawler, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo

    async def spy(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        return await look_up(host, *rest, **more)  # type: ignore[arg-type]

    resolve = aiohttp.TCPConnector._resolve_host

    async def resolve_spy(self: aiohttp.TCPConnector, host: str, *rest: object) -> object:
        asked.append(host)
        return await resolve(self, host, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "getaddrinfo", spy)
    monkeypatch.setattr(aiohttp.TCPConnector, "_resolve_host", resolve_spy)
    with SocksProxy(names={"hidden.example": "127.0.0.1"}) as proxy:
        url = f"http://hidden.example:{site.port}/page/1"
        result = await crawler.arun(url, proxy_config=f"socks5h://127.0.0.1:{proxy.port}")
        assert result.success, result.error_message
        assert "hidden.example" not in asked
        failed = await crawler.arun(url.replace("hidden", "no.hidden"), proxy_config=f"socks5://127.0.0.1:{proxy.port}")
        assert failed.error_code == ErrorCode.DNS
        assert "no.hidden.example" in asked


async def test_socks_credentials(tls_site: TlsSite) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(verify_ssl=False)) as crawler:
        with SocksProxy("user", "p@ss:word") as proxy:
            url = tls_site.url(Certificate.GOOD, "/page/1")
            way = ProxyConfig(f"socks5://127.0.0.1:{proxy.port}", "user", "p@ss:word")
            good = await crawler.arun(url, proxy_config=way)
            wrong = await crawler.arun(url, proxy_config=way.clone(password="wrong"))
            without = await crawler.arun(url, proxy_config=f"socks5://127.0.0.1:{proxy.port}")
    assert good.success, good.error_message
    assert [result.error_code for result in (wrong, without)] == [ErrorCode.PROXY, ErrorCode.PROXY]
    assert [hit.authorized for hit in proxy.hits] == [True, False, False]


async def test_socks_proxy_that_cannot_reach_the_server(site: Site, crawler: AsyncWebCrawler) -> None:
    with SocksProxy(reply=5) as proxy:
        strategy = RoundRobinProxyStrategy([f"socks5://127.0.0.1:{proxy.port}"])
        result = await crawler.arun(site.url("/page/1"), proxy_rotation_strategy=strategy)
    assert result.error_code == ErrorCode.CONNECT
    assert strategy.statistics()[0].failures == 0  # It is not the proxy that is broken.


async def test_what_does_not_speak_socks(site: Site, crawler: AsyncWebCrawler) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    for scheme in ("socks4", "socks5"):
        way = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        result = await crawler.arun(site.url("/page/1"), proxy_config=way)
        assert result.error_code == ErrorCode.PROXY, result.error_message
    server.close()
    assert site.request_count == 0


# --- lists ----------------------------------------------------------------------------------------------------------


async def test_a_list_is_tried_in_order(site: Site, pair: tuple[Proxy, Proxy], crawler: AsyncWebCrawler) -> None:
    ways = [NOBODY, url_of(pair[0], "one", "wrong"), url_of(pair[1], "two", "2"), url_of(pair[0], "one", "p@ss:1")]
    config = CrawlerRunConfig(proxy_config=ways)
    before = config.dump()
    result = await crawler.arun(site.url("/page/1"), config)
    assert result.success and result.crawl_stats["attempts"] == 1
    assert result.crawl_stats["resolved_by"] == "proxy"
    tries = result.crawl_stats["proxies_used"]
    assert isinstance(tries, list) and len(tries) == 3
    assert [(t["proxy"], t["status_code"], t["blocked"]) for t in tries if isinstance(t, dict)] == [
        (NOBODY, None, False),
        (pair[0].url, 407, False),
        (pair[1].url, 200, False),
    ]
    assert tries[2]["reason"] == "" and "407" in str(tries[1])  # type: ignore[call-overload, index]
    assert config.dump() == before
    assert site.request_count == 1


async def test_all_proxies_fail(site: Site, pair: tuple[Proxy, Proxy], crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/page/1"), proxy_config=[NOBODY, url_of(pair[0], "x", "secret")])
    assert result.error_code == ErrorCode.PROXY
    assert (result.error_message or "").startswith(f"All proxies failed: {NOBODY}: ")
    assert pair[0].url in (result.error_message or "") and "secret" not in (result.error_message or "")
    assert site.request_count == 0


async def test_direct_only_when_the_list_says_so(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/page/1"), proxy_config=[NOBODY, "direct"])
    assert result.success and used(result) == [NOBODY, None]
    assert result.crawl_stats["resolved_by"] == "direct"


async def test_blocked_answers_go_to_the_next_proxy(site: Site, proxy: Proxy, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/429?times=1&token=t"), proxy_config=[proxy.url, proxy.url])
    assert result.success
    tries = result.crawl_stats["proxies_used"]
    assert [t["blocked"] for t in tries if isinstance(t, dict)] == [True, False]  # type: ignore[union-attr]
    refused = await crawler.arun(site.url("/status/403"), proxy_config=[proxy.url, proxy.url])
    assert (refused.error_code, refused.status_code, len(used(refused))) == (ErrorCode.HTTP, 403, 2)
    missing = await crawler.arun(site.url("/status/404"), proxy_config=[proxy.url, proxy.url])
    assert (missing.status_code, len(used(missing))) == (404, 1)


async def test_a_form_is_not_posted_twice(site: Site, proxy: Proxy) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(method="POST", data="x")) as crawler:
        refused = await crawler.arun(site.url("/status/429"), proxy_config=[proxy.url, proxy.url])
        assert len(used(refused)) == 1
        unsent = await crawler.arun(site.url("/post"), proxy_config=[NOBODY, proxy.url])
        assert unsent.success and len(used(unsent)) == 2


async def test_a_silent_proxy_leaves_time_for_the_next(site: Site, proxy: Proxy, crawler: AsyncWebCrawler) -> None:
    async with silent_server() as port:
        ways = [f"http://127.0.0.1:{port}", proxy.url]
        result = await crawler.arun(site.url("/page/1"), proxy_config=ways, page_timeout=2000)
    assert result.success and used(result) == ways


async def test_repetitions_are_listed_too(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/page/1"), proxy_config=NOBODY, max_retries=1)
    assert (result.crawl_stats["attempts"], used(result)) == (2, [NOBODY, NOBODY])


# --- strategies -----------------------------------------------------------------------------------------------------


async def test_rotation(site: Site, pair: tuple[Proxy, Proxy], crawler: AsyncWebCrawler) -> None:
    strategy = RoundRobinProxyStrategy([url_of(pair[0], "one", "p@ss:1"), url_of(pair[1], "two", "2")])
    config = CrawlerRunConfig(proxy_rotation_strategy=strategy)
    for number in range(4):
        assert (await crawler.arun(site.url(f"/page/{number}"), config)).success
    assert [len(proxy.hits) for proxy in pair] == [2, 2]
    assert [(each.successes, each.failures) for each in strategy.statistics()] == [(2, 0), (2, 0)]
    assert all(each.latency is not None and each.latency > 0 for each in strategy.statistics())


async def test_a_bad_proxy_is_ejected(site: Site, proxy: Proxy, crawler: AsyncWebCrawler) -> None:
    strategy = RoundRobinProxyStrategy([NOBODY, proxy.url], eject_after=2)
    config = CrawlerRunConfig(proxy_rotation_strategy=strategy)
    outcomes = [(await crawler.arun(site.url(f"/page/{number}"), config)).success for number in range(8)]
    assert outcomes == [False, True, False, True, True, True, True, True]
    bad, good = strategy.statistics()
    assert (bad.failures, bad.successes, good.failures, good.successes) == (2, 0, 0, 6)
    assert bad.ejected_until is not None and good.ejected_until is None and "reached" in bad.reason


async def test_a_repetition_asks_the_strategy_again(site: Site, proxy: Proxy, crawler: AsyncWebCrawler) -> None:
    strategy = RoundRobinProxyStrategy([NOBODY, proxy.url])
    result = await crawler.arun(site.url("/page/1"), proxy_rotation_strategy=strategy, max_retries=1)
    assert result.success and used(result) == [NOBODY, proxy.url]


async def test_sticky_sessions(site: Site, pair: tuple[Proxy, Proxy], crawler: AsyncWebCrawler) -> None:
    strategy = RoundRobinProxyStrategy([url_of(pair[0], "one", "p@ss:1"), url_of(pair[1], "two", "2")])
    urls = [site.url(f"/page/{number}") for number in range(6)]
    config = CrawlerRunConfig(proxy_rotation_strategy=strategy, proxy_session_id="me", mean_delay=0, max_range=0)
    for _ in range(2):
        assert all(result.success for result in await crawler.arun_many(urls, config, stream=False))
    assert sorted(len(proxy.hits) for proxy in pair) == [0, 12]
    assert list(strategy.get_active_sessions()) == ["me"]
    released = config.clone(proxy_session_auto_release=True)
    assert all(result.success for result in await crawler.arun_many(urls, released, stream=False))
    assert strategy.get_active_sessions() == {}


class Nothing(ProxyRotationStrategy):
    """Has no proxy."""

    def add_proxies(self, proxies: list[ProxyConfig]) -> None:
        raise NotImplementedError

    async def get_next_proxy(self) -> ProxyConfig | None:
        return None


class Broken(Nothing):
    """Fails."""

    async def get_next_proxy(self) -> ProxyConfig | None:
        raise RuntimeError("no idea")


async def test_no_proxy_means_no_request(site: Site, crawler: AsyncWebCrawler) -> None:
    for strategy in (Nothing(), RoundRobinProxyStrategy()):
        result = await crawler.arun(site.url("/page/1"), proxy_rotation_strategy=strategy)
        assert result.error_code == ErrorCode.PROXY
    broken = await crawler.arun(site.url("/page/1"), proxy_rotation_strategy=Broken())
    assert (broken.error_code, broken.error_message) == (
        ErrorCode.USER_CODE,
        "proxy_rotation_strategy raised RuntimeError: no idea",
    )
    sticky = await crawler.arun(site.url("/1"), proxy_rotation_strategy=Nothing(), proxy_session_id="a")
    assert "keeps no sessions" in (sticky.error_message or "")
    assert site.request_count == 0


async def test_options_that_contradict_each_other(site: Site, crawler: AsyncWebCrawler) -> None:
    with pytest.raises(ConfigError, match="give one"):
        await crawler.arun(site.url("/"), proxy_config=NOBODY, proxy_rotation_strategy=Nothing())
    with pytest.raises(ConfigError, match="proxy_session_id needs a proxy_rotation_strategy"):
        await crawler.arun(site.url("/"), proxy_config=NOBODY, proxy_session_id="a")
