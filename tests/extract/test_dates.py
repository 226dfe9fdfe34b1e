import pytest
import turbohtml

from nephila.extract.dates import to_iso
from nephila.extract.metadata import read_metadata


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-05-01", "2024-05-01"),
        (" 2024-5-1 ", "2024-05-01"),
        ("2024-05-01T10:20:30Z", "2024-05-01T10:20:30+00:00"),
        ("2024-05-01T10:20:30.123456789+0200", "2024-05-01T10:20:30+02:00"),
        ("2024-05-01 10:20", "2024-05-01T10:20:00"),
        ("2024-05-01T9:20:30-05:00", "2024-05-01T09:20:30-05:00"),
        ("2024-05-01T25:61:00Z", "2024-05-01"),
        ("20240501", "2024-05-01"),
        ("2024/05/01", "2024-05-01"),
        ("01.05.2024", "2024-05-01"),
        ("May 1, 2024", "2024-05-01"),
        ("Wed, 01 May 2024 10:00:00 GMT", "2024-05-01"),
        ("1. Mai 2024", "2024-05-01"),
        ("1 de mayo de 2024", "2024-05-01"),
        ("2024年5月1日", "2024-05-01"),
        ("2024년 5월 1일", "2024-05-01"),
        ("Published on May 1st, 2024 by Ada", "2024-05-01"),
        ("2024-13-45", None),
        ("0000-00-00", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31", None),
        ("yesterday", None),
        ("", None),
        ("1234567890" * 100, None),
    ],
)
def test_to_iso(text, iso):
    assert to_iso(text) == iso


JSON = (
    '<script type="application/ld+json">{"@type": "%s", "datePublished": "2024-01-01", '
    '"dateModified": "2024-01-09"}</script>'
)
META = '<meta property="article:published_time" content="2024-01-02">'
TIME = '<p><time datetime="2024-01-03T00:00">x</time> <time>2020-01-01</time>'
MARKED = '<p><span class="updated">2020-01-01</span><span class="entry-date">January 4, 2024</span>'
URL = "https://example.com/2024/01/05/title"


@pytest.mark.parametrize(
    ("html", "date"),
    [
        (JSON % "NewsArticle" + META + TIME + MARKED, "2024-01-01"),
        (JSON % "WebPage" + META + TIME + MARKED, "2024-01-01"),
        (JSON % "Person" + META + TIME + MARKED, "2024-01-02"),
        (TIME + MARKED, "2024-01-03T00:00:00"),
        (MARKED, "2024-01-04"),
        ('<b itemprop="datePublished" content="2024-01-06">x</b>' + MARKED, "2024-01-06"),
        ('<p class="date">' + "word " * 100 + "2020-01-01", "2024-01-05"),
        ("", "2024-01-05"),
    ],
)
def test_where_the_date_of_publication_comes_from(html, date):
    assert read_metadata(turbohtml.parse(html), URL)["published_date"] == date


def test_no_date():
    html = '<meta name="date" content="soon"><time>now</time><p class="date">today'
    metadata = read_metadata(turbohtml.parse(html), "https://example.com/2024/99/99/x")
    assert "published_date" not in metadata
    assert "modified_date" not in metadata


def test_date_of_the_last_change():
    assert read_metadata(turbohtml.parse(JSON % "Article"), URL)["modified_date"] == "2024-01-09"
    html = '<meta property="og:updated_time" content="2024-02-02T01:02:03+01:00">'
    assert read_metadata(turbohtml.parse(html), URL)["modified_date"] == "2024-02-02T01:02:03+01:00"


@pytest.mark.parametrize("value", ["1", "[]", "{}", "null", '["x"]', "[[1]]", "true"])
def test_dates_of_the_wrong_type_are_passed_over(value):
    html = f'<script type="application/ld+json">{{"@type": "Article", "datePublished": {value}}}</script>' + META
    assert read_metadata(turbohtml.parse(html), URL)["published_date"] == "2024-01-02"


def test_the_text_of_a_product_page_is_left_alone():
    html = MARKED + '<meta property="og:type" content="%s">'
    assert "published_date" not in read_metadata(turbohtml.parse(html % "product"), "https://example.com/")
    assert "published_date" in read_metadata(turbohtml.parse(html % "article"), "https://example.com/")
