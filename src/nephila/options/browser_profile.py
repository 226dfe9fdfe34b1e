"""What a browser keeps."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import Secret


class ProfileOptions(Config):
    """Profile, stored state and downloads.

    Attributes:
        use_persistent_context: Keep the profile in `user_data_dir`; sets `use_managed_browser`.
        user_data_dir: Folder of the profile.
        storage_state: Cookies and local storage to start with: a file, or its content. Plain HTTP uses the
            cookies. Never shown.
        accept_downloads: Keep files a page offers for download; their names are in `downloaded_files`.
        downloads_path: Folder for them, made when it is missing; None means `downloads` in the current directory.
    """

    use_persistent_context: bool = False
    user_data_dir: str | None = None
    storage_state: Annotated[str | dict[str, object] | None, Secret()] = None
    accept_downloads: bool = False
    downloads_path: str | None = None
