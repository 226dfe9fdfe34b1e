"""Scrolling through lists that replace their items."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import OneOf, PositiveInt, Seconds


class VirtualScrollConfig(Config, kw_only=False):
    """How a list that shows only a few of its items at a time is scrolled to its end.

    Attributes:
        container_selector: CSS selector of the element that scrolls.
        scroll_count: Steps at most.
        scroll_by: One step: `container_height`, `page_height` or a number of pixels.
        wait_after_scroll: Seconds to wait after each step.
    """

    container_selector: str
    scroll_count: PositiveInt = 10
    scroll_by: Annotated[str, OneOf(("container_height", "page_height"))] | PositiveInt = "container_height"
    wait_after_scroll: Seconds = 0.5
