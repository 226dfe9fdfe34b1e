"""The schema language of the JSON strategies: from plain data to checked fields.

A fault raises `ConfigError` with the place of the fault, such as `fields[2].fields[0].selector: ...`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from nephila.errors import ConfigError
from nephila.extract.structured.expression import Expression, ExpressionError
from nephila.extract.structured.selectors import CssSelector, Selector
from nephila.models import JSONValue

MakeSelector = Callable[[str], Selector]
Compute = Callable[[Mapping[str, JSONValue]], JSONValue]

VALUE_TYPES: Final = ("text", "attribute", "html", "regex")
GROUP_TYPES: Final = ("nested", "list", "nested_list")
TRANSFORMS: Final = ("lowercase", "uppercase", "strip")
MAX_DEPTH: Final = 20
"""How deep fields may nest."""

_SCHEMA_KEYS: Final = ("name", "baseSelector", "baseFields", "fields")
_COMMON_KEYS: Final = ("name", "type", "selector", "source", "default")
_KEYS: Final = {
    "value": (*_COMMON_KEYS, "attribute", "pattern", "group", "transform"),
    "group": (*_COMMON_KEYS, "fields"),
    "computed": ("name", "type", "default", "transform", "expression", "function"),
}


@dataclass(slots=True, frozen=True)
class Field:
    """One checked field.

    Attributes:
        path: Where in the schema it is.
        name: Its key in the record.
        type: The group type, `computed`, or `value` for what `steps` make of one element.
        steps: Value types, each applied to what the one before gave.
        group: The regular expression's group.
        compute: Makes the value of a computed field from the record's others.
    """

    path: str
    name: str
    type: str
    steps: tuple[str, ...] = ()
    selector: Selector | None = None
    source: Selector | None = None
    attribute: str = ""
    pattern: re.Pattern[str] | None = None
    group: int | str = 0
    transforms: tuple[str, ...] = ()
    default: JSONValue = None
    fields: tuple[Field, ...] = ()
    compute: Compute | None = None

    @property
    def told(self) -> str:
        """The field for a sentence."""
        selector = f", selector {self.selector.source!r}" if self.selector is not None else ""
        return f"{self.path} ({self.name!r}{selector})"


@dataclass(slots=True, frozen=True)
class Schema:
    """A checked schema."""

    base: Selector
    fields: tuple[Field, ...]
    """Those of `baseFields`, then those of `fields`."""
    has_patterns: bool
    """Whether a regular expression is among them."""


def checked_schema(data: Mapping[str, object], make_selector: MakeSelector) -> Schema:
    """Check a schema.

    Args:
        data: The schema as in the documentation.
        make_selector: Makes a selector of the strategy's kind.

    Raises:
        ConfigError: Names the place of the first fault.
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"The schema is a dict, not a {type(data).__name__}.")
    _check_keys(data, _SCHEMA_KEYS, "schema")
    base = _selector(data.get("baseSelector"), "baseSelector", make_selector)
    if base is None:
        raise ConfigError("baseSelector: it is missing; it selects the elements that become records.")
    reader = _Reader(make_selector)
    fields = (
        *reader.fields(data.get("baseFields", []), "baseFields", 1),
        *reader.fields(data.get("fields"), "fields", 1),
    )
    if not fields:
        raise ConfigError("fields: there are none.")
    _check_names(fields)
    return Schema(base, fields, reader.has_patterns)


class _Reader:
    """Reads the fields of one schema."""

    def __init__(self, make_selector: MakeSelector) -> None:
        self.make_selector = make_selector
        self.has_patterns = False

    def fields(self, data: object, path: str, depth: int, *, flat: bool = False) -> tuple[Field, ...]:
        if not isinstance(data, Sequence) or isinstance(data, str):
            raise ConfigError(f"{path}: a list of fields is needed, not {_shown(data)}.")
        if depth > MAX_DEPTH:
            raise ConfigError(f"{path}: fields nest deeper than {MAX_DEPTH} levels.")
        fields = tuple(self.field(item, f"{path}[{number}]", depth, flat) for number, item in enumerate(data))
        if depth > 1:
            _check_names(fields)
        return fields

    def field(self, data: object, path: str, depth: int, flat: bool) -> Field:
        if not isinstance(data, Mapping):
            raise ConfigError(f"{path}: a field is a dict, not {_shown(data)}.")
        name = data.get("name")
        if not isinstance(name, str) or not name:
            raise ConfigError(f"{path}.name: a string is needed, not {_shown(name)}.")
        steps = _types(data.get("type"), f"{path}.type")
        if steps == ("computed",):
            return self.computed(data, path, name)
        if steps[0] in GROUP_TYPES:
            if flat:
                raise ConfigError(f"{path}.type: a list has single fields only; make it a nested_list.")
            return self.group(data, path, name, steps[0], depth)
        return self.value(data, path, name, steps)

    def value(self, data: Mapping[str, object], path: str, name: str, steps: tuple[str, ...]) -> Field:
        _check_keys(data, _KEYS["value"], path)
        attribute = data.get("attribute", "")
        if "attribute" in steps and not (isinstance(attribute, str) and attribute):
            raise ConfigError(f"{path}.attribute: the attribute's name is needed, not {_shown(attribute)}.")
        if "attribute" in data and "attribute" not in steps:
            raise ConfigError(f"{path}.attribute: it has no effect on the type {'+'.join(steps)}.")
        pattern, group = None, cast("int | str", 0)
        if "regex" in steps:
            pattern, group = _pattern(data, path)
            self.has_patterns = True
        elif "pattern" in data or "group" in data:
            raise ConfigError(f"{path}.pattern: it has no effect without the type regex.")
        return Field(
            path=path,
            name=name,
            type="value",
            steps=steps,
            selector=_selector(data.get("selector"), f"{path}.selector", self.make_selector),
            source=_source(data.get("source"), f"{path}.source"),
            attribute=str(attribute).lower(),
            pattern=pattern,
            group=group,
            transforms=_transforms(data.get("transform"), f"{path}.transform"),
            default=cast("JSONValue", data.get("default")),
        )

    def group(self, data: Mapping[str, object], path: str, name: str, kind: str, depth: int) -> Field:
        _check_keys(data, _KEYS["group"], path)
        fields = self.fields(data.get("fields"), f"{path}.fields", depth + 1, flat=kind == "list")
        if not fields:
            raise ConfigError(f"{path}.fields: there are none.")
        return Field(
            path=path,
            name=name,
            type=kind,
            selector=_selector(data.get("selector"), f"{path}.selector", self.make_selector),
            source=_source(data.get("source"), f"{path}.source"),
            default=cast("JSONValue", data.get("default")),
            fields=fields,
        )

    def computed(self, data: Mapping[str, object], path: str, name: str) -> Field:
        _check_keys(data, _KEYS["computed"], path)
        function, expression = data.get("function"), data.get("expression")
        if (function is None) == (expression is None):
            raise ConfigError(f"{path}: a computed field has either a function or an expression.")
        if function is not None and not callable(function):
            raise ConfigError(f"{path}.function: something to call with the record is needed, not {_shown(function)}.")
        try:
            compute = Expression(expression) if function is None else function  # type: ignore[arg-type]
        except ExpressionError as error:
            raise ConfigError(f"{path}.expression: {error}.") from None
        return Field(
            path=path,
            name=name,
            type="computed",
            transforms=_transforms(data.get("transform"), f"{path}.transform"),
            default=cast("JSONValue", data.get("default")),
            compute=cast("Compute", compute),
        )


