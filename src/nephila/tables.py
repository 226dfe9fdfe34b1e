"""Handing a page's tables on: as CSV, as records, as a data frame of pandas or polars."""

from __future__ import annotations

import csv
import importlib
import io
from typing import TYPE_CHECKING, Any, Final

from nephila.models import Table

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]
    import polars  # type: ignore[import-not-found,unused-ignore]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def table_to_csv(table: Table, *, delimiter: str = ",", escape_formulas: bool = False) -> str:
    r"""The table as CSV (RFC 4180), the header row first when it has one; lines end with `\r\n`.

    Args:
        table: One of `result.tables`.
        delimiter: What stands between cells.
        escape_formulas: Put an apostrophe before cells that begin with `=`, `+`, `-`, `@`, a tab or a carriage return.
            A page can hold such cells to make a spreadsheet program run them as formulas. Numbers stay as they are.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    rows = [table["headers"], *table["rows"]] if table["headers"] else table["rows"]
    for row in rows:
        writer.writerow([_escaped(cell) for cell in row] if escape_formulas else row)
    return text.getvalue()


def table_to_records(table: Table) -> list[dict[str, str]]:
    """The rows as dicts by column name, see `column_names`."""
    names = column_names(table)
    return [dict(zip(names, row, strict=False)) for row in table["rows"]]


def table_to_pandas(table: Table) -> pandas.DataFrame:
    """The table as a `pandas.DataFrame` of strings.

    Raises:
        ImportError: pandas is not installed.
    """
    return _imported("pandas").DataFrame(_full_rows(table), columns=column_names(table), dtype=str)


def table_to_polars(table: Table) -> polars.DataFrame:
    """The table as a `polars.DataFrame` of strings.

    Raises:
        ImportError: polars is not installed.
    """
    library = _imported("polars")
    names, rows = column_names(table), _full_rows(table)
    columns = {name: [row[number] for row in rows] for number, name in enumerate(names)}
    return library.DataFrame(columns, schema=dict.fromkeys(names, library.String))


def column_names(table: Table) -> list[str]:
    """A name for each column, all different: its header, `column_3` without one, `price_2` for the second `price`."""
    width = max((len(table["headers"]), *map(len, table["rows"])))
    headers = [*table["headers"], *[""] * (width - len(table["headers"]))]
    names: list[str] = []
    taken: set[str] = set(headers)
    seen: set[str] = set()
    for number, header in enumerate(headers, 1):
        name = header or f"column_{number}"
        count = 1
        while name in seen or (name != header and name in taken):
            count += 1
            name = f"{header or f'column_{number}'}_{count}"
        seen.add(name)
        names.append(name)
    return names


def _full_rows(table: Table) -> list[list[str]]:
    """The rows, all as wide as the table."""
    width = len(column_names(table))
    return [[*row, *[""] * (width - len(row))] for row in table["rows"]]


def _escaped(cell: str) -> str:
    if not cell.startswith(_FORMULA_STARTS) or _is_number(cell):
        return cell
    return "'" + cell


def _is_number(cell: str) -> bool:
    digits = cell[1:].replace(",", "").replace(".", "", 1)
    return cell[:1] in ("+", "-") and digits.isascii() and digits.isdigit()


def _imported(package: str) -> Any:
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ImportError(f"{package} is not installed; install it to have tables as its data frames.") from error
