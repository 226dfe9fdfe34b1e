"""The processes of a started browser: found by their mark, ended with everything below them."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

_PROFILE: Final = "--user-data-dir="
_PROFILE_PREFIXES: Final = ("playwright_", "nephila-browser-")
_PATIENCE: Final = 3.0


class BrowserProcesses:
    """The browser and its driver, by the mark on the browser's command line.

    Args:
        mark: An argument no other browser was started with.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._roots: list[psutil.Process] = []
        self._profile: Path | None = None

    @property
    def pid(self) -> int | None:
        """The browser's process; None before it was found."""
        return self._roots[0].pid if self._roots else None

    def note(self) -> None:
        """Look for them among this process's descendants, and remember them."""
        for process in _descendants(psutil.Process()):
            arguments = _arguments(process)
            if self._mark not in arguments or any(part.startswith("--type=") for part in arguments):
                continue
            self._roots = [process]
            with contextlib.suppress(psutil.Error):
                driver = process.parent()
                if driver is not None and "run-driver" in _arguments(driver):
                    self._roots.append(driver)
            self._profile = _temporary_profile(arguments)

    def rss(self) -> int:
        """Bytes the browser's main process holds; 0 when it has ended."""
        try:
            return int(self._roots[0].memory_info().rss) if self._roots else 0
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """End them at once, and remove the temporary profile."""
        if not self._roots:
            self.note()
        doomed = {process for root in self._roots for process in (*_descendants(root), root)}
        for process in doomed:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if doomed:
            psutil.wait_procs(list(doomed), timeout=_PATIENCE)
        self.forget_profile()

    def forget_profile(self) -> None:
        """Remove the temporary profile, when the driver has not."""
        if self._profile is not None:
            shutil.rmtree(self._profile, ignore_errors=True)


def _descendants(process: psutil.Process) -> Iterable[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return ()


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _temporary_profile(arguments: Iterable[str]) -> Path | None:
    """The profile's folder when it was made for this browser alone; never one of the caller's."""
    for argument in arguments:
        if argument.startswith(_PROFILE):
            folder = Path(argument.removeprefix(_PROFILE))
            if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith(_PROFILE_PREFIXES):
                return folder
    return None
