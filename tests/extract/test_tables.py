import logging

import pytest

from nephila.extract import tables as module
from nephila.extract.tables import DefaultTableExtraction, NoTableExtraction
from nephila.options.strategies import TableExtractionStrategy
from tests.extract.reading import read_html, read_well

DATA = """<table id=t class="a b" summary="Sum"><caption> The  caption </caption>
<thead><tr><th>Name<th>Value</tr></thead>
<tbody><tr><td>one<td>1</tr><tr><th>two<td> 2 <b>x</b></tr></tbody></table>"""


def tables(html, threshold=-100, **options):
    return DefaultTableExtraction(threshold, **options).extract_tables(html)


def grid(html):
    (table,) = tables(html)
    return [table["headers"], *table["rows"]]


def test_a_data_table():
    (table,) = read_well(DATA).tables
    assert table == {
        "headers": ["Name", "Value"],
        "rows": [["one", "1"], ["two", "2 x"]],
        "caption": "The caption",
        "summary": "Sum",
        "metadata": {
            "row_count": 2,
            "column_count": 2,
            "has_headers": True,
            "has_caption": True,
            "has_summary": True,
            "id": "t",
            "class": "a b",
        },
    }


def test_without_headers():
    (table,) = tables("<table><tr><td>a<td>b<tr><td>c<td>d</table>")
    assert table["headers"] == []
    assert table["rows"] == [["a", "b"], ["c", "d"]]
    assert table["metadata"] == {
        "row_count": 2,
        "column_count": 2,
        "has_headers": False,
        "has_caption": False,
        "has_summary": False,
    }


def test_the_first_row_is_the_header_when_it_is_all_th():
    assert tables("<table><tr><th>A<th>B<tr><td>1<td>2</table>")[0]["headers"] == ["A", "B"]
    assert tables("<table><tr><th>A<td>B<tr><th>1<td>2</table>")[0]["rows"] == [["A", "B"], ["1", "2"]]


def test_several_head_rows_are_joined():
    html = """<table><thead><tr><th rowspan=2>Item<th colspan=2>Price</tr><tr><th>net<th>gross</tr></thead>
    <tr><td>a<td>1<td>2</table>"""
    assert grid(html) == [["Item", "Price / net", "Price / gross"], ["a", "1", "2"]]


@pytest.mark.parametrize(
    ("html", "cells"),
    [
        ("<tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e", [["a", "a", "b"], ["c", "d", "e"]]),
        ("<tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e", [["a", "b"], ["a", "c"], ["d", "e"]]),
        ("<tr><td>a<td rowspan=2>b<tr><td>c", [["a", "b"], ["c", "b"]]),
        ("<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c", [["a", "a", "b"], ["a", "a", "c"]]),
        ("<tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d", [["a", "b"], ["a", "c"], ["a", "d"]]),
        ("<tr><td rowspan=9>a<td>b<tr><td>c", [["a", "b"], ["a", "c"]]),
        ("<tr><td>a<td>b<td rowspan=2>c<tr><td>d", [["a", "b", "c"], ["d", "", "c"]]),
        ("<tr><td colspan=x>a<td colspan=0>b<td colspan=-1>c<td colspan=' +2 '>d", [["a", "b", "c", "d", "d"]]),
        ("<tr><td>a<tr><td>b<td>c<td>d", [["a", "", ""], ["b", "c", "d"]]),
        ("<tbody><tr><td rowspan=5>a<td>b<tbody><tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<tr><td>a<td rowspan=2>b<tr><td colspan=3>c", [["a", "b", ""], ["c", "c", "c"]]),
    ],
)
def test_spans(html, cells):
    assert tables(f"<table>{html}</table>")[0]["rows"] == cells


def test_a_foot_comes_last_and_a_head_first():
    html = "<table><tfoot><tr><td>f</tfoot><tbody><tr><td>b</tbody><thead><tr><td>h</thead></table>"
    assert grid(html) == [["h"], ["b"], ["f"]]


def test_nested_tables_are_reported_on_their_own():
    inner = "<table><tr><th>A<th>B<tr><td>1<td>2</table>"
    outer, nested = tables(f"<table><tr><td>x<td>{inner}<tr><td>y<td>z</table>")
    assert outer["rows"] == [["x", "A B 1 2"], ["y", "z"]] or outer["rows"] == [["x", "AB12"], ["y", "z"]]
    assert nested["headers"] == ["A", "B"]
    assert nested["rows"] == [["1", "2"]]


