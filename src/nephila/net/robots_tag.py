"""What `X-Robots-Tag` headers and robots meta elements say about a page.

Google's "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications" describe both; there is no other standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_DIRECTIVE: Final = re.compile(r"[a-z][a-z_-]*")
_AGENT: Final = re.compile(r"[a-z0-9_-]+|\*")
_WITH_VALUE: Final = frozenset(("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"))
_KNOWN: Final = frozenset(
    """
    all none index follow noindex nofollow noarchive nocache nosnippet noimageindex indexifembedded notranslate
    nositelinkssearchbox noodp noydir noai noimageai noimageclick
    """.split()
)
_MOST: Final = 100
"""Directives of one page that are kept."""


def header_directives(header: str, tokens: Sequence[str]) -> list[str]:
    """The directives of `X-Robots-Tag` for everybody and for the crawler with these product tokens, in lower case.

    Args:
        header: One header a line, or several joined with commas.
        tokens: As of `nephila.net.robots.product_tokens`.
    """
    found: list[str] = []
    for line in header.splitlines():
        concerned = True
        for part in line.split(","):
            name, colon, rest = part.strip().lower().partition(":")
            name = name.strip()
            if colon and name not in _WITH_VALUE and _AGENT.fullmatch(name):
                # An agent's name holds for what follows it on the line.
                concerned = name in tokens or name == "*"
                part, colon = rest, ""
            if concerned:
                found.append(part)
    return parse_directives(found)


def parse_directives(parts: Iterable[str]) -> list[str]:
    """The directives among comma-separated texts, in lower case and each once; `unavailable_after` keeps its date."""
    found: dict[str, None] = {}
    for text in parts:
        for part in text.lower().split(","):
            name, colon, value = part.strip().partition(":")
            if (
                _DIRECTIVE.fullmatch(name.strip())
                and bool(colon) == (name.strip() in _WITH_VALUE)
                and len(found) < _MOST
            ):
                found[f"{name.strip()}:{value.strip()}" if colon else name.strip()] = None
    return list(found)


def are_directives(content: str) -> bool:
    """Whether a text consists of known directives, so that a meta element with it speaks to the crawler it names."""
    names = [part.partition(":")[0].strip() for part in content.lower().split(",")]
    return all(name in _KNOWN or name in _WITH_VALUE for name in names)


def meta_directives(metadata: Mapping[str, object], tokens: Sequence[str]) -> list[str]:
    """The directives of the meta elements for everybody and for these product tokens.

    Args:
        metadata: As of `nephila.extract.metadata.read_metadata`.
        tokens: As of `nephila.net.robots.product_tokens`.
    """
    by_agent = metadata.get("robots_agents")
    own = [by_agent.get(token) for token in tokens] if isinstance(by_agent, dict) else []
    return parse_directives(text for text in (metadata.get("robots"), *own) if isinstance(text, str))


def forbids_index(directives: Iterable[str]) -> bool:
    """Whether the page's content is not to be used."""
    return not {"noindex", "none"}.isdisjoint(directives)


def forbids_follow(directives: Iterable[str]) -> bool:
    """Whether the page's links are not to be followed."""
    return not {"nofollow", "none"}.isdisjoint(directives)
