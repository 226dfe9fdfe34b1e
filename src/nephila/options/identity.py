"""Who the crawler says it is."""

from __future__ import annotations

from typing import Final

from nephila._version import __version__
from nephila.options.base import Config
from nephila.options.geolocation import GeolocationConfig

DEFAULT_USER_AGENT: Final = f"Mozilla/5.0 (compatible; Nephila/{__version__})"
"""What a site is told unless the caller says otherwise: the truth."""

USER_AGENT_MODES: Final = ("", "random")


class IdentityOptions(Config):
    """What a page may find out about the browser and its surroundings.

    Attributes:
        locale: Language and region, such as `de-DE`.
        timezone_id: IANA name of the time zone, such as `Europe/Berlin`.
        geolocation: Where the browser says it is (a dict of its options works too).
    """

    locale: str | None = None
    timezone_id: str | None = None
    geolocation: GeolocationConfig | None = None
