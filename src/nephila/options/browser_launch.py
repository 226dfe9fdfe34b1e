"""How a browser is started."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import Between, OneOf


class LaunchOptions(Config):
    """Which browser is started, and how.

    Attributes:
        browser_type: `chromium`, `firefox` or `webkit`.
        headless: Without a window.
        browser_mode: `dedicated`, `builtin`, `docker`, `custom` or `cdp`.
        use_managed_browser: Start the browser as a process of its own and connect to it.
        chrome_channel: Which build of Chromium.
        channel: The same under its other name.
        extra_args: More command-line arguments.
        debugging_port: TCP port of the managed browser.
        host: Address the managed browser listens on.
        sleep_on_close: Leave the browser a moment before it is closed.
    """

    browser_type: Annotated[str, OneOf(("chromium", "firefox", "webkit"))] = "chromium"
    headless: bool = True
    browser_mode: Annotated[str, OneOf(("dedicated", "builtin", "docker", "custom", "cdp"))] = "dedicated"
    use_managed_browser: bool = False
    chrome_channel: str = "chromium"
    channel: str = "chromium"
    extra_args: list[str] = field(default_factory=list)
    debugging_port: Annotated[int, Between(1, 65_535)] = 9222
    host: str = "localhost"
    sleep_on_close: bool = False
