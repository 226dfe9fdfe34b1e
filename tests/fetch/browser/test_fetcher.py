from __future__ import annotations

import asyncio
import json
import time

import pytest

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.models import Request
from nephila.options import BrowserConfig, CrawlerRunConfig
from tests.fetch.browser.conftest import Render
from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.waiting import until


async def test_scripts_make_the_page(render: Render, site: Site) -> None:
    response = await render(site.url("/app?token=abc"))
    assert (response.status, response.error, response.content_type) == (200, None, "text/html; charset=utf-8")
    assert b"Rendered abc" in response.body and response.body.startswith(b"<!DOCTYPE html>")
    assert "content-length" not in response.headers


async def test_status_and_headers_are_those_of_the_answer(render: Render, site: Site) -> None:
    response = await render(site.url("/status/404"))
    assert (response.status, response.headers["x-site"]) == (404, "kept")
    assert b"404 Not Found" in response.body


@pytest.mark.parametrize("status", [200, 429])
async def test_every_redirect_is_listed(render: Render, site: Site, status: int) -> None:
    response = await render(site.url(f"/hops?status={status}"))
    hops = [(hop["url"].removeprefix(site.url("")), hop["status"]) for hop in response.redirects]
    query = f"?status={status}"
    assert hops == [(f"/hops{query}", 302), (f"/hops/1{query}", 200), (f"/hops/2{query}", 200)]
    assert response.url == site.url(f"/hops/3{query}")
    assert response.status == status and b"arrived" in response.body


async def test_endless_navigation_ends(render: Render, site: Site) -> None:
    started = time.monotonic()
    response = await render(site.url("/leads-on"), within=15.0, request={"max_redirects": 5})
    assert response.error is ErrorCode.REDIRECT
    assert time.monotonic() - started < 14


@pytest.mark.parametrize("path", ["/busy", "/busy-now"])
async def test_a_busy_loop_ends_at_the_deadline(render: Render, fetcher: BrowserFetcher, site: Site, path: str) -> None:
    await render(site.url("/page/1"))
    others = [asyncio.ensure_future(render(site.url(f"/app?token=t{number}"))) for number in range(3)]
    started = time.monotonic()
    code: ErrorCode | None
    try:
        code = (await render(site.url(path), within=5.0, delay_before_return_html=0.5)).error
    except FetchError as error:
        code = error.code
    assert code is ErrorCode.TIMEOUT
    assert 4.0 < time.monotonic() - started < 6.0
    for number, response in enumerate(await asyncio.gather(*others)):
        assert f"Rendered t{number}".encode() in response.body
    # The page has been closed, its place is free.
    assert b"Rendered after" in (await render(site.url("/app?token=after"))).body


async def test_never_idle_page_times_out_with_what_it_showed(render: Render, site: Site) -> None:
    started = time.monotonic()
    response = await render(site.url("/never-idle"), within=6.0, wait_until="networkidle")
    assert response.error is ErrorCode.TIMEOUT and b"never idle" in response.body
    assert time.monotonic() - started < 6.6


async def test_wait_for_is_awaited(render: Render, site: Site) -> None:
    for condition in (
        "css:.ready",
        ".ready",
        "js:() => document.querySelector('.ready')",
        "js:!!document.querySelector('.ready')",
    ):
        response = await render(site.url("/app?token=late&ms=700"), wait_for=condition)
        assert response.error is None and b"Rendered late" in response.body, condition


async def test_wait_for_that_stays_false_is_a_timeout(render: Render, site: Site) -> None:
    started = time.monotonic()
    response = await render(site.url("/app?token=x"), wait_for="css:.never", wait_for_timeout=1000)
    assert response.error is ErrorCode.TIMEOUT and "css:.never" in response.error_message
    assert b"Rendered x" in response.body
    assert time.monotonic() - started >= 1.0


async def test_wait_for_that_is_no_selector_is_the_callers_error(render: Render, site: Site) -> None:
    response = await render(site.url("/page/1"), wait_for="css:[[")
    assert response.error is ErrorCode.USER_CODE


async def test_scripts_give_values(render: Render, site: Site) -> None:
    scripts = ["1 + 1", "return document.title", "const a = [1]; return {a}", "throw new Error('no')", "() => 5"]
    response = await render(site.url("/csp"), js_code=scripts, wait_for="js:() => document.title === 'Policy'")
    assert response.rendered is not None and response.rendered.js_execution_result is not None
    results = response.rendered.js_execution_result["results"]
    assert isinstance(results, list)
    assert results[:3] == [2, "Policy", {"a": [1]}] and results[4] == 5
    assert isinstance(results[3], dict) and "no" in str(results[3]["error"])
    assert response.rendered.js_execution_result["success"] is False


async def test_steps_are_in_order(render: Render, site: Site) -> None:
    response = await render(
        site.url("/app?token=x"),
        js_code_before_wait="window.trace = ['before']; setTimeout(() => trace.push('waited'), 300)",
        wait_for="js:() => trace.length === 2",
        js_code="trace.push('code'); document.body.dataset.trace = trace.join()",
    )
    assert b'data-trace="before,waited,code"' in response.body


