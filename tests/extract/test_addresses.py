import pytest
import turbohtml

from nephila.extract.addresses import Addresses, base_url_of
from tests.extract.reading import PAGE_URL, read_well

# What a browser gives as a.href for <a href="..."> on PAGE_URL.
HREFS = {
    "": "https://www.example.com/dir/page.html",
    "x": "https://www.example.com/dir/x",
    "./x": "https://www.example.com/dir/x",
    "../x": "https://www.example.com/x",
    "../../../x": "https://www.example.com/x",
    "/x/./y/../z": "https://www.example.com/x/z",
    "//other.example/x": "https://other.example/x",
    "https://other.example": "https://other.example/",
    "HTTPS://OTHER.EXAMPLE:443/X": "https://other.example/X",
    "http://other.example:80/": "http://other.example/",
    "http://other.example:8080/": "http://other.example:8080/",
    "https:x": "https://www.example.com/dir/x",
    "?q=1&b": "https://www.example.com/dir/page.html?q=1&b",
    "?": "https://www.example.com/dir/page.html?",
    "#f": "https://www.example.com/dir/page.html#f",
    "#": "https://www.example.com/dir/page.html#",
    "  x y  ": "https://www.example.com/dir/x%20y",
    "\tx\ny\r": "https://www.example.com/dir/xy",
    "\\x\\y": "https://www.example.com/x/y",
    "/é?ü#ö": "https://www.example.com/%C3%A9?%C3%BC#%C3%B6",
    "/%7Ea%2f": "https://www.example.com/%7Ea%2f",
    "https://münchen.example/": "https://xn--mnchen-3ya.example/",
    "https://MÜNCHEN.example/": "https://xn--mnchen-3ya.example/",
    "https://1.1/": "https://1.0.0.1/",
    "https://user:pw@other.example/": "https://user:pw@other.example/",
    "x;y=1,2": "https://www.example.com/dir/x;y=1,2",
    "x|y<z>": "https://www.example.com/dir/x|y%3Cz%3E",
    "ftp://files.example/a": "ftp://files.example/a",
    "javascript:void(0)": "javascript:void(0)",
    "mailto:a@b.example?subject=Hi there": "mailto:a@b.example?subject=Hi there",
    "tel:+49 1": "tel:+49 1",
    "data:text/plain,a b": "data:text/plain,a b",
    "https://": "https://",
    "http://[::1": "http://[::1",
}


@pytest.mark.parametrize(("reference", "href"), HREFS.items())
def test_as_a_browser_resolves(reference, href):
    assert Addresses(PAGE_URL, PAGE_URL)[reference][0] == href


@pytest.mark.parametrize(("reference", "href"), HREFS.items())
def test_links_tree_and_markdown_agree(reference, href):
    anchor = turbohtml.Element("a", {"href": reference})
    anchor.text = "text"
    document = read_well(f"<p>{anchor.serialize()}</p>")
    reported = [link["href"] for links in document.links.values() for link in links]
    if href.startswith("http") and href not in ("https://", "http://[::1"):
        assert reported == [href]
        assert turbohtml.parse(document.cleaned_html).find("a").attr("href") == href
        assert f"]({href})" in document.markdown.raw_markdown or f"](<{href}>)" in document.markdown.raw_markdown
    else:
        assert reported == []


@pytest.mark.parametrize(
    ("base", "href"),
    [
        ('<base href="https://base.example/a/">', "https://base.example/a/x"),
        ('<base href="/sub/">', "https://www.example.com/sub/x"),
        ('<base href="sub/deep">', "https://www.example.com/dir/sub/x"),
        ('<base href="../">', "https://www.example.com/x"),
        ('<base href="//cdn.example/">', "https://cdn.example/x"),
        ('<base target=_top><base href="/one/"><base href="/two/">', "https://www.example.com/one/x"),
        ('<base href="http://[">', "https://www.example.com/dir/x"),
        ('<base href="data:text/plain,x"><base href="/two/">', "https://www.example.com/dir/x"),
        ('<base href="javascript:1">', "https://www.example.com/dir/x"),
        ('<base href="">', "https://www.example.com/dir/x"),
        ("<base>", "https://www.example.com/dir/x"),
    ],
)
def test_base_href(base, href):
    tree = turbohtml.parse(f"{base}<a href=x>t</a>")
    assert Addresses(PAGE_URL, base_url_of(tree, PAGE_URL))["x"][0] == href
    document = read_well(f"<head>{base}</head><a href=x>t</a><img src=x alt=i>")
    (link,) = document.links["internal"] + document.links["external"]
    assert link["href"] == href
    assert document.media["images"][0]["src"] == href
    assert f"[t]({href})" in document.markdown.raw_markdown


def test_a_base_elsewhere_does_not_move_the_site():
    document = read_well('<base href="https://cdn.example/"><a href=x>t</a><a href="https://example.com/">u</a>')
    assert [link["href"] for link in document.links["external"]] == ["https://cdn.example/x"]
    assert [link["href"] for link in document.links["internal"]] == ["https://example.com/"]


def test_without_a_base_only_absolute_references_resolve():
    addresses = Addresses("", "")
    assert addresses["x/y"] == ("x/y", "")
    assert addresses["https://a.example"] == ("https://a.example/", "a.example")
    assert not addresses.is_internal("a.example")


def test_raw_input_resolves_against_base_url():
    html = '<a href="x">t</a><a href="https://other.example/">o</a>'
    document = read_well(html, url="raw:" + html, base_url="https://www.example.com/a/")
    assert [link["href"] for link in document.links["internal"]] == ["https://www.example.com/a/x"]
    document = read_well(html, url="raw:" + html)
    assert document.links["internal"] == []
    assert [link["href"] for link in document.links["external"]] == ["https://other.example/"]


def test_a_lone_surrogate_is_no_error():
    assert Addresses(PAGE_URL, PAGE_URL)["/\ud800"] == ("/\ud800", "")


def test_each_reference_is_resolved_once():
    addresses = Addresses(PAGE_URL, PAGE_URL)
    assert addresses["x"] is addresses["x"]
    assert list(addresses) == ["x"]
