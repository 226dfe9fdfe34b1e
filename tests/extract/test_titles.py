import pytest
import turbohtml

from nephila.extract.metadata import read_metadata


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> How spiders \n weave </title>", "How spiders weave"),
        ("<title>How spiders weave their nets - Site Name</title>", "How spiders weave their nets"),
        (
            "<title>How spiders weave their nets - Site Name</title><h1>How spiders weave their nets</h1>",
            "How spiders weave their nets",
        ),
        (
            "<title>Site Name | How spiders weave their nets</title><h1>How spiders weave their nets</h1>",
            "How spiders weave their nets",
        ),
        (
            "<title>Why spider silk is strong | Site</title><meta property=og:type content=article>"
            "<article><h1>Why spider silk is stronger than steel</h1></article>",
            "Why spider silk is stronger than steel",
        ),
        ("<title>Spiders: how they weave</title><h1>spiders – how they weave</h1>", "spiders – how they weave"),
        ("<title>Spider-Man: No Way Home</title>", "Spider-Man: No Way Home"),
        (
            '<title>Example News: Spiders weave</title><meta property="og:site_name" content="Example News">'
            '<h1 class="logo">Example News</h1><h1>Spiders weave</h1>',
            "Spiders weave",
        ),
        ("<title>How spiders weave their nets | Example</title>", "How spiders weave their nets"),
        ("<title>Example » How spiders weave their nets</title>", "How spiders weave their nets"),
        ("<title>Example</title>", "Example"),
        ("<title> - | - </title>", "- | -"),
        ('<meta property="og:title" content="How spiders weave"><h1>How spiders weave</h1>', "How spiders weave"),
        (
            '<script type="application/ld+json">{"@type": "Article", "headline": "How spiders weave"}</script>',
            "How spiders weave",
        ),
        ("<h1></h1><h1>Head ¶</h1>", "Head"),
        ("<title></title>", None),
    ],
)
def test_title(html, title):
    assert read_metadata(turbohtml.parse(html), "https://www.example.com/x")["title"] == title


def test_the_text_of_the_title_element_is_kept():
    metadata = read_metadata(
        turbohtml.parse("<title>Spiders | Example</title><h1>Spiders</h1>"), "https://example.com/x"
    )
    assert metadata["title"] == "Spiders"
    assert metadata["document_title"] == "Spiders | Example"
