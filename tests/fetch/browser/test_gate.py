"""No page connects to an address that was not checked, and proxies are used or the visit fails."""

from __future__ import annotations

import asyncio

import pytest

from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig
from nephila.errors import ErrorCode
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.socks import SocksProxy

QUICK = CrawlerRunConfig(delay_before_return_html=0, fetch_mode="browser", mean_delay=0, max_range=0)


async def test_private_addresses_are_refused_to_all_a_page_loads(site: Site) -> None:
    ws = site.url("/socket").replace("http", "ws")
    inner = site.host_url("inner.test", "/inner")
    site.serve(
        "/outer",
        f"""<p id=a>outer</p><img src='{inner}?img'><iframe src='{inner}?frame'></iframe>
        <iframe src='{site.host_url("inner.test", "/redirect")}'></iframe>
        <script>new WebSocket('{ws.replace("127.0.0.1", site.host("inner.test"))}');
        fetch('{inner}?fetch', {{mode: 'no-cors'}})
        .then(() => a.className = 'got', () => a.className = 'refused')</script>""",
    )
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(
            site.url("/outer"),
            QUICK,
            allow_private_addresses=False,
            allowed_addresses=["127.0.0.1"],
            wait_for="css:.refused",
            wait_until="load",
        )
        assert result.success and "outer" in result.html, result.error_message
        assert {arrival.host for arrival in site.requests} == {"127.0.0.1"}
        refused = await crawler.arun(site.url("/outer"), QUICK, allow_private_addresses=False)
        assert refused.error_code == ErrorCode.ADDRESS and "allow_private_addresses" in (refused.error_message or "")
        site.serve("/leads", "", status=302, headers={"location": inner})
        led = await crawler.arun(
            site.url("/leads"), QUICK, allow_private_addresses=False, allowed_addresses=["127.0.0.1"]
        )
        assert led.error_code == ErrorCode.ADDRESS, led.error_message
    assert {arrival.host for arrival in site.requests} == {"127.0.0.1"}


async def test_local_files_are_not_shown_in_pages(site: Site, tmp_path: object) -> None:
    site.serve("/files", "<p>page</p><iframe src='file:///etc/hostname'></iframe><img src='file:///etc/hostname'>")
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(
            site.url("/files"),
            QUICK,
            js_code="return document.querySelector('iframe').contentDocument?.body?.innerText || ''",
        )
    assert result.js_execution_result is not None and result.js_execution_result["results"] in ([""], [None])


@pytest.mark.parametrize("guarded", [False, True])
async def test_each_visit_goes_through_its_own_proxy(site: Site, guarded: bool) -> None:
    options = {"allow_private_addresses": False, "allowed_addresses": ["127.0.0.1"]} if guarded else {}
    with Proxy("ann", "s@cret") as one, Proxy("bob", "pass") as other:
        async with AsyncWebCrawler() as crawler:
            results = await asyncio.gather(
                *(
                    crawler.arun(
                        site.url(f"/app?token=p{number}"),
                        QUICK,
                        proxy_config=f"http://{'ann:s@cret' if number % 2 else 'bob:pass'}@"
                        f"127.0.0.1:{(one if number % 2 else other).port}",
                        **options,
                    )
                    for number in range(4)
                )
            )
        for number, result in enumerate(results):
            assert f"Rendered p{number}" in result.html, result.error_message
            mine, its = (one, other) if number % 2 else (other, one)
            assert any(hit.authorized and f"token=p{number}" in hit.target for hit in mine.hits)
            assert not any(f"token=p{number}" in hit.target for hit in its.hits)


@pytest.mark.parametrize("server", ["http://127.0.0.1:9", "socks5://u:p@127.0.0.1:9", "socks5h://127.0.0.1:9"])
async def test_a_proxy_that_is_not_there_is_an_error(site: Site, server: str) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/page/1"), QUICK, proxy_config=server, max_retries=0)
    assert result.error_code == ErrorCode.PROXY, result.error_message
    assert not site.requests


async def test_socks_with_a_password(site: Site) -> None:
    with SocksProxy("ann", "secret") as proxy:
        async with AsyncWebCrawler() as crawler:
            result = await crawler.arun(
                site.url("/app?token=x"), QUICK, proxy_config=f"socks5h://ann:secret@127.0.0.1:{proxy.port}"
            )
            assert "Rendered x" in result.html, result.error_message
            assert proxy.hits and all(hit.authorized for hit in proxy.hits)
            wrong = await crawler.arun(
                site.url("/app?token=x"),
                QUICK,
                proxy_config=f"socks5h://ann:wrong@127.0.0.1:{proxy.port}",
                max_retries=0,
            )
            assert wrong.error_code == ErrorCode.PROXY


async def test_a_profile_has_one_way_only(site: Site, tmp_path: object) -> None:
    config = BrowserConfig(use_persistent_context=True, user_data_dir=str(tmp_path))
    async with AsyncWebCrawler(config=config) as crawler:
        guarded = await crawler.arun(site.url("/page/1"), QUICK, allow_private_addresses=False)
        assert guarded.error_code == ErrorCode.ADDRESS
        proxied = await crawler.arun(site.url("/page/1"), QUICK, proxy_config="http://127.0.0.1:9", max_retries=0)
        assert proxied.error_code == ErrorCode.PROXY
        assert not site.requests
        await crawler.arun(site.url("/set-cookie?kept=1"), QUICK)
        assert "kept" in (await crawler.arun(site.url("/cookies"), QUICK)).html


async def test_nobody_else_may_use_the_gate(site: Site) -> None:
    from nephila.fetch.browser.gate import Gate, Way

    gate = Gate()
    settings = await gate.settings(Way(None))
    reader, writer = await asyncio.open_connection("127.0.0.1", int(settings["server"].rpartition(":")[2]))
    writer.write(f"GET {site.url('/page/1')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 407")
    writer.close()
    await gate.close()
    assert not site.requests


class Rebinding:
    """A name that is public when it is first looked up, and this machine afterwards."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return ["127.0.0.1"]


async def test_what_a_name_is_looked_up_as_is_checked(site: Site) -> None:
    from nephila.errors import FetchError
    from nephila.fetch.browser.fetcher import BrowserFetcher
    from nephila.fetch.browser.gate import Gate
    from nephila.models import Request
    from nephila.net.guard import AddressPolicy

    fetcher = BrowserFetcher(BrowserConfig())
    names = Rebinding()
    fetcher.pool.gate = Gate(names)
    request = Request(f"http://looks.public.test:{site.port}/page/1", policy=AddressPolicy(public_only=True))
    try:
        with pytest.raises(FetchError) as failed:
            await fetcher.fetch(request, asyncio.get_running_loop().time() + 60)
    finally:
        await fetcher.close()
    assert failed.value.code is ErrorCode.ADDRESS and names.asked and not site.requests
