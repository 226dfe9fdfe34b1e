from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nephila.sinks.names import MAX_STEM_BYTES, FileNames


def names(*urls: str) -> list[str]:
    files = FileNames()
    return [files.name(url, ".md") for url in urls]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com/", "example.com.md"),
        ("https://example.com/blog/a-post.html", "example.com_blog_a-post.html.md"),
        ("http://127.0.0.1:8000/page/1", "127.0.0.1_8000_page_1-"),
        ("https://example.com/?q=1", "example.com__q_1-"),
        ("https://example.com/Caf%C3%A9", "example.com_café-"),
        ("https://example.com/../../etc/passwd", "example.com_.._.._etc_passwd.md"),
        ("file:///etc/passwd", "etc_passwd.md"),
        ("raw:<h1>x</h1>", "raw-"),
        ("https://con/", "_con.md"),
        ("https://nul.example/", "_nul.example.md"),
        ("", "page-"),
        ("...", "page-"),
    ],
)
def test_name_is_readable(url: str, name: str) -> None:
    (given_name,) = names(url)
    if name.endswith("-"):
        assert re.fullmatch(re.escape(name) + r"[0-9a-f]{10}\.md", given_name)
    else:
        assert given_name == name


def test_similar_urls_get_different_names() -> None:
    urls = [
        "https://example.com/a",
        "http://example.com/a",
        "https://example.com/a/",
        "https://example.com/A",
        "https://example.com/a#b",
        "https://example.com/a?",
        "https://example.com_a",
        "https://example.com/a",
        "https://example.com/a",
    ]
    assert len(set(names(*urls))) == len(urls)


def test_name_does_not_depend_on_other_urls_unless_they_collide() -> None:
    first = names("https://a.example/x?y", "https://a.example/z")
    second = names("https://a.example/z", "https://a.example/x?y")
    assert sorted(first) == sorted(second)


def test_long_urls_differ_after_the_cut() -> None:
    start = "https://example.com/" + "é/" * 2000
    first, second = names(start + "1", start + "2")
    assert first != second
    assert len(first.encode()) < 255


@given(st.lists(st.text(max_size=300) | st.from_regex(r"https?://[a-zA-Z.]+(/[^\s]*)?"), max_size=20))
def test_names_are_safe_and_unique(urls: list[str]) -> None:
    given_names = names(*urls)
    folded = {unicodedata.normalize("NFKC", name).casefold() for name in given_names}
    assert len(folded) == len(urls)
    for name in given_names:
        assert Path(name).name == name
        assert not set(name) & set('<>:"/\\|?*\0')
        assert all(letter.isprintable() for letter in name)
        assert not name.startswith((".", "-", " "))
        assert len(name.encode()) < MAX_STEM_BYTES + 40
        assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name)
