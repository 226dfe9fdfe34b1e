"""Defaults a program sets once for every config of a class."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import ClassVar

from nephila.options.base import Config, copied


class ConfigWithDefaults(Config):
    """A config whose class-level defaults can be set: what is given wins over `set_defaults` over the hard default."""

    _lock: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def set_defaults(cls, **options: object) -> None:
        """Set what configs made from now on hold where nothing is given; earlier settings of other options stay.

        Raises:
            UnknownOptionError: There is no option of that name; nothing is set.
            ConfigError: A value cannot be used; nothing is set.
        """
        checked = cls._checked(options)
        with cls._lock:
            # Replaced, never changed: a config being made in another thread sees the old settings or the new ones.
            cls._presets = MappingProxyType({**cls._presets, **checked})

    @classmethod
    def get_defaults(cls) -> dict[str, object]:
        """Return what `set_defaults` has set, by option name."""
        return {name: copied(value) for name, value in cls._presets.items()}

    @classmethod
    def reset_defaults(cls, *names: str) -> None:
        """Forget what `set_defaults` has set for these options, or for all of them when none is named.

        Raises:
            UnknownOptionError: There is no option of that name; nothing is reset.
        """
        cls._plan.require_known(names)
        with cls._lock:
            kept = {name: value for name, value in cls._presets.items() if names and name not in names}
            cls._presets = MappingProxyType(kept)
