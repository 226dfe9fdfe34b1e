import pickle

import pytest
import turbohtml

from nephila.extract.structured import engine
from nephila.extract.structured.engine import ComputeError
from nephila.extract.structured.strategies import JsonCssExtractionStrategy, JsonXPathExtractionStrategy

SHOP = """
<table>
<tr class="item" data-id="1"><td class="t"><a href="/one">One <b>more</b></a></td></tr>
<tr><td class="pts">12 Points</td></tr>
<tr class="item" data-id="2"><td class="t"><a href="/two">Two</a><ul><li>a<i>x</i></li><li>b</li></ul></td></tr>
<tr><td class="pts">7 Points</td></tr>
<tr class="item"></tr>
</table>
"""


def run(*fields, base="tr.item", html=SHOP, strategy=JsonCssExtractionStrategy, **schema):
    made = strategy({"name": "Shop", "baseSelector": base, "fields": list(fields), **schema})
    return made.extract_tree(turbohtml.parse(html))


def records(*fields, **options):
    return run(*fields, **options).records


def test_every_base_element_is_a_record_and_empty_ones_are_dropped():
    found = records({"name": "title", "selector": "a", "type": "text"})
    assert found == [{"title": "One more"}, {"title": "Two"}]


def test_base_fields_read_the_base_element_itself():
    found = records(
        {"name": "title", "selector": "a", "type": "text"},
        baseFields=[{"name": "id", "type": "attribute", "attribute": "data-id"}],
    )
    assert found == [{"id": "1", "title": "One more"}, {"id": "2", "title": "Two"}]


def test_without_a_selector_a_field_reads_the_element_itself():
    assert records({"name": "id", "type": "attribute", "attribute": "DATA-ID"})[0] == {"id": "1"}
    assert records({"name": "id", "selector": ":scope", "type": "attribute", "attribute": "data-id"})[0] == {"id": "1"}
    # As in a browser, a selector does not match the element it starts from.
    assert records({"name": "id", "selector": "tr.item", "type": "attribute", "attribute": "data-id"}) == []


def test_html_is_the_outer_html():
    assert records({"name": "h", "selector": "a", "type": "html"})[1] == {"h": '<a href="/two">Two</a>'}


def test_siblings_as_source_and_in_selectors():
    by_source = {"name": "points", "source": "+ tr", "selector": "td.pts", "type": "text"}
    by_selector = {"name": "points", "selector": "+ tr td.pts", "type": "text"}
    assert records(by_source) == records(by_selector) == [{"points": "12 Points"}, {"points": "7 Points"}]
    # The next element is another one: nothing, never a later item's.
    assert records({**by_source, "source": "+ tr.item"}) == []
    assert records({**by_source, "source": "~ tr"})[0] == {"points": "12 Points"}


def test_pipelines_transforms_and_groups():
    found = records(
        {"name": "path", "selector": "a", "type": ["attribute", "regex"], "attribute": "href", "pattern": "/(.+)"},
        {"name": "points", "selector": "+ tr td", "type": "regex", "pattern": r"(\d+) (?P<unit>\w+)"},
        {"name": "unit", "selector": "+ tr td", "type": "regex", "pattern": r"(\d+) (?P<unit>\w+)", "group": "unit",
         "transform": ["strip", "lowercase"]},
        {"name": "whole", "selector": "+ tr td", "type": "regex", "pattern": r"\d+ \w+"},
        {"name": "tag", "selector": "a", "type": ["html", "regex"], "pattern": "^<(a)", "transform": "uppercase"},
    )  # fmt: skip
    assert found[0] == {"path": "one", "points": "12", "unit": "points", "whole": "12 Points", "tag": "A"}


def test_nested_list_and_nested_list():
    found = records(
        {"name": "cell", "selector": "td", "type": "nested", "fields": [
            {"name": "link", "selector": "a", "type": "attribute", "attribute": "href"},
            {"name": "deeper", "selector": "ul", "type": "nested", "fields": [
                {"name": "first", "selector": "li", "type": "text"}]},
        ]},
        {"name": "flat", "selector": "li", "type": "list", "fields": [{"name": "li", "type": "text"}]},
        {"name": "rich", "selector": "li", "type": "nested_list", "fields": [
            {"name": "li", "type": "text"},
            {"name": "i", "selector": "i", "type": "nested", "fields": [{"name": "t", "type": "text"}]},
        ]},
    )  # fmt: skip
    assert found == [
        {"cell": {"link": "/one"}, "flat": [], "rich": []},
        {
            "cell": {"link": "/two", "deeper": {"first": "ax"}},
            "flat": [{"li": "ax"}, {"li": "b"}],
            "rich": [{"li": "ax", "i": {"t": "x"}}, {"li": "b"}],
        },
    ]


def test_nested_on_a_leaf_and_transforms_of_nothing():
    page = "<div><p>leaf</p><span></span></div><div><p></p></div>"
    found = records(
        {"name": "n", "selector": "p", "type": "nested", "fields": [
            {"name": "t", "type": "text", "transform": "uppercase"},
            {"name": "c", "type": "attribute", "attribute": "class", "transform": "uppercase"}]},
        base="div", html=page,
        baseFields=[{"name": "id", "type": "attribute", "attribute": "id", "transform": "strip"}],
    )  # fmt: skip
    assert found == [{"n": {"t": "LEAF"}}, {"n": {"t": ""}}]


