import pickle

import pytest

from nephila.extract.json_ld import MAX_BLOCK, MAX_DEPTH, decode_blocks, is_article, nodes, types_of


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "b"}',
        ' \n {"a": "b"} ',
        '<!-- {"a": "b"} -->',
        '//<![CDATA[\n{"a": "b"}\n//]]>',
        '/*<![CDATA[*/ {"a": "b"} /*]]>*/',
        '<![CDATA[{"a": "b"}]]>',
        '{"a": "b"};',
        '[{"a": "b"}]',
        '[{"a": "b"}, 1, null, "x", []]',
    ],
)
def test_what_pages_contain(text):
    assert decode_blocks([text]) == [{"a": "b"}]


def test_line_breaks_in_strings_and_no_numbers():
    assert decode_blocks(['{"a": "x\ny", "b": NaN, "c": Infinity}']) == [{"a": "x\ny", "b": None, "c": None}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "{",
        '{"a": 1,}',
        "1",
        '"a"',
        "null",
        '{"a": "\\ud800"}',
        "[" * 100_000,
        '{"a":' * 2_000 + "1" + "}" * 2_000,
    ],
)
def test_what_is_no_object_is_skipped(text):
    assert decode_blocks([text, '{"a": "b"}']) == [{"a": "b"}]


def test_depth_is_bounded_so_that_the_result_can_be_sent():
    fits = '{"a":' * (MAX_DEPTH - 1) + "1" + "}" * (MAX_DEPTH - 1)
    assert pickle.loads(pickle.dumps(decode_blocks([fits])))
    assert decode_blocks(['{"a":' + fits + "}"]) == []


def test_size_is_bounded():
    large = '{"a": "' + "x" * MAX_BLOCK + '"}'
    half = '{"a": "' + "x" * (MAX_BLOCK - 100) + '"}'
    assert decode_blocks([large, '{"b": 1}']) == [{"b": 1}]
    assert len(decode_blocks([half] * 5)) == 2


def test_nodes_are_found_in_graphs_and_lists_outer_first():
    page = {"@type": "WebPage", "mainEntity": [{"@type": "A"}, {"@graph": {"@type": "B"}}, 3]}
    assert [types_of(node) for node in nodes([{"@graph": [page, None]}])] == [[], ["WebPage"], ["A"], [], ["B"]]


def test_types_of_any_shape():
    assert types_of({"@type": ["https://schema.org/Article", "schema:Thing", 1, None]}) == ["Article", "Thing"]
    assert types_of({"@type": {"x": 1}}) == types_of({}) == []
    assert is_article({"@type": "NewsArticle"})
    assert not is_article({"@type": "WebSite"})
