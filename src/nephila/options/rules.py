"""How a value given for an option is checked and converted, derived from the option's type annotation.

`Annotated` markers add what a type alone cannot say: a range, a closed set of strings, a conversion, a secret.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Callable as CallableABC
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final, TypeAlias, Union, get_args, get_origin

from nephila.errors import ConfigError


class _Refused(Enum):
    REFUSED = "refused"


REFUSED: Final = _Refused.REFUSED
"""What a rule returns for a value it does not accept."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One option's check.

    Attributes:
        expected: What is accepted, in words that follow "must be".
        accept: Returns the value to store, or `REFUSED`.
    """

    expected: str
    accept: Callable[[object], object]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Marks a number that must not be smaller."""

    minimum: float


@dataclass(frozen=True, slots=True)
class Between:
    """Marks a number that must lie between two others, both included."""

    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks a string from a closed set."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoneMeans:
    """Marks an option that accepts None as another name for one of its values."""

    value: object


@dataclass(frozen=True, slots=True)
class ConvertedBy:
    """Marks an option with its own conversion.

    Attributes:
        convert: Returns the value to store, or `REFUSED`; may raise a `ConfigError` of its own.
        expected: What is accepted, in words that follow "must be".
    """

    convert: Callable[[object], object]
    expected: str


@dataclass(frozen=True, slots=True)
class Secret:
    """Marks an option whose value must not be shown.

    Attributes:
        show: Turns the value into what may be shown; None shows `***`.
    """

    show: Callable[[object], object] | None = None


@dataclass(frozen=True, slots=True)
class Retired:
    """Marks a flag that is accepted only while it is False.

    Attributes:
        instead: What to write instead of setting it.
    """

    instead: str


Count: TypeAlias = Annotated[int, AtLeast(0)]
PositiveInt: TypeAlias = Annotated[int, AtLeast(1)]
Milliseconds: TypeAlias = Annotated[int, AtLeast(1)]
Seconds: TypeAlias = Annotated[float, AtLeast(0)]
Weight: TypeAlias = Annotated[float, AtLeast(0)]
Fraction: TypeAlias = Annotated[float, Between(0, 1)]


