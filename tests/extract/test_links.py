import pytest

from tests.extract.reading import read_well

PAGE = """
<p>before <a href="/in" title="T" rel="nofollow noopener">In <b>side</b></a> middle
<a href="https://sub.example.com/a">sub</a> <a href="https://notexample.com/">look-alike</a>
<a href="https://other.example/x">Out</a> after
<a href="https://www.facebook.com/page">Face</a> <a href="https://m.facebook.com/">mobile</a>
<a href="mailto:a@b.example">mail</a> <a name="anchor">no link</a> <a href="ftp://files.example/">ftp</a></p>
<map><area href="/area" alt="Area" title="Map"></map>
"""


def hrefs(links):
    return [link["href"] for link in links]


def test_internal_and_external():
    links = read_well(PAGE).links
    assert hrefs(links["internal"]) == [
        "https://www.example.com/in",
        "https://sub.example.com/a",
        "https://www.example.com/area",
    ]
    assert hrefs(links["external"]) == [
        "https://notexample.com/",
        "https://other.example/x",
        "https://www.facebook.com/page",
        "https://m.facebook.com/",
    ]


def test_what_is_told_of_a_link():
    links = read_well(PAGE).links
    assert links["internal"][0] == {
        "href": "https://www.example.com/in",
        "text": "In side",
        "title": "T",
        "base_domain": "example.com",
        "rel": "nofollow noopener",
    }
    assert links["external"][2] == {
        "href": "https://www.facebook.com/page",
        "text": "Face",
        "title": "",
        "base_domain": "facebook.com",
    }


def test_one_link_per_address_with_the_first_text():
    html = "<a href=/x><img src=i.png></a> <a href='/x'> First </a> <a href=/dir/../x>Second</a>"
    (link,) = read_well(html).links["internal"]
    assert (link["href"], link["text"]) == ("https://www.example.com/x", "First")


@pytest.mark.parametrize("wrapper", ["template", "script", "style", "textarea"])
def test_links_that_are_no_elements_of_the_page(wrapper):
    html = f"<{wrapper}><a href=/hidden>x</a></{wrapper}><a href=/shown>y</a>"
    assert hrefs(read_well(html).links["internal"]) == ["https://www.example.com/shown"]


def check_gone(document, *texts):
    for text in texts:
        assert text not in document.cleaned_html
        assert text not in document.markdown.raw_markdown
        assert text not in document.markdown.references_markdown
    for text in ("before", "middle", "after", "no link"):
        assert text in document.cleaned_html
        assert text in document.markdown.raw_markdown


def test_exclude_external_links():
    document = read_well(PAGE, exclude_external_links=True)
    assert document.links["external"] == []
    assert len(document.links["internal"]) == 3
    check_gone(document, "look-alike", "Out", "Face", "mobile", "other.example")


def test_exclude_internal_links():
    document = read_well(PAGE, exclude_internal_links=True)
    assert document.links["internal"] == []
    assert len(document.links["external"]) == 4
    check_gone(document, "In <b>side", "In **side", ">sub<", "[sub]")


def test_exclude_social_media_links():
    document = read_well(PAGE, exclude_social_media_links=True)
    assert hrefs(document.links["external"]) == ["https://notexample.com/", "https://other.example/x"]
    check_gone(document, "Face", "mobile", "facebook")


def test_exclude_social_media_domains():
    options = {"exclude_social_media_links": True, "exclude_social_media_domains": ["other.example"]}
    document = read_well(PAGE, **options)
    assert "https://other.example/x" not in hrefs(document.links["external"])
    assert "https://www.facebook.com/page" in hrefs(document.links["external"])
    check_gone(document, "Out")
    assert len(read_well(PAGE, exclude_social_media_domains=["other.example"]).links["external"]) == 4


def test_a_social_site_keeps_its_own_links():
    html = '<a href="/a">own</a><a href="https://x.com/">other</a>'
    document = read_well(html, url="https://www.reddit.com/", exclude_social_media_links=True)
    assert hrefs(document.links["internal"]) == ["https://www.reddit.com/a"]
    assert document.links["external"] == []


def test_exclude_domains():
    document = read_well(PAGE, exclude_domains=["facebook.com", "sub.example.com"])
    assert hrefs(document.links["internal"]) == ["https://www.example.com/in", "https://www.example.com/area"]
    assert hrefs(document.links["external"]) == ["https://notexample.com/", "https://other.example/x"]
    check_gone(document, "Face", "mobile", "[sub]")


def test_an_image_in_an_excluded_link_goes_with_it():
    document = read_well('<a href="https://o.example/"><img src=/i.png></a>x', exclude_external_links=True)
    assert document.media["images"] == []
    assert document.cleaned_html == "x"


def test_preserve_https_for_internal_links():
    html = '<a href="http://example.com/a">in</a><a href="http://other.example/a">out</a>'
    kept = read_well(html, preserve_https_for_internal_links=True)
    assert hrefs(kept.links["internal"]) == ["https://example.com/a"]
    assert hrefs(kept.links["external"]) == ["http://other.example/a"]
    assert "(https://example.com/a)" in kept.markdown.raw_markdown
    assert hrefs(read_well(html).links["internal"]) == ["http://example.com/a"]
    plain = read_well(html, url="http://example.com/", preserve_https_for_internal_links=True)
    assert hrefs(plain.links["internal"]) == ["http://example.com/a"]


def test_prefetch_reads_links_only():
    document = read_well(PAGE + "<title>T</title><img src=/i.png>", prefetch=True)
    assert len(document.links["internal"]) == 3
    assert document.cleaned_html == document.markdown.raw_markdown == ""
    assert document.metadata == {}
    assert document.media["images"] == document.tables == []
