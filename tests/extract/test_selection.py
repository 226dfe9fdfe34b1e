import pytest
import turbohtml

from nephila.extract.selection import select_outermost
from tests.extract.reading import read_html, read_well

PAGE = """<title>T</title><nav><a href=/nav>Nav</a></nav>
<main><h1>Head</h1><article class=a><p>First <a href=/one>one</a></p><img src=/one.jpg></article>
<article class=a><p>Second <a href=/two>two</a></p><ul><li class=i>x<li>y<li class=i>z</ul></article></main>
<form action=/f><input name=q><button>Send <a href=/form>form</a></button></form><aside>Side <a href=/side>s</a></aside>
<table class=t><tr class=r><td>1<td>2<tr><td>3<td>4<tr class=r><td>5<td>6</table>"""


def hrefs(document):
    return [link["href"].rpartition("/")[2] for link in document.links["internal"]]


def test_css_selector_takes_all_matches_in_order():
    document = read_well(PAGE, css_selector="article.a")
    assert document.markdown.raw_markdown.startswith("First [one]")
    assert "Second" in document.markdown.raw_markdown
    assert hrefs(document) == ["one", "two"]
    assert [image["src"] for image in document.media["images"]] == ["https://www.example.com/one.jpg"]
    for word in ("Nav", "Head", "Send", "Side"):
        assert word not in document.cleaned_html
        assert word not in document.markdown.raw_markdown
    assert document.metadata["document_title"] == "T"
    assert document.warnings == []


def test_css_selector_with_a_list_and_nested_matches():
    document = read_well(PAGE, css_selector="aside, p, main, h1")
    assert document.markdown.raw_markdown.count("Head") == 1
    assert document.markdown.raw_markdown.count("First") == 1
    assert hrefs(document) == ["one", "two", "side"]


@pytest.mark.parametrize("selector", ["body", "html", "html > body", ":root", "*"])
def test_css_selector_for_everything(selector):
    assert read_well(PAGE, css_selector=selector).cleaned_html == read_well(PAGE).cleaned_html


def test_css_selector_without_a_match_gives_an_empty_page_and_a_warning():
    document = read_well(PAGE, css_selector=".none")
    assert document.cleaned_html == document.markdown.raw_markdown == ""
    assert document.links == {"internal": [], "external": []}
    assert document.media["images"] == document.tables == []
    assert document.warnings == ["css_selector '.none' matches nothing on this page."]


def test_list_items_and_rows_keep_their_kind():
    assert read_well(PAGE, css_selector="li.i").cleaned_html == '<ul><li class="i">x</li><li class="i">z</li></ul>'
    document = read_well(PAGE, css_selector="tr.r", table_score_threshold=0)
    assert [table["rows"] for table in document.tables] == [[["1", "2"], ["5", "6"]]]
    assert "| 5 | 6 |" in document.markdown.raw_markdown
    assert "<tr><td>1</td><td>2</td>" in read_well(PAGE, css_selector="td").cleaned_html
    assert read_well("<ol><li>a<li>b</ol>", css_selector="li").markdown.raw_markdown.startswith("1. a")


def test_target_elements():
    document = read_well(PAGE, target_elements=["aside", "h1", "article p"])
    assert document.markdown.raw_markdown.startswith("# Head\n\nFirst")
    assert document.markdown.raw_markdown.endswith("Side [s](https://www.example.com/side)")
    assert "Nav" not in document.cleaned_html
    assert hrefs(document) == ["nav", "one", "two", "form", "side"]
    assert len(document.media["images"]) == 1


def test_target_elements_without_a_match():
    document = read_well(PAGE, target_elements=[".none", "b > i"])
    assert document.cleaned_html == document.markdown.raw_markdown == ""
    assert len(hrefs(document)) == 5
    assert document.warnings == ["target_elements '.none, b > i' match nothing on this page."]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"css_selector": "div["}, "css_selector 'div['"),
        ({"target_elements": ["p", "p:foo"]}, "target_elements 'p:foo'"),
        ({"excluded_selector": "a,,b"}, "excluded_selector 'a,,b'"),
        ({"excluded_tags": ["nav", "di v"]}, "excluded_tags: 'di v'"),
    ],
)
def test_an_invalid_selector_is_a_clear_failure(options, name):
    document = read_html(PAGE, **options)
    assert document.error_code == "read"
    assert document.error.startswith(name)
    assert "not a" in document.error
    assert document.cleaned_html == ""


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ({"excluded_tags": ["nav", "ASIDE"]}, ["Nav", "/nav", "Side", "/side"]),
        ({"excluded_selector": "article:first-of-type, h1"}, ["First", "/one", "Head", "one.jpg"]),
        ({"remove_forms": True}, ["Send", "/form", "<form"]),
    ],
)
def test_exclusions_reach_every_part(options, gone):
    assert all(text in str(read_well(PAGE)) for text in gone)
    document = read_well(PAGE, **options)
    document.metadata.clear()
    for text in gone:
        assert text not in str(document)
    assert "Second" in document.cleaned_html


def test_text_after_an_excluded_element_stays():
    html = "<p>a <span class=x>b</span> c</p>d <aside>e</aside> f"
    document = read_well(html, excluded_selector=".x", excluded_tags=["aside"])
    assert document.cleaned_html == "<p>a  c</p>d  f"


def test_exclusion_within_a_selection():
    document = read_well(PAGE, css_selector="article", excluded_selector=".i", excluded_tags=["img"])
    assert "y" in document.cleaned_html
    assert "x</li>" not in document.cleaned_html
    assert document.media["images"] == []


def test_options_that_do_not_apply_are_told():
    document = read_well("{}", content_type="application/json", css_selector="p")
    assert document.warnings == ["css_selector and target_elements apply to HTML; this body is json."]


def test_outermost_matches_of_a_deep_page():
    tree = turbohtml.parse("<div>" * 400 + "<p>" + "</div>" * 400 + "<div><b><div>")
    assert [match.tag for match in select_outermost(tree, "div", "css_selector")] == ["div", "div"]
