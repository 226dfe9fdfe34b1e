"""CSS and XPath selectors against lists written by hand, as `querySelectorAll` would give them."""

import pytest
import turbohtml

from nephila.errors import ConfigError
from nephila.extract.structured.selectors import CssSelector, XPathSelector, xpath_or_css

PAGE = """<!doctype html>
<html><body>
<div id="top" class="wrap">
  <h2 id="h1" lang="en-GB">One</h2>
  <p id="p1" class="a lead" data-n="10">x <b id="b1">y</b></p>
  <p id="p2" class="a" title='say "hi"'>x</p>
  <p id="p3" class="A b-c">x <a id="a1" href="https://example.com/x.pdf">l</a></p>
  <ul id="u1"><li id="l1" class="it">1</li><li id="l2" class="it on">2
    <ul id="u2"><li id="l3">3</li></ul></li><li id="l4" class="it">4</li><li id="l5">5</li></ul>
  <form id="f"><input id="i1" type="checkbox" checked><input id="i2" disabled><input id="i3" required></form>
  <div id="e"></div>
  <p id="p4" lang="en">z</p>
</div>
<p id="after" class="a">w</p>
</body></html>
"""
FROM_TOP = [
    ("p", "p1 p2 p3 p4"),
    ("*", "h1 p1 b1 p2 p3 a1 u1 l1 l2 u2 l3 l4 l5 f i1 i2 i3 e p4"),
    (".a", "p1 p2"),
    (".a.lead", "p1"),
    ("P.a", "p1 p2"),
    ("#p3 a, #p1 b", "b1 a1"),
    ("#top", ""),
    ("#top > p", "p1 p2 p3 p4"),
    ("body p", "p1 p2 p3 p4"),
    (":root p b", "b1"),
    ("li", "l1 l2 l3 l4 l5"),
    ("#u1 > li", "l1 l2 l4 l5"),
    (":scope > p", "p1 p2 p3 p4"),
    ("> p.a", "p1 p2"),
    (">ul>li", "l1 l2 l4 l5"),
    ("h2 + p", "p1"),
    ("p + p", "p2 p3"),
    ("h2 ~ p", "p1 p2 p3 p4"),
    ("p.lead ~ p.a", "p2"),
    ("li:nth-child(2)", "l2"),
    ("li:nth-child(odd)", "l1 l3 l4"),
    ("#u1 > li:nth-child(2n+2)", "l2 l5"),
    ("#u1 > li:nth-child(-n+2)", "l1 l2"),
    ("#u1 > li:nth-last-child(1)", "l5"),
    ("#u1 > li:nth-child(2 of .it)", "l2"),
    ("p:nth-of-type(3)", "p3"),
    ("p:last-of-type", "p4"),
    ("li:first-child", "l1 l3"),
    ("li:only-child", "l3"),
    ("p:not(.a)", "p3 p4"),
    ("p:not(.a, [lang])", "p3"),
    ("li:not(:first-child):not(:last-child)", "l2 l4"),
    (":is(h2, b)", "h1 b1"),
    (":where(#p1, #p2)", "p1 p2"),
    ("p:has(a)", "p3"),
    ("p:has(> b)", "p1"),
    ("p:has(+ ul)", "p3"),
    ("li:has(ul li)", "l2"),
    ("div:empty", "e"),
    ("[data-n]", "p1"),
    ("[data-n='10']", "p1"),
    ('[data-n="10"]', "p1"),
    ("[class~=lead]", "p1"),
    ("[class^=a]", "p1 p2"),
    ("[class$=c]", "p3"),
    ("[class*='b-']", "p3"),
    ("[lang|=en]", "h1 p4"),
    ("[class=a]", "p2"),
    ("[class=a i]", "p2"),
    ("[class^='a ' i]", "p1 p3"),
    ("""[title='say "hi"']""", "p2"),
    ('[title="say \\"hi\\""]', "p2"),
    ('a[href$=".pdf"]', "a1"),
    ('a[href^="https://"][href*="example"]', "a1"),
    ("input:checked", "i1"),
    ("input:disabled", "i2"),
    ("input:required", "i3"),
    ("#b1,#p1 b,b", "b1"),
    ("p:hover", ""),
    ("+ p", "after"),
    ("+ p.a", "after"),
    ("+ div", ""),
    ("~ p", "after"),
    ("~ div", ""),
    (":scope", "top"),
    (":scope.wrap", "top"),
    (":scope.other", ""),
    (":scope + p", "after"),
    ("h2, + p", "h1 after"),
]


