"""Tables as a pipe table can say them: no spans, no blocks in cells, no layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import turbohtml
from turbohtml import Axis, Element

from nephila.extract.markdown_marks import ALIGNED
from nephila.extract.tables import MAX_COLUMN_SPAN, MAX_LAYOUT_TABLES, MAX_ROW_SPAN, span

MAX_CELLS = 200_000
"""Cells the tables of one page may have after their spans are laid out; a larger one has no cells for its spans."""

_SECTIONS = ("thead", "tbody", "tfoot")
_STRUCTURES = "h1,h2,h3,h4,h5,h6,article,section,main,nav,form,aside,header,footer"
_SEVERAL_LINES = "p,div,ul,ol,pre,blockquote"
_CELL_BLOCKS = frozenset("p div h1 h2 h3 h4 h5 h6 blockquote address figure figcaption section article".split())


def prepare_tables(tables: list[Element]) -> bool:
    """Change tables so that the renderer can write them as pipe tables.

    Spans become empty cells, so that every cell keeps its column; paragraphs in a cell become lines; the alignment of
    a column is marked in its header. Tables that only lay the page out become the blocks they hold.

    Args:
        tables: In document order, so that a table in a cell comes after the one around it.

    Returns:
        Whether any mark was set.
    """
    cells_left = MAX_CELLS
    nests = 0
    is_marked = False
    in_cells: set[Element] = set()
    for table in tables:
        inner = table.find("table")
        nests += inner is not None
        rows = list(rows_of(table))
        if nests > MAX_LAYOUT_TABLES and inner is not None:
            _unfold(table, rows)
            continue
        cells = [row.find_all(["td", "th"], axis=Axis.CHILDREN) for row in rows]
        if _is_layout(table, cells, inner is not None):
            _unfold(table, rows)
            continue
        if inner is not None:
            in_cells.update(table.find_all("table"))
        _settle_rows(rows, cells)
        _order_sections(table)
        if table.select_one("td[colspan],td[rowspan],th[colspan],th[rowspan]") is not None or _is_ragged(cells):
            cells_left -= _lay_out(rows, cells, cells_left)
        if rows and table not in in_cells:
            is_marked |= _mark_alignment(rows[0])
        _flatten_blocks(table)
    return is_marked


def rows_of(table: Element) -> Iterator[Element]:
    """The rows of a table itself, in the order a browser shows them: head, bodies, foot."""
    children = table.find_all([*_SECTIONS, "tr"], axis=Axis.CHILDREN)
    for wanted in (("thead",), ("tbody", "tr"), ("tfoot",)):
        for child in children:
            if child.tag not in wanted:
                continue
            if child.tag == "tr":
                yield child
            else:
                yield from child.find_all("tr", axis=Axis.CHILDREN)


def _order_sections(table: Element) -> None:
    """Put the head first and the foot last, where a browser shows them."""
    head = table.find("thead", axis=Axis.CHILDREN)
    if head is not None and head.find(["tbody", "tfoot", "tr"], axis=Axis.PREVIOUS_SIBLINGS) is not None:
        table.insert(0, head.extract())
    foot = table.find("tfoot", axis=Axis.CHILDREN)
    if foot is not None and foot.find(["tbody", "thead", "tr"], axis=Axis.NEXT_SIBLINGS) is not None:
        table.append(foot.extract())


def _is_layout(table: Element, cells: list[list[Element]], has_inner_table: bool) -> bool:
    """Whether a table only sets parts of the page side by side."""
    role = (table.attr("role") or "").lower()
    if role in ("presentation", "none"):
        return True
    if role or table.find("th") is not None or table.find("caption", axis=Axis.CHILDREN) is not None:
        return False
    if len(cells) <= 1 >= sum(map(len, cells)) or table.select_one(_STRUCTURES) is not None:
        return True
    if len(cells) == 1 and table.select_one(_SEVERAL_LINES) is not None:
        return True
    # A table in one of many cells is data in data.
    return has_inner_table and (len(cells) <= 2 or _mostly_inner(table))


def _mostly_inner(table: Element) -> bool:
    """Whether most of a table's text is in tables inside it."""
    inside = sum(len(inner.text) for inner in table.select("td>table")[:64])
    return inside * 2 > len(table.text)


def _unfold(table: Element, rows: list[Element]) -> None:
    """Make plain blocks of a layout table."""
    for row in rows:
        for cell in row.find_all(["td", "th"], axis=Axis.CHILDREN):
            cell.tag = "div"
        row.tag = "div"
    for section in table.find_all([*_SECTIONS, "caption"], axis=Axis.CHILDREN):
        section.tag = "div"
    table.tag = "div"


