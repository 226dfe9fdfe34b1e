"""What every config can do: check what it is given, copy itself, and turn itself into data and back."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, ClassVar, Self, TypeAlias, dataclass_transform, get_args, get_origin, get_type_hints

from nephila.errors import ConfigError, UnknownOptionError
from nephila.options.enums import Provenance
from nephila.options.rules import REFUSED, Rule, Secret, refusal, rule_for

KnownTypes: TypeAlias = "Mapping[str, type] | Iterable[type]"
"""Classes a serialised config may name, by name or as they are."""

_registering = threading.Lock()

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Plan:
    """How objects of one config class are built; made once, with the class.

    Attributes:
        owner: The class.
        order: The options' names in the order of their definition.
        names: The same, to look up.
        positional: Those that can be given by position.
        required: Those that must be given.
        constants: Hard defaults, but for those that are made anew each time.
        factories: How those are made.
    """

    def __init__(self, owner: type[Config]) -> None:
        options = fields(owner)  # type: ignore[arg-type]  # the caller made it a dataclass
        factories = {option.name: option.default_factory for option in options}
        self.owner = owner
        self.order = tuple(option.name for option in options)
        self.names = frozenset(self.order)
        self.positional = tuple(option.name for option in options if not option.kw_only)
        self.constants = {option.name: option.default for option in options if option.default is not MISSING}
        self.factories = {name: factory for name, factory in factories.items() if factory is not MISSING}
        self.required = self.names - self.constants.keys() - self.factories.keys()

    @cached_property
    def hints(self) -> dict[str, object]:
        """The options' annotations."""
        hints = get_type_hints(self.owner, include_extras=True)
        return {name: hints[name] for name in self.order}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """How values are checked; derived at the first use, so that importing costs nothing."""
        return {name: rule_for(hint) for name, hint in self.hints.items()}

    @cached_property
    def secrets(self) -> dict[str, Secret]:
        """The options whose values are not shown."""
        return {
            name: marker
            for name, hint in self.hints.items()
            if get_origin(hint) is Annotated
            for marker in get_args(hint)[1:]
            if isinstance(marker, Secret)
        }

    def default(self, name: str) -> object:
        """Return an option's hard default, or `MISSING` when it must be given."""
        factory = self.factories.get(name)
        return factory() if factory is not None else self.constants.get(name, MISSING)

    def require_known(self, given: Iterable[str]) -> None:
        """Raise `UnknownOptionError` when one of the names is no option."""
        if self.names.issuperset(given):
            return
        sentences = []
        for name in given:
            if name not in self.names:
                near = difflib.get_close_matches(str(name), self.order, n=1, cutoff=0.5)
                advice = f" Did you mean {near[0]!r}?" if near else ""
                sentences.append(f"{self.owner.__name__} has no option {name!r}.{advice}")
        raise UnknownOptionError(" ".join(sentences))

    def placed(self, args: tuple[object, ...], given: Mapping[str, object]) -> dict[str, object]:
        """Return `given` with the values given by position under their names."""
        owner, names = self.owner.__name__, self.positional
        if len(args) > len(names):
            order = f"takes the options {', '.join(names)} by position" if names else "takes options by keyword only"
            raise ConfigError(f"{owner} {order}; {len(args)} values were given by position.")
        by_name = dict(zip(names, args, strict=False))
        twice = by_name.keys() & given.keys()
        if twice:
            raise ConfigError(f"{owner}: {', '.join(sorted(twice))} is given twice.")
        return by_name | dict(given)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Config:
    """The base of every config; a subclass becomes a dataclass by being defined.

    An option is checked and converted when it is given to the constructor, `clone`, `from_kwargs` or `load`; assigning
    to an attribute is plain Python and checks nothing, `validate` does that later.

    Raises:
        UnknownOptionError: There is no option of that name; the sentence names the nearest one.
        ConfigError: A value cannot be used; the sentence says what can.
    """

    _plan: ClassVar[Plan]
    _presets: ClassVar[Mapping[str, object]] = _NOTHING
    _registered: ClassVar[tuple[Mapping[str, type], ...]] = ()

    def __init_subclass__(cls, *, kw_only: bool = True) -> None:
        super().__init_subclass__()
        # The methods below serve every subclass: generated ones would cost more to import and more to call.
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        cls._plan = Plan(cls)

    def __init__(self, *args: object, **given: object) -> None:
        cls = type(self)
        if args:
            given = cls._plan.placed(args, given)
        if cls._presets:
            given = {**{name: copied(value) for name, value in cls._presets.items()}, **given}
        self._build(given)

    def _build(self, given: Mapping[str, object]) -> None:
        """Take the hard defaults, then what is given."""
        plan = type(self)._plan
        # Names and required options are checked first, so that no half-built object is ever seen.
        plan.require_known(given)
        if not plan.required.issubset(given):
            missing = ", ".join(name for name in plan.order if name in plan.required and name not in given)
            raise ConfigError(f"{type(self).__name__} needs {missing}.")
        values = self.__dict__
        values.update(plan.constants)
        for name, factory in plan.factories.items():
            if name not in given:
                values[name] = factory()
        self._apply(given)

    def _apply(self, given: Mapping[str, object]) -> None:
        """Check, convert and store what is given, then settle what depends on several options."""
        plan = type(self)._plan
        rules = plan.rules
        values = self.__dict__
        for name, value in given.items():
            accepted = rules[name].accept(value)
            if accepted is REFUSED:
                raise refusal(type(self).__name__, name, rules[name], value, name in plan.secrets)
            values[name] = accepted
        self._settle(given)

    def _settle(self, given: Mapping[str, object]) -> None:
        """Settle options that depend on each other; `given` holds the names that were set just now."""

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a config can be changed

    def __repr__(self) -> str:
        """Show the options that differ from their hard defaults, secrets as `***`."""
        secrets = type(self)._plan.secrets
        shown = ", ".join(f"{name}={_shown(value, secrets.get(name))!r}" for name, value in self._changed())
        return f"{type(self).__name__}({shown})"

    def _changed(self) -> Iterable[tuple[str, object]]:
        """Yield the options that differ from their hard defaults, in the order of their definition."""
        plan = type(self)._plan
        for name in plan.order:
            value, default = self.__dict__[name], plan.default(name)
            if value is not default and (default is None or type(value) is not type(default) or value != default):
                yield name, value

    def validate(self) -> None:
        """Check the current value of every option, for a config whose attributes were assigned.

        Raises:
            ConfigError: A value cannot be used.
        """
        type(self)._checked(self.__dict__)

    @classmethod
    def _checked(cls, given: Mapping[str, object]) -> dict[str, object]:
        """Return `given` converted, as a config made of it would hold it."""
        probe = object.__new__(cls)
        plan = cls._plan
        plan.require_known(given)
        probe.__dict__.update(plan.constants)
        for name, factory in plan.factories.items():
            probe.__dict__[name] = factory()
        probe._apply(given)
        settled = {name for name, _ in probe._changed()}  # one option may have been turned into another
        return {name: probe.__dict__[name] for name in cls._plan.order if name in given or name in settled}

    def clone(self, **changes: object) -> Self:
        """Return a copy with some options changed; lists, dicts and nested configs are copied too.

        Raises:
            UnknownOptionError: There is no option of that name.
            ConfigError: A value cannot be used.
        """
        type(self)._plan.require_known(changes)
        twin = object.__new__(type(self))
        twin.__dict__.update({name: copied(value) for name, value in self.__dict__.items()})
        twin._apply(changes)
        return twin

    @classmethod
    def taken_from(cls, config: Self) -> Self:
        """Return just this class's options of a config that inherits them; lists and dicts are shared, not copied."""
        part, values = object.__new__(cls), config.__dict__
        part.__dict__.update({name: values[name] for name in cls._plan.order})
        return part

    def to_dict(self) -> dict[str, object]:
        """Return every option by name; `from_kwargs` takes it back. Objects stay objects, see `dump` for plain data."""
        return {name: copied(self.__dict__[name]) for name in type(self)._plan.order}

    @classmethod
    def from_kwargs(cls, options: Mapping[str, object]) -> Self:
        """Build a config from a dict of options, as if they were written as keywords."""
        if not isinstance(options, Mapping):
            raise ConfigError(f"{cls.__name__} is made from a dict of options, not from a {type(options).__name__}.")
        return cls(**options)

    @classmethod
    def from_dict(cls, options: Mapping[str, object]) -> Self:
        """The same as `from_kwargs`."""
        return cls.from_kwargs(options)

    def dump(self) -> dict[str, object]:
        """Return the config as plain data that JSON can hold: `{"type": ..., "params": {...}}`.

        `params` holds what differs from the hard defaults; secrets are written as they are.

        Raises:
            ConfigError: An option holds a function or an object that cannot be written down.
        """
        from nephila.options import serial  # it knows every config class, so it cannot be imported first

        return serial.dump(self)

    @staticmethod
    def register_types(types: KnownTypes) -> None:
        """Make classes known to every later `load`, for a package that brings strategies of its own.

        Args:
            types: The classes, or a mapping from name to class, which may import them when they are looked up.
        """
        named = types if isinstance(types, Mapping) else {known.__name__: known for known in types}
        with _registering:
            # By identity: comparing would look up every class of a mapping that imports them late.
            if all(named is not known for known in Config._registered):
                Config._registered = (*Config._registered, named)

    @classmethod
    def load(
        cls,
        data: Mapping[str, object],
        provenance: Provenance | None = None,
        types: KnownTypes = (),
    ) -> Self:
        """Build a config from what `dump` returned, or from a plain dict of options.

        What `data` does not mention has its hard default, whatever `set_defaults` says, so that a dump means the same
        in every process.

        Args:
            data: `{"type": ..., "params": {...}}`, or just the params.
            provenance: `UNTRUSTED` limits what may be set, see `nephila.options.untrusted`; None means `TRUSTED`.
            types: Classes that `data` may name, beyond the options' own and those of `register_types`: strategies of
                the caller, for example.

        Raises:
            UnknownOptionError: `data` sets an option that does not exist.
            UntrustedConfigError: `data` is untrusted and sets what only a trusted config may set.
            ConfigError: `data` names a type that is not known, or holds a value that cannot be used.
        """
        from nephila.options import serial  # see dump

        return serial.load(cls, data, Provenance(provenance or Provenance.TRUSTED), types)


def copied(value: object) -> object:
    """Copy what a caller could change in place; strategies are shared, they are told to be stateless."""
    kind = type(value)
    if kind is list:
        return [copied(item) for item in value]  # type: ignore[attr-defined]  # checked by kind
    if kind is dict:
        return {key: copied(item) for key, item in value.items()}  # type: ignore[attr-defined]  # checked by kind
    return value.clone() if isinstance(value, Config) else value


def _shown(value: object, secret: Secret | None) -> object:
    if secret is None or value is None:
        return value
    return secret.show(value) if secret.show is not None else "***"
