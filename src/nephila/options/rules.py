"""How a value given for an option is checked and converted, derived from the option's type annotation.

`Annotated` markers add what a type alone cannot say: a range, a closed set of strings, a conversion, a secret.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Callable as CallableABC, Iterable, Mapping
from enum import Enum
from typing import Annotated, Final, TypeAlias, Union, get_args, get_origin

from nephila.errors import ConfigError


class _Refused(Enum):
    REFUSED = "refused"


REFUSED: Final = _Refused.REFUSED
"""What a rule returns for a value it does not accept."""


class Rule:
    """One option's check.

    Attributes:
        expected: What is accepted, in words that follow "must be".
        accept: Returns the value to store, or `REFUSED`; may raise a `ConfigError` of its own.
    """

    __slots__ = ("accept", "expected")

    def __init__(self, expected: str, accept: Callable[[object], object]) -> None:
        self.expected = expected
        self.accept = accept


class Marker:
    """What an `Annotated` option says beyond its type; the base says nothing."""

    def narrowed(self, rule: Rule) -> Rule:
        """Return the rule that holds with the marker."""
        return rule


class Between(Marker):
    """Marks a number that must lie between two others, both included."""

    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def narrowed(self, rule: Rule) -> Rule:
        """Refuse numbers outside."""
        accept, minimum, maximum = rule.accept, self.minimum, self.maximum

        def check(value: object) -> object:
            number = accept(value)
            return number if isinstance(number, int | float) and minimum <= number <= maximum else REFUSED

        bounds = f"of at least {minimum:g}" if maximum == math.inf else f"from {minimum:g} to {maximum:g}"
        return Rule(f"{rule.expected} {bounds}", check)


class AtLeast(Between):
    """Marks a number that must not be smaller."""

    def __init__(self, minimum: float) -> None:
        super().__init__(minimum, math.inf)


class OneOf(Marker):
    """Marks a string from a closed set."""

    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values

    def narrowed(self, rule: Rule) -> Rule:
        """Refuse other strings."""
        values = self.values
        return Rule(f"one of {_quoted(values)}", lambda value: value if value in values else REFUSED)


class NoneMeans(Marker):
    """Marks an option that accepts None as another name for one of its values."""

    def __init__(self, value: object) -> None:
        self.value = value

    def narrowed(self, rule: Rule) -> Rule:
        """Put the value in the place of None."""
        accept, meant = rule.accept, self.value
        return Rule(f"{rule.expected} or None", lambda value: meant if value is None else accept(value))


class ConvertedBy(Marker):
    """Marks an option with a check and conversion of its own; see `Rule` for both attributes."""

    def __init__(self, accept: Callable[[object], object], expected: str) -> None:
        self.rule = Rule(expected, accept)

    def narrowed(self, rule: Rule) -> Rule:
        """Replace the rule."""
        return self.rule


class Secret(Marker):
    """Marks an option whose value must not be shown.

    Attributes:
        show: Turns the value into what may be shown; None shows `***`.
    """

    def __init__(self, show: Callable[[object], object] | None = None) -> None:
        self.show = show


class Retired(Marker):
    """Marks a flag that is accepted only while it is False; `instead` is what to write instead of setting it."""

    def __init__(self, instead: str) -> None:
        self.instead = instead

    def narrowed(self, rule: Rule) -> Rule:
        """Refuse everything but False."""
        expected = f"False (it is retired: use {self.instead} instead)"
        return Rule(expected, lambda value: REFUSED if value else False)


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
        rule = rule_for(base)
        for marker in markers:
            rule = marker.narrowed(rule)
        return rule
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
