import pytest
import turbohtml

from nephila.extract.metadata import read_metadata


def author(html, url="https://www.example.com/2024/01/05/x"):
    return read_metadata(turbohtml.parse(html), url)["author"]


def thing(value, kind="Article", more=""):
    return f'<script type="application/ld+json">[{{"@type": "{kind}", "author": {value}}}{more}]</script>'


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('"Ada Weaver"', "Ada Weaver"),
        ('{"name": "Ada"}', "Ada"),
        ('[{"name": "Ada"}, "Bob", {"name": ["Cleo", "Dan"]}, {"name": "ada"}]', "Ada, Bob, Cleo, Dan"),
        ('{"@id": "#ada"}', "Ada of the graph"),
        ("1", None),
        ("null", None),
        ("[[]]", None),
        ('{"name": {"x": 1}}', None),
        ('{"@id": 5}', None),
        ('"https://example.com/ada"', None),
        ('"ada@example.com"', None),
    ],
)
def test_json_ld_of_any_shape(value, name):
    assert author(thing(value, more=', {"@id": "#ada", "@type": "Person", "name": "Ada of the graph"}')) == name


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ('<meta name="author" content="Ada">', "Ada"),
        ('<meta name="author" content="By Ada Weaver">', "Ada Weaver"),
        (
            '<meta property="article:author" content="https://facebook.com/ada"><meta name="dc.creator" content="Ada">',
            "Ada",
        ),
        ('<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ada">', "Ada"),
        ('<meta name="twitter:label1" content="Price"><meta name="twitter:data1" content="5">', None),
        ('<p itemprop="author"><a>x</a><span itemprop="name">Ada</span></p>', "Ada"),
        ('<p>by <a rel="author" href="/a">Ada</a>', "Ada"),
        ('<p><a href="/author/ada/">View all posts by Ada</a>', "Ada"),
        ('<p class="post-byline">By <a href="/x">Ada</a> on Monday', "Ada"),
        ('<span class="author-name">von Ada</span>', "Ada"),
        ('<div class="author-box"><p>About</p></div>', None),
        ('<div class="author">About the author</div>', None),
        (f'<div class="author">{"long text " * 12}</div>', None),
    ],
)
def test_where_else_a_name_is_found(html, name):
    assert author(html) == name


def test_the_sites_own_name_gives_way_to_a_persons():
    byline = '<p class="byline">Ada</p>'
    assert author(thing('{"name": "Example"}') + byline) == "Ada"
    assert author(thing('{"name": "Example"}')) == "Example"
    publisher = '<meta property="og:site_name" content="The Web"><meta name="author" content="The Web">'
    assert author(publisher + byline) == "Ada"


def test_the_text_of_an_undated_page_is_left_alone():
    byline = '<p class="byline">Ada</p>'
    assert author(byline, "https://example.com/") is None
    assert author('<meta property="og:type" content="article">' + byline, "https://example.com/") == "Ada"


def test_authors_of_other_things_are_not_the_pages():
    assert author(thing('"Ada"', kind="Comment")) is None
