"""Configs as plain data and back.

A config or strategy is `{"type": name, "params": {...}}`, an enum `{"type": name, "params": value}`, a dict
`{"type": "dict", "value": {...}}` and bytes `{"type": "bytes", "value": base64}`; everything else is what JSON has.
When data is read, a dict without `type`, or with one but neither `params` nor `value`, is taken as it is. Only types
that are known by name are ever built.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

from nephila.errors import ConfigError
from nephila.options import untrusted
from nephila.options.adaptive import AdaptiveConfig
from nephila.options.auth import BasicAuth, BearerAuth, ClientCertificate
from nephila.options.base import Config, KnownTypes
from nephila.options.browser import BrowserConfig
from nephila.options.enums import CacheMode, DisplayMode, MatchMode, Provenance
from nephila.options.geolocation import GeolocationConfig
from nephila.options.http import HTTPCrawlerConfig
from nephila.options.link_preview import LinkPreviewConfig
from nephila.options.llm import LLMConfig
from nephila.options.proxy import ProxyConfig
from nephila.options.run import CrawlerRunConfig
from nephila.options.seeding import DomainMapperConfig, SeedingConfig
from nephila.options.strategies import Strategy
from nephila.options.virtual_scroll import VirtualScrollConfig

MAX_DEPTH: Final = 100
"""How deep data may nest."""

_CLASSES: Final[tuple[type, ...]] = (
    AdaptiveConfig,
    BasicAuth,
    BearerAuth,
    BrowserConfig,
    CacheMode,
    ClientCertificate,
    CrawlerRunConfig,
    DisplayMode,
    DomainMapperConfig,
    GeolocationConfig,
    HTTPCrawlerConfig,
    LinkPreviewConfig,
    LLMConfig,
    MatchMode,
    Provenance,
    ProxyConfig,
    SeedingConfig,
    VirtualScrollConfig,
)
OWN_TYPES: Final[Mapping[str, type]] = MappingProxyType({own.__name__: own for own in _CLASSES})
"""The types a serialised config may always name."""

AnyConfig = TypeVar("AnyConfig", bound=Config)


def dump(config: Config) -> dict[str, object]:
    """See `Config.dump`."""
    return _dump_params(config, config._changed(), 0)


def _dump_params(owner: object, params: Iterable[tuple[str, object]], depth: int) -> dict[str, object]:
    name = type(owner).__name__
    return {"type": name, "params": {key: _dumped(value, f"{name}.{key}", depth + 1) for key, value in params}}


def _dumped(value: object, where: str, depth: int) -> object:
    """Turn one value into plain data; `where` names it in errors."""
    if depth > MAX_DEPTH:
        raise ConfigError(f"{where} nests deeper than {MAX_DEPTH} levels.")
    if isinstance(value, Enum):
        return {"type": type(value).__name__, "params": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_dumped(item, where, depth + 1) for item in value]
    if isinstance(value, Mapping):
        strange = [key for key in value if not isinstance(key, str)]
        if strange:
            raise ConfigError(f"{where} cannot be written down: its key {strange[0]!r} is not a str.")
        return {"type": "dict", "value": {key: _dumped(item, where, depth + 1) for key, item in value.items()}}
    if isinstance(value, bytes):
        return {"type": "bytes", "value": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Config):
        return _dump_params(value, value._changed(), depth)
    if isinstance(value, Strategy):
        # A strategy takes any iterable where it keeps a set.
        params = ((name, _as_list(param)) for name, param in value.dump_params().items())
        return _dump_params(value, params, depth)
    if callable(value):
        raise ConfigError(f"{where} cannot be written down: it is a function; set it again after loading.")
    raise ConfigError(f"{where} cannot be written down: no way is known for a {type(value).__name__}.")


def _as_list(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else value


def load(cls: type[AnyConfig], data: Mapping[str, object], provenance: Provenance, types: KnownTypes) -> AnyConfig:
    """See `Config.load`."""
    if not isinstance(data, Mapping):
        raise ConfigError(f"{cls.__name__} is loaded from a dict, not from a {type(data).__name__}.")
    # The options' own names come first: nobody else's class can take their place.
    sources = ({cls.__name__: cls}, OWN_TYPES, _by_name(types), *Config._registered)
    reader = _Reader(sources, provenance)
    if "type" not in data:
        return reader.config(cls, data, 0)
    if "params" not in data:
        raise ConfigError(
            f"The data has a type but no params; {cls.__name__} is written {{'type': ..., 'params': ...}}."
        )
    loaded = reader.read(data, 0)
    if not isinstance(loaded, cls):
        raise ConfigError(f"The data holds a {data['type']}, not a {cls.__name__}.")
    return loaded


def _by_name(types: KnownTypes) -> Mapping[str, type]:
    return types if isinstance(types, Mapping) else {known.__name__: known for known in types}


class _Reader:
    """Builds values from plain data; `sources` is the closed list of types it may build, the first one wins."""

    def __init__(self, sources: Iterable[Mapping[str, type]], provenance: Provenance) -> None:
        self.sources = tuple(sources)
        self.provenance = provenance

    def read(self, data: object, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise ConfigError(f"The data nests deeper than {MAX_DEPTH} levels.")
        if isinstance(data, list | tuple):
            return [self.read(item, depth + 1) for item in data]
        if not isinstance(data, Mapping):
            return data
        name = data.get("type")
        if isinstance(name, str) and "params" in data:
            return self.instance(name, data["params"], depth)
        if name == "dict" and "value" in data:
            return self.mapping(data["value"], depth)
        if name == "bytes" and "value" in data:
            return _bytes(data["value"])
        if isinstance(name, str) and "value" in data:
            raise ConfigError(f"The type {name!r} is not known.")
        return self.mapping(data, depth)

    def mapping(self, data: object, depth: int) -> dict[str, object]:
        if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
            raise ConfigError("A dict in the data does not hold a JSON object.")
        return {key: self.read(item, depth + 1) for key, item in data.items()}

    def instance(self, name: str, params: object, depth: int) -> object:
        if self.provenance is Provenance.UNTRUSTED:
            untrusted.check_type(name)
        cls = next((source[name] for source in self.sources if name in source), None)
        if cls is None:
            raise ConfigError(f"The type {name!r} is not known; pass it to load in types, if it is yours.")
        if issubclass(cls, Enum):
            return _enum(cls, params)
        if not isinstance(params, Mapping):
            raise ConfigError(f"The params of {name} are not a JSON object.")
        if issubclass(cls, Config):
            return self.config(cls, params, depth)
        return _built(cls, self.mapping(params, depth))

    def config(self, cls: type[AnyConfig], params: Mapping[str, object], depth: int) -> AnyConfig:
        options = self.mapping(params, depth)
        config = object.__new__(cls)
        if self.provenance is Provenance.UNTRUSTED:
            # Twice: what must not be set is refused before any of it is converted, the limits hold for what came of it.
            untrusted.check_options(cls, options)
            config._build(options)
            untrusted.apply_limits(config)
        else:
            config._build(options)
        return config


def _built(cls: Callable[..., object], params: Mapping[str, object]) -> object:
    """Call a strategy's constructor; what it does not accept is the data's fault."""
    try:
        return cls(**params)
    except ConfigError:
        raise
    except (TypeError, ValueError) as error:
        raise ConfigError(f"The params of {getattr(cls, '__name__', cls)} do not fit: {error}.") from error


def _enum(cls: type[Enum], value: object) -> Enum:
    try:
        return cls(value)
    except ValueError as error:
        raise ConfigError(f"{value!r} is no {cls.__name__}.") from error


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigError("The data holds bytes that are not base64.") from error
