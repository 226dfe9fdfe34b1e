"""Pages that only show all they have to who scrolls, looks into frames and shadow roots, or answers questions."""

from __future__ import annotations

from tests.site.exchange import Answer, Exchange
from tests.site.pages import document
from tests.site.server import Site

LOREM = "The weaver repairs its web every morning before the first insect arrives. " * 8


def append_list(exchange: Exchange) -> Answer:
    """`/append?how=&by=&late=&all=`: a list that gets 25 more items each time its end comes into view.

    `how` is `page`, `nested` (in an element that scrolls), `timer` (without a request) or `updown` (only after going
    up).
    """
    how, late, last = exchange.query.get("how", "page"), exchange.number("late", 0), exchange.number("all", 500)
    box = ' style="height:300px;overflow-y:auto"' if how == "nested" else ""
    script = f"""
    let count = 0, busy = false, up = {str(how != "updown").lower()}, was = 0;
    const list = document.getElementById('list'), box = document.getElementById('box');
    const scroller = {"box" if how == "nested" else "document.scrollingElement"};
    async function more() {{
        if (busy || count >= {last}) return;
        busy = true;
        if ('{how}' === 'timer') await new Promise(d => setTimeout(d, {late}));
        else await fetch('/slow?ms={late}');
        for (let i = 0; i < 25 && count < {last}; i++, count++) {{
            list.insertAdjacentHTML('beforeend', `<li style="height:40px">item-${{count}}</li>`);
        }}
        busy = false; up = {str(how != "updown").lower()};
    }}
    ({"box" if how == "nested" else "window"}).addEventListener('scroll', () => {{
        if (scroller.scrollTop < was) up = true;
        was = scroller.scrollTop;
        if (up && scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 5) more();
    }});
    more();
    """
    return Answer(document("Append", f"<div id=box{box}><ul id=list></ul></div><script>{script}</script>"))


def recycled_list(exchange: Exchange) -> Answer:
    """`/recycled?how=`: 500 items of which 12 are in the page: `replace` (new nodes) or `reuse` (the same with other
    text)."""
    reuse = exchange.query.get("how") == "reuse"
    draw = (
        "pool.forEach((row, i) => { const n = first + i; row.hidden = n >= 500; row.textContent = 'item-' + n;"
        " row.style.transform = `translateY(${n * 30}px)`; })"
        if reuse
        else "inner.replaceChildren(...Array.from({length: Math.min(12, 500 - first)}, (_, i) => make(first + i)))"
    )
    script = f"""
    const box = document.getElementById('box'), inner = document.getElementById('inner');
    const make = n => {{
        const row = document.createElement('div');
        row.style.cssText = `position:absolute;height:30px;transform:translateY(${{n * 30}}px)`;
        row.innerHTML = `<a href="/item/${{n}}">item-${{n}}</a>`;
        return row;
    }};
    const pool = {"Array.from({length: 12}, (_, i) => make(i))" if reuse else "[]"};
    inner.append(...pool);
    const show = () => {{ const first = Math.floor(box.scrollTop / 30); {draw}; }};
    box.addEventListener('scroll', show); show();
    """
    style = "height:300px;overflow:auto;position:relative"
    body = f'<h1>Recycled</h1><div id=box style="{style}"><div id=inner style="height:15000px"></div></div>'
    return Answer(document("Recycled", f"{body}<p>after-list</p><script>{script}</script>"))


def serve(site: Site) -> None:
    """Put the pages on the site until its next `reset`."""
    site.handle("/append", append_list)
    site.handle("/recycled", recycled_list)
