"""Data that a page carries in the attributes of its elements: microdata and RDFa."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import turbohtml
from turbohtml.extract import MicrodataItem, RdfaItem

from nephila.models import JSONValue

_MOST_VALUES: Final = 2_000
"""Values of a page that are kept, those of items within items included."""

_LONGEST: Final = 10_000
"""Characters of one value."""

_DEEPEST: Final = 60
"""Items within items; deeper ones could not be sent to another process."""


def embedded_data(tree: turbohtml.Document, base_url: str) -> dict[str, JSONValue]:
    """The page's items as `microdata` and `rdfa`, each a list of objects; what is not there is left out.

    An object has `type` (a list of URLs), `id` when it has one, and `properties`, which map a name to the list of its
    values: strings, or objects of the same form (HTML Standard, 5.5.1, "Converting HTML to JSON"; RDFa likewise).
    """
    found: dict[str, JSONValue] = {}
    left = _Left()
    if tree.select_one("[itemscope]") is not None:
        try:
            items = tree.microdata(base_url)
        except RecursionError:
            # Nested deeper than any page that means it.
            items = []
        if objects := [_of_microdata(item, left, 0) for item in items if left]:
            found["microdata"] = list(objects)
    if tree.select_one("[typeof]") is not None:
        try:
            resources = tree.rdfa(base_url)
        except RecursionError:
            resources = []
        if objects := [_of_rdfa(item, left, 0) for item in resources if left]:
            found["rdfa"] = list(objects)
    return found


class _Left:
    """How many more values are kept."""

    def __init__(self) -> None:
        self._values = _MOST_VALUES

    def __bool__(self) -> bool:
        return self._values > 0

    def take(self, values: Iterable[str | MicrodataItem | RdfaItem]) -> list[str | MicrodataItem | RdfaItem]:
        """As many of the values as there is room for."""
        taken = list(values)[: self._values]
        self._values -= len(taken)
        return taken


def _of_microdata(item: MicrodataItem, left: _Left, depth: int) -> dict[str, JSONValue]:
    made: dict[str, JSONValue] = {"type": list((item.type or "").split())}
    if item.id:
        made["id"] = item.id[:_LONGEST]
    made["properties"] = {
        name[:_LONGEST]: [_value(value, left, depth + 1) for value in left.take(values)]
        for name, values in item.properties.items()
        if left and depth < _DEEPEST
    }
    return made


def _of_rdfa(item: RdfaItem, left: _Left, depth: int) -> dict[str, JSONValue]:
    made: dict[str, JSONValue] = {"type": list(item.type)}
    if item.resource:
        made["id"] = item.resource[:_LONGEST]
    made["properties"] = {
        name[:_LONGEST]: [_value(value, left, depth + 1) for value in left.take(values)]
        for name, values in item.properties.items()
        if left and depth < _DEEPEST
    }
    return made


def _value(value: str | MicrodataItem | RdfaItem, left: _Left, depth: int) -> JSONValue:
    match value:
        case MicrodataItem():
            return _of_microdata(value, left, depth)
        case RdfaItem():
            return _of_rdfa(value, left, depth)
        case _:
            return " ".join(value[:_LONGEST].split())