LAYOUT = """<table role=presentation><tr><td>menu<td><table><tr><td>a</table></table>"""
WORDS = "some words of text in every cell"


@pytest.mark.parametrize(
    ("html", "points"),
    [
        ("<table></table>", 0),
        ("<table><tr><td></table>", 3),
        ("<table><tr><td><td><tr><td><td></table>", 5),
        ("<table><tr><td><td><tr><td></table>", 3),
        ("<table><tr><td><td><td><td><td><tr><td></table>", 3),
        ("<table><thead><tr><td></thead></table>", 4),
        ("<table><tr><th></table>", 6),
        ("<table><tr><td><tr><th></table>", 5),
        ("<table><caption></caption><tr><td></table>", 5),
        ("<table summary=s><tr><td></table>", 4),
        ("<table role=none><tr><td></table>", 0),
        ("<table role=presentation><tr><td></table>", 0),
        ("<table data-a data-b data-c><tr><td></table>", 4.5),
        (f"<table><tr><td>{WORDS * 2}</table>", 5),
        (f"<table><tr><td>{WORDS * 9}</table>", 6),
    ],
)
def test_points(html, points):
    assert tables(html, threshold=points) != []
    assert tables(html, threshold=points + 0.25) == []


def test_table_score_threshold():
    assert read_well(LAYOUT).tables == []
    assert len(read_well(LAYOUT, table_score_threshold=-10).tables) == 2
    assert read_well(DATA, table_score_threshold=100).tables == []


def test_min_rows_and_cols():
    assert tables(DATA, min_rows=2, min_cols=2) != []
    assert tables(DATA, min_rows=3) == []
    assert tables(DATA, min_cols=3) == []


def test_verbose_logs_at_info(caplog):
    with caplog.at_level(logging.INFO, "nephila"):
        tables(DATA)
        assert caplog.messages == []
        tables(DATA, verbose=True)
    assert "scores" in caplog.text


def test_strategies():
    assert read_well(DATA, table_extraction=NoTableExtraction()).tables == []
    assert NoTableExtraction().extract_tables(DATA) == []
    assert read_well(DATA, table_extraction=DefaultTableExtraction(100)).tables == []
    assert len(read_well(DATA, table_extraction=DefaultTableExtraction(0), table_score_threshold=100).tables) == 1


class Own(TableExtractionStrategy):
    def extract_tables(self, html):
        if "fail" in html:
            raise KeyError("no such table")
        return [{"headers": [html[:5]], "rows": [], "caption": "", "summary": "", "metadata": {}}]


def test_a_strategy_of_the_caller():
    assert read_well(DATA, table_extraction=Own()).tables[0]["headers"] == ["<body"]
    document = read_html("<p>fail</p>", table_extraction=Own())
    assert document.error_code == "user_code"
    assert document.error == "table_extraction Own raised KeyError: 'no such table'"
    assert document.markdown.raw_markdown == "fail"


class Inherited(DefaultTableExtraction):
    def extract_tables(self, html):
        return super().extract_tables(html)[:1]


def test_an_override_of_the_built_in_is_used():
    assert len(read_well(DATA * 2, table_extraction=Inherited()).tables) == 1


def test_ten_thousand_rows():
    rows = "".join(f"<tr><td>{n}<td>a<td>b" for n in range(10_000))
    (table,) = read_well(f"<table><tr><th>N<th>A<th>B{rows}</table>").tables
    assert len(table["rows"]) == 10_000
    assert table["rows"][-1] == ["9999", "a", "b"]


def test_a_column_span_is_clamped():
    (table,) = tables("<table><tr><td colspan=1000000>a<td>b</table>")
    assert table["metadata"]["column_count"] == module.MAX_COLUMN_SPAN + 1


@pytest.mark.parametrize(
    "html",
    [
        "<table>" + "<tr><td colspan=1000 rowspan=65534>a" * 5000 + "</table>",
        ("<table><tr><td colspan=1000>a" + "<tr><td>b" * 1500 + "</table>") * 20,
        "<table><tr>" + "<td>w" * 5000 + "<tr><td>b" * 5000 + "</table>",
    ],
)
def test_the_cells_are_bounded(html):
    found = tables(html)
    assert sum(len(row) for table in found for row in table["rows"]) <= 2 * module.MAX_CELLS


def test_deeply_nested_tables():
    found = tables("<table><tr><td>" * 100 + "x")
    assert len(found) == module.MAX_LAYOUT_TABLES + 1
