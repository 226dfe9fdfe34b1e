"""Profiles of a browser: folders in which a person logs in once and a crawler goes on."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nephila.errors import ConfigError
from nephila.models import JSONValue
from nephila.options import BrowserConfig

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,99}")
_MARKS: Final = ("Default", "Preferences", "Local State", "prefs.js")
"""What is in a folder that a browser has used."""

_CACHES: Final = ("Cache", "Code Cache", "GPUCache", "GrShaderCache", "ShaderCache", "DawnCache", "Service Worker")


class BrowserProfiler:
    """Creates, lists and deletes profiles, for `BrowserConfig(use_persistent_context=True, user_data_dir=...)`.

    Args:
        base_directory: Folder of the profiles; None means `profiles` in the user's data folder.
    """

    def __init__(self, base_directory: str | Path | None = None) -> None:
        if base_directory is None:
            from platformdirs import user_data_path

            base_directory = user_data_path("nephila") / "profiles"
        self.profiles_dir = Path(base_directory)

    async def create_profile(
        self,
        profile_name: str,
        browser_config: BrowserConfig | None = None,
        *,
        start_url: str = "about:blank",
        seconds: float | None = None,
    ) -> str:
        """Open a browser with a window and a new profile, or one that is there; return its folder when it is closed.

        Args:
            profile_name: Letters, digits, spaces, dots, dashes and underscores.
            browser_config: What the browser is like; it has a window unless this says `headless=True`.
            start_url: What it shows first.
            seconds: After which it is closed if the user has not done so; None means never.

        Raises:
            ConfigError: The name cannot be a folder's.
            FetchError: The browser cannot be started.
        """
        from nephila.fetch.browser.launch import RunningBrowser

        folder = self._folder(profile_name)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        given = browser_config or BrowserConfig(headless=False)
        running = await RunningBrowser.start(given.clone(use_persistent_context=True, user_data_dir=str(folder)))
        try:
            assert running.shared_context is not None
            await _until_closed(running.shared_context, start_url, seconds)
        finally:
            await running.close()
        return str(folder)

    def list_profiles(self) -> list[dict[str, JSONValue]]:
        """The profiles by name: `name`, `path`, `created` and `modified` (seconds since the epoch)."""
        if not self.profiles_dir.is_dir():
            return []
        found: list[dict[str, JSONValue]] = []
        for folder in sorted(self.profiles_dir.iterdir()):
            if not folder.is_symlink() and any((folder / mark).exists() for mark in _MARKS):
                times = folder.stat()
                found.append(
                    {"name": folder.name, "path": str(folder), "created": times.st_ctime, "modified": times.st_mtime}
                )
        return found

    def get_profile_path(self, profile_name: str) -> str | None:
        """The folder of a profile; None when there is none of that name.

        Raises:
            ConfigError: The name cannot be a folder's.
        """
        folder = self._folder(profile_name)
        return str(folder) if folder.is_dir() else None

    def delete_profile(self, profile_name: str) -> bool:
        """Delete a profile and all that is in it; returns whether there was one.

        Raises:
            ConfigError: The name cannot be a folder's.
            OSError: It could not be deleted.
        """
        folder = self._folder(profile_name)
        if not folder.is_dir():
            return False
        shutil.rmtree(folder)
        return True

    def shrink(self, profile_name: str) -> int:
        """Delete the caches of a profile, not its logins; returns the bytes that were freed.

        Raises:
            ConfigError: There is no such profile.
        """
        path = self.get_profile_path(profile_name)
        if path is None:
            raise ConfigError(f"There is no profile {profile_name!r}.")
        freed = 0
        for home in (Path(path), Path(path) / "Default"):
            for cache in (home / name for name in _CACHES):
                if cache.is_dir() and not cache.is_symlink():
                    freed += sum(file.lstat().st_size for file in cache.rglob("*") if file.is_file())
                    shutil.rmtree(cache)
        return freed

    def _folder(self, name: str) -> Path:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.endswith((".", " ")) or ".." in name:
            raise ConfigError(
                "The name of a profile begins with a letter or a digit and holds letters, digits, spaces, dots, "
                f"dashes and underscores; {name!r} does not."
            )
        folder = self.profiles_dir / name
        if folder.is_symlink():
            raise ConfigError(f"The profile {name!r} is a link to somewhere else.")
        return folder


async def _until_closed(context: BrowserContext, start_url: str, seconds: float | None) -> None:
    """Wait until the user has closed the browser or its last window."""
    closed = asyncio.Event()
    context.on("close", lambda _: closed.set())

    def watch(page: Page) -> None:
        page.on("close", lambda _: closed.set() if not context.pages else None)

    for page in context.pages:
        watch(page)
    context.on("page", watch)
    first = context.pages[0] if context.pages else await context.new_page()
    if start_url != "about:blank":
        await first.goto(start_url, wait_until="commit")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await closed.wait()
