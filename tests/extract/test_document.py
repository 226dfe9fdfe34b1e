import gzip
import logging
import pickle

import pytest
from hypothesis import given, strategies as st

from nephila.errors import ErrorCode
from nephila.extract.document import read
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.html.decode import decode_body
from nephila.models import MarkdownGenerationResult, RawPage
from nephila.options.reading import ReadingOptions
from nephila.options.strategies import MarkdownGenerationStrategy
from tests.extract.reading import PAGE_URL, read_html, read_well

PAGE = """<!doctype html><html lang=en><head><title>The title</title><meta name=description content="About it"></head>
<body><nav><a href=/nav>Menu</a></nav><main><h1>Head</h1><p>Some <b>bold</b> text, long enough to be the main content of
the page, with <a href="rel?x=1#f">a link</a>, and an image: <img src=i.jpg alt=Picture></p>
<pre><code class="language-python">print("x")</code></pre><table><tr><th>A<th>B<tr><td>1<td>2</table></main>
<script>var hidden = 1</script><footer>Foot</footer></body></html>"""


def test_a_whole_page():
    document = read_well(PAGE)
    assert document.kind == "html"
    assert document.encoding == "UTF-8"
    assert document.metadata["title"] == "The title"
    assert document.metadata["description"] == "About it"
    assert [link["text"] for link in document.links["internal"]] == ["Menu", "a link"]
    assert document.media["images"][0]["src"] == "https://www.example.com/dir/i.jpg"
    assert document.tables[0]["rows"] == [["1", "2"]]
    assert document.markdown.raw_markdown == (
        "[Menu](https://www.example.com/nav)\n\n# Head\n\n"
        "Some **bold** text, long enough to be the main content of the page, with "
        "[a link](https://www.example.com/dir/rel?x=1#f), and an image: "
        "![Picture](https://www.example.com/dir/i.jpg)\n\n"
        '```python\nprint("x")\n```\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n\nFoot'
    )
    assert document.cleaned_html.startswith('<nav><a href="https://www.example.com/nav">Menu</a></nav>')
    assert "script" not in document.cleaned_html
    assert "⟨1⟩" in document.markdown.markdown_with_citations
    assert "Some **bold** text" in (document.markdown.fit_markdown or "")
    assert document.warnings == []


def test_the_same_page_twice_is_the_same_document():
    assert read_html(PAGE) == read_html(PAGE)
    assert pickle.loads(pickle.dumps(read_html(PAGE))) == read_html(PAGE)


def test_options_are_not_changed():
    options = ReadingOptions(excluded_tags=["nav"], markdown_generator=DefaultMarkdownGenerator())
    before = pickle.dumps(options)
    read(RawPage(PAGE_URL, PAGE.encode(), "text/html"), options)
    assert pickle.dumps(options) == before


def test_an_encoded_body():
    page = RawPage(PAGE_URL, gzip.compress(PAGE.encode()), "text/html", "gzip")
    assert read(page, ReadingOptions()) == read_html(PAGE)