def found(selector, start):
    return " ".join(element.attr("id") or element.tag for element in selector.all(start))


@pytest.fixture(scope="module")
def page():
    return turbohtml.parse(PAGE)


@pytest.mark.parametrize(("source", "expected"), FROM_TOP)
def test_css_finds_what_a_browser_finds(page, source, expected):
    top = page.select_one("#top")
    selector = CssSelector(source)
    assert found(selector, top) == expected
    first = selector.first(top)
    assert (first.attr("id") if first is not None else "") == expected.partition(" ")[0]


@pytest.mark.parametrize(
    ("start", "source", "expected"),
    [
        ("#h1", "+ p", "p1"),
        ("#h1", "+ p.a b", "b1"),
        ("#h1", "+ p > b", "b1"),
        ("#h1", "+ p + p", "p2"),
        ("#h1", "+ ul", ""),
        ("#h1", "~ ul", "u1"),
        ("#h1", "~ ul > li.on li", "l3"),
        ("#h1", "~ p", "p1 p2 p3 p4"),
        ("#h1", "~ p ~ p", "p2 p3 p4"),
        ("#h1", "~ ul, ~ p", "p1 p2 p3 u1 p4"),
        ("#h1", "~ p[title='say \"hi\"']", "p2"),
        ("#l1", "~ li:not(.it)", "l5"),
        ("#l4", "~ .it", ""),
        ("#p4", "+ p", ""),
    ],
)
def test_siblings_of_the_element(page, start, source, expected):
    assert found(CssSelector(source), page.select_one(start)) == expected


@pytest.mark.parametrize(
    "source", ["", "p[", "p >", "+", "p:eq(1)", "a::text", "p,,b", "[a=']", "p{", "~ ~ p", "> >", "p:contains('x')"]
)
def test_what_is_not_css_is_refused(source):
    with pytest.raises(ConfigError, match="not a valid CSS selector"):
        CssSelector(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("./p", ["p1", "p2", "p3", "p4"]),
        ("p", ["p1", "p2", "p3", "p4"]),
        (".//li[1]", ["l1", "l3"]),
        ("(.//li)[2]", ["l2"]),
        ("//p[@class='a']", ["p2", "after"]),
        ("/html/body/p", ["after"]),
        ("./ul/li/@class", ["it", "it on", "it"]),
        (".//b/text()", ["y"]),
        ("following-sibling::p", ["after"]),
        (".", ["top"]),
        ("count(.//li)", ["5"]),
        ("string(./h2)", ["One"]),
        ("./p[contains(@class, 'lead')] | ./h2", ["h1", "p1"]),
        ("./p[last()]", ["p4"]),
        ("./p[position() < 3]", ["p1", "p2"]),
        ("./p[not(@class)]", ["p4"]),
    ],
)
def test_xpath(page, source, expected):
    matches = XPathSelector(source).all(page.select_one("#top"))
    assert [match if isinstance(match, str) else match.attr("id") for match in matches] == expected


@pytest.mark.parametrize("source", ["./li[", "//a:li", "unknown(.)", "./p[$x]", "", "//"])
def test_what_is_not_xpath_is_refused(source):
    with pytest.raises(ConfigError, match="not a valid XPath"):
        XPathSelector(source)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("div.card", CssSelector),
        ("li", CssSelector),
        ("ul > li.it", CssSelector),
        ("li[2]", XPathSelector),
        ("./li", XPathSelector),
        ("@href", XPathSelector),
        (".", XPathSelector),
        ("text()", XPathSelector),
        ("child::li", XPathSelector),
    ],
)
def test_simple_css_is_told_from_xpath(source, kind):
    assert isinstance(xpath_or_css(source), kind)


def test_without_a_doctype_classes_and_ids_ignore_case_as_in_a_browser():
    assert found(CssSelector(".a"), turbohtml.parse("<p class=A id=x>")) == "x"
    assert found(CssSelector(".a"), turbohtml.parse("<!doctype html><p class=A id=x>")) == ""


def test_a_long_selector_and_many_siblings_take_linear_time(page):
    many = turbohtml.parse("<table>" + "<tr class=r><td>1</td></tr>" * 20_000 + "</table>")
    selector = CssSelector("+ tr.r > td")
    assert sum(selector.first(row) is not None for row in many.select("tr")) == 19_999
    with pytest.raises(ConfigError):
        CssSelector("[" * 100_000)
