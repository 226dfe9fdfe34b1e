"""Damaged pages: reading them never raises, ends soon, and gives text that can be sent on."""

from __future__ import annotations

import gzip
import time

from hypothesis import given, settings, strategies as st

from nephila.extract.document import read
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions

_PAGE = b"""<!DOCTYPE html><html lang=en><head><base href="/base/"><title>T</title><meta name=description content="d">
<script type="application/ld+json">{"@type": "Article", "author": {"name": "A"}}</script></head>
<body><main><h1>Head</h1>
<p>text <a href="/x?y#z" title=t>link</a> <b>bold <i>both</b> it</i></p>
<ul><li>one<li>two</ul><pre><code>x &lt; y</code></pre>
<table><caption>c</caption><tr><th colspan=2>h<td rowspan=3>d</table><img src=a.png srcset="b.png 2x, c.png 3x" alt=i>
<svg><title>s</title></svg><math><mi>x</mi></math><template><p>t</template><select><option>o</select></main></body></html>"""

_JUNK = st.sampled_from(
    [
        b"<",
        b">",
        b"</",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"&#x110000;",
        b"&",
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"<table>",
        b"<td colspan=999999999 rowspan=999999999>",
        b"<a href='http://[' >",
        b"<base href='::'>",
        b"<div>" * 300,
        b"<svg><foreignObject>",
        b"<math><mtext>",
        b"<template>",
        b"<plaintext>",
        b"<frameset>",
        b"<b><p>" * 40,
        b'<script type="application/ld+json">{"a":' + b"[" * 2000,
        b"<meta charset=utf-16>",
        b"<img srcset=',,, x 1w,'>",
    ]
) | st.binary(max_size=12)

_MUTATIONS = st.lists(st.tuples(st.integers(0, len(_PAGE)), st.integers(0, 60), _JUNK), max_size=12)
_TYPES = st.sampled_from(
    ["text/html", "text/html; charset=utf-16", "application/xhtml+xml", "text/xml", "", "text/plain"]
)


@settings(max_examples=150, deadline=None)
@given(_MUTATIONS, _TYPES, st.booleans())
def test_damaged_pages(mutations: list[tuple[int, int, bytes]], content_type: str, packed: bool) -> None:
    body = _PAGE
    for position, removed, junk in mutations:
        body = body[:position] + junk + body[position + removed :]
    page = RawPage(
        "https://a.example/", gzip.compress(body) if packed else body, content_type, "gzip" if packed else ""
    )
    started = time.process_time()
    document = read(page, ReadingOptions())
    assert time.process_time() - started < 5
    for text in (document.cleaned_html, document.markdown.raw_markdown, document.markdown.references_markdown):
        text.encode()
        assert len(text) < 2_000_000
    assert all(len(table["rows"]) < 100_000 for table in document.tables)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), _TYPES, st.sampled_from(["", "gzip", "br", "deflate", "zstd", "gzip, br", "nonsense"]))
def test_any_bytes(body: bytes, content_type: str, encoding: str) -> None:
    document = read(RawPage("https://a.example/", body, content_type, encoding), ReadingOptions())
    assert document.kind in ("html", "xml", "text", "json", "binary")