def _types(data: object, path: str) -> tuple[str, ...]:
    """The type, or the types of a pipeline."""
    known = (*VALUE_TYPES, *GROUP_TYPES, "computed")
    steps = tuple(data) if isinstance(data, list | tuple) else (data,)
    for step in steps:
        if step not in known:
            raise ConfigError(
                f"{path}: one of {', '.join(known)} is needed, not {_shown(step)}{_nearest(step, known)}."
            )
    if not steps:
        raise ConfigError(f"{path}: the list is empty.")
    if len(steps) > 1:
        if any(step not in VALUE_TYPES for step in steps):
            raise ConfigError(f"{path}: a list holds {', '.join(VALUE_TYPES)} only.")
        if any(step != "regex" for step in steps[1:]):
            raise ConfigError(f"{path}: after the first step, which reads the element, only regex can follow.")
    return cast("tuple[str, ...]", steps)


def _pattern(data: Mapping[str, object], path: str) -> tuple[re.Pattern[str], int | str]:
    source, group = data.get("pattern"), data.get("group")
    if not isinstance(source, str):
        raise ConfigError(f"{path}.pattern: a regular expression is needed, not {_shown(source)}.")
    try:
        pattern = re.compile(source)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigError(f"{path}.pattern: {source!r} is not a regular expression: {error}.") from None
    if group is None:
        return pattern, min(1, pattern.groups)
    exists = group in pattern.groupindex if isinstance(group, str) else _is_group(group, pattern)
    if not exists:
        raise ConfigError(f"{path}.group: {source!r} has no group {_shown(group)}.")
    return pattern, cast("int | str", group)


def _is_group(group: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(group, int) and not isinstance(group, bool) and 0 <= group <= pattern.groups


def _selector(data: object, path: str, make_selector: MakeSelector) -> Selector | None:
    if data is None:
        return None
    if not isinstance(data, str) or not data.strip():
        raise ConfigError(f"{path}: a selector is needed, not {_shown(data)}; leave it out for the element itself.")
    try:
        return make_selector(data.strip())
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}.") from None


def _source(data: object, path: str) -> Selector | None:
    """The selector of the sibling a field is read from."""
    if data is not None and not (isinstance(data, str) and data.lstrip().startswith(("+", "~"))):
        raise ConfigError(f"{path}: '+ tag.class' or '~ tag.class' is needed, not {_shown(data)}.")
    return _selector(data, path, CssSelector)


def _transforms(data: object, path: str) -> tuple[str, ...]:
    transforms = () if data is None else tuple(data) if isinstance(data, list | tuple) else (data,)
    for transform in transforms:
        if transform not in TRANSFORMS:
            nearest = _nearest(transform, TRANSFORMS)
            raise ConfigError(f"{path}: one of {', '.join(TRANSFORMS)} is needed, not {_shown(transform)}{nearest}.")
    return cast("tuple[str, ...]", transforms)


def _check_keys(data: Mapping[str, object], known: Sequence[str], path: str) -> None:
    for key in data:
        if key not in known:
            raise ConfigError(
                f"{path}: there is no {_shown(key)} here{_nearest(key, known)}; known: {', '.join(known)}."
            )


def _check_names(fields: Sequence[Field]) -> None:
    seen: dict[str, str] = {}
    for field in fields:
        if field.name in seen:
            raise ConfigError(f"{field.path}.name: {field.name!r} is the name of {seen[field.name]} already.")
        seen[field.name] = field.path


def _nearest(given: object, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(str(given), known, 1)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
