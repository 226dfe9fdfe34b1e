"""Where a browser says it is."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import AtLeast, Between


class GeolocationConfig(Config, kw_only=False):
    """A place on Earth.

    Attributes:
        latitude: Degrees, -90 to 90.
        longitude: Degrees, -180 to 180.
        accuracy: Metres.
    """

    latitude: Annotated[float, Between(-90, 90)]
    longitude: Annotated[float, Between(-180, 180)]
    accuracy: Annotated[float, AtLeast(0)] = 0.0
