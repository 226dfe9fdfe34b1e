"""Which browser there is to drive."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nephila.errors import ErrorCode, FetchError

INSTALL_COMMAND: Final = "playwright install chromium"

PACKAGE_COMMAND: Final = "pip install 'nephila[browser]'"

_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "msedge",
)
"""What Chromium and its relatives are called on a PATH, the plainest first."""

_MAC_APPLICATIONS: Final = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)

_WINDOWS_PROGRAMS: Final = (
    r"Chromium\Application\chrome.exe",
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)

_LINUX_FILES: Final = ("/usr/lib/chromium/chromium", "/snap/bin/chromium", "/opt/google/chrome/chrome")


@dataclass(frozen=True, slots=True)
class BrowserProgram:
    """A browser that can be started.

    Attributes:
        path: The program.
        origin: Where it came from: `NEPHILA_BROWSER`, `Playwright` or `system`.
    """

    path: str
    origin: str


def find_browser(
    playwright_path: str, browser_type: str = "chromium", environment: Mapping[str, str] | None = None
) -> BrowserProgram:
    """The browser to start: the one the caller names, else Playwright's own, else the system's.

    Args:
        playwright_path: Where Playwright would have installed its own; nothing need be there.
        browser_type: `chromium`, `firefox` or `webkit`; only Playwright's own of the last two can be driven.
        environment: Stands for `os.environ`, which may name a program in `NEPHILA_BROWSER`.

    Raises:
        FetchError: There is none (`browser`); the sentence names the command that installs one.
    """
    environment = os.environ if environment is None else environment
    named = environment.get("NEPHILA_BROWSER")
    if named:
        own = shutil.which(named)
        if own is None:
            raise FetchError(ErrorCode.BROWSER, f"NEPHILA_BROWSER names {named!r}, which is no program on this system.")
        return BrowserProgram(own, "NEPHILA_BROWSER")
    if Path(playwright_path).is_file():
        return BrowserProgram(playwright_path, "Playwright")
    if browser_type != "chromium":
        command = f"playwright install {browser_type}"
        raise FetchError(ErrorCode.BROWSER, f"There is no {browser_type}; install it with: {command}")
    for candidate in _system_browsers(environment):
        if os.access(candidate, os.X_OK) and Path(candidate).is_file():
            return BrowserProgram(candidate, "system")
    raise FetchError(ErrorCode.BROWSER, f"There is no Chromium or Chrome; install one with: {INSTALL_COMMAND}")


def _system_browsers(environment: Mapping[str, str], platform: str = sys.platform) -> Iterator[str]:
    """The places where one may be."""
    for name in _NAMES:
        on_path = shutil.which(name, path=environment.get("PATH"))
        if on_path is not None:
            yield on_path
    if platform == "darwin":
        for folder in ("/Applications", str(Path(environment.get("HOME", "/")) / "Applications")):
            yield from (f"{folder}/{application}" for application in _MAC_APPLICATIONS)
    elif platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if variable in environment:
                yield from (f"{environment[variable]}\\{program}" for program in _WINDOWS_PROGRAMS)
    else:
        yield from _LINUX_FILES
