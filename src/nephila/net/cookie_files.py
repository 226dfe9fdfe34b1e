"""Cookies in and out: dicts as browsers' tools write them, storage state files, and cookies.txt.

Nothing of a cookie's value ever stands in an error.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeGuard, cast

from nephila.errors import ConfigError
from nephila.models import JSONValue
from nephila.net.cookie_jar import Cookie
from nephila.net.url import host_of

MAX_FILE_BYTES: Final = 64_000_000
"""A larger file of cookies or storage state is refused."""

_HTTP_ONLY: Final = "#HttpOnly_"
_SAME_SITES: Final = {"strict": "Strict", "lax": "Lax", "none": "None"}


@dataclass(slots=True)
class StorageState:
    """What a browser keeps for sites, in the form of Playwright's `storage_state`.

    Attributes:
        cookies: The cookies.
        origins: Local storage and the like by origin; kept as it is, plain HTTP has no use for it.
    """

    cookies: list[Cookie] = field(default_factory=list)
    origins: list[JSONValue] = field(default_factory=list)

    def to_dict(self) -> dict[str, JSONValue]:
        """The state as plain data: `{"cookies": [...], "origins": [...]}`."""
        return {"cookies": [cookie_to_dict(cookie) for cookie in self.cookies], "origins": self.origins}

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=2) + "\n"


def read_cookies(path: str | os.PathLike[str]) -> StorageState:
    """Read a file of cookies: a storage state or a list of cookies in JSON, or a `cookies.txt`.

    Raises:
        ConfigError: It cannot be read.
    """
    start = _text_of(Path(path), "cookies").lstrip()[:1]
    if start == "{":
        return read_state(path)
    if start == "[":
        return read_state({"cookies": _json(_text_of(Path(path), "cookies"))})
    return StorageState(read_netscape(path))


def read_state(state: str | os.PathLike[str] | Mapping[str, object]) -> StorageState:
    """Read a storage state: a file, its JSON text, or its content as a dict.

    Raises:
        ConfigError: It cannot be read; the sentence says why, without its content.
    """
    if isinstance(state, Mapping):
        data: object = state
    else:
        text = str(state)
        if not text.lstrip().startswith("{"):
            text = _text_of(Path(state), "storage_state")
        data = _json(text)
    cookies = data.get("cookies", []) if isinstance(data, Mapping) else None
    origins = data.get("origins", []) if isinstance(data, Mapping) else None
    if not isinstance(cookies, list) or not isinstance(origins, list):
        raise ConfigError('storage_state must be {"cookies": [...], "origins": [...]}.')
    return StorageState([cookie_from_dict(cookie, "storage_state") for cookie in cookies], origins)


def _json(text: str) -> object:
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError("storage_state: the file is not JSON.") from None
    return data


def cookie_from_dict(data: object, owner: str = "cookies") -> Cookie:
    """Read one cookie: `name`, `value` and `url` or `domain`, with optional `path`, `secure`, `httpOnly`, `sameSite`
    and `expires` (seconds since the epoch; -1 means when the session ends).

    A `domain` with a leading dot is for sub-domains too, one without for that host alone.

    Raises:
        ConfigError: Something is missing or cannot be sent.
    """
    if not _is_cookie(data):
        given = ", ".join(map(str, data)) if isinstance(data, Mapping) and data else "none"
        raise ConfigError(f"A cookie in {owner} needs a name, a value, and a url or a domain; given: {given}.")
    name, value = str(data["name"]), str(data["value"])
    _require_sendable(name, value, owner)
    domain = str(data.get("domain") or "")
    host = host_of(str(data["url"])) if data.get("url") else host_of(f"http://{domain.lstrip('.')}/")
    if not host:
        raise ConfigError(f"The {'url' if data.get('url') else 'domain'} of a cookie in {owner} is no absolute URL.")
    expires = data.get("expires", data.get("expirationDate"))
    lasting = isinstance(expires, int | float) and not isinstance(expires, bool) and expires >= 0
    path = str(data.get("path") or "/")
    return Cookie(
        name,
        value,
        host,
        path if path.startswith("/") else "/",
        host_only=not domain.startswith("."),
        secure=bool(data.get("secure")),
        http_only=bool(data.get("httpOnly")),
        same_site=_SAME_SITES.get(str(data.get("sameSite") or "").lower(), ""),
        expires=float(cast("float", expires)) if lasting else None,
    )


def _is_cookie(data: object) -> TypeGuard[Mapping[str, object]]:
    return (
        isinstance(data, Mapping)
        and bool(data.get("name"))
        and "value" in data
        and bool(data.get("url") or data.get("domain"))
    )


def _require_sendable(name: str, value: str, owner: str) -> None:
    bad = [character for character in name + value if character < " " or character in "\x7f;"]
    if bad or "=" in name or name != name.strip() or " " in name:
        raise ConfigError(
            f"A cookie in {owner} cannot be sent: its name or its value holds a control character or a semicolon, "
            "or its name a space or an equals sign."
        )


def cookie_to_dict(cookie: Cookie) -> dict[str, JSONValue]:
    """The cookie as Playwright writes it."""
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain if cookie.host_only else f".{cookie.domain}",
        "path": cookie.path,
        "expires": -1 if cookie.expires is None else cookie.expires,
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        "sameSite": cookie.same_site or "Lax",
    }


def read_netscape(path: str | os.PathLike[str]) -> list[Cookie]:
    """Read a `cookies.txt`: seven fields a line, separated by tabs; `#HttpOnly_` marks cookies hidden from scripts.

    Raises:
        ConfigError: The file cannot be read, or a line of it; the sentence names the line.
    """
    cookies = []
    for number, line in enumerate(_text_of(Path(path), "cookies.txt").splitlines(), 1):
        http_only = line.startswith(_HTTP_ONLY)
        text = line.removeprefix(_HTTP_ONLY)
        if not text.strip() or (text.startswith("#") and not http_only):
            continue
        fields = text.split("\t", 6)
        if len(fields) == 6:
            fields.append("")
        if len(fields) != 7 or not fields[0].strip("."):
            raise ConfigError(f"cookies.txt: line {number} does not have seven fields separated by tabs.")
        domain, everywhere, cookie_path, secure, expires, name, value = fields
        try:
            until = float(expires or 0)
        except ValueError:
            raise ConfigError(f"cookies.txt: the fifth field of line {number} is no time.") from None
        _require_sendable(name, value, f"cookies.txt (line {number})")
        cookies.append(
            Cookie(
                name,
                value,
                domain.lstrip(".").lower(),
                cookie_path if cookie_path.startswith("/") else "/",
                host_only=everywhere.upper() != "TRUE",
                secure=secure.upper() == "TRUE",
                http_only=http_only,
                expires=until if until > 0 else None,
            )
        )
    return cookies


def netscape_text(cookies: Iterable[Cookie]) -> str:
    """The cookies as a `cookies.txt`."""
    lines = ["# Netscape HTTP Cookie File"]
    for cookie in cookies:
        fields = (
            cookie.domain if cookie.host_only else f".{cookie.domain}",
            "FALSE" if cookie.host_only else "TRUE",
            cookie.path,
            "TRUE" if cookie.secure else "FALSE",
            str(int(cookie.expires or 0)),
            cookie.name,
            cookie.value,
        )
        lines.append((_HTTP_ONLY if cookie.http_only else "") + "\t".join(fields))
    return "\n".join(lines) + "\n"


def write_private(path: str | os.PathLike[str], text: str) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    target = Path(path)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        raise


def _text_of(path: Path, owner: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{owner}: {path} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{owner}: {path} is larger than {MAX_FILE_BYTES:,} bytes.")
    return data.decode("utf-8-sig", "surrogateescape")
