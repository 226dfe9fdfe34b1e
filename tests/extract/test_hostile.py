"""Pages made to exhaust a reader: each is read in bounded time and memory, and to its end."""

import time

import pytest

from tests.extract.reading import read_well

SECONDS = 20.0
"""Far above what a slow machine needs, far below what quadratic time would take."""

PAGES = {
    "200,000 nested elements": "<div>" * 200_000,
    "200,000 nested inline elements": "<b>" * 200_000,
    "nested links": "<a href=x><div>" * 100_000,
    "nested lists": "<ul><li>" * 100_000,
    "nested tables": "<table><tr><td>" * 50_000,
    "nested figures": "<figure><img src=x.png>" * 50_000,
    "nested noscripts": "<noscript><img src=x.png>" * 50_000 + "</noscript>" * 50_000,
    "an element with a million attributes": f"<p {' '.join(f'a{n}=1' for n in range(1_000_000))}>",
    "an image with many attributes": f"<img src=x {' '.join(f'data-{n}=1' for n in range(300_000))}>",
    "five megabytes in one line": "word " * 1_000_000,
    "five megabytes in one word": "w" * 5_000_000,
    "many images in one picture": "<picture>" + "<img src=x.png>" * 100_000 + "</picture>",
    "one long srcset": f"<img srcset='{'a.png 1x,' * 300_000}'>",
    "one long style": f"<p style='{'url(' * 1_000_000}'>x</p>",
    "many backgrounds": "<p style='background:url(a)'>x</p>" * 50_000,
    "many images": "".join(f"<p><img src={n}.png></p>" for n in range(30_000)),
    "many links": "".join(f"<a href={n}>{n}</a> " for n in range(50_000)),
    "many line breaks": "<br>" * 300_000,
    "line breaks in inline elements": "<i><br></i>" * 100_000,
    "many noscripts": ("<noscript>" + "w " * 50 + "</noscript>") * 20_000,
    "many streamed segments": "".join(
        f"<template id=B:{n}></template><div hidden id=S:{n}>x</div>" for n in range(20_000)
    ),
    "many shadow roots": "<a-a><template shadowrootmode=open><slot></slot></template>x</a-a>" * 20_000,
    "many og images": "".join(f"<meta property=og:image content={n}.png>" for n in range(30_000)),
    "10,000 rows": "<table>" + "<tr><td>a<td>b" * 10_000 + "</table>",
    "colspan=1000000": "<table>" + "<tr><td colspan=1000000 rowspan=1000000>a" * 5_000 + "</table>",
    "1,000 columns": "<table>" + f"<tr>{'<td>a' * 1_000}</tr>" * 100 + "</table>",
    "1,000-column spans": "<table>" + "<tr><td colspan=1000>a" * 10_000 + "</table>",
    "nested tables side by side": "<table><tr><td><table><tr><td>a</table><td>" * 20_000,
    "nested pre": "<pre><div>" * 100_000 + "</div></pre>" * 100_000,
    "nested code": "<code>" * 100_000 + "</code>" * 100_000,
    "nested sup": "<sup>" * 100_000 + "</sup>" * 100_000,
    "nested landmarks": "<nav><main><aside><a href=x>" * 30_000,
    "many srcdoc frames": "<iframe srcdoc='<p>a</p>'></iframe>" * 20_000,
    "a large srcdoc": f"<iframe srcdoc='{'<b>' * 100_000}'></iframe>",
    "many styles": "".join(f"<p style='opacity:{n}%;height:0'>x</p>" for n in range(30_000)),
    "many hidden elements in each other": "<div aria-hidden=true>x" * 50_000 + "</div>" * 50_000,
    "many classes that are hidden": "<style>"
    + "".join(f".c{n}{{display:none}}" for n in range(2_000))
    + "</style>"
    + "".join(f"<p class=c{n}>x</p>" for n in range(30_000)),
    "a style sheet without ends": f"<style>{'.a{display:none;' * 50_000}</style>",
    "bait for patterns": "<p>" + "".join("![[(" * 20_000 + "\\" * 20_000 + "<a@a" * 20_000 + "*_" * 20_000) + "</p>",
    "dates that are none": "<h1>t</h1>" + "<p>by " + "2024-" * 200_000 + "</p>",
    "brackets": "[" * 1_000_000,
    "backticks": f"<code>{'`' * 1_000_000}</code>",
}


@pytest.mark.parametrize("name", PAGES)
def test_bounded_and_to_the_end(name):
    started = time.perf_counter()
    document = read_well(f"{PAGES[name]}</b></a></p><p>THE END</p>")
    assert time.perf_counter() - started < SECONDS
    assert "THE END" in document.cleaned_html
    assert "THE END" in document.markdown.raw_markdown


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>text</p><a href='/x",
        "<p>text</p><script>var x = '",
        "<p>text</p><!-- never closed",
        "<p>text</p><textarea>",
        "<p>text</p><",
        "<p>text</p>&#x",
    ],
)
def test_truncated_markup(html):
    assert "text" in read_well(html).markdown.raw_markdown


def test_nul_bytes_and_undecodable_bytes():
    document = read_well(b"<p>a\x00b</p>\x00<p>" + bytes(range(128, 256)) * 100 + b"</p><p>THE END</p>")
    assert "THE END" in document.markdown.raw_markdown
    assert "\x00" not in document.cleaned_html
