"""Where the page cache is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

CACHE_FOLDER_VARIABLE: Final = "NEPHILA_CACHE_DIR"
"""The environment variable that names the folder of the cache."""

CACHE_FILE: Final = "pages.sqlite3"
"""The cache's file in its folder; while it is in use there are two more, `-wal` and `-shm`."""


def cache_path(base_directory: str | os.PathLike[str] | None = None) -> Path | None:
    """The cache's file; None when the machine has no place for it.

    Looks only at names and the environment; nothing is opened or created.

    Args:
        base_directory: Its folder; None means what `NEPHILA_CACHE_DIR` says, else the user's cache folder by the
            conventions of the system (`~/.cache/nephila` on Linux, or below `XDG_CACHE_HOME`).
    """
    given = base_directory if base_directory is not None else os.environ.get(CACHE_FOLDER_VARIABLE)
    if given:
        return Path(given).expanduser().absolute() / CACHE_FILE
    # Imported here: only a crawl with a cache needs it.
    import platformdirs

    try:
        folder = Path(platformdirs.user_cache_dir("nephila", appauthor=False))
    except RuntimeError:
        # Without HOME and without an entry among the users; other versions give a path that begins with "~" then.
        return None
    return folder / CACHE_FILE if folder.is_absolute() else None
