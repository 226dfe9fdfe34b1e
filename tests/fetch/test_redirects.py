from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest

from nephila.errors import ErrorCode
from tests.fetch.conftest import Fetch
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site


async def test_chain_is_recorded(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/redirect/2?status=301") + "#fragment")
    assert (response.status, response.error, response.url) == (200, None, site.url("/echo?token=arrived"))
    assert response.redirects == [
        {"url": site.url("/redirect/2?status=301"), "status": 301, "location": "/redirect/1?status=301"},
        {"url": site.url("/redirect/1?status=301"), "status": 301, "location": "/echo?token=arrived"},
    ]


async def test_redirect_is_the_result_when_it_is_not_followed(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/redirect/2"), follow_redirects=False)
    assert (response.status, response.headers["location"], response.redirects) == (302, "/redirect/1", [])
    assert b"<h1>Moved</h1>" in response.body


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "HEAD", "HEAD"),
        (303, "GET", "GET"),
    ],
)
async def test_method_and_body_by_the_standard(site: Site, fetch: Fetch, status: int, method: str, then: str) -> None:
    body = b"a=1" if method in ("POST", "PUT") else None
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Kept": "1"} if body else {"X-Kept": "1"}
    await fetch(site.url(f"/redirect-to?status={status}&url=/post"), method=method, body=body, headers=headers)
    first, second = site.requests
    assert (first.method, second.method) == (method, then)
    assert second.headers["x-kept"] == "1"
    if body is not None and then == method:
        assert (second.body, second.headers["content-type"]) == (body, "application/x-www-form-urlencoded")
    else:
        assert second.body == b"" and "content-type" not in second.headers


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/redirect-loop", "circle"),
        ("/redirect-file", "file: URL, which is not followed"),
        ("/redirect-to?url=javascript:alert(1)", "javascript: URL"),
        ("/redirect-to?url=data:text/html,x", "data: URL"),
        ("/redirect-to?url=ftp://example.com/", "ftp: URL"),
        ("/redirect-to?url=http://[", "not a valid URL"),
        ("/redirect-to?url=http://a/" + "a" * 8200, "characters"),
        ("/redirect/21", "More than 20"),
    ],
)
async def test_refused_redirect_keeps_the_response(site: Site, fetch: Fetch, path: str, part: str) -> None:
    response = await fetch(site.url(path))
    assert (response.status, response.error) == (302, ErrorCode.REDIRECT)
    assert part in response.error_message and response.error_message.endswith(".")
    assert b"<h1>Moved</h1>" in response.body


async def test_limit_counts_redirects(site: Site, fetch: Fetch) -> None:
    assert (await fetch(site.url("/redirect/3"), max_redirects=3)).error is None
    refused = await fetch(site.url("/redirect/4"), max_redirects=3)
    assert refused.error is ErrorCode.REDIRECT
    assert len(refused.redirects) == 3
    site.reset()
    await fetch(site.url("/redirect/4"), max_redirects=0)
    assert site.request_count == 1


