"""Who the browser says it is, to whom, and through whose browser."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from nephila import (
    AsyncHTTPCrawlerStrategy,
    AsyncWebCrawler,
    BasicAuth,
    BrowserConfig,
    BrowserProfiler,
    ConfigError,
    CrawlerRunConfig,
    GeolocationConfig,
    HTTPCrawlerConfig,
)
from nephila.errors import ErrorCode
from nephila.fetch.browser.find import find_browser
from nephila.fetch.browser.launch import sandbox_possible
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

QUICK = CrawlerRunConfig(delay_before_return_html=0, fetch_mode="browser", mean_delay=0, max_range=0)
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
SHOWN = """
    const hints = navigator.userAgentData;
    return {agent: navigator.userAgent, platform: navigator.platform, language: navigator.language,
            brands: hints ? hints.brands.map(each => each.brand + ' ' + each.version).join() : '',
            system: hints ? hints.platform : '', zone: Intl.DateTimeFormat().resolvedOptions().timeZone}
"""


def shown(result: object) -> dict[str, str]:
    values = result.js_execution_result["results"][0]  # type: ignore[attr-defined]
    assert isinstance(values, dict)
    return values


async def test_user_agent_navigator_and_hints_agree(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/headers"), QUICK, user_agent=AGENT, js_code=SHOWN)
        sent, seen = json.loads(result.html), shown(result)
        assert sent["user-agent"] == seen["agent"] == AGENT
        assert seen["platform"] == "Win32" and "Headless" not in json.dumps([sent, seen])
        if "sec-ch-ua" in sent:
            assert 'v="131"' in sent["sec-ch-ua"] and sent["sec-ch-ua-platform"] == '"Windows"'
        other = await crawler.arun(site.url("/headers"), QUICK, user_agent="Tester/1", js_code=SHOWN)
        assert json.loads(other.html)["user-agent"] == "Tester/1" and "Chrome" not in other.html


async def test_place_and_language(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(
            site.url("/headers"),
            QUICK,
            locale="fr-FR",
            timezone_id="Asia/Tokyo",
            geolocation=GeolocationConfig(48.1, 2.2),
            js_code=[
                SHOWN,
                "new Promise(done => navigator.geolocation.getCurrentPosition(at => done(at.coords.latitude), done))",
            ],
        )
    seen = shown(result)
    assert result.js_execution_result is not None and result.js_execution_result["results"][1:] == [48.1]  # type: ignore[index,call-overload]
    assert (seen["language"], seen["zone"]) == ("fr-FR", "Asia/Tokyo")
    assert json.loads(result.html)["accept-language"].startswith("fr-FR")


async def test_own_headers_and_credentials_stay_with_their_site(site: Site) -> None:
    other = site.host_url("other.test", "/image")
    site.serve("/with-image", f"<img src='{other}'><img src='/own-image'>")
    site.serve("/leads", "", status=302, headers={"location": site.host_url("other.test", "/headers")})
    http = HTTPCrawlerConfig(auth={site.url("").rstrip("/"): BasicAuth("ann", "secret")}, headers={"X-Key": "k"})
    async with AsyncWebCrawler(AsyncHTTPCrawlerStrategy(http)) as crawler:
        await crawler.arun(site.url("/with-image"), QUICK, wait_until="load")
        led = await crawler.arun(site.url("/leads"), QUICK)
    by_path = {arrival.path: arrival.headers for arrival in site.requests}
    for path in ("/with-image", "/own-image"):
        assert by_path[path]["x-key"] == "k" and by_path[path]["authorization"].startswith("Basic ")
    assert "x-key" not in by_path["/image"] and "authorization" not in by_path["/image"]
    assert "authorization" not in json.loads(led.html)


async def test_robots_are_asked_about_every_hop(site: Site) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /closed", "text/plain")
    site.serve("/leads", "", status=302, headers={"location": "/closed"})
    site.serve("/scripted", "<script>location.href = '/closed'</script>")
    async with AsyncWebCrawler() as crawler:
        for path in ("/leads", "/scripted"):
            result = await crawler.arun(
                site.url(path), QUICK, check_robots_txt=True, js_code="await new Promise(done => setTimeout(done, 300))"
            )
            assert result.error_code == ErrorCode.ROBOTS, (path, result.error_message)
    assert "/closed" not in {arrival.path for arrival in site.requests}


async def test_what_is_no_page_comes_as_over_http(site: Site) -> None:
    def file(exchange: Exchange) -> Answer:
        kind = exchange.query["kind"]
        return Answer(b"%PDF-1.4 no more" if "pdf" in kind else b"\x89PNG\r\n\x1a\n....", kind)

    site.handle("/file", file)
    async with AsyncWebCrawler() as crawler:
        for kind, start in (("image/png", b"\x89PNG"), ("application/pdf", b"%PDF-1.4")):
            result = await crawler.arun(site.url(f"/file?kind={kind}"), QUICK)
            assert result.status_code == 200 and result.body.startswith(start), (kind, result.error_message)


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A browser somebody else has started, and its address."""
    program = find_browser("").path
    sandbox = [] if sandbox_possible() else ["--no-sandbox"]
    process = subprocess.Popen(
        [
            program,
            "--headless=new",
            *sandbox,
            "--remote-debugging-port=0",
            f"--user-data-dir={tmp_path / 'p'}",
            "about:blank",
        ],
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if b"DevTools listening on " in line:
            break
    address = line.split()[-1].decode()
    yield process, "http://" + address.split("/")[2]
    process.terminate()
    process.wait(10)
    process.stderr.close()
    shutil.rmtree(tmp_path / "p", ignore_errors=True)


@pytest.mark.parametrize("isolated", [False, True])
async def test_a_browser_of_somebody_else(
    site: Site, foreign: tuple[subprocess.Popen[bytes], str], isolated: bool
) -> None:
    process, address = foreign

    def pages() -> int:
        with urllib.request.urlopen(f"{address}/json/list") as answer:
            return len([each for each in json.load(answer) if each["type"] == "page"])

    before = await asyncio.to_thread(pages)
    config = BrowserConfig(cdp_url=address, create_isolated_context=isolated)
    async with AsyncWebCrawler(config=config) as crawler:
        result = await crawler.arun(site.url("/app?token=far"), QUICK, timezone_id="Asia/Tokyo", js_code=SHOWN)
        assert "Rendered far" in result.html and shown(result)["zone"] == "Asia/Tokyo"
        await crawler.arun(site.url("/page/1"), QUICK, session_id="s")
    assert process.poll() is None
    assert await asyncio.to_thread(pages) == before


async def test_profiles(tmp_path: Path, site: Site) -> None:
    profiler = BrowserProfiler(tmp_path / "profiles")
    assert profiler.list_profiles() == []
    page = site.serve("/login", "<script>document.cookie = 'login=ada; max-age=9999; path=/'</script>")
    path = await profiler.create_profile("mine", BrowserConfig(headless=True), start_url=page, seconds=4)
    assert [profile["name"] for profile in profiler.list_profiles()] == ["mine"]
    assert profiler.get_profile_path("mine") == path
    async with AsyncWebCrawler(config=BrowserConfig(use_persistent_context=True, user_data_dir=path)) as crawler:
        assert json.loads((await crawler.arun(site.url("/cookies"), QUICK)).html) == {"login": "ada"}
    assert profiler.shrink("mine") >= 0
    assert profiler.delete_profile("mine") and not profiler.delete_profile("mine")
    for name in ("../out", "/etc", "", ".hidden", "a/b"):
        with pytest.raises(ConfigError):
            profiler.delete_profile(name)