def test_a_cut_body_is_an_error_beside_what_came():
    body = gzip.compress(b"".join(b"<p>paragraph %d</p>" % number for number in range(10_000)))
    document = read(RawPage(PAGE_URL, body[: len(body) // 2], "text/html", "gzip"), ReadingOptions())
    assert document.error_code == "connection_lost"
    assert "ends too early" in document.error
    assert "paragraph 1000" in document.markdown.raw_markdown


def test_a_body_that_unpacks_to_too_much():
    page = RawPage(PAGE_URL, gzip.compress(bytes(10_000_000)), "text/html", "gzip")
    document = read(page, ReadingOptions(max_decoded_bytes=1_000_000))
    assert (document.kind, document.error_code) == ("binary", ErrorCode.TOO_LARGE)
    assert "1,000,000 bytes" in document.error


def test_an_unknown_coding():
    document = read(RawPage(PAGE_URL, b"x", "text/html", "snappy"), ReadingOptions())
    assert document.error_code == "protocol"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "gbk", "utf-16"])
def test_the_text_can_be_decoded_later(encoding):
    html = "<title>Привет</title><p>мир</p>"
    body = gzip.compress(html.encode(encoding))
    page = RawPage(PAGE_URL, body, f"text/html; charset={encoding}", "gzip")
    document = read(page, ReadingOptions())
    assert decode_body(body, "gzip", document.encoding, 1000) == html


def generated(content_source, html=PAGE, **options):
    generator = DefaultMarkdownGenerator(content_source=content_source)
    return read_well(html, markdown_generator=generator, **options).markdown.raw_markdown


def test_content_sources():
    html = PAGE.replace("<footer>", "<footer><p hidden>unseen</p>")
    assert "unseen" not in generated("cleaned_html", html)
    assert "unseen" in generated("raw_html", html)
    assert "[Menu](https://www.example.com/nav)" in generated("raw_html", html)
    assert "[Menu]" in generated("cleaned_html", html)
    assert "Menu" not in generated("fit_html", html)
    assert "Some **bold** text" in generated("fit_html", html)


def test_raw_html_knows_nothing_of_the_selection():
    assert "Foot" in generated("raw_html", css_selector="h1")
    assert "Foot" not in generated("cleaned_html", css_selector="h1")


def test_raw_html_as_text_only():
    assert "](" not in generated("raw_html", only_text=True)


def test_options_of_the_markdown_generator():
    generator = DefaultMarkdownGenerator(options={"ignore_links": True})
    assert "](https://www.example.com/nav" not in read_well(PAGE, markdown_generator=generator).markdown.raw_markdown


class Own(MarkdownGenerationStrategy):
    def generate_markdown(self, input_html, base_url="", **options):
        if "boom" in input_html:
            raise ZeroDivisionError("boom")
        return MarkdownGenerationResult(raw_markdown=f"{base_url} {input_html[:15]}")


@pytest.mark.parametrize(
    ("source", "start"),
    [("raw_html", "<!doctype html>"), ("cleaned_html", '<nav><a href="h'), ("fit_html", "<main><h1>Head<")],
)
def test_a_markdown_generator_of_the_caller(source, start):
    document = read_well(PAGE, markdown_generator=Own(content_source=source))
    assert document.markdown.raw_markdown == f"{PAGE_URL} {start[:15]}"


def test_a_markdown_generator_that_fails(caplog):
    with caplog.at_level(logging.INFO):
        document = read_html("<p>boom</p><a href=/x>y</a>", markdown_generator=Own())
    assert document.error_code == "user_code"
    assert document.error == "markdown_generator Own raised ZeroDivisionError: boom"
    assert document.cleaned_html.startswith("<p>boom</p>")
    assert len(document.links["internal"]) == 1
    assert caplog.records == []


class Louder(DefaultMarkdownGenerator):
    def generate_markdown(self, *args, **options):
        result = super().generate_markdown(*args, **options)
        result.raw_markdown = result.raw_markdown.upper()
        return result


def test_an_override_of_the_built_in_is_used():
    assert "# HEAD" in read_well(PAGE, markdown_generator=Louder()).markdown.raw_markdown


def test_xhtml():
    html = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>x<br/>y</p></body></html>'
    assert read_well(html, content_type="application/xhtml+xml").cleaned_html == "<p>x<br>y</p>"


def test_frames_are_no_error():
    document = read_well("<title>F</title><frameset><frame src=/a></frameset>")
    assert document.metadata["title"] == "F"
    assert document.cleaned_html == ""


@pytest.mark.parametrize("body", [b"", b" \n\t ", b"\xef\xbb\xbf", b"<", b"<!", b"</p>", b"\x00"])
def test_nearly_nothing(body):
    document = read_html(body)
    assert document.error == ""
    assert document.kind == "html"


READ = st.sampled_from(
    [
        {},
        {"css_selector": "p, td"},
        {"target_elements": ["a", "div"]},
        {"only_text": True, "word_count_threshold": 3},
        {"exclude_external_links": True, "exclude_external_images": True, "remove_forms": True},
        {"excluded_tags": ["div"], "keep_attrs": ["cite", "style"], "prettiify": True},
    ]
)
PIECES = """<p> <div> </div> <a_href=/x> </a> <a_href='//o.example'> <img_src=a> <img_data-src=b> <picture>
<source_srcset=c> <table> <tr> <td> <th_colspan=2> <noscript> </noscript> <template> <template_shadowrootmode=open>
<slot> <svg> <math> <br> <b> <pre> <li> <ul> <base_href=y> <form> <video_src=v> <figure> <select> <option> <frameset>
<div_hidden_id=S:0> <template_id=B:0> <!--/$--> text &amp; <![CDATA[ <script> </script> <textarea> <style> <title>
<body> <html> </html> <head> <dialog> <caption> <tbody> <button> <iframe> <object> \x00 \ud800""".split()
MARKUP = st.lists(st.sampled_from([piece.replace("_", " ") for piece in PIECES]), max_size=40).map("".join)


@given(MARKUP, READ)
def test_any_markup_is_read(html, options):
    document = read_html(html, **options)
    assert document.error == ""
    assert "<script" not in document.cleaned_html


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "text/html", "text/html; charset=gbk", "text/xml", "application/json", "image/png"]),
    st.sampled_from(["", "gzip", "br", "deflate", "zstd", "gzip, br", "other"]),
)
def test_any_bytes_are_read(body, content_type, content_encoding):
    document = read(RawPage(PAGE_URL, body, content_type, content_encoding), ReadingOptions())
    assert document.error_code in ("", "connection_lost", "protocol", "read")
