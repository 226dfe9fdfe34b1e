"""What every page of a browser has in common."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from nephila.options.base import Config
from nephila.options.network import FETCH_MODES
from nephila.options.rules import Count, OneOf


class BrowserPageOptions(Config):
    """What pages load and run, and when the browser is renewed.

    Attributes:
        fetch_mode: How pages are had unless the run says otherwise: `http`, `browser`, or `auto`, which renders a page
            when an option or the page itself needs it.
        java_script_enabled: Run scripts.
        text_mode: Load no images.
        light_mode: Switch off what costs and is not needed.
        avoid_ads: Block advertising and tracking.
        avoid_css: Load no style sheets.
        init_scripts: Scripts run in every page before its own.
        memory_saving_mode: Prefer little memory to speed.
        max_pages_before_recycle: Pages after which the browser is renewed; 0 means never.
    """

    fetch_mode: Annotated[str, OneOf(FETCH_MODES)] = "auto"
    java_script_enabled: bool = True
    text_mode: bool = False
    light_mode: bool = False
    avoid_ads: bool = False
    avoid_css: bool = False
    init_scripts: list[str] = field(default_factory=list)
    memory_saving_mode: bool = False
    max_pages_before_recycle: Count = 0
