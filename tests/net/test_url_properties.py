"""What holds for every URL."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings, strategies as st

from nephila.errors import AdmitError
from nephila.net import url as urls

_PIECES = st.sampled_from(
    [
        "http",
        "https",
        "file",
        "raw",
        "javascript",
        ":",
        "/",
        "//",
        "\\",
        "@",
        "#",
        "?",
        "%",
        "%zz",
        "%2e",
        "..",
        "[",
        "]",
        "a.example",
        "user",
        "127.1",
        "0x7f",
        "::1",
        "xn--",
        "ü",
        chr(0xD800),
        "\x00",
        "\t",
        "\n",
        " ",
        ":80",
        ":99999",
        ".",
    ]
)
_TEXT = st.lists(_PIECES | st.text(max_size=4), max_size=12).map("".join)
_PLAIN = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(max_examples=300, deadline=None)
@given(_TEXT)
def test_admission_gives_a_url_or_the_one_error(text: str) -> None:
    try:
        address = urls.admit(text)
    except AdmitError as error:
        assert str(error)[-1] in ".?"
        return
    if urls.is_raw(address):
        return
    assert address.partition(":")[0] in ("http", "https", "file")
    # Admitted once is admitted for good, byte by byte.
    assert urls.admit(address, 10**6) == address


@settings(max_examples=300, deadline=None)
@given(_TEXT, _TEXT)
def test_joining_never_raises_and_gives_a_url(base: str, reference: str) -> None:
    joined = urls.join(base, reference)
    if joined is not None:
        assert urls.parse(joined) is not None
        assert urls.join(joined, "") is None or "#" not in (urls.join(joined, "") or "")


@settings(max_examples=200, deadline=None)
@given(_PLAIN, _PLAIN)
def test_credentials_leave_the_url_for_a_header(user: str, password: str) -> None:
    parsed = urls.parse("https://a.example/x?y")
    assert parsed is not None
    parsed.username, parsed.password = user, password
    bare, header = urls.without_credentials(parsed.href)
    assert bare == "https://a.example/x?y"
    if user or password:
        kind, _, token = header.partition(" ")
        assert kind == "Basic"
        assert base64.b64decode(token).decode() == f"{user}:{password}"
    else:
        assert header == ""


@settings(max_examples=300, deadline=None)
@given(_TEXT)
def test_what_is_shown_of_a_url_has_no_password(tail: str) -> None:
    shown = urls.redacted(f"http://user:sesame@a.example/{tail}")
    assert "sesame" not in shown or "sesame" in tail


@pytest.mark.parametrize("length", [8192, 8193])
def test_longest_url(length: int) -> None:
    text = "http://a.example/".ljust(length, "a")
    if length > urls.MAX_URL_LENGTH:
        with pytest.raises(AdmitError, match="8193 characters; at most 8192"):
            urls.admit(text)
    else:
        assert urls.admit(text) == text
    assert urls.admit("http://a.example/", 20)
    with pytest.raises(AdmitError):
        urls.admit("http://a.example/", 16)
