"""Sessions, credentials, made-up agents and hooks, from the crawler to the wire."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import trustme

from nephila import (
    AsyncHTTPCrawlerStrategy,
    AsyncWebCrawler,
    BasicAuth,
    BearerAuth,
    BrowserConfig,
    ConfigError,
    CrawlerRunConfig,
    CrawlResult,
    ErrorCode,
    HTTPCrawlerConfig,
    OutgoingRequest,
)
from nephila.models import Response
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site


@pytest.fixture
async def crawler() -> AsyncIterator[AsyncWebCrawler]:
    async with AsyncWebCrawler() as crawler:
        yield crawler


async def cookies_of(crawler: AsyncWebCrawler, site: Site, session_id: str | None = None) -> dict[str, str]:
    result = await crawler.arun(site.url("/cookies"), session_id=session_id)
    sent: dict[str, str] = json.loads(result.body)
    return sent


# --- sessions -------------------------------------------------------------------------------------------------------


async def test_visits_of_a_session_share_cookies_and_others_do_not(site: Site, crawler: AsyncWebCrawler) -> None:
    result = await crawler.arun(site.url("/set-cookie?id=1"), session_id="a")
    assert result.session_id == "a"
    await crawler.arun(site.url("/set-cookie?id=2"), session_id="b")
    await crawler.arun(site.url("/set-cookie?id=3"))
    assert await cookies_of(crawler, site, "a") == {"id": "1"}
    assert await cookies_of(crawler, site, "b") == {"id": "2"}
    assert await cookies_of(crawler, site) == await cookies_of(crawler, site, "c") == {}
    assert crawler.session_ids() == ["a", "b", "c"]
    assert await crawler.kill_session("a") and not await crawler.kill_session("a")
    assert await cookies_of(crawler, site, "a") == {}


async def test_a_session_outlives_the_loop_but_not_the_crawler(site: Site) -> None:
    crawler = AsyncWebCrawler()
    async with crawler:
        await crawler.arun(site.url("/set-cookie?id=1"), session_id="a")
    async with crawler:
        assert await cookies_of(crawler, site, "a") == {"id": "1"}
    async with AsyncWebCrawler() as other:
        assert await cookies_of(other, site, "a") == {}


def echo_with_cookie(exchange: Exchange) -> Answer:
    """Echoes the URL and the cookies; the first visit of a token sets it as cookie and redirects to itself."""
    token, sent = exchange.query["token"], exchange.arrival.headers.get("cookie", "none")
    if f"t{token}=" not in sent:
        headers = (("set-cookie", f"t{token}={token}"), ("location", exchange.arrival.target))
        return Answer(status=302, headers=headers)
    body = f'<title>{token}</title><p>{token} | {sent}</p><a href="/echo?token={token}">{token}</a>'
    return Answer(body.encode())


@pytest.mark.parametrize("session", [None, "one", "each"])
async def test_five_hundred_concurrent_visits_never_mix(site: Site, session: str | None) -> None:
    site.handle("/mine", echo_with_cookie)

    async def check(crawler: AsyncWebCrawler, number: int) -> None:
        token = f"{number:04}"
        session_id = f"s{number}" if session == "each" else session
        result = await crawler.arun(site.url(f"/mine?token={token}"), CrawlerRunConfig(session_id=session_id))
        assert result.success, result.error_message
        assert (result.metadata["title"], result.session_id) == (token, session_id)
        shown, _, sent = result.markdown.partition("\n")[0].partition(" | ")
        assert shown.strip() == token and f"<p>{token} | " in result.html
        assert [link["href"] for link in result.links["internal"]] == [site.url(f"/echo?token={token}")]
        names = {pair.partition("=")[0].strip() for pair in sent.split(";")}
        assert f"t{token}" in names
        assert session == "one" or names == {f"t{token}"}

    async with AsyncWebCrawler() as crawler:
        # One session holds 180 cookies of one host at most.
        count = 150 if session == "one" else 500
        await asyncio.gather(*(check(crawler, number) for number in range(count)))
        if session == "one":
            state = await crawler.export_storage_state(session_id="one")
            assert isinstance(state["cookies"], list) and len(state["cookies"]) == count


# --- state in and out -----------------------------------------------------------------------------------------------


def login(exchange: Exchange) -> Answer:
    return Answer(b"<h1>In</h1>", headers=(("set-cookie", "login=s3cret; Path=/; HttpOnly"),))


def members(exchange: Exchange) -> Answer:
    known = "login=s3cret" in exchange.arrival.headers.get("cookie", "")
    return Answer(b"<h1>Welcome</h1>" if known else b"<h1>Who?</h1>", status=200 if known else 401)


async def test_a_login_is_saved_and_used_by_another_crawler(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    site.handle("/login", login)
    site.handle("/members", members)
    file = tmp_path / "state.json"
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(site.url("/login"), session_id="me")
        exported = await crawler.export_storage_state(file, session_id="me")
        assert crawler.export_cookies(tmp_path / "cookies.txt", "me") == 1
        assert (await crawler.arun(site.url("/members"))).status_code == 401
    assert json.loads(file.read_text(encoding="utf-8")) == exported
    assert file.stat().st_mode & 0o077 == 0
    for state in (str(file), exported):
        async with AsyncWebCrawler(config=BrowserConfig(storage_state=state)) as crawler:  # type: ignore[arg-type]
            urls = [site.url("/members")] * 100
            results = await crawler.arun_many(urls, stream=False, mean_delay=0, max_range=0, semaphore_count=50)
            assert all(result.success for result in results)
            assert (await crawler.arun(site.url("/members"), session_id="new")).success
            assert await crawler.export_storage_state() == exported
    async with AsyncWebCrawler() as crawler:
        assert crawler.import_cookies(tmp_path / "cookies.txt", "mine") == 1
        assert (await crawler.arun(site.url("/members"), session_id="mine")).success
        assert (await crawler.arun(site.url("/members"))).status_code == 401
        assert crawler.import_cookies(file) == 1
        assert (await crawler.arun(site.url("/members"))).success
    assert "s3cret" not in caplog.text


async def test_local_storage_is_kept_as_it_is(tmp_path: Path) -> None:
    origins = [{"origin": "https://a.example", "localStorage": [{"name": "k", "value": "v"}], "indexedDB": [1]}]
    async with AsyncWebCrawler(config=BrowserConfig(storage_state={"cookies": [], "origins": origins})) as crawler:
        assert (await crawler.export_storage_state())["origins"] == origins
        with pytest.raises(ConfigError, match="no session 'x'"):
            await crawler.export_storage_state(session_id="x")
    with pytest.raises(ConfigError, match="storage_state"):
        AsyncWebCrawler(config=BrowserConfig(storage_state=str(tmp_path / "missing.json")))


# --- credentials ----------------------------------------------------------------------------------------------------


async def test_credentials_go_to_their_own_origin_only(site: Site) -> None:
    other = site.host_url("other.localhost", "/headers")
    asked: list[str] = []

    async def sign(url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        asked.append(url)
        return {**headers, "X-Signature": f"{len(headers)}"}

    third = site.host_url("third.localhost", "")
    config = HTTPCrawlerConfig(
        auth={site.url(): BasicAuth("user", "secret"), third: sign, "https://elsewhere.example": BearerAuth("t0ken")}
    )
    assert "secret" not in repr(config) and "t0ken" not in repr(config) and site.url("") in repr(config)
    assert HTTPCrawlerConfig(auth={site.url(): BasicAuth("u", "s")}).dump()["params"] is not None
    async with AsyncWebCrawler(config=config) as crawler:
        assert (await crawler.arun(site.url("/basic-auth"))).success
        away = await crawler.arun(site.url(f"/redirect-to?url={other}"))
        assert "authorization" not in json.loads(away.body)
        back = await crawler.arun(site.host_url("other.localhost", f"/redirect-to?url={site.url('/headers')}"))
        assert json.loads(back.body)["authorization"].startswith("Basic ")
        signed = await crawler.arun(site.host_url("third.localhost", "/headers"))
        assert "x-signature" in json.loads(signed.body) and asked == [f"{third}/headers"]


@pytest.mark.parametrize("auth", [lambda url, headers: 1 / 0, lambda url, headers: None])
async def test_credentials_that_fail(site: Site, auth: object) -> None:
    async with AsyncWebCrawler(config=HTTPCrawlerConfig(auth={site.url(): auth})) as crawler:  # type: ignore[dict-item]
        result = await crawler.arun(site.url("/page/1"))
    assert result.error_code == ErrorCode.USER_CODE and "auth" in (result.error_message or "")
    assert site.request_count == 0


@pytest.mark.parametrize(
    "options",
    [{"auth": {"example.com": BasicAuth("a", "b")}}, {"auth": {"https://a.example": "x"}}, {"client_cert": 3},
     {"auth": {"https://a.example/path": BasicAuth("a", "b")}}, {"client_cert": {"a.example": "x"}}],
)  # fmt: skip
def test_credentials_that_cannot_be(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        HTTPCrawlerConfig(**options)  # type: ignore[arg-type]
    for make in (lambda: BasicAuth("a:b", "c"), lambda: BearerAuth("a b")):
        with pytest.raises(ConfigError):
            make()


async def test_client_certificates(site: Site, tmp_path: Path) -> None:
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(server)
    server.verify_mode = ssl.CERT_REQUIRED
    origin = f"https://127.0.0.1:{site.listen(tls=server)}"
    client = authority.issue_cert("client@example.com")
    both, key = tmp_path / "both.pem", tmp_path / "key.pem"
    client.private_key_and_cert_chain_pem.write_to_path(str(both))
    client.private_key_pem.write_to_path(str(key))

    async def visit(client_cert: object) -> CrawlResult:
        config = HTTPCrawlerConfig(verify_ssl=False, client_cert=client_cert)  # type: ignore[arg-type]
        async with AsyncWebCrawler(config=config) as crawler:
            return await crawler.arun(f"{origin}/page/1")

    for good in (str(both), (str(both), str(key)), {origin: str(both)}, {"*": {"cert": str(both)}}):
        assert (await visit(good)).success, good
    for bad in (None, {"https://elsewhere.example": str(both)}):
        assert not (await visit(bad)).success
    missing = await visit(str(tmp_path / "missing.pem"))
    assert missing.error_code == ErrorCode.TLS and "No such file" in (missing.error_message or "")


# --- made-up agents -------------------------------------------------------------------------------------------------


async def test_made_up_agents(site: Site) -> None:
    async def sent(crawler: AsyncWebCrawler, **options: object) -> dict[str, str]:
        headers: dict[str, str] = json.loads((await crawler.arun(site.url("/headers"), **options)).body)
        return headers

    browser = BrowserConfig(user_agent_mode="random", headers={"accept-language": "de"})
    async with AsyncWebCrawler(config=browser) as crawler:
        first, second = [await sent(crawler) for _ in range(2)]
        assert first["user-agent"] == second["user-agent"] and "Mozilla/5.0 (" in first["user-agent"]
        assert "Nephila" not in first["user-agent"]
        assert (first["accept-language"], first["upgrade-insecure-requests"]) == ("de", "1")
        many = {(await sent(crawler, user_agent_mode="random"))["user-agent"] for _ in range(30)}
        assert len(many) > 3
        same = {(await sent(crawler, user_agent_mode="random", session_id="s"))["user-agent"] for _ in range(10)}
        assert len(same) == 1
        assert (await sent(crawler, user_agent="me/1"))["user-agent"] == "me/1"
        assert "Nephila" in (await sent(crawler, user_agent_mode=""))["user-agent"]
        with pytest.raises(ConfigError, match="netscape"):
            await sent(crawler, user_agent_mode="random", user_agent_generator_config={"browsers": "netscape"})


# --- hooks ----------------------------------------------------------------------------------------------------------


async def test_hooks(site: Site, crawler: AsyncWebCrawler) -> None:
    seen: list[object] = []

    async def before(url: str, request: OutgoingRequest, shared_data: dict[str, str]) -> None:
        await asyncio.sleep(0)
        seen.append(url)
        request.headers["user-agent"] = shared_data["agent"]
        request["headers"]["X-Own"] = "1"  # type: ignore[index]

    crawler.set_hook("before_request", before)
    crawler.set_hook("after_response", lambda response, **known: seen.append((response.status, sorted(known))))
    result = await crawler.arun(site.url(f"/redirect-to?url={site.url('/headers')}"), shared_data={"agent": "hooked/1"})
    headers = json.loads(result.body)
    assert (headers["user-agent"], headers["x-own"]) == ("hooked/1", "1")
    known = ["config", "shared_data"]
    assert seen == [
        site.url(f"/redirect-to?url={site.url('/headers')}"), (302, known), site.url("/headers"), (200, known),
    ]  # fmt: skip
    crawler.set_hook("before_request", None)
    plain = await crawler.arun(site.url("/headers"))
    assert "x-own" not in json.loads(plain.body)


async def test_on_error(site: Site) -> None:
    errors: list[Exception] = []
    responses: list[Response] = []
    strategy = AsyncHTTPCrawlerStrategy(HTTPCrawlerConfig())
    strategy.set_hook("on_error", errors.append)
    strategy.set_hook("after_request", responses.append)
    async with AsyncWebCrawler(strategy) as crawler:
        await crawler.arun("http://127.0.0.1:9/")
        assert [getattr(error, "code", None) for error in errors] == [ErrorCode.CONNECT] and responses == []
        await crawler.arun(site.url("/status/500"))
        assert len(errors) == 1 and [response.status for response in responses] == [500]


async def test_a_hook_that_raises_fails_its_visit_only(site: Site, crawler: AsyncWebCrawler) -> None:
    def picky(url: str, request: OutgoingRequest) -> None:
        if url.endswith("/2"):
            raise LookupError("not this one")

    crawler.set_hook("before_request", picky)
    urls = [site.url(f"/page/{number}") for number in (1, 2, 3)]
    results = await crawler.arun_many(urls, stream=False, mean_delay=0, max_range=0)
    assert [result.success for result in results] == [True, False, True]
    assert (results[1].error_code, results[1].error_message) == (
        ErrorCode.USER_CODE, "The hook before_request raised LookupError: not this one",
    )  # fmt: skip
    assert site.request_count == 2
    crawler.set_hook("before_request", None)
    crawler.set_hook("after_request", lambda response: 1 / 0)
    assert (await crawler.arun(site.url("/page/1"))).error_code == ErrorCode.USER_CODE


@pytest.mark.parametrize("name", ["before_request", "after_request"])
async def test_a_hook_is_bounded_by_the_deadline(site: Site, crawler: AsyncWebCrawler, name: str) -> None:
    async def forever(*_: object) -> None:
        await asyncio.sleep(60)

    crawler.set_hook(name, forever)
    started = asyncio.get_running_loop().time()
    result = await crawler.arun(site.url("/page/1"), page_timeout=200)
    assert result.error_code == ErrorCode.TIMEOUT
    assert asyncio.get_running_loop().time() - started < 5


def test_hooks_that_cannot_be() -> None:
    crawler = AsyncWebCrawler()
    with pytest.raises(ConfigError, match=r"the hooks are before_request, after_request, on_error, .*before_goto"):
        crawler.set_hook("before_gone", print)
    with pytest.raises(ValueError, match="must be a function"):
        AsyncHTTPCrawlerStrategy().set_hook("on_error", 3)  # type: ignore[arg-type]
