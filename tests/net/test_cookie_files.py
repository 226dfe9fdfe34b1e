from __future__ import annotations

import http.cookiejar
import json
import os
import sys
from pathlib import Path

import pytest

from nephila.errors import ConfigError
from nephila.net.cookie_files import (
    StorageState,
    cookie_from_dict,
    netscape_text,
    read_cookies,
    read_netscape,
    read_state,
    write_private,
)
from nephila.net.cookie_jar import Cookie

SECRET = "s3cret-value"
COOKIES = [
    Cookie("id", SECRET, "example.com", host_only=False, secure=True, http_only=True, expires=4102444800.0),
    Cookie("theme", "dark=1; no", "www.example.com", "/a", same_site="Strict"),
]
COOKIES[1] = Cookie("theme", 'dark="1"', "www.example.com", "/a", same_site="Strict")


def test_storage_state_round_trip(tmp_path: Path) -> None:
    origins: list[object] = [{"origin": "https://example.com", "localStorage": [{"name": "k", "value": "v"}]}]
    file = tmp_path / "state.json"
    file.write_text(StorageState(COOKIES, origins).to_json(), encoding="utf-8")  # type: ignore[arg-type]
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data["origins"] == origins
    assert data["cookies"][0] == {
        "name": "id", "value": SECRET, "domain": ".example.com", "path": "/", "expires": 4102444800.0,
        "httpOnly": True, "secure": True, "sameSite": "Lax",
    }  # fmt: skip
    assert (data["cookies"][1]["domain"], data["cookies"][1]["expires"]) == ("www.example.com", -1)
    for source in (file, str(file), file.read_text(encoding="utf-8"), data):
        state = read_state(source)
        assert state.to_dict() == data
    assert read_cookies(file).to_dict() == data
    file.write_text(json.dumps(data["cookies"]), encoding="utf-8")
    assert len(read_cookies(file).cookies) == 2


def test_netscape_round_trip(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(netscape_text(COOKIES), encoding="utf-8")
    assert "#HttpOnly_.example.com\tTRUE\t/\tTRUE\t4102444800\tid\t" in file.read_text(encoding="utf-8")
    read = read_netscape(file)
    assert [(c.name, c.value, c.domain, c.host_only, c.secure, c.http_only, c.expires) for c in read] == [
        (c.name, c.value, c.domain, c.host_only, c.secure, c.http_only, c.expires) for c in COOKIES
    ]
    assert read_cookies(file).cookies == read


def test_others_can_read_what_is_written(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(netscape_text(COOKIES), encoding="utf-8")
    jar = http.cookiejar.MozillaCookieJar(str(file))
    jar.load(ignore_discard=True, ignore_expires=True)
    assert {(cookie.name, cookie.value) for cookie in jar} == {("id", SECRET), ("theme", 'dark="1"')}


def test_what_others_have_written_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    lines = [
        "# a comment",
        "",
        "example.com\tFALSE\t/\tFALSE\t0\tempty\t",
        "#HttpOnly_x.example\tFALSE\t/\tTRUE\t1.5\ta\tb\tc",
    ]
    file.write_bytes(("\ufeff" + "\r\n".join(lines[:3]) + "\r\n").encode())
    assert [(cookie.name, cookie.value, cookie.expires) for cookie in read_netscape(file)] == [("empty", "", None)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"example.com {SECRET}", "line 2 does not have seven fields"),
        (f"example.com\tTRUE\t/\tFALSE\tsoon\tid\t{SECRET}", "fifth field of line 2"),
        (f"example.com\tTRUE\t/\tFALSE\t0\tid\t{SECRET};", r"line 2\) cannot be sent"),
        (f"\tTRUE\t/\tFALSE\t0\tid\t{SECRET}", "line 2"),
    ],
)
def test_a_bad_line_is_named_but_not_shown(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(f"# first\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_netscape(file)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "state", ["[]", {"cookies": 1}, {"cookies": [], "origins": {}}, {"cookies": [{"name": "a", "value": SECRET}]},
              '{"cookies": [' + SECRET, "{" * 100_000, "/nowhere/at/all.json"],
)  # fmt: skip
def test_bad_states(state: str | dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_state(state)
    assert SECRET not in str(caught.value)


def test_cookies_as_dicts() -> None:
    cookie = cookie_from_dict({"name": "a", "value": 1, "url": "https://example.com/x", "expires": -1})
    assert (cookie.domain, cookie.value, cookie.path, cookie.host_only, cookie.expires) == (
        "example.com", "1", "/", True, None,
    )  # fmt: skip
    everywhere = cookie_from_dict({"name": "a", "value": "", "domain": ".Example.COM"})
    assert (everywhere.domain, everywhere.host_only) == ("example.com", False)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_only_the_owner_can_read_it_and_it_is_never_half_written(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    mask = os.umask(0)
    try:
        write_private(file, SECRET)
    finally:
        os.umask(mask)
    assert (file.stat().st_mode & 0o777, file.read_text(encoding="utf-8")) == (0o600, SECRET)
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "\ud800")
    assert file.read_text(encoding="utf-8") == SECRET
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
