import csv
import io
import sys

import pytest

from nephila import table_to_csv, table_to_pandas, table_to_polars, table_to_records
from tests.extract.reading import read_well


def table(headers, rows):
    return {"headers": headers, "rows": rows, "caption": "", "summary": "", "metadata": {}}


PRICES = table(["item", "price"], [["tea, green", "3.50"], ['the "big" one', "4\n5"]])


def test_csv_reads_back():
    text = table_to_csv(PRICES)
    assert text == 'item,price\r\n"tea, green",3.50\r\n"the ""big"" one","4\n5"\r\n'
    assert list(csv.reader(io.StringIO(text, newline=""))) == [PRICES["headers"], *PRICES["rows"]]
    assert table_to_csv(table([], [["a", "b"]]), delimiter=";") == "a;b\r\n"


def test_formulas_are_escaped_when_asked_for():
    cells = ["=1+1", "+cmd", "-2+3", "@x", "\tx", "-3.5", "+1,000", "a=b", ""]
    (row,) = csv.reader(io.StringIO(table_to_csv(table([], [cells]), escape_formulas=True)))
    assert row == ["'=1+1", "'+cmd", "'-2+3", "'@x", "'\tx", "-3.5", "+1,000", "a=b", ""]
    assert table_to_csv(table([], [["=1"]])) == "=1\r\n"


def test_records():
    assert table_to_records(PRICES)[0] == {"item": "tea, green", "price": "3.50"}
    odd = table(["a", "", "a", "a_2"], [["1", "2", "3", "4"]])
    assert list(table_to_records(odd)[0].values()) == ["1", "2", "3", "4"]
    assert list(table_to_records(odd)[0])[:2] == ["a", "column_2"]
    assert table_to_records(table([], [["1", "2"]])) == [{"column_1": "1", "column_2": "2"}]
    assert table_to_records(table([], [])) == []


def test_a_page():
    page = "<table><tr><th>A<th>B<tr><td>1<td>2<tr><td>3<td>4</table>"
    assert table_to_records(read_well(page).tables[0]) == [{"A": "1", "B": "2"}, {"A": "3", "B": "4"}]


@pytest.mark.parametrize(("convert", "package"), [(table_to_pandas, "pandas"), (table_to_polars, "polars")])
def test_data_frames(convert, package, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, package, None)
        with pytest.raises(ImportError, match=f"{package} is not installed"):
            convert(PRICES)
    pytest.importorskip(package)
    frame = convert(PRICES)
    assert (list(frame.columns), frame.shape) == (["item", "price"], (2, 2))
