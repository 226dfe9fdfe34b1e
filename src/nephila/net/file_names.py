"""What a file name may be on every file system, and the names servers give to what they send."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from typing import Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

MAX_NAME_BYTES: Final = 150
"""Most file systems allow 255 bytes for a name; the rest is left for a counter."""

_MAX_SUFFIX_BYTES: Final = 20
_MAX_HEADER: Final = 4096
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: these are devices, with any extension.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PARAMETER: Final = re.compile(r""";\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""", re.ASCII)
_QUOTED_PAIR: Final = re.compile(r'\\(["\\])')
_EXTENDED: Final = re.compile(r"([\w.:-]+)'[^']*'(.*)", re.ASCII)


def is_device(name: str) -> bool:
    """Whether Windows takes the name for one of its devices."""
    return _DEVICE.match(name) is not None


def cut(text: str, max_bytes: int) -> str:
    """As much of the beginning as fits into so many bytes of UTF-8."""
    return text.encode("utf-8", "replace")[:max_bytes].decode("utf-8", "ignore")


def safe_name(name: str, content_type: str = "") -> str:
    """A file name of at most `MAX_NAME_BYTES` bytes that is one on every file system, and stays in its folder.

    Path separators, characters that Windows forbids, and invisible ones become `_` or go; so do dots and spaces at
    both ends, so that no name is hidden. The extension is kept; where there is none, the type gives one.

    Args:
        name: What somebody else proposes.
        content_type: A `Content-Type`.
    """
    visible = "".join(letter for letter in unicodedata.normalize("NFC", name[:_MAX_HEADER]) if _is_visible(letter))
    clean = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    if not dot or not suffix or len(suffix.encode()) > _MAX_SUFFIX_BYTES or not stem.strip(". _"):
        kind = content_type.partition(";")[0].strip().lower()
        stem, suffix = clean, (mimetypes.guess_extension(kind) or "").lstrip(".")
    if not stem.strip("_"):
        stem = "download"
    if is_device(stem):
        stem = "_" + stem
    end = f".{suffix}" if suffix else ""
    return cut(stem, MAX_NAME_BYTES - len(end.encode())).rstrip(". ") + end


def proposed_name(content_disposition: str, url: str) -> str:
    """The name a server proposes for what it sends; not safe to use as it is.

    `filename*` counts before `filename` (RFC 6266, section 4.3), and the last part of the URL's path when there is
    neither.
    """
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(content_disposition[:_MAX_HEADER]):
        parameters.setdefault(found.group(1).lower(), found.group(2).strip())
    name = _extended(parameters.get("filename*", "")) or _plain(parameters.get("filename", ""))
    if name:
        # Only the last part of a path counts, whoever's separators it is written with.
        return name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])


def is_attachment(content_disposition: str) -> bool:
    """Whether the server says that what it sends is to be saved rather than shown (RFC 6266, section 4.2)."""
    return content_disposition.partition(";")[0].strip().lower() == "attachment"


def _is_visible(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in _INVISIBLE


def _extended(value: str) -> str:
    """An extended value (RFC 8187, section 3.2.1); empty when it is none."""
    found = _EXTENDED.fullmatch(value.strip('"'))
    if found is None:
        return ""
    try:
        return unquote_to_bytes(found.group(2)).decode(found.group(1), "replace")
    except LookupError:
        return ""


def _plain(value: str) -> str:
    if value.startswith('"'):
        value = _QUOTED_PAIR.sub(r"\1", value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:])
    return unquote(value)
