"""Made-up identities of current browsers: a User-Agent and header fields that agree with it.

Versions follow the calendar: Chromium and Firefox bring out a release about every four weeks, so their number is
counted from a release whose date is known. The spellings are those of the browsers themselves: Chromium's reduced
User-Agent (https://www.chromium.org/updates/ua-reduction/), the brand list of User-Agent Client Hints
(https://wicg.github.io/ua-client-hints/), and Firefox's frozen platform tokens.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from nephila.errors import ConfigError

_KEYS: Final = frozenset(("browsers", "os", "min_version", "platforms", "pct_threshold", "fallback"))
_BROWSERS: Final = ("chrome", "edge", "firefox")
_SYSTEMS: Final = ("windows", "macos", "linux", "android")
_PLATFORMS: Final = ("desktop", "mobile")
_OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"google chrome": "chrome", "chromium": "chrome", "microsoft edge": "edge", "mac os x": "macos", "mac": "macos"}
    | {"win10": "windows", "ubuntu": "linux", "pc": "desktop", "phone": "mobile"}
)

_ANCHOR: Final = datetime.date(2023, 12, 5)
_ANCHOR_VERSION: Final = 120
_DAYS: Final = 31
"""Between two releases; more than the rule of four weeks, because there is none around the turn of a year."""

_RECENT: Final = 3
"""Versions that are in use at one time: not everybody updates at once."""

_CHROMIUM_SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "windows": "Windows NT 10.0; Win64; x64",
        "macos": "Macintosh; Intel Mac OS X 10_15_7",
        "linux": "X11; Linux x86_64",
        "android": "Linux; Android 10; K",
    }
)
_FIREFOX_SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "windows": "Windows NT 10.0; Win64; x64",
        "macos": "Macintosh; Intel Mac OS X 10.15",
        "linux": "X11; Linux x86_64",
        "android": "Android 14; Mobile",
    }
)
_HINTED_SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {"windows": "Windows", "macos": "macOS", "linux": "Linux", "android": "Android"}
)
_GREASE: Final = (" ", "(", ":", "-", ".", "/", ")", ";", "=", "?", "_")
_GREASE_VERSIONS: Final = ("8", "99", "24")
_ORDERS: Final = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
_CHROMIUM_ACCEPT: Final = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
)
_FIREFOX_ACCEPT: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Agent:
    """What a made-up browser says about itself.

    Attributes:
        user_agent: Its User-Agent.
        headers: The other header fields it sends with a page.
        hints: Those that browsers send over https only.
    """

    user_agent: str
    headers: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)

    def headers_for(self, url: str) -> dict[str, str]:
        """All header fields for a request to `url`."""
        hints = self.hints if url.startswith("https:") else {}
        return {"User-Agent": self.user_agent, **self.headers, **hints}


class AgentGenerator:
    """Makes up agents.

    Args:
        config: What they may be, every key optional: `browsers` (chrome, edge, firefox), `os` (windows, macos,
            linux, android), `platforms` (desktop, mobile; desktop unless `os` says android), each a name or a list of
            names; `min_version`, the lowest major version; `fallback`, the User-Agent when nothing fits the rest.
        today: The date that versions are counted up to; None means today's.

    Raises:
        ConfigError: A key or a name is not known, or nothing fits and there is no `fallback`.
    """

    def __init__(self, config: Mapping[str, object] = MappingProxyType({}), today: datetime.date | None = None) -> None:
        unknown = sorted(config.keys() - _KEYS)
        if unknown:
            raise ConfigError(f"user_agent_generator_config has no key {unknown[0]!r}; it has {', '.join(_KEYS)}.")
        if config.get("pct_threshold"):
            raise ConfigError(
                "user_agent_generator_config: pct_threshold is not supported: shares of use are not known."
            )
        version = _current_version(today or datetime.datetime.now(datetime.UTC).date())
        lowest = config.get("min_version") or 0
        fallback = config.get("fallback")
        if not isinstance(lowest, int | float) or not isinstance(fallback, str | None):
            raise ConfigError("user_agent_generator_config: min_version is a number, fallback a string.")
        self._versions = [number for number in range(version - _RECENT + 1, version + 1) if number >= lowest]
        self._fallback = fallback
        browsers = _chosen(config, "browsers", _BROWSERS, _BROWSERS)
        systems = _chosen(config, "os", _SYSTEMS, _SYSTEMS)
        usual = ("mobile",) if systems == ("android",) else ("desktop", "mobile") if "os" in config else ("desktop",)
        platforms = _chosen(config, "platforms", _PLATFORMS, usual)
        self._kinds = [
            (browser, system)
            for browser in browsers
            for system in systems
            if ("mobile" if system == "android" else "desktop") in platforms
        ]
        if not fallback and not (self._kinds and self._versions):
            raise ConfigError("user_agent_generator_config: no current browser is like that; give a fallback.")

    def generate(self, chance: random.Random) -> Agent:
        """Make one up."""
        if not (self._kinds and self._versions):
            return Agent(self._fallback or "")
        browser, system = chance.choice(self._kinds)
        return _agent(browser, system, chance.choice(self._versions))


def _current_version(today: datetime.date) -> int:
    return _ANCHOR_VERSION + max(0, (today - _ANCHOR).days // _DAYS)


def _chosen(config: Mapping[str, object], key: str, known: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
    given = config.get(key)
    if not given:
        return tuple(usual)
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple | set) else [given]
    chosen = []
    for name in names:
        plain = str(name).lower()
        plain = _OTHER_NAMES.get(plain, plain)
        if plain not in known:
            raise ConfigError(f"user_agent_generator_config: {key} does not know {name!r}, but {', '.join(known)}.")
        chosen.append(plain)
    return tuple(chosen)


def _agent(browser: str, system: str, version: int) -> Agent:
    mobile = system == "android"
    navigation = {"Upgrade-Insecure-Requests": "1"}
    fetched = {
        "Sec-Fetch-Dest": "document",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Site": "none",
        "Sec-Fetch-User": "?1",
    }
    if browser == "firefox":
        token = _FIREFOX_SYSTEMS[system]
        engine = f"Gecko/{version}.0" if mobile else "Gecko/20100101"
        return Agent(
            f"Mozilla/5.0 ({token}; rv:{version}.0) {engine} Firefox/{version}.0",
            {"Accept": _FIREFOX_ACCEPT, "Accept-Language": "en-US,en;q=0.5", **navigation},
            fetched,
        )
    name = "Microsoft Edge" if browser == "edge" else "Google Chrome"
    user_agent = (
        f"Mozilla/5.0 ({_CHROMIUM_SYSTEMS[system]}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0{' Mobile' if mobile else ''} Safari/537.36"
    )
    if browser == "edge":
        user_agent += f" {'EdgA' if mobile else 'Edg'}/{version}.0.0.0"
    hints = {
        "sec-ch-ua": _brands(name, version),
        "sec-ch-ua-mobile": "?1" if mobile else "?0",
        "sec-ch-ua-platform": f'"{_HINTED_SYSTEMS[system]}"',
    }
    headers = {"Accept": _CHROMIUM_ACCEPT, "Accept-Language": "en-US,en;q=0.9", **navigation}
    return Agent(user_agent, headers, {**hints, **fetched})


def _brands(name: str, version: int) -> str:
    """The brand list with its GREASE entry, in the order that follows from the version."""
    first, second = _GREASE[version % len(_GREASE)], _GREASE[(version + 1) % len(_GREASE)]
    entries = (
        (f"Not{first}A{second}Brand", _GREASE_VERSIONS[version % len(_GREASE_VERSIONS)]),
        ("Chromium", str(version)),
        (name, str(version)),
    )
    placed = dict(zip(_ORDERS[version % len(_ORDERS)], entries, strict=True))
    return ", ".join(f'"{brand}";v="{number}"' for _, (brand, number) in sorted(placed.items()))
