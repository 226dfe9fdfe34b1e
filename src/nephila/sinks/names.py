"""File names from URLs: readable, unique, and safe on every file system."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from nephila.net.file_names import cut, is_device
from nephila.net.url import is_raw

MAX_STEM_CHARACTERS: Final = 100
MAX_STEM_BYTES: Final = 150
"""Most file systems allow 255 bytes for a name; the rest is left for the mark, the counter and the suffix."""

_MARK_LENGTH: Final = 10
_SCHEME: Final = re.compile(r"(?:https?|file):/*", re.IGNORECASE)
_UNSAFE: Final = re.compile(r"[^\w.-]+")


class FileNames:
    """Gives every page a file name of its own.

    Names hold only letters, digits, `_`, `-` and `.`, are in lower case, and never differ by case or by Unicode
    form alone, so they are safe on Windows and macOS too and cannot leave their folder.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, url: str, suffix: str) -> str:
        """The name for a page.

        Args:
            url: The page's URL.
            suffix: The file type with its dot, such as `.md`.

        Returns:
            A name that was not given out before. It is made of the host and path; a short digest of the URL follows
            when that does not say everything or is taken, and a counter when the same URL comes again.
        """
        stem, complete = _stem(url)
        marked = f"{stem}-{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()[:_MARK_LENGTH]}"
        candidate = stem if complete else marked
        if not self._take(candidate + suffix):
            candidate, count = marked, 1
            while not self._take(candidate + suffix):
                count += 1
                candidate = f"{marked}-{count}"
        return candidate + suffix

    def reserve(self, names: Iterable[str]) -> None:
        """Never give out these names."""
        for name in names:
            self._take(name)

    def _take(self, name: str) -> bool:
        key = unicodedata.normalize("NFKC", name).casefold()
        if key in self._taken:
            return False
        self._taken.add(key)
        return True


def _stem(url: str) -> tuple[str, bool]:
    """The readable part of a URL's file name, and whether it tells this URL from similar ones."""
    if is_raw(url):
        return "raw", False
    text = url.partition("#")[0]
    without_scheme = _SCHEME.sub("", text, count=1)
    # A URL may be 8 KB long; more than this cannot show in the name.
    readable = unicodedata.normalize("NFC", unquote(without_scheme[: MAX_STEM_CHARACTERS * 9]).lower())
    path = readable.rstrip("/").replace("/", "_")
    stem = _UNSAFE.sub("_", path)
    complete = stem == path and text == url == url.lower()
    if len(stem) > MAX_STEM_CHARACTERS or len(stem.encode()) > MAX_STEM_BYTES:
        stem = cut(stem[:MAX_STEM_CHARACTERS], MAX_STEM_BYTES)
        complete = False
    stem = stem.strip("._- ")
    if not stem:
        return "page", False
    if is_device(stem):
        stem = "_" + stem
    return stem, complete and len(without_scheme) <= MAX_STEM_CHARACTERS * 9
