"""Microdata, RDFa, page types and licences."""

from __future__ import annotations

import time

import pytest
import turbohtml

from nephila.extract.metadata import read_metadata


def read(html):
    return read_metadata(turbohtml.parse(html), "https://www.example.com/x")


def test_microdata_with_items_in_items():
    metadata = read("""<div itemscope itemtype="https://schema.org/Product" itemid="/id"><b itemprop=name> A  B </b>
        <a itemprop=url href="/p">x</a><div itemprop=offers itemscope itemtype="https://schema.org/Offer">
        <meta itemprop=price content="9.50"></div></div>""")
    (product,) = metadata["microdata"]
    assert product["type"] == ["https://schema.org/Product"]
    assert product["id"].endswith("/id")
    assert product["properties"]["name"] == ["A B"]
    assert product["properties"]["url"] == ["https://www.example.com/p"]
    assert product["properties"]["offers"] == [
        {"type": ["https://schema.org/Offer"], "properties": {"price": ["9.50"]}}
    ]


def test_rdfa():
    metadata = read("""<div vocab="https://schema.org/" typeof="Person" resource="#ada"><span property=name>Ada</span>
        <p property=knows typeof=Person><i property=name>Bob</i></p></div>""")
    (person,) = metadata["rdfa"]
    assert person["type"] == ["https://schema.org/Person"]
    assert person["properties"]["https://schema.org/name"] == ["Ada"]
    (known,) = person["properties"]["https://schema.org/knows"]
    assert known["properties"] == {"https://schema.org/name": ["Bob"]}


def test_a_page_without_such_data_has_none():
    assert not {"microdata", "rdfa", "license", "page_type"} & read("<title>x</title><p>y").keys()


@pytest.mark.parametrize(
    "html",
    [
        "<div itemscope itemprop=a>" * 100_000,
        "<div itemscope><b itemprop=a itemscope>" * 50_000,
        "<div vocab=v typeof=a property=b>" * 100_000,
        "<div itemscope>" + "<b itemprop=a>x</b>" * 200_000,
        "<div itemscope itemref=b><div id=b itemprop=c itemscope itemref=b>",
    ],
    ids=["deep", "deeper", "deep rdfa", "many values", "circle"],
)
def test_hostile_data_takes_little_time_and_space(html):
    begin = time.process_time()
    metadata = read(html)
    assert time.process_time() - begin < 3
    assert len(str(metadata)) < 1_000_000


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ('<script type="application/ld+json">{"@type": "BlogPosting"}</script>', "article"),
        ('<script type="application/ld+json">{"@type": ["Thing", "Product"]}</script>', "product"),
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": "QAPage"}]}</script>',
            "forum",
        ),
        ('<script type="application/ld+json">{"@type": "Event"}</script>', "event"),
        ('<meta property="og:type" content="article">', "article"),
        ('<meta property="og:type" content="video.movie">', "video"),
        ('<meta property="og:type" content="website">', None),
    ],
)
def test_page_type(html, kind):
    assert read(html).get("page_type") == kind


@pytest.mark.parametrize(
    ("html", "licence"),
    [
        ('<a rel="nofollow License" href="/terms">x</a>', "https://www.example.com/terms"),
        ('<link rel=license href="https://l.example/by">', "https://l.example/by"),
        (
            '<script type="application/ld+json">{"@type": "Article", "license": {"url": "https://l/x"}}</script>',
            "https://l/x",
        ),
        ('<meta name="dcterms.rights" content="CC BY 4.0">', "CC BY 4.0"),
        ("<a rel=license>x</a>", None),
    ],
)
def test_licence(html, licence):
    assert read(html).get("license") == licence


def test_languages_declared_and_detected():
    text = "<p>" + "Die Spinne webt ihr Netz im Garten, und der Wind trägt es am Abend davon. " * 6
    assert read(f'<html lang="en">{text}')["language"] == "en"
    assert read(f'<html lang="en">{text}')["detected_language"] == "de"
    assert read(text)["language"] == "de"