def _settle_rows(rows: list[Element], cells: list[list[Element]]) -> None:
    """Drop rows without cells, which would be lines without bars."""
    for index in range(len(rows) - 1, -1, -1):
        if not cells[index]:
            rows.pop(index).extract()
            cells.pop(index)


def _is_ragged(cells: list[list[Element]]) -> bool:
    """Whether a row has more cells than the first, which says how many columns there are."""
    return bool(cells) and max(map(len, cells)) > len(cells[0])


def _lay_out(rows: list[Element], cells: list[list[Element]], cells_left: int) -> int:
    """Put an empty cell wherever a span reaches, and pad the rows; returns how many cells there are then."""
    plan = _plan(rows, cells, cells_left)
    for own in cells:
        for cell in own:
            for name in ("colspan", "rowspan"):
                if name in cell.attrs:
                    del cell.attrs[name]
    if plan is None:
        return 0
    width = max((line.width for line in plan), default=0)
    for row, own, line in zip(rows, cells, plan, strict=True):
        for cell, (before, columns) in zip(own, line.cells, strict=True):
            if before:
                cell.insert_before(*[Element("td") for _ in range(before)])
            if columns > 1:
                cell.insert_after(*[Element(cell.tag) for _ in range(columns - 1)])
        row.extend([Element("td") for _ in range(width - line.own_width)])
    return width * len(rows)


@dataclass(slots=True)
class _Line:
    """Where the cells of a row are."""

    cells: list[tuple[int, int]] = field(default_factory=list)
    """For each, how many columns before it are taken from above, and how many it takes."""
    own_width: int = 0
    """Columns to the end of the last cell."""
    width: int = 0
    """Columns with those behind it that are taken from above."""


def _plan(rows: list[Element], cells: list[list[Element]], cells_left: int) -> list[_Line] | None:
    """Lay the cells out by the standard's table model; None when the table would have more than `cells_left` cells."""
    plan: list[_Line] = []
    # Column to the number of rows that a cell above still reaches into.
    hanging: dict[int, int] = {}
    group = None
    used = 0
    for row, own in zip(rows, cells, strict=True):
        if row.parent != group:
            hanging, group = {}, row.parent
        line = _Line()
        reaching: dict[int, int] = {}
        column = 0
        for cell in own:
            start = column
            while (height := hanging.pop(column, 0)) > 0:
                reaching[column] = height - 1
                column += 1
            columns = span(cell, "colspan", MAX_COLUMN_SPAN) or 1
            line.cells.append((column - start, columns))
            height = span(cell, "rowspan", MAX_ROW_SPAN) or MAX_ROW_SPAN
            if height > 1:
                reaching.update(dict.fromkeys(range(column, column + columns), height - 1))
            column += columns
        line.own_width = column
        reaching.update((place, height - 1) for place, height in hanging.items() if place >= column)
        line.width = max(column, max(hanging, default=-1) + 1)
        plan.append(line)
        hanging = {place: height for place, height in reaching.items() if height > 0}
        used += line.width
        if used > cells_left or line.width * len(rows) > cells_left:
            return None
    return plan


def _mark_alignment(row: Element) -> bool:
    """Mark the cells of the first row whose columns are aligned; returns whether there are any."""
    is_marked = False
    for cell in row.find_all(["td", "th"], axis=Axis.CHILDREN):
        mark = ALIGNED.get((cell.attr("align") or "").strip().lower())
        if mark is not None:
            cell.insert(0, turbohtml.Text(mark))
            is_marked = True
    return is_marked


def _flatten_blocks(table: Element) -> None:
    """Make lines of the paragraphs and code blocks in a table's cells."""
    for pre in table.select("td pre,th pre"):
        lines = pre.text.strip("\n").split("\n")
        nodes: list[turbohtml.Node] = []
        for line in lines:
            if nodes:
                nodes.append(Element("br"))
            nodes.append(Element("code", children=[turbohtml.Text(line)]) if line.strip() else turbohtml.Text(""))
        pre.replace_with(*nodes)
    for block in table.select("td>p,td>div,td>blockquote,th>p,th>div"):
        before, after = _neighbour(block, forward=False), _neighbour(block, forward=True)
        if before is not None:
            block.insert_before(Element("br"))
        if after is not None and not (isinstance(after, Element) and after.tag in _CELL_BLOCKS):
            block.insert_after(Element("br"))
        block.unwrap()


def _neighbour(block: Element, *, forward: bool) -> turbohtml.Node | None:
    """The sibling next to a block that is no white space, if it is not a line break."""
    node = block.next_sibling if forward else block.previous_sibling
    while isinstance(node, turbohtml.Text) and not node.data.strip():
        node = node.next_sibling if forward else node.previous_sibling
    return None if isinstance(node, Element) and node.tag == "br" else node