async def test_missing_location_is_a_failure_with_its_content(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/redirect-no-location"))
    assert (response.status, response.error) == (302, ErrorCode.REDIRECT)
    assert b"Moved nowhere" in response.body
    assert (await fetch(site.url("/redirect-no-location"), follow_redirects=False)).error is None


async def test_circle_of_two(site: Site, fetch: Fetch) -> None:
    site.serve("/a", "", status=302, headers={"location": "/b"})
    site.serve("/b", "", status=302, headers={"location": "/a"})
    response = await fetch(site.url("/a"))
    assert response.error is ErrorCode.REDIRECT
    assert site.request_count == 2


async def test_page_that_wants_a_cookie_first(site: Site, fetch: Fetch) -> None:
    def page(exchange: Exchange) -> Answer:
        if "seen=yes" in exchange.arrival.headers.get("cookie", ""):
            return Answer(b"<h1>Welcome</h1>")
        return Answer(status=302, headers=(("location", "/set"),))

    url = site.handle("/page", page)
    # The cookie comes from the first hop, the way back from the second.
    site.serve("/set", "", status=302, headers={"location": "/on", "set-cookie": 'seen=yes; Path=/; x="y'})
    site.serve("/on", "", status=302, headers={"location": "/page"})
    response = await fetch(url)
    assert (response.status, response.body) == (200, b"<h1>Welcome</h1>")


async def test_page_that_sets_a_cookie_again_and_again(site: Site, fetch: Fetch) -> None:
    url = site.serve("/again", "", status=302, headers={"location": "/again", "set-cookie": "a=1"})
    response = await fetch(url)
    assert response.error is ErrorCode.REDIRECT
    assert site.request_count == 2


async def test_form_that_redirects_to_itself(site: Site, fetch: Fetch) -> None:
    def form(exchange: Exchange) -> Answer:
        if exchange.arrival.method == "POST":
            return Answer(status=303, headers=(("location", "/form"),))
        return Answer(b"<h1>Thank you</h1>")

    response = await fetch(site.handle("/form", form), method="POST", body=b"a=1")
    assert (response.status, response.body) == (200, b"<h1>Thank you</h1>")


async def test_cookies_go_to_their_host_only_and_not_beyond_the_visit(site: Site, fetch: Fetch) -> None:
    away = site.host_url("b.localhost", "/cookies")
    url = site.serve("/start", "", status=302, headers={"location": "/headers", "set-cookie": "mine=1; Path=/"})
    assert json.loads((await fetch(url)).body)["cookie"] == "mine=1"
    site.serve("/start", "", status=302, headers={"location": away, "set-cookie": "mine=1; Path=/"})
    assert json.loads((await fetch(url)).body) == {}
    assert json.loads((await fetch(site.url("/cookies"))).body) == {}


async def test_credentials_stay_with_their_origin(site: Site, fetch: Fetch) -> None:
    secrets = {"Authorization": "Bearer abc", "Cookie": "own=1", "Host": "named.example", "X-Plain": "yes"}
    back = quote(site.url("/headers"), safe="")
    away = quote(site.host_url("b.localhost", f"/redirect-to?url={back}"), safe="")
    cookies = [{"name": "given", "value": "1", "url": site.url()}]
    response = await fetch(site.url(f"/redirect-to?url=/redirect-to?url={away}"), headers=secrets, cookies=cookies)
    here, same, there, again = site.requests
    for arrival in (here, same):
        assert arrival.headers["authorization"] == "Bearer abc"
        assert set(arrival.headers["cookie"].split("; ")) == {"own=1", "given=1"}
    assert there.host == "b.localhost"
    assert not {"authorization", "cookie"} & set(there.headers)
    assert "named" not in there.headers["host"]
    assert there.headers["x-plain"] == "yes"
    # Once dropped, they do not come back: the way may have been chosen by somebody else.
    assert "authorization" not in again.headers
    assert again.headers["cookie"] == "given=1"
    assert response.status == 200


async def test_another_port_is_another_origin(site: Site, fetch: Fetch) -> None:
    other = f"http://127.0.0.1:{site.listen()}/headers"
    response = await fetch(site.url(f"/redirect-to?url={quote(other, safe='')}"), headers={"Authorization": "x"})
    assert "authorization" not in json.loads(response.body)


async def test_way_to_a_failure_is_kept(site: Site, fetch: Fetch) -> None:
    response = await fetch(site.url("/redirect-to?url=http://nowhere.invalid/x&status=301"))
    assert (response.error, response.status, response.url) == (ErrorCode.DNS, None, "http://nowhere.invalid/x")
    assert [hop["status"] for hop in response.redirects] == [301]


async def test_slow_body_of_a_redirect_is_not_waited_for(site: Site, fetch: Fetch) -> None:
    async def redirect(exchange: Exchange) -> None:
        await exchange.head("location: /page/1", "transfer-encoding: chunked", status="302 Found")
        await exchange.sleep(60)

    started = time.monotonic()
    response = await fetch(site.handle("/slow-redirect", redirect))
    assert (response.status, response.error) == (200, None)
    assert time.monotonic() - started < 2


async def test_large_and_broken_bodies_of_redirects_do_not_matter(site: Site, fetch: Fetch) -> None:
    async def broken(exchange: Exchange) -> None:
        await exchange.head("location: /page/1", "content-length: 1000", status="302 Found")
        await exchange.send(b"x")

    site.serve("/large", b"x" * 500_000, status=302, headers={"location": "/page/1"})
    for url in (site.url("/large"), site.handle("/broken", broken)):
        response = await fetch(url, max_body_bytes=10_000)
        assert (response.status, response.error) == (200, None)


async def test_location_that_is_not_ascii(site: Site, fetch: Fetch) -> None:
    site.serve("/latin", "", status=302, headers={"location": "/echo?token=caf\xe9"})
    response = await fetch(site.url("/latin"))
    assert site.requests[-1].target == "/echo?token=caf%E9"
    assert response.redirects[0]["location"] == "/echo?token=caf%E9"


async def test_messages_show_no_credentials(site: Site, fetch: Fetch) -> None:
    def with_credentials(path: str) -> str:
        return site.url(path).replace("http://", "http://user:secret@")

    targets = ("file:///x", "http://user:secret@[", quote(with_credentials("/redirect-loop"), safe=""))
    for target in targets:
        response = await fetch(with_credentials(f"/redirect-to?url={target}"))
        assert response.error is ErrorCode.REDIRECT
        assert "secret" not in response.error_message
