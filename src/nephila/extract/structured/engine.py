"""Running a schema over a page's tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import turbohtml

from nephila.extract.structured.expression import Expression, ExpressionError
from nephila.extract.structured.schema import Field, Schema
from nephila.models import JSONValue

MAX_CHARACTERS = 100_000_000
"""Characters of text and HTML that one page may give; nested matches could multiply a page without end."""

_PLAIN_TEXT = turbohtml.PlainText(bullet="", layout="strict")
_TRANSFORM: Mapping[str, Callable[[str], str]] = {"lowercase": str.lower, "uppercase": str.upper, "strip": str.strip}


@dataclass(slots=True)
class Extraction:
    """What a strategy found."""

    records: list[dict[str, JSONValue]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """Sentences about selectors that matched nothing, and computed fields that had no value."""


class ComputeError(Exception):
    """A function of the caller that computes a field raised; the cause is the exception."""


class _TooMuchError(Exception):
    """The page gives more than `MAX_CHARACTERS`."""


def extract_records(schema: Schema, tree: turbohtml.Node) -> Extraction:
    """Run `schema` over the page.

    Raises:
        ComputeError: A `function` of the schema raised.
    """
    run = _Run()
    extraction = Extraction()
    bases = [base for base in schema.base.all(tree) if isinstance(base, turbohtml.Element)]
    if not bases:
        extraction.warnings.append(f"baseSelector {schema.base.source!r} matches nothing on this page.")
    try:
        for base in bases:
            record = run.record(schema.fields, base)
            if not _is_empty(record):
                extraction.records.append(record)
    except _TooMuchError:
        extraction.warnings.append(
            f"The page gives more than {MAX_CHARACTERS:,} characters; records after number {len(extraction.records)} "
            "are left out."
        )
    extraction.warnings += run.warnings(schema.fields)
    return extraction


class _Run:
    """One schema on one page, and what became of its fields."""

    def __init__(self) -> None:
        self.left = MAX_CHARACTERS
        self.tried: Counter[str] = Counter()
        self.matched: Counter[str] = Counter()
        self.valued: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}

    def record(self, fields: tuple[Field, ...], element: turbohtml.Element | str) -> dict[str, JSONValue]:
        """The record of one element: computed fields see all others, whatever the order."""
        found: dict[str, JSONValue] = {}
        for one in fields:
            if one.type != "computed":
                self.put(found, one, self.value(one, element))
        for one in fields:
            if one.type == "computed":
                self.put(found, one, self.computed(one, found))
        return {one.name: found[one.name] for one in fields if one.name in found}

    def put(self, record: dict[str, JSONValue], one: Field, value: JSONValue) -> None:
        self.tried[one.path] += 1
        if value is None or value == {}:
            value = one.default
        elif value == []:
            value = value if one.default is None else one.default
        else:
            self.valued[one.path] += 1
        if value is not None:
            record[one.name] = value

    def value(self, one: Field, element: turbohtml.Element | str) -> JSONValue:
        start: turbohtml.Element | str | None = element
        if one.source is not None:
            start = None if isinstance(element, str) else one.source.first(element)
        if start is None:
            return [] if one.type in ("list", "nested_list") else None
        if one.type in ("list", "nested_list"):
            return self.records(one, start)
        if one.selector is not None:
            start = None if isinstance(start, str) else one.selector.first(start)
        if start is None:
            return None
        self.matched[one.path] += 1
        return {**self.record(one.fields, start)} if one.type == "nested" else self.single(one, start)

    def records(self, one: Field, start: turbohtml.Element | str) -> JSONValue:
        """The records of every match."""
        matches = [start]
        if one.selector is not None:
            matches = [] if isinstance(start, str) else one.selector.all(start)
        self.matched[one.path] += len(matches)
        records = [self.record(one.fields, match) for match in matches]
        return [record for record in records if not _is_empty(record)]

    def single(self, one: Field, element: turbohtml.Element | str) -> JSONValue:
        """What the steps of a value field make of an element."""
        value: str | None = None
        for number, step in enumerate(one.steps):
            if number == 0:
                value = self.read("text" if step == "regex" else step, one.attribute, element)
            if step == "regex" and value is not None and one.pattern is not None:
                match = one.pattern.search(value)
                value = match.group(one.group) if match else None
        return _transformed(one, value)

    def read(self, step: str, attribute: str, element: turbohtml.Element | str) -> str | None:
        if isinstance(element, str):
            # What an XPath selected is text already.
            value: str | None = element.strip() if step == "text" else element
        elif step == "attribute":
            value = element.attr(attribute)
        elif step == "html":
            value = element.html
        else:
            value = text_of(element)
        self.left -= len(value or "")
        if self.left < 0:
            raise _TooMuchError
        return value

    def computed(self, one: Field, record: dict[str, JSONValue]) -> JSONValue:
        assert one.compute is not None
        try:
            value = one.compute(record if isinstance(one.compute, Expression) else dict(record))
        except ExpressionError as error:
            self.failed[one.path] += 1
            self.reasons.setdefault(one.path, str(error))
            return None
        except Exception as error:
            # The caller's code: the failure is the page's, with the caller's name on it.
            raise ComputeError(f"{one.path}.function raised {type(error).__name__}: {error}") from error
        return _transformed(one, value)

    def warnings(self, fields: tuple[Field, ...]) -> list[str]:
        """A sentence for each field that never had a value although it was looked for."""
        sentences = []
        for one in fields:
            tried, matched, failed = self.tried[one.path], self.matched[one.path], self.failed[one.path]
            elements = "1 element" if tried == 1 else f"{tried:,} elements"
            if failed:
                sentences.append(
                    f"{one.told} had no value for {failed:,} of {elements}; the first time: {self.reasons[one.path]}."
                )
            elif tried and not matched and one.type != "computed":
                sentences.append(f"{one.told} matched nothing in {elements}.")
            elif tried and not self.valued[one.path]:
                sentences.append(f"{one.told} had no value in {elements}.")
            sentences += self.warnings(one.fields)
        return sentences


def text_of(element: turbohtml.Element) -> str:
    """The text of an element as it reads: white space collapsed, a space between blocks, no scripts."""
    return " ".join(element.to_text(_PLAIN_TEXT).split())


def _transformed(one: Field, value: JSONValue) -> JSONValue:
    if isinstance(value, str):
        for transform in one.transforms:
            value = _TRANSFORM[transform](value)
    return value


def _is_empty(record: Mapping[str, JSONValue]) -> bool:
    return all(value in ([], {}) for value in record.values())
