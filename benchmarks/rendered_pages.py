"""Pages that a script fills from data, and pages that are there as served: the site of the browser's benchmark."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

from benchmarks.generated_pages import paragraph, sentence, table

PAGES = 200
"""Different pages of each kind; a longer crawl asks for them again under other query strings."""

_SCRIPT = """
const data = JSON.parse(document.getElementById('data').textContent);
const root = document.getElementById('root');
const put = (tag, html) => { const e = document.createElement(tag); e.innerHTML = html; root.append(e); return e; };
put('h1', data.title);
for (const part of data.parts) put('section', part).className = 'part';
put('footer', data.mark);
"""


def mark(number: int) -> str:
    """What the last element of a page says, so that half a page is not taken for a whole one."""
    return f"end of page {number}"


def rendered_page(number: int) -> str:
    """An empty element, the content as data, and a script that brings the two together."""
    rng = random.Random(number)
    parts = [paragraph(rng) for _ in range(12)] + [table(rng)]
    data = json.dumps({"title": sentence(rng, 5), "parts": parts, "mark": mark(number)}).replace("<", "\\u003c")
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Page {number}</title></head><body>"
        f'<noscript>You need to enable JavaScript.</noscript><div id="root"></div>'
        f'<script id="data" type="application/json">{data}</script><script>{_SCRIPT}</script></body></html>'
    )


def served_page(number: int) -> str:
    """The same as it looks when the script has run."""
    rng = random.Random(number)
    parts = "".join(f"<section class=part>{paragraph(rng)}</section>" for _ in range(12)) + table(rng)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Page {number}</title></head><body>"
        f'<div id="root"><h1>{sentence(rng, 5)}</h1>{parts}<footer>{mark(number)}</footer></div></body></html>'
    )


def lay_out_rendered(root: Path) -> None:
    """Write the pages where the site's servers find them."""
    folder = root / "u" / "app"
    folder.mkdir(parents=True)
    for number in range(PAGES):
        for kind, html in (("r", rendered_page(number)), ("s", served_page(number))):
            (folder / f"{kind}{number}.html.gz").write_bytes(gzip.compress(html.encode(), 6))


def rendered_urls(hosts: list[str], count: int) -> list[str]:
    """URLs of pages that need their script."""
    return [f"http://{hosts[n % len(hosts)]}/u/app/r{n % PAGES}.html?v={n // PAGES}" for n in range(count)]


def mixed_urls(hosts: list[str], count: int) -> list[str]:
    """The same with nine of ten that do not, in the same folder."""
    kinds = ["r" if n % 10 == 0 else "s" for n in range(count)]
    return [f"http://{hosts[n % len(hosts)]}/u/app/{kind}{n % PAGES}.html?m={n}" for n, kind in enumerate(kinds)]
