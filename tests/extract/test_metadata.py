import pytest
import turbohtml

from nephila.extract.metadata import MAX_VALUE, read_metadata

URL = "https://www.example.com/blog/post"


def read(html, url=URL):
    return read_metadata(turbohtml.parse(html), url)


def json_ld(text):
    return f'<script type="application/ld+json">{text}</script>'


def test_an_empty_page_has_the_four_keys_that_are_always_there():
    empty = {"title": None, "description": None, "keywords": None, "author": None}
    assert read("") == read("<p>x") == empty


def test_a_whole_head():
    metadata = read("""<html lang="en_GB"><head><title>Spiders | Example</title>
        <meta name="Description" content=" About  spiders "><meta name="keywords" content="web, silk">
        <meta name="author" content="Ada Weaver"><meta name="robots" content="noindex">
        <meta property="og:title" content="Spiders"><meta property="og:site_name" content="Example">
        <meta property="og:image" content="/i.png"><meta property="og:image" content="/second.png">
        <meta name="twitter:card" content="summary"><meta property="article:tag" content="a">
        <meta property="article:tag" content="b"><meta property="article:published_time" content="2024-05-01T10:00:00Z">
        <meta property="article:modified_time" content="2024-05-02">
        <link rel="canonical" href="/spiders"><link rel="shortcut icon" href="/f.ico">
        <link rel="alternate" type="application/rss+xml" title="News" href="/feed">
        <link rel="alternate" hreflang="de" href="https://de.example.com/">
        <link rel="alternate stylesheet" href="/dark.css">""")
    assert metadata == {
        "title": "Spiders",
        "document_title": "Spiders | Example",
        "description": "About  spiders",
        "keywords": "web, silk",
        "author": "Ada Weaver",
        "language": "en-GB",
        "robots": "noindex",
        "site_name": "Example",
        "image": "https://www.example.com/i.png",
        "published_date": "2024-05-01T10:00:00+00:00",
        "modified_date": "2024-05-02",
        "canonical": "https://www.example.com/spiders",
        "favicon": "https://www.example.com/f.ico",
        "feeds": [{"href": "https://www.example.com/feed", "type": "application/rss+xml", "title": "News"}],
        "alternates": [{"hreflang": "de", "href": "https://de.example.com/"}],
        "og:title": "Spiders",
        "og:site_name": "Example",
        "og:image": "/i.png",
        "twitter:card": "summary",
        "article:tag": "a, b",
        "article:published_time": "2024-05-01T10:00:00Z",
        "article:modified_time": "2024-05-02",
    }


def test_json_ld_is_returned_and_used():
    metadata = read(
        json_ld('{"@type": "BlogPosting", "author": {"name": "Ada"}, "datePublished": "2024-05-01"}')
        + json_ld("not json")
        + json_ld('[{"@type": "Thing"}, 1, "x"]')
    )
    assert [thing["@type"] for thing in metadata["jsonld"]] == ["BlogPosting", "Thing"]
    assert metadata["author"] == "Ada"
    assert metadata["published_date"] == "2024-05-01"


def test_urls_that_are_none_are_left_out():
    metadata = read(
        '<link rel="canonical" href="http://["><link rel="icon" href="data:image/png;base64,AA">'
        '<meta property="og:image" content="data:image/png;base64,AA">'
        f'<link rel="canonical" href="/{"a" * 10_000}">'
    )
    assert not {"canonical", "favicon", "image"} & set(metadata)


def test_relative_urls_resolve_against_the_base():
    assert read('<link rel="canonical" href="x">', "https://b.example/a/")["canonical"] == "https://b.example/a/x"


def test_the_site_is_preferred_as_icon_before_the_touch_icon():
    icons = '<link rel="apple-touch-icon" href="/touch.png"><link rel="icon" href="/i.svg"><link rel="icon" href="/j">'
    assert read(icons)["favicon"] == "https://www.example.com/i.svg"


def test_the_title_of_a_picture_is_not_the_pages():
    assert read("<body><svg><title>Icon</title></svg><h1>Page</h1>")["title"] == "Page"


def test_description_falls_back_to_open_graph():
    assert read('<meta property="og:description" content="d">')["description"] == "d"


def test_the_tree_is_left_as_it_was():
    tree = turbohtml.parse('<title>x</title><a rel="author" href="/author/a">Ada</a><time>2024-05-01</time>')
    before = tree.html
    read_metadata(tree, URL)
    assert tree.html == before


def test_values_are_cut():
    metadata = read(f'<title>{"t" * 50_000}</title><meta name="description" content="{"d" * 50_000}">')
    assert len(metadata["title"]) == len(metadata["description"]) == MAX_VALUE


@pytest.mark.parametrize(
    "html",
    [
        "<meta name='og:x' content='y'>" * 50_000,
        "<meta property='article:tag' content='yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'>" * 50_000,
        "<link rel='alternate' hreflang='de' href='/x'>" * 50_000,
        "<h1>" * 500 + "x" * 1_000_000,
        "<time>x</time>" * 50_000,
        "<i class='author'>" * 20_000 + "x" * 100_000,
        "<i itemprop='author'>" * 20_000 + "x" * 100_000,
        "<i class='date'>" * 400 + "2024 " * 100_000,
        f"<title>{'- ' * 500_000}x</title><h1>- -</h1>",
        f"<i class='{'author-' * 100_000}'>x</i>",
        json_ld("[" * 1_000_000),
        json_ld('{"@graph":' * 10_000 + "1" + "}" * 10_000),
        json_ld('{"author":' * 400 + "1" + "}" * 400),
        json_ld("[" + '{"@type":"Article","author":{"@id":"x"}},' * 20_000 + "{}]"),
        json_ld("<!--" * 200_000),
    ],
)
def test_hostile_pages_are_read_in_bounded_space(html):
    metadata = read(html)
    assert {"title", "description", "keywords", "author"} <= set(metadata)
    for name, value in metadata.items():
        assert len(str(value)) <= 200_000 or name == "jsonld"
