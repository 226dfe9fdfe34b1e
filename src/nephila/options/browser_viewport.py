"""The window."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import AtLeast, PositiveInt


class ViewportOptions(Config):
    """The size of the window.

    Attributes:
        viewport_width: Pixels.
        viewport_height: Pixels.
        viewport: `{"width": ..., "height": ...}`; sets the other two.
        device_scale_factor: Screen pixels for one pixel.
    """

    viewport_width: PositiveInt = 1080
    viewport_height: PositiveInt = 600
    viewport: dict[str, PositiveInt] | None = None
    device_scale_factor: Annotated[float, AtLeast(0.01)] = 1.0