def rule_for(hint: object) -> Rule:
    """Derive the rule of an option from its annotation."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *markers = get_args(hint)
        return _marked(base, markers)
    if origin is Union or origin is types.UnionType:
        return _any_of([rule_for(branch) for branch in get_args(hint)])
    if origin is CallableABC:
        return Rule("a callable", lambda value: value if callable(value) else REFUSED)
    if origin is list:
        return _list_of(rule_for(get_args(hint)[0]))
    if origin is dict:
        return _dict_of(rule_for(get_args(hint)[1]))
    if hint is object:
        return Rule("any value", lambda value: value)
    if hint is None or hint is type(None):
        return Rule("None", lambda value: None if value is None else REFUSED)
    if isinstance(hint, type):
        return _PLAIN.get(hint) or _class(hint)
    raise TypeError(f"no rule for the annotation {hint!r}")


def _marked(base: object, markers: Iterable[object]) -> Rule:
    """Apply the markers of an `Annotated` one after the other."""
    rule = rule_for(base) if not any(isinstance(marker, ConvertedBy) for marker in markers) else None
    for marker in markers:
        if isinstance(marker, ConvertedBy):
            rule = Rule(marker.expected, marker.convert)
        elif rule is not None:
            rule = _narrowed(rule, marker)
    if rule is None:
        raise TypeError(f"no rule for the annotation {base!r}")
    return rule


def _narrowed(rule: Rule, marker: object) -> Rule:
    match marker:
        case AtLeast(minimum):
            return _ranged(rule, f"{rule.expected} of at least {minimum:g}", minimum, math.inf)
        case Between(minimum, maximum):
            return _ranged(rule, f"{rule.expected} from {minimum:g} to {maximum:g}", minimum, maximum)
        case OneOf(values):
            return Rule(f"one of {_quoted(values)}", lambda value: value if value in values else REFUSED)
        case NoneMeans(meant):
            accept = rule.accept
            return Rule(f"{rule.expected} or None", lambda value: meant if value is None else accept(value))
        case Retired(instead):
            return Rule(f"False (it is retired: use {instead} instead)", lambda value: REFUSED if value else False)
        case _:
            return rule


def _ranged(rule: Rule, expected: str, minimum: float, maximum: float) -> Rule:
    accept = rule.accept

    def check(value: object) -> object:
        number = accept(value)
        return number if isinstance(number, int | float) and minimum <= number <= maximum else REFUSED

    return Rule(expected, check)


def _any_of(rules: list[Rule]) -> Rule:
    """Accept what the first willing branch accepts; None stays None where a branch says so."""
    takes_none = any(rule.accept(None) is None for rule in rules)

    def check(value: object) -> object:
        if value is None and takes_none:
            return None
        for rule in rules:
            accepted = rule.accept(value)
            if accepted is not REFUSED:
                return accepted
        return REFUSED

    return Rule(" or ".join(rule.expected for rule in rules), check)


def _list_of(item: Rule) -> Rule:
    def check(value: object) -> object:
        if value is None:
            return []
        if not isinstance(value, list | tuple | set | frozenset):
            return REFUSED
        accepted = [item.accept(one) for one in value]
        return REFUSED if any(one is REFUSED for one in accepted) else accepted

    return Rule(f"a list ({item.expected} each)", check)


def _dict_of(item: Rule) -> Rule:
    def check(value: object) -> object:
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            return REFUSED
        accepted = {key: item.accept(one) for key, one in value.items()}
        return REFUSED if any(one is REFUSED for one in accepted.values()) else accepted

    return Rule(f"a dict of str to {item.expected}", check)


def _class(hint: type) -> Rule:
    """Accept an instance; for an enum also its value, for a config also a dict of its options."""
    if issubclass(hint, Enum):
        return _enum(hint)
    from_kwargs = getattr(hint, "from_kwargs", None)
    if from_kwargs is not None:

        def check(value: object) -> object:
            if isinstance(value, hint):
                return value
            return from_kwargs(value) if isinstance(value, Mapping) else REFUSED

        return Rule(f"a {hint.__name__} or a dict of its options", check)
    article = "an" if hint.__name__[0] in "AEIOU" else "a"
    return Rule(
        f"{article} {hint.__name__} object",
        lambda value: value if isinstance(value, hint) else REFUSED,
    )


def _enum(hint: type[Enum]) -> Rule:
    by_text = {str(member.value).lower(): member for member in hint}
    by_text |= {member.name.lower(): member for member in hint}

    def check(value: object) -> object:
        if isinstance(value, hint):
            return value
        return by_text.get(value.lower(), REFUSED) if isinstance(value, str) else REFUSED

    names = [str(member.value) for member in hint]
    return Rule(f"a {hint.__name__} ({_quoted(names)})", check)


def _int(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else REFUSED


def _float(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return REFUSED
    return value if math.isfinite(value) else REFUSED


_PLAIN: Final[Mapping[type, Rule]] = types.MappingProxyType(
    {
        bool: Rule("True or False", lambda value: value if isinstance(value, bool) else REFUSED),
        int: Rule("an int", _int),
        float: Rule("a finite number", _float),
        str: Rule("a str", lambda value: value if isinstance(value, str) else REFUSED),
        bytes: Rule("bytes", lambda value: value if isinstance(value, bytes) else REFUSED),
    }
)


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def refusal(owner: str, name: str, rule: Rule, value: object, secret: bool) -> ConfigError:
    """Return the error for a value that `rule` refused; a secret value is described by its type only."""
    shown = f"a {type(value).__name__}" if secret else _shown(value)
    hint = ""
    if isinstance(value, str) and rule.expected.startswith("a list"):
        hint = f"; write {name}=[...]"
    elif isinstance(value, Mapping) and "params" in value:
        hint = f"; a serialised config is read by {owner}.load(...)"
    return ConfigError(f"{owner}: {name} must be {rule.expected}, not {shown}{hint}.")


def _shown(value: object) -> str:
    """Show a value shortly; anything but a plain value by its type."""
    if value is None or isinstance(value, bool | int | float | str | Enum):
        text = repr(value)
        return text if len(text) <= 80 else text[:77] + "..."
    return f"a {type(value).__name__}"
