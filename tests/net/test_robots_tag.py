"""Robots directives in headers and meta elements."""

from __future__ import annotations

import pytest

from nephila.net.robots_tag import are_directives, header_directives, meta_directives, parse_directives


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("noindex", ["noindex"]),
        (" NOINDEX ,nofollow,, noindex", ["noindex", "nofollow"]),
        ("foobot: noindex, nofollow", ["noindex", "nofollow"]),
        ("FooBot : noindex", ["noindex"]),
        ("*: noindex", ["noindex"]),
        ("barbot: noindex, foobot: nofollow", ["nofollow"]),
        ("barbot: noindex, nofollow", []),
        ("barbot: noindex\nnofollow\nfoobot: noarchive", ["nofollow", "noarchive"]),
        ("max-snippet: 20, max-image-preview:large", ["max-snippet:20", "max-image-preview:large"]),
        ("unavailable_after: Saturday, 25-Jun-2010 15:00:00 PST, noindex", ["unavailable_after:saturday", "noindex"]),
        ("max-snippet, <script>, 7, no index", []),
    ],
)
def test_headers(header: str, expected: list[str]) -> None:
    assert header_directives(header, ("foobot",)) == expected


def test_meta_elements() -> None:
    metadata = {"robots": "noindex", "robots_agents": {"foobot": "nofollow", "barbot": "noarchive"}}
    assert meta_directives(metadata, ("foobot",)) == ["noindex", "nofollow"]
    assert meta_directives(metadata, ()) == ["noindex"]
    assert meta_directives({"robots": 7, "robots_agents": "x"}, ("foobot",)) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("noindex", True),
        ("None", True),
        ("noindex, max-snippet:-1", True),
        ("width=device-width", False),
        ("", False),
        ("noindex, or not", False),
    ],
)
def test_what_speaks_to_robots(content: str, expected: bool) -> None:
    assert are_directives(content) is expected


def test_their_number_is_bounded() -> None:
    names = (f"no{chr(97 + first)}{chr(97 + second)}" for first in range(26) for second in range(26))
    assert len(parse_directives([", ".join(names)])) == 100
