from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from nephila.errors import AdmitError, ErrorCode
from nephila.net.url import MAX_URL_LENGTH, admit, host_of, in_domain, join, origin_of, redacted, same_site


@pytest.mark.parametrize(
    ("given_url", "admitted"),
    [
        ("http://example.com", "http://example.com/"),
        ("  https://EXAMPLE.com:443/a/../b?q#f \n", "https://example.com/b?q#f"),
        ("http://bücher.example/ä?ö", "http://xn--bcher-kva.example/%C3%A4?%C3%B6"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http:\\\\example.com\\a", "http://example.com/a"),
        ("http:example.com", "http://example.com/"),
        ("file:///a b", "file:///a%20b"),
        ("raw:<p>a # b ? c</p> ", "raw:<p>a # b ? c</p> "),
        (" \nraw:<p>x</p>", "raw:<p>x</p>"),
        ("raw:", "raw:"),
    ],
)
def test_admits_and_serialises(given_url: str, admitted: str) -> None:
    assert admit(given_url) == admitted


@pytest.mark.parametrize(
    ("given_url", "code", "part"),
    [
        ("", ErrorCode.INVALID_URL, "empty"),
        (" \t\n", ErrorCode.INVALID_URL, "empty"),
        ("example.com", ErrorCode.INVALID_URL, "https://"),
        ("//example.com/", ErrorCode.INVALID_URL, "scheme"),
        ("http://", ErrorCode.INVALID_URL, "not a valid URL"),
        ("http://exa mple.com/", ErrorCode.INVALID_URL, "not a valid URL"),
        ("http://[::1", ErrorCode.INVALID_URL, "not a valid URL"),
        ("http://example.com:99999/", ErrorCode.INVALID_URL, "not a valid URL"),
        ("http://\ud800/", ErrorCode.INVALID_URL, "not a valid URL"),
        ("http://example.com/" + "a" * 9000, ErrorCode.INVALID_URL, "9019 characters"),
        ("ftp://example.com/", ErrorCode.UNSUPPORTED_SCHEME, "'ftp'"),
        ("javascript:alert(1)", ErrorCode.UNSUPPORTED_SCHEME, "'javascript'"),
        ("localhost:8000/x", ErrorCode.UNSUPPORTED_SCHEME, "Is https:// missing in front?"),
        ("x" * 5000 + "://a/", ErrorCode.UNSUPPORTED_SCHEME, "not supported"),
        (None, ErrorCode.INVALID_URL, "NoneType"),
        (5, ErrorCode.INVALID_URL, "int"),
        (b"http://example.com/", ErrorCode.INVALID_URL, "bytes"),
    ],
)
def test_refuses_with_a_sentence(given_url: object, code: ErrorCode, part: str) -> None:
    with pytest.raises(AdmitError) as caught:
        admit(given_url)
    message = str(caught.value)
    assert caught.value.code is code
    assert part in message
    assert message[-1] in ".?" and "\n" not in message and len(message) < 250


def test_longest_url() -> None:
    start = "http://example.com/"
    assert admit(start + "a" * (MAX_URL_LENGTH - len(start)))
    with pytest.raises(AdmitError):
        admit(start + "a" * (MAX_URL_LENGTH - len(start) + 1))


@given(st.one_of(st.text(), st.text().map("http://".__add__), st.text(alphabet="http:/\\@#?[]x.%\x00").map(str)))
def test_admitting_is_total_and_settled(text: str) -> None:
    try:
        once = admit(text)
    except AdmitError as error:
        assert str(error)
    else:
        assert admit(once) == once


@pytest.mark.parametrize(
    "url",
    [
        "http://user:secret@example.com/x",
        "http:\\\\user:secret@example.com/x",
        "http:user:secret@example.com/x",
        "http://us er:secret@example.com/x",
        "http://user:a@secret@example.com/x",
        "ht\ntps://user:secret@example.com",
        "socks5://user:secret@proxy:1080",
        "The redirect from http://user:secret@example.com/x leads nowhere.",
    ],
)
def test_redacted_shows_no_credentials(url: str) -> None:
    shown = redacted(url)
    assert "secret" not in shown and "user" not in shown
    assert "***@" in shown


def test_redacted_keeps_the_rest_and_is_short() -> None:
    assert redacted("https://example.com/a@b?q=c@d") == "https://example.com/a@b?q=c@d"
    assert len(redacted("raw:" + "<p>a@b</p>" * 100_000)) < 300
    assert len(redacted("http://example.com/" + "@" * 100_000)) < 300


@pytest.mark.parametrize(
    ("host", "other", "same"),
    [
        ("example.com", "example.com", True),
        ("www.example.com", "example.com", True),
        ("sub.example.com", "example.com", True),
        ("example.com", "a.b.example.com", True),
        ("notexample.com", "example.com", False),
        ("example.com.evil", "example.com", False),
        ("1.127.0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("[::1]", "[::1]", True),
        ("", "", False),
    ],
)
def test_same_site(host: str, other: str, same: bool) -> None:
    assert same_site(host, other) is same
    assert same_site(other, host) is same


def test_in_domain() -> None:
    assert in_domain("a.example.com", ".Example.com")
    assert in_domain("www.example.com", "example.com")
    assert not in_domain("notexample.com", "example.com")
    assert not in_domain("example.com", "")


def test_join_and_parts() -> None:
    assert join("http://a/b/c", "../d?e#f") == "http://a/d?e#f"
    assert join("http://a/", "http://[") is None
    assert join("nothing", "x") is None
    assert host_of("HTTP://A.example:80/x") == "a.example"
    assert host_of("nothing") == ""
    assert origin_of("http://a:80/x") == "http://a"
    assert origin_of("http://a:81/x") == "http://a:81"
