import gzip
import json

import pytest

from nephila.extract.plain import fenced, kind_of, media_type
from tests.extract.reading import read_html, read_well

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.mark.parametrize(
    ("content_type", "body", "kind"),
    [
        ("text/html", b"<p>x", "html"),
        ("Text/HTML; charset=utf-8", b"", "html"),
        ("application/xhtml+xml", b"<html/>", "html"),
        ("text/xml", b"<a/>", "xml"),
        ("application/xml", b"<html xmlns='http://www.w3.org/1999/xhtml'>", "html"),
        ("application/rss+xml; charset=utf-8", b"<rss>", "xml"),
        ("application/atom+xml", b"<feed>", "xml"),
        ("image/svg+xml", b"<svg><foreignObject><html >", "xml"),
        ("application/json", b"{}", "json"),
        ("application/ld+json", b"{}", "json"),
        ("application/problem+json", b"not json", "json"),
        ("text/plain", b"<p>not html", "text"),
        ("text/markdown", b"# x", "text"),
        ("text/csv", b"a,b", "text"),
        ("text/css", b"p{}", "text"),
        ("application/javascript", b"1", "text"),
        ("text/plain", b"a\x00b", "binary"),
        ("text/plain", b"\xff\xfea\x00", "text"),
        ("image/png", PNG, "binary"),
        ("image/x-unheard-of", b"text", "binary"),
        ("application/pdf", b"%PDF-1.7", "pdf"),
        ("text/html", b"%PDF-1.7", "pdf"),
        ("text/html", gzip.compress(b"<p>x"), "binary"),
        ("video/mp4", b"", "binary"),
        ("application/zip", b"PK\x03\x04", "binary"),
    ],
)
def test_by_content_type(content_type, body, kind):
    assert kind_of(content_type, body) == kind


@pytest.mark.parametrize("content_type", ["", "application/octet-stream", "unknown/unknown", "*/*", "nonsense"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text"),
        (b"  \n", "text"),
        (b"  <!DOCTYPE html><p>x", "html"),
        (b"\xef\xbb\xbf<html>", "html"),
        (b"<!-- c --><p>x", "html"),
        (b"<p>x</p>", "html"),
        (b"<my-card>x", "html"),
        (b"<h1>x", "html"),
        (b"<?xml version='1.0'?><rss>", "xml"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='x'>", "html"),
        (b"<rss version='2.0'>", "xml"),
        (b"<urlset xmlns='x'>", "xml"),
        (b' {"a": 1}\n', "json"),
        (b"[1, 2]", "json"),
        (b"{ not closed", "text"),
        (b"plain words < other words", "text"),
        ("grüße".encode(), "text"),
        (PNG, "binary"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "binary"),
        (b"a\x00b\x01", "binary"),
        (b"\xfe\xff\x00a", "text"),
    ],
)
def test_by_the_bytes(content_type, body, kind):
    assert kind_of(content_type, body) == kind


def test_media_type():
    assert media_type(" Text/HTML ; charset=x") == "text/html"
    assert media_type("text/html, text/html") == "text/html"
    assert media_type("") == ""


def test_plain_text():
    text = "a *b* <c> & d_e_f\n\n    code\n```fence```\n# not a heading"
    document = read_well(text, content_type="text/plain; charset=utf-8")
    assert document.kind == "text"
    assert document.encoding == "UTF-8"
    assert document.markdown.raw_markdown == f"````\n{text}\n````"
    assert document.markdown.markdown_with_citations == document.markdown.raw_markdown
    assert document.cleaned_html == ("<pre>a *b* &lt;c&gt; &amp; d_e_f\n\n    code\n```fence```\n# not a heading</pre>")
    assert document.links == {"internal": [], "external": []}
    assert document.metadata == {}


def test_markdown_is_its_own_markdown():
    document = read_well("# Head\n\ntext *b*\n", content_type="text/markdown")
    assert document.markdown.raw_markdown == "# Head\n\ntext *b*"


def test_json_and_xml_are_fenced():
    text = json.dumps({"a": "<b>"}, indent=1)
    document = read_well(text, content_type="application/json")
    assert (document.kind, document.markdown.raw_markdown) == ("json", f"```json\n{text}\n```")
    document = read_well("<?xml version='1.0'?>\n<a>x</a>\n", content_type="application/xml")
    assert document.markdown.raw_markdown == "```xml\n<?xml version='1.0'?>\n<a>x</a>\n```"


def test_the_encoding_of_an_xml_declaration():
    body = "<?xml version='1.0' encoding='windows-1251'?><a>Привет</a>".encode("windows-1251")
    document = read_well(body, content_type="text/xml")
    assert "Привет" in document.markdown.raw_markdown
    assert document.encoding == "windows-1251"


def test_the_charset_of_text():
    document = read_well("Привет".encode("koi8-r"), content_type='text/plain; charset="koi8-r"')
    assert "Привет" in document.markdown.raw_markdown


def test_binary_is_truthful():
    document = read_html(PNG, content_type="image/png")
    assert (document.kind, document.encoding, document.error) == ("binary", None, "")
    assert document.cleaned_html == document.markdown.raw_markdown == ""
    assert document.warnings == [f"The body (image/png, {len(PNG)} bytes) is binary: it has no text to read."]


@pytest.mark.parametrize("body", ["", " \n\t"])
def test_nothing_in_it(body):
    document = read_well(body, content_type="text/plain")
    assert document.cleaned_html == document.markdown.raw_markdown == ""


@pytest.mark.parametrize(
    ("text", "fence"), [("x", "```"), ("``x``", "```"), ("```", "````"), ("a\n`````\nb", "``````")]
)
def test_a_fence_is_longer_than_those_inside(text, fence):
    assert fenced(text, "xml") == f"{fence}xml\n{text}\n{fence}"