def test_defaults_stand_for_what_is_missing():
    found = records(
        {"name": "title", "selector": "a", "type": "text", "default": "none"},
        {"name": "price", "selector": ".price", "type": "text", "default": 0},
        {"name": "tags", "selector": "li", "type": "list", "fields": [{"name": "t", "type": "text"}], "default": ["-"]},
        {
            "name": "more",
            "selector": ".more",
            "type": "nested",
            "fields": [{"name": "t", "type": "text"}],
            "default": 1,
        },
    )
    assert found[2] == {"title": "none", "price": 0, "tags": ["-"], "more": 1}


def test_computed_fields_see_all_others_and_keep_their_place():
    found = records(
        {"name": "double", "type": "computed", "expression": "int(points) * 2"},
        {"name": "points", "selector": "+ tr td", "type": "regex", "pattern": r"(\d+)"},
        {"name": "label", "type": "computed", "expression": "f'{points} of {double}'", "transform": "uppercase"},
        {"name": "own", "type": "computed", "function": lambda record: len(record), "default": 0},
    )
    assert [list(record) for record in found[:2]] == [["double", "points", "label", "own"]] * 2
    assert found[0] == {"double": 24, "points": "12", "label": "12 OF 24", "own": 3}


def test_a_failing_expression_gives_the_default_and_a_warning():
    extraction = run(
        {"name": "title", "selector": "a", "type": "text"},
        {"name": "n", "type": "computed", "expression": "int(title)", "default": -1},
    )
    assert [record["n"] for record in extraction.records] == [-1, -1, -1]
    (warning,) = [sentence for sentence in extraction.warnings if "fields[1]" in sentence]
    assert warning.startswith("fields[1] ('n') had no value for 3 of 3 elements; the first time: ValueError")


def test_a_failing_function_is_the_callers():
    def broken(record):
        raise KeyError("price")

    with pytest.raises(ComputeError, match=r"fields\[0\].function raised KeyError: 'price'"):
        run({"name": "n", "type": "computed", "function": broken})


def test_what_matched_nothing_is_told():
    extraction = run(
        {"name": "title", "selector": "a", "type": "text"},
        {"name": "price", "selector": ".price", "type": "text"},
        {"name": "rel", "selector": "a", "type": "attribute", "attribute": "rel"},
        {
            "name": "cell",
            "selector": "td",
            "type": "nested",
            "fields": [{"name": "x", "selector": "em", "type": "text"}],
        },
    )
    assert extraction.warnings == [
        "fields[1] ('price', selector '.price') matched nothing in 3 elements.",
        "fields[2] ('rel', selector 'a') had no value in 3 elements.",
        "fields[3] ('cell', selector 'td') had no value in 3 elements.",
        "fields[3].fields[0] ('x', selector 'em') matched nothing in 2 elements.",
    ]
    nothing = run({"name": "a", "type": "text"}, base=".nope")
    assert nothing.records == []
    assert nothing.warnings == ["baseSelector '.nope' matches nothing on this page."]


def test_text_reads_as_on_the_page():
    page = "<div><p>Pr<b>ic</b>e</p><p>12&nbsp;€</p><ul><li>a<li>b</ul><script>var x</script><pre>c\n  d</pre></div>"
    assert records({"name": "t", "type": "text"}, base="div", html=page) == [{"t": "Price 12 € a b c d"}]


def test_xpath_relative_and_absolute():
    found = records(
        {"name": "title", "selector": ".//a", "type": "text"},
        {"name": "href", "selector": ".//a/@href", "type": "text"},
        {"name": "attribute", "selector": ".//a", "type": "attribute", "attribute": "href"},
        {"name": "first", "selector": "//a[1]", "type": "text"},
        {"name": "points", "selector": "following-sibling::tr[1]/td", "type": ["text", "regex"], "pattern": r"\d+"},
        {
            "name": "items",
            "selector": "li",
            "type": "list",
            "fields": [{"name": "own", "selector": "text()", "type": "text"}],
        },
        {"name": "texts", "selector": ".//li/text()", "type": "list", "fields": [{"name": "t", "type": "text"}]},
        base="//tr[@class='item']",
        strategy=JsonXPathExtractionStrategy,
    )
    assert found[1] == {
        "title": "Two", "href": "/two", "attribute": "/two", "first": "One more", "points": "7",
        "items": [{"own": "a"}, {"own": "b"}], "texts": [{"t": "a"}, {"t": "b"}],
    }  # fmt: skip


def test_pages_do_not_share_anything():
    strategy = JsonCssExtractionStrategy({"baseSelector": "#x", "fields": [{"name": "t", "type": "text"}]})
    assert strategy.extract("u", "<p id=x>one</p>") == [{"t": "one"}]
    assert strategy.extract("u", "<p id=x>two</p>") == [{"t": "two"}]


def test_templates_are_no_part_of_the_page():
    strategy = JsonCssExtractionStrategy({"baseSelector": "i", "fields": [{"name": "t", "type": "text"}]})
    assert strategy.extract("u", "<template><i>no</i></template><i>yes</i>") == [{"t": "yes"}]


@pytest.mark.parametrize("kind", [JsonCssExtractionStrategy, JsonXPathExtractionStrategy])
def test_strategies_can_be_sent_to_a_worker(kind):
    strategy = kind({"baseSelector": "p", "fields": [{"name": "n", "type": "computed", "expression": "1 + 1"}]})
    assert pickle.loads(pickle.dumps(strategy)).extract("", "<p>") == [{"n": 2}]


def test_what_a_page_gives_is_limited(monkeypatch):
    monkeypatch.setattr(engine, "MAX_CHARACTERS", 1000)
    extraction = run({"name": "h", "type": "html"}, base="div", html="<div>" * 200 + "x")
    assert extraction.records == []
    assert "more than 1,000 characters; records after number 0 are left out" in extraction.warnings[0]