async def test_visits_share_nothing(render: Render, fetcher: BrowserFetcher, site: Site) -> None:
    for number in range(6):
        response = await render(site.url(f"/keeps?token=t{number}"))
        assert b'data-found=""' in response.body, response.body
    # All in one page, or the test would show nothing.
    running = fetcher.pool.running
    assert running is not None and running.pages_opened == 6
    await until(lambda: not fetcher.pool.lent_pages)
    assert fetcher.pool.idle_pages == 1


async def test_a_page_is_never_served_from_an_earlier_visit(render: Render, site: Site) -> None:
    for _ in range(3):
        await render(site.url("/page/7"))
    assert len([arrival for arrival in site.requests if arrival.target == "/page/7"]) == 3


async def test_concurrent_visits_keep_their_own(render: Render, site: Site) -> None:
    responses = await asyncio.gather(
        *(render(site.url(f"/app?token=token{number}"), within=60.0) for number in range(30))
    )
    for number, response in enumerate(responses):
        assert f"Rendered token{number}<".encode() in response.body


async def test_dialogs_and_popups_hold_nothing_up(render: Render, site: Site) -> None:
    assert b"<p>false null</p>" in (await render(site.url("/dialogs"))).body
    assert b"opener" in (await render(site.url("/popup"))).body
    assert b"Page 1" in (await render(site.url("/page/1"))).body


async def test_what_is_no_page_is_given_as_sent(render: Render, site: Site) -> None:
    response = await render(site.url("/json"))
    assert json.loads(response.body)["name"] == "Nephila"
    assert response.content_type == "application/json"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://nowhere.invalid/", ErrorCode.DNS),
        ("http://127.0.0.1:9/", ErrorCode.CONNECT),
    ],
)
async def test_network_errors_have_codes(render: Render, url: str, code: ErrorCode) -> None:
    with pytest.raises(FetchError) as failed:
        await render(url)
    assert failed.value.code in (code, ErrorCode.CONNECT)


async def test_a_redirect_loop_is_one(render: Render, site: Site) -> None:
    with pytest.raises(FetchError) as failed:
        await render(site.url("/redirect-loop"))
    assert failed.value.code is ErrorCode.REDIRECT


async def test_raw_pages_run_too(render: Render) -> None:
    response = await render("raw:<p id=a>1</p><script>a.textContent = location.href</script>")
    assert b"about:blank" in response.body and response.status is None
    based = await render(
        "raw:<p id=a>1</p><script>a.textContent = location.href</script>", base_url="http://site.test/here"
    )
    assert b"http://site.test/here" in based.body


async def test_headers_cookies_and_identity_are_sent(site: Site) -> None:
    fetcher = BrowserFetcher(BrowserConfig())
    request = Request(
        site.url("/headers"),
        headers={"User-Agent": "Tester/1", "X-Own": "yes", "Authorization": "Bearer t"},
        cookies=[{"name": "c", "value": "1", "url": site.url("/")}],
        config=CrawlerRunConfig(locale="de-DE"),
    )
    try:
        response = await fetcher.fetch(request, asyncio.get_running_loop().time() + 20)
        sent = json.loads(response.body)
    finally:
        await fetcher.close()
    assert (sent["user-agent"], sent["x-own"], sent["authorization"]) == ("Tester/1", "yes", "Bearer t")
    assert sent["cookie"] == "c=1" and sent["accept-language"].startswith("de-DE")


async def test_another_method_is_sent(render: Render, site: Site) -> None:
    response = await render(
        site.url("/post"),
        request={"method": "POST", "body": b"a=1", "headers": {"Content-Type": "text/plain"}},
    )
    assert response.body == b"a=1" and response.headers["x-method"] == "POST"


async def test_the_proxy_is_used(render: Render, site: Site, proxy: Proxy) -> None:
    response = await render(site.url("/app?token=p"), request={"proxy": proxy.url})
    assert b"Rendered p" in response.body
    assert proxy.hits


async def test_requests_may_be_refused(site: Site) -> None:
    async def allowed(url: str) -> bool:
        return "/binary" not in url and "/page/2" not in url

    fetcher = BrowserFetcher(BrowserConfig(), request_allowed=allowed)
    try:
        deadline = asyncio.get_running_loop().time() + 20
        assert (await fetcher.fetch(Request(site.url("/page/1")), deadline)).status == 200
        with pytest.raises(FetchError) as failed:
            await fetcher.fetch(Request(site.url("/page/2")), deadline)
    finally:
        await fetcher.close()
    assert failed.value.code is ErrorCode.ADDRESS
    assert not [arrival for arrival in site.requests if "binary" in arrival.target or arrival.target == "/page/2"]


async def test_a_page_may_be_too_large(render: Render, site: Site) -> None:
    response = await render(site.url("/big?kb=300"), request={"max_body_bytes": 50_000})
    assert response.error is ErrorCode.TOO_LARGE and len(response.body) == 50_000
