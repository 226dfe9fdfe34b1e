"""JSON-LD blocks: decoding what pages really contain, and walking it without trusting its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from nephila.models import JSONValue

MAX_BLOCK = 1_000_000
"""Characters of one block; a longer one is skipped."""
MAX_TOTAL = 2_000_000
"""Characters of all blocks of a page; what comes after is skipped."""
MAX_DEPTH = 64
"""Levels of nesting; a deeper block is skipped, since it could not be copied or sent to another process."""
_MAX_NODES = 5_000

_WRAPPING = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)")
_WRAPPING_END = re.compile(r"(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/|;)\s*\Z")


def decode_blocks(blocks: Iterable[str]) -> list[JSONValue]:
    """Decode the text of JSON-LD blocks to their top-level objects; what is no JSON is skipped.

    Line breaks inside strings, comment and CDATA wrappings and a closing semicolon are forgiven.
    """
    decoded: list[JSONValue] = []
    total = 0
    for block in blocks:
        total += len(block)
        if len(block) > MAX_BLOCK or total > MAX_TOTAL:
            continue
        value = _decode(block)
        values = value if isinstance(value, list) else [value]
        decoded.extend(item for item in values if isinstance(item, dict))
    return decoded


def _decode(block: str) -> JSONValue:
    try:
        value: JSONValue = msgspec.json.decode(block)
    except (msgspec.DecodeError, UnicodeError):
        value = _decode_leniently(block)
    except RecursionError:
        return None
    openers = block.count("[") + block.count("{")
    return None if openers >= MAX_DEPTH and _is_too_deep(value) else value


def _decode_leniently(block: str) -> JSONValue:
    text = _WRAPPING_END.sub("", _WRAPPING.sub("", block, count=1), count=1)
    try:
        # Encoding again turns NaN into null and refuses lone surrogates, which no UTF-8 output could carry.
        value: JSONValue = msgspec.json.decode(msgspec.json.encode(json.loads(text, strict=False)))
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None
    return value


def _is_too_deep(value: JSONValue) -> bool:
    level: list[JSONValue] = [value]
    # Only what has something inside is followed.
    for _ in range(MAX_DEPTH - 1):
        below: list[JSONValue] = []
        for item in level:
            inside = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
            below += [each for each in inside if each and isinstance(each, dict | list)]
        if not below:
            return False
        level = below
    return True


def nodes(values: Iterable[JSONValue]) -> Iterator[dict[str, JSONValue]]:
    """Yield the objects in `values` and in their `@graph` and `mainEntity`, outer ones first, 5,000 at most."""
    waiting = list(values)
    for index in range(_MAX_NODES):
        if index >= len(waiting):
            return
        node = waiting[index]
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            yield node
            for name in ("@graph", "mainEntity", "mainEntityOfPage"):
                inner = node.get(name)
                if isinstance(inner, dict | list):
                    waiting.append(inner)


def types_of(node: dict[str, JSONValue]) -> list[str]:
    """The node's types without their vocabulary, such as `NewsArticle`."""
    declared = node.get("@type")
    declared = declared if isinstance(declared, list) else [declared]
    return [name.rpartition("/")[2].rpartition(":")[2] for name in declared if isinstance(name, str)]


def is_article(node: dict[str, JSONValue]) -> bool:
    """Whether the node is what a page is about rather than its site, its author or a breadcrumb."""
    return any(
        name.endswith(("Article", "Posting", "Report", "Recipe", "Review", "HowTo", "Book", "Course"))
        or name in ("CreativeWork", "VideoObject", "PodcastEpisode", "Event", "QAPage", "Question", "Product")
        for name in types_of(node)
    )
