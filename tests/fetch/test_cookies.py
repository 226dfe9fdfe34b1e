from __future__ import annotations

import pytest

from nephila.fetch.cookies import VisitCookies

HERE = "http://example.com/a/b"


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("a=1", "a=1"),
        ("a=1; Path=/; HttpOnly; SameSite=Lax", "a=1"),
        ("a = 1 ; path = /", "a=1"),
        ('a={"b":1,"c":[2]}', 'a={"b":1,"c":[2]}'),
        ('a="quoted value"', 'a="quoted value"'),
        ("a=b=c==", "a=b=c=="),
        ("a=x y z", "a=x y z"),
        ("a=1; Expires=Wed, 01 Jan 2200 00:00:00 GMT", "a=1"),
        ("a=1; Max-Age=100; unknown=5", "a=1"),
        ("a=1; Path=/a", "a=1"),
        ("a=1; Path=/elsewhere", ""),
        ("a=1; Domain=example.com", "a=1"),
        ("a=1; Domain=other.example", ""),
        ("a=1; Secure", ""),
        ("a=1; Max-Age=0", ""),
        ("a=1; Expires=Wed, 01 Jan 2020 00:00:00 GMT", ""),
        ("a=", "a="),
        ("", ""),
        ("no pair", "no pair"),
        ("=nameless", "nameless"),
        ("b\x00d=1", ""),
        ("odd,name=1", "odd,name=1"),
        ("a=\udcff", ""),
    ],
)
async def test_received_cookie_is_sent_back_where_it_belongs(header: str, sent: str) -> None:
    cookies = VisitCookies()
    cookies.receive(HERE, [header])
    assert cookies.header_for("http://example.com/a/c") == sent


async def test_cookies_stay_with_their_host() -> None:
    cookies = VisitCookies()
    cookies.receive("http://127.0.0.1/", ["a=1; Path=/"])
    cookies.receive("http://127.0.0.2/", ["b=2; Path=/"])
    assert cookies.header_for("http://127.0.0.1/x") == "a=1"
    assert cookies.header_for("http://127.0.0.2/x") == "b=2"
    assert cookies.header_for("http://127.0.0.3/x") == ""


async def test_newer_cookie_replaces_older() -> None:
    cookies = VisitCookies()
    cookies.receive(HERE, ["a=1; Path=/", "b=1; Path=/"])
    cookies.receive(HERE, ["a=2; Path=/"])
    assert sorted(cookies.header_for(HERE).split("; ")) == ["a=2", "b=1"]


async def test_given_cookies() -> None:
    cookies = VisitCookies(
        [
            {"name": "host", "value": "1", "url": "http://example.com/"},
            {"name": "all", "value": "2", "domain": ".example.com"},
            {"name": "safe", "value": "3", "domain": "example.com", "secure": True},
            {"name": "deep", "value": "4", "domain": "example.com", "path": "/deep"},
        ]
    )
    assert sorted(cookies.header_for("http://example.com/").split("; ")) == ["all=2", "host=1"]
    assert cookies.header_for("http://sub.example.com/") == "all=2"
    assert sorted(cookies.header_for("https://example.com/deep").split("; ")) == ["all=2", "deep=4", "host=1", "safe=3"]
    assert cookies.header_for("http://elsewhere.example/") == ""
