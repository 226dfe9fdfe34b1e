"""Pages that are only themselves in a browser."""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType

from tests.site.exchange import Answer, Exchange, Handler
from tests.site.pages import document


def _script(title: str, script: str, body: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(document(title, f"{body}<script>{script}</script>"), headers=headers)


def app(exchange: Exchange) -> Answer:
    """`/app?token=&ms=`: a page whose content a script puts there, after `ms` milliseconds."""
    token, late = html.escape(exchange.query.get("token", "none")), exchange.number("ms", 0)
    show = f"document.getElementById('root').innerHTML = '<h1>{token}</h1><p class=ready>Rendered {token}</p>'"
    return _script("App", f"setTimeout(() => {{ {show} }}, {late})" if late else show, "<div id=root></div>")


def keeps(exchange: Exchange) -> Answer:
    """`/keeps?token=`: shows what the browser had kept, then keeps the token in every way a page can."""
    token = html.escape(exchange.query.get("token", "none"))
    return _script(
        "Keeps",
        f"""
        const found = [document.cookie, localStorage.token, sessionStorage.token, window.name, history.length];
        document.body.dataset.found = found.filter(x => x && x !== 1 && x !== 2).join('|');
        document.cookie = 'token={token}'; localStorage.token = '{token}';
        sessionStorage.token = '{token}'; window.name = '{token}';
        addEventListener('pagehide', () => {{ sessionStorage.token = 'late'; localStorage.token = 'late'; }});
        setInterval(() => {{ localStorage.token = 'again'; document.cookie = 'token=again'; }}, 1);
        """,
        f"<p>{token}</p>",
    )


async def never_idle(exchange: Exchange) -> Answer:
    """`/never-idle`: a page that asks for something ten times a second for ever."""
    return _script("Never idle", "setInterval(() => fetch('/text?' + Math.random()), 100)", "<p>never idle</p>")


async def waits(exchange: Exchange) -> Answer:
    """`/waits`: the page's picture never comes."""
    return Answer(document("Waits", "<p>waits</p><img src=/hang-image>"))


async def hang_image(exchange: Exchange) -> Answer:
    await exchange.sleep(60)
    return Answer(b"", "image/png")


async def policy(exchange: Exchange) -> Answer:
    """`/csp`: a page whose policy forbids eval and inline scripts."""
    headers = (("content-security-policy", "default-src 'self'; script-src 'self'"),)
    return Answer(document("Policy", "<p>strict</p>"), headers=headers)


def hop(exchange: Exchange) -> Answer:
    """`/hops`: redirect by status, then by meta refresh, then by a script, to a page with status `?status=`."""
    status = exchange.number("status", 200)
    step = exchange.rest or "0"
    if step == "0":
        return Answer(b"", status=302, headers=(("location", f"/hops/1?status={status}"),))
    if step == "1":
        refresh = f'<meta http-equiv="refresh" content="0;url=/hops/2?status={status}">'
        return Answer(document("Refresh", "<p>moving</p>", refresh))
    if step == "2":
        return _script("Script", f"location.href = '/hops/3?status={status}'")
    return Answer(document("Arrived", "<p>arrived</p>"), status=status)


ROUTES: Mapping[str, Handler] = MappingProxyType(
    {
        "app": app,
        "keeps": keeps,
        "never-idle": never_idle,
        "waits": waits,
        "hang-image": hang_image,
        "csp": policy,
        "hops": hop,
        "busy": lambda _: _script("Busy", "setTimeout(() => { while (1); }, 50)", "<p>busy</p>"),
        "busy-now": lambda _: _script("Busy", "while (1);", "<p>busy</p>"),
        "leads-on": lambda _: _script("Endless", "location.href = '/leads-on?' + Math.random()", "<p>on</p>"),
        "dialogs": lambda _: _script(
            "Dialogs",
            "alert('a'); const yes = confirm('b'); const text = prompt('c');"
            "onbeforeunload = e => { e.preventDefault(); return 'stay'; };"
            "document.body.innerHTML += `<p>${yes} ${text}</p>`",
        ),
        "popup": lambda _: _script("Popup", "window.open('/page/1'); window.open('/page/2')", "<p>opener</p>"),
        "download": lambda _: Answer(
            b"data", "application/octet-stream", headers=(("content-disposition", "attachment; filename=data.bin"),)
        ),
    }
)
