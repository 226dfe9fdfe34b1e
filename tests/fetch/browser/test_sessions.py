"""Visits with a session share a page, one at a time, and their cookies with plain HTTP."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, BrowserConfig, ConfigError, CrawlerRunConfig
from nephila.errors import ErrorCode
from tests.programs import start_program
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site
from tests.waiting import until

QUICK = CrawlerRunConfig(delay_before_return_html=0, fetch_mode="browser", mean_delay=0, max_range=0)


def member(exchange: Exchange) -> Answer:
    """A page for those who are logged in, whose script shows what it has stored."""
    cookie = exchange.arrival.headers.get("cookie", "")
    if "login=ada" not in cookie:
        return Answer(b"<p>please log in</p>", status=401)
    body = "<p id=a>welcome</p><script>a.textContent += ' ' + (localStorage.theme || 'none')</script>"
    return Answer(body.encode())


def login(exchange: Exchange) -> Answer:
    """A page whose script logs in: a cookie that only servers see, one that scripts see, and local storage."""
    script = "<script>document.cookie = 'seen=1; path=/'; localStorage.theme = 'dark'</script>"
    return Answer(script.encode(), headers=(("set-cookie", "login=ada; Path=/; HttpOnly"),))


@pytest.fixture
def club(site: Site) -> Site:
    site.handle("/member", member)
    site.handle("/login", login)
    return site


async def test_the_page_stays_between_visits(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        first = await crawler.arun(site.url("/app?token=one"), QUICK, session_id="s")
        assert "Rendered one" in first.html and first.session_id == "s"
        then = await crawler.arun(
            site.url("/app?token=one"), QUICK, session_id="s", js_only=True, js_code="root.innerHTML += '<b>two</b>'"
        )
        assert "Rendered one" in then.html and "<b>two</b>" in then.html and then.status_code == 200
        again = await crawler.arun(site.url("/app?token=one"), QUICK, session_id="s", js_only=True)
        assert "<b>two</b>" in again.html
    assert len([arrival for arrival in site.requests if arrival.path == "/app"]) == 1


async def test_scripts_may_lead_on(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(site.url("/page/1"), QUICK, session_id="s")
        then = await crawler.arun(
            site.url("/page/1"),
            QUICK,
            session_id="s",
            js_only=True,
            js_code="location.href = '/status/404'; await new Promise(done => setTimeout(done, 5000))",
        )
    assert then.redirected_url == site.url("/status/404") and then.status_code == 404


async def test_js_only_needs_a_page(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/page/1"), QUICK, session_id="new", js_only=True)
        assert result.error_code == ErrorCode.BROWSER and "js_only" in (result.error_message or "")
        with pytest.raises(ConfigError, match="session_id"):
            await crawler.arun(site.url("/page/1"), QUICK, js_only=True)
    assert not site.requests


async def test_sessions_do_not_mix_and_visits_of_one_take_turns(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:

        async def visit(session: str, number: int) -> str:
            result = await crawler.arun(
                site.url(f"/app?token={session}-{number}&ms=20"), QUICK, session_id=session, wait_for="css:.ready"
            )
            return result.html

        wanted = [(session, number) for number in range(5) for session in ("a", "b", "c", "d")]
        pages = await asyncio.gather(*(visit(*each) for each in wanted))
        for (session, number), html in zip(wanted, pages, strict=True):
            assert f"Rendered {session}-{number}<" in html
        ids = [
            (await crawler.arun(site.url("/cookies"), session_id=session, fetch_mode="http")).html
            for session in ("a", "b")
        ]
        assert ids == ["{}", "{}"]


async def test_a_killed_session_has_no_page(site: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(site.url("/keeps?token=t"), QUICK, session_id="s")
        rooms = next(iter(crawler._rooms.values()))
        browser = rooms.browser()
        assert browser.sessions.open_pages == 1
        assert await crawler.kill_session("s") is True
        await until(lambda: browser.sessions.open_pages == 0 and browser.pool.lent_pages == 0)
        assert 'data-found=""' in (await crawler.arun(site.url("/keeps?token=u"), QUICK, session_id="s")).html
        assert await crawler.kill_session("s") and not await crawler.kill_session("s")


async def test_browser_and_http_share_the_login(club: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        assert (await crawler.arun(club.url("/member"), QUICK, session_id="s")).status_code == 401
        await crawler.arun(club.url("/login"), QUICK, session_id="s")
        plain = await crawler.arun(club.url("/member"), session_id="s", fetch_mode="http")
        assert plain.status_code == 200, "plain HTTP has not got the browser's cookies"
        await crawler.arun(club.url("/set-cookie?more=2"), session_id="s", fetch_mode="http")
        rendered = await crawler.arun(club.url("/cookies"), QUICK, session_id="s")
        assert json.loads(rendered.html) == {"login": "ada", "seen": "1", "more": "2"}
        assert "please" in (await crawler.arun(club.url("/member"), QUICK, session_id="other")).html


async def test_cookies_that_are_removed_are_removed(club: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(club.url("/login"), QUICK, session_id="s")
        club.serve("/out", "", headers={"set-cookie": "login=; Max-Age=0; Path=/"})
        await crawler.arun(club.url("/out"), session_id="s", fetch_mode="http")
        assert (await crawler.arun(club.url("/member"), QUICK, session_id="s")).status_code == 401
        await crawler.arun(
            club.url("/member"), QUICK, session_id="s", js_code="document.cookie = 'seen=; max-age=0; path=/'"
        )
        assert json.loads((await crawler.arun(club.url("/cookies"), session_id="s", fetch_mode="http")).html) == {}


PROGRAM = """
    import asyncio, sys
    from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig

    async def main():
        config = CrawlerRunConfig(fetch_mode="browser", delay_before_return_html=0, mean_delay=0, max_range=0)
        async with AsyncWebCrawler(config=BrowserConfig(storage_state=sys.argv[2])) as crawler:
            results = await crawler.arun_many([f"{sys.argv[1]}/member?{n}" for n in range(100)], config)
            print(sum("welcome dark" in result.html for result in results), flush=True)

    asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_state_logs_another_program_in(club: Site, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(club.url("/login"), QUICK, session_id="s")
        exported = await crawler.export_storage_state(state, "s")
    (origin,) = exported["origins"]
    assert origin["origin"] == club.url("")
    assert origin["localStorage"] == [{"name": "theme", "value": "dark"}]
    program = start_program(PROGRAM, club.url(""), str(state))
    out, err = await asyncio.to_thread(program.communicate, timeout=120)
    assert out == "100\n", err


async def test_databases_are_kept(site: Site, tmp_path: Path) -> None:
    site.serve(
        "/db",
        """<p id=a></p><script>
        const asked = indexedDB.open('books', 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore('all', {keyPath: 'id'});
        asked.onsuccess = () => {
            const store = asked.result.transaction('all', 'readwrite').objectStore('all');
            store.get(1).onsuccess = event => {
                a.textContent = event.target.result ? event.target.result.title : 'empty';
                store.put({id: 1, title: 'Emma'}).onsuccess = () => { document.body.className = 'ready'; };
            };
        };</script>""",
    )
    async with AsyncWebCrawler() as crawler:
        first = await crawler.arun(site.url("/db"), QUICK, session_id="s", wait_for="css:.ready")
        assert ">empty<" in first.html
        await crawler.export_storage_state(tmp_path / "state.json", "s")
    async with AsyncWebCrawler(config=BrowserConfig(storage_state=str(tmp_path / "state.json"))) as crawler:
        for _ in range(2):
            then = await crawler.arun(site.url("/db"), QUICK, wait_for="css:.ready")
            assert ">Emma<" in then.html


async def test_every_visit_begins_with_the_state_given(club: Site) -> None:
    state = {
        "cookies": [{"name": "login", "value": "ada", "domain": "127.0.0.1", "path": "/"}],
        "origins": [{"origin": club.url(""), "localStorage": [{"name": "theme", "value": "red"}]}],
    }
    async with AsyncWebCrawler(config=BrowserConfig(storage_state=dict(state))) as crawler:
        for _ in range(3):
            result = await crawler.arun(club.url("/member"), QUICK, js_code="localStorage.theme = 'changed'")
            assert "welcome red" in result.html
        other = await crawler.arun(club.url("/member"), QUICK, session_id="s", js_code="localStorage.theme = 'own'")
        assert "welcome red" in other.html
        assert "welcome own" in (await crawler.arun(club.url("/member"), QUICK, session_id="s")).html


async def test_a_session_goes_on_after_its_page_has_crashed(club: Site) -> None:
    async with AsyncWebCrawler() as crawler:
        await crawler.arun(club.url("/login"), QUICK, session_id="s")
        sessions = next(iter(crawler._rooms.values())).browser().sessions
        kept = next(iter(sessions._kept.values()))
        assert kept.slot is not None
        with pytest.raises(Exception, match=r"crash|closed|Timeout"):
            await kept.slot.page.goto("chrome://crash", timeout=3000)
        result = await crawler.arun(club.url("/member"), QUICK, session_id="s")
        assert "welcome dark" in result.html, result.error_message


@pytest.mark.slow
async def test_every_record_holds_its_own_token_only(site: Site) -> None:
    def echo(exchange: Exchange) -> Answer:
        token = exchange.query["token"]
        script = (
            f"localStorage.token = '{token}'; document.title = '{token}';"
            f"document.body.innerHTML += `<p>cookies ${{document.cookie}}</p><a href='/to/{token}'>{token}</a>`"
        )
        return Answer(
            f"<body><h1>{token}</h1><script>{script}</script>".encode(), headers=(("set-cookie", f"t={token}"),)
        )

    site.handle("/echo", echo)
    async with AsyncWebCrawler() as crawler:
        tokens = [f"tok{number:03}" for number in range(120)]

        async def one(token: str) -> None:
            session = f"s-{token[-1]}" if int(token[3:]) % 3 == 0 else None
            result = await crawler.arun(site.url(f"/echo?token={token}"), QUICK, session_id=session)
            assert result.success, result.error_message
            text = "\n".join(
                (result.html, str(result.markdown), json.dumps(result.links), str(result.response_headers))
            )
            others = [other for other in tokens if other != token and other in text]
            assert others == [] and text.count(token) > 4

        await asyncio.gather(*(one(token) for token in tokens))
