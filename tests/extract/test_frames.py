"""Documents inside the page: `srcdoc` frames, and what a page of frames says without them."""

from tests.extract.reading import read_well


def test_srcdoc_is_read_in_its_place_and_its_links_against_the_page():
    document = read_well(
        "<p>before</p><iframe srcdoc=\"<p>inside <a href='/x'>x</a><img src=i.png></p>\"></iframe><p>after</p>"
    )
    markdown = document.markdown.raw_markdown
    assert markdown.index("before") < markdown.index("inside") < markdown.index("after")
    assert any(link["href"].endswith("/x") and link["href"].startswith("http") for link in document.links["internal"])
    assert document.media["images"][0]["src"].startswith("http")


def test_srcdoc_is_cleaned_as_the_rest():
    document = read_well(
        "<iframe srcdoc=\"<script>bad()</script><p onclick=bad()>fine<a href='javascript:bad()'>x</a></p>\"></iframe>"
    )
    assert "fine" in document.cleaned_html
    assert "bad" not in document.cleaned_html


def test_srcdoc_in_srcdoc():
    inner = "&lt;p&gt;deep&lt;/p&gt;".replace("&", "&amp;")
    assert "deep" in read_well(f"<iframe srcdoc='<iframe srcdoc=\"{inner}\"></iframe>'></iframe>").cleaned_html


def test_an_empty_frame_says_nothing():
    assert read_well("<p>a</p><iframe srcdoc=''></iframe>").markdown.raw_markdown == "a"


def test_noframes_of_a_page_of_frames():
    document = read_well(
        "<title>T</title><frameset cols=50%><frame src=a.html><noframes><body><h1>Here</h1><a href=a.html>A</a>"
        "</noframes></frameset>"
    )
    assert "# Here" in document.markdown.raw_markdown
    assert document.links["internal"][0]["href"].endswith("/a.html")
    assert document.metadata["title"] in ("T", "Here")


def test_noframes_of_another_page_stays_out():
    assert "old" not in read_well("<p>a</p><noframes>old</noframes>").markdown.raw_markdown
