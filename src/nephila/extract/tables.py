"""The data tables of a page: told from layout tables by points, their spans expanded, their size bounded."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from itertools import islice

import turbohtml
from turbohtml import Axis, Element

from nephila.models import JSONValue, Table
from nephila.options.strategies import TableExtractionStrategy

MAX_COLUMN_SPAN = 1000
"""The HTML Standard's limit for `colspan` (section 4.9.11)."""

MAX_ROW_SPAN = 65534
"""The HTML Standard's limit for `rowspan`."""

MAX_CELLS = 1_000_000
"""Cells one page's tables may expand to; beyond it spans are not expanded and rows not padded."""

MAX_LAYOUT_TABLES = 64
"""Tables around other tables that are looked at on one page; more are taken for layout without a look."""

MAX_LAYOUT_ELEMENTS = 300_000
"""Elements in them that are looked at; tables inside each other hold the same ones."""

_LOGGER = logging.getLogger("nephila.extract.tables")


@dataclass(slots=True)
class _Row:
    """One `tr` of a table itself, not of one inside it."""

    cells: list[Element]
    in_head: bool
    header_cells: int
    group: int


@dataclass(slots=True)
class _Shape:
    """What scoring and reading a table both need."""

    rows: list[_Row] = field(default_factory=list)
    has_head: bool = False
    has_body: bool = False
    has_inner_table: bool = False


class DefaultTableExtraction(TableExtractionStrategy):
    """Reports the tables that hold data.

    A table is scored: `thead` 2, `tbody` 1 (every parsed table has one), any `th` 2 and 1 more when one is in `thead`
    or the first row, a `caption` 2, a `summary` 1, rows of equal length (variance below 1) 2, at least two rows and
    two columns 2, characters of text per element above 20: 3, above 10: 2, and 0.5 for every `data-*` attribute;
    a table inside it -3, `role="presentation"` or `"none"` -3. It is reported when it reaches the threshold.

    Spans are expanded: every cell a `td` or `th` covers has its text. `headers` is the head's row (several are joined
    by ` / `), or the first row when it is all `th`, or empty. A `th` in another row is a cell like any other.

    Args:
        table_score_threshold: Points a table needs.
        min_rows: Rows, without headers, a table needs.
        min_cols: Columns a table needs.
        verbose: Log the score of every table at INFO instead of DEBUG.
    """

    def __init__(
        self, table_score_threshold: int = 7, min_rows: int = 0, min_cols: int = 0, verbose: bool = False
    ) -> None:
        self.table_score_threshold = table_score_threshold
        self.min_rows = min_rows
        self.min_cols = min_cols
        self.verbose = verbose

    def extract_tables(self, html: str) -> list[Table]:
        """Return the data tables of `html` in document order."""
        return self.read_tables(turbohtml.parse(html, positions=False).find_all("table"))

    def read_tables(self, elements: list[Element]) -> list[Table]:
        """Return those of the `table` elements that hold data; the same as `extract_tables` without parsing."""
        tables: list[Table] = []
        layouts = 0
        cells_left = MAX_CELLS
        elements_left = MAX_LAYOUT_ELEMENTS
        for element in elements:
            has_inner_table = element.find("table") is not None
            if has_inner_table:
                layouts += 1
                elements_left -= (
                    0 if elements_left < 0 else sum(1 for _ in islice(element.iter_elements(), elements_left + 1))
                )
                if layouts > MAX_LAYOUT_TABLES or elements_left < 0:
                    continue
            shape = _shape_of(element, has_inner_table)
            score = _score(element, shape)
            _LOGGER.log(logging.INFO if self.verbose else logging.DEBUG, "table scores %.1f", score)
            if score < self.table_score_threshold:
                continue
            table, size = _read(element, shape, cells_left)
            cells_left -= size
            if len(table["rows"]) >= self.min_rows and _columns(table) >= self.min_cols:
                tables.append(table)
        return tables


class NoTableExtraction(TableExtractionStrategy):
    """Reports no tables."""

    def extract_tables(self, html: str) -> list[Table]:
        """Return nothing."""
        return []


def _columns(table: Table) -> int:
    columns = table["metadata"]["column_count"]
    return columns if isinstance(columns, int) else 0


def _shape_of(table: Element, has_inner_table: bool) -> _Shape:
    """Gather a table's own rows, those of its head first."""
    shape = _Shape(has_inner_table=has_inner_table)
    body: list[_Row] = []
    foot: list[_Row] = []
    for group, section in enumerate(table.find_all(["thead", "tbody", "tfoot", "tr"], axis=Axis.CHILDREN)):
        tag = section.tag
        if tag == "thead":
            shape.has_head, target = True, shape.rows
        elif tag == "tfoot":
            target = foot
        else:
            shape.has_body, target = True, body
        for row in [section] if tag == "tr" else section.find_all("tr", axis=Axis.CHILDREN):
            cells = row.find_all(["td", "th"], axis=Axis.CHILDREN)
            if cells:
                headers = sum(cell.tag == "th" for cell in cells)
                target.append(_Row(cells, tag == "thead", headers, group))
    shape.rows += body + foot
    return shape


