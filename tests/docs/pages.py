"""The pages that https://example.com stands for in README.md and docs/, when their code is run by the tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.site.pdf_files import Page, Text, flowing, pdf
from tests.site.server import Site

HOME = """<!doctype html>
<html lang="en"><head><title>Example Domain</title><meta name="viewport" content="width=device-width">
<style>body { background: #eee }</style></head>
<body><div><h1>Example Domain</h1>
<p>This domain is for use in documentation examples without needing permission. Avoid use in operations.</p>
<p><a href="https://iana.org/domains/example">Learn more</a></p></div></body></html>
"""

SPIDERS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Golden orb-weavers</title>
<meta name="description" content="The spiders that spin golden silk.">
<meta name="author" content="Ada Weaver">
<meta property="og:image" content="/img/web.jpg">
<meta property="article:published_time" content="2025-03-01T09:00:00Z">
<link rel="canonical" href="/spiders"></head>
<body>
<nav class="menu"><a href="/">Home</a> <a href="/spiders">Spiders</a> <a href="/prices">Prices</a></nav>
<main><article>
<h1>Golden orb-weavers</h1>
<p>Golden orb-weavers are large spiders that live in warm places all over the world. They are named after the colour
of their silk, which shines like gold in the sun.</p>
<h2>Silk</h2>
<p>The silk is <strong>stronger than steel</strong> of the same weight. Read more about <a href="/spiders/silk">silk</a>
and about <a href="/spiders/web" title="How a web is built">the web</a>.</p>
<h2>Food</h2>
<p>They eat flies, beetles and grasshoppers, and now and then a small bird that was caught in the web. See
<a href="https://en.wikipedia.org/wiki/Trichonephila">the encyclopedia</a> for more.</p>
<figure><img src="/img/web.jpg" width="640" height="480" alt="A golden web"><figcaption>A web in the morning
sun.</figcaption></figure>
<table><caption>Sizes</caption><thead><tr><th>Species</th><th>Body</th></tr></thead>
<tbody><tr><td>T. clavipes</td><td>40 mm</td></tr><tr><td>N. pilipes</td><td>50 mm</td></tr></tbody></table>
</article></main>
<form action="/subscribe"><label>Newsletter <input name="mail"></label><button>Subscribe</button></form>
<footer><a href="https://x.com/spiders">Follow us</a> · All rights reserved</footer>
</body></html>
"""


def _short(title: str, text: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><title>{title}</title></head>\n<body><nav><a href="/">Home</a></nav>\n'
        f"<main><h1>{title}</h1><p>{text}</p></main></body></html>\n"
    )


PAGES: Mapping[str, str] = MappingProxyType(
    {
        "/": HOME,
        "/spiders": SPIDERS,
        "/spiders/silk": _short(
            "Silk", "Silk is a protein. It is liquid inside the spider and hardens as it is pulled."
        ),
        "/spiders/web": _short("The web", "A web is built in an hour. The old one is eaten first."),
        "/prices": _short("Prices", "A web costs nothing."),
        **{f"/news/{number}": _short(f"News {number}", f"Message number {number}.") for number in range(1, 6)},
    }
)


def report() -> bytes:
    """A PDF of two pages."""
    first = flowing(["Webs in numbers"], size=20, y=750) + flowing(
        ["A golden orb-weaver builds a web of a metre in an hour, and eats it in the eve-", "ning."]
    )
    second = [Text(72, 720, "See"), Text(100, 720, "the spider"), Text(160, 720, "for more.")]
    link = ((98, 715, 155, 735), "https://example.com/spiders")
    info = {"Title": "Webs in numbers", "Author": "Ada Weaver", "CreationDate": "D:20250301090000Z"}
    return pdf([Page(first), Page(second, [link])], info)


def serve(site: Site) -> None:
    """Put the pages on the site, until its next `reset`."""
    for path, page in PAGES.items():
        site.serve(path, page)
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private/\n", "text/plain")
    site.serve("/busy", _short("Busy", "Come back later."), status=503)
    site.serve("/old", "", status=301, headers={"location": "/spiders"})
    site.serve("/data.json", '{"species": 2}', "application/json")
    site.serve("/web.zip", b"PK\x05\x06" + bytes(18), "application/zip")
    site.serve("/report.pdf", report(), "application/pdf")