def _score(table: Element, shape: _Shape) -> float:
    """The points of `DefaultTableExtraction`."""
    rows = shape.rows
    score = 2.0 * shape.has_head + shape.has_body - 3.0 * shape.has_inner_table
    if any(row.header_cells for row in rows):
        score += 3 if rows[0].header_cells or any(row.header_cells for row in rows if row.in_head) else 2
    role = (table.attr("role") or "").strip().lower()
    if role in ("presentation", "none"):
        score -= 3
    counts = [len(row.cells) for row in rows]
    if counts:
        mean = sum(counts) / len(counts)
        if sum((count - mean) ** 2 for count in counts) / len(counts) < 1:
            score += 2
        if len(counts) >= 2 and mean >= 2:
            score += 2
    if table.find("caption", axis=Axis.CHILDREN) is not None:
        score += 2
    if table.attr("summary"):
        score += 1
    elements = len(table.find_all()) or 1
    density = len("".join(table.text.split())) / elements
    if density > 20:
        score += 3
    elif density > 10:
        score += 2
    return score + 0.5 * sum(name.startswith("data-") for name in table.attrs)


def _read(table: Element, shape: _Shape, cells_left: int) -> tuple[Table, int]:
    """The table as data, and the number of cells it has."""
    grid = _grid(shape.rows, cells_left)
    head_rows = sum(row.in_head for row in shape.rows)
    if not head_rows and shape.rows and shape.rows[0].header_cells == len(shape.rows[0].cells):
        head_rows = 1
    headers = _headers(grid[:head_rows])
    rows = grid[head_rows:]
    caption_element = table.find("caption", axis=Axis.CHILDREN)
    caption = "" if caption_element is None else " ".join(caption_element.text.split())
    summary = table.attr("summary") or ""
    metadata: dict[str, JSONValue] = {
        "row_count": len(rows),
        "column_count": max(map(len, grid), default=0),
        "has_headers": bool(headers),
        "has_caption": bool(caption),
        "has_summary": bool(summary),
    }
    for name in ("id", "class"):
        value = table.attr(name)
        if value:
            metadata[name] = value
    return Table(headers=headers, rows=rows, caption=caption, summary=summary, metadata=metadata), sum(map(len, grid))


def _headers(head: list[list[str]]) -> list[str]:
    """One label per column; the distinct labels of several head rows joined from top to bottom."""
    if len(head) < 2:
        return head[0] if head else []
    return [" / ".join(dict.fromkeys(label for label in column if label)) for column in zip(*head, strict=False)]


def _grid(rows: list[_Row], cells_left: int) -> list[list[str]]:
    """The cells' text with spans expanded and rows padded to one width, as far as `cells_left` allows."""
    if any("colspan" in cell.attrs or "rowspan" in cell.attrs for row in rows for cell in row.cells):
        grid = _expanded(rows, cells_left)
    else:
        grid = [[_text(cell) for cell in row.cells] for row in rows]
    if grid is None:
        return [[_text(cell) for cell in row.cells] for row in rows]
    width = max(map(len, grid), default=0)
    if width * len(grid) <= cells_left:
        for line in grid:
            line.extend([""] * (width - len(line)))
    return grid


def _expanded(rows: list[_Row], cells_left: int) -> list[list[str]] | None:
    """Lay the cells out by the standard's table model; None when that takes more than `cells_left` cells."""
    last_of_group = {row.group: index for index, row in enumerate(rows)}
    grid: list[list[str]] = []
    # Column to the text hanging into this row and the last row it reaches.
    hanging: dict[int, tuple[str, int]] = {}
    for index, row in enumerate(rows):
        line: list[str] = []
        reaching: dict[int, tuple[str, int]] = {}
        for cell in row.cells:
            while (above := hanging.pop(len(line), None)) is not None:
                if above[1] > index:
                    reaching[len(line)] = above
                line.append(above[0])
            columns = span(cell, "colspan", MAX_COLUMN_SPAN) or 1
            # A rowspan ends with its row group; 0 means just that.
            last = last_of_group[row.group]
            if height := span(cell, "rowspan", MAX_ROW_SPAN):
                last = min(last, index + height - 1)
            text = _text(cell)
            if last > index:
                reaching.update((column, (text, last)) for column in range(len(line), len(line) + columns))
            line.extend([text] * columns)
            if len(line) > cells_left:
                return None
        for column in sorted(hanging):
            if column >= len(line):
                above = hanging[column]
                line.extend([""] * (column - len(line)))
                line.append(above[0])
                if above[1] > index:
                    reaching[column] = above
        cells_left -= len(line)
        if cells_left < 0:
            return None
        grid.append(line)
        hanging = reaching
    return grid


def span(cell: Element, name: str, most: int) -> int:
    """A span attribute by the standard's rules for integers; 1 when it is absent or no number."""
    value = (cell.attr(name) or "").strip()
    digits = value.removeprefix("+")
    length = 0
    while length < len(digits) and length < 8 and digits[length] in "0123456789":
        length += 1
    return min(int(digits[:length]), most) if length else 1


def _text(cell: Element) -> str:
    return " ".join(cell.text.split())
