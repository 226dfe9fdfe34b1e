"""robots.txt by RFC 9309, and by Google's documented practice where the standard leaves room.

Beyond the standard: `Crawl-delay` and `Sitemap` are read, spellings that site owners get wrong are understood (a
missing colon, `Dissallow`), and an `Allow` of a directory's `index.html` allows the directory itself. Where the two
differ (percent-encoded letters) the standard is followed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

MAX_BYTES: Final = 512_000
"""What is read of a file at most, 500 KiB (RFC 9309, section 2.5); the rest is ignored."""

_MAX_SITEMAPS: Final = 10_000

_BOM: Final = b"\xef\xbb\xbf"

_FIELDS: Final = {
    **dict.fromkeys(("user-agent", "useragent", "user agent"), "user-agent"),
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"), "disallow"),
    "allow": "allow",
    **dict.fromkeys(("sitemap", "site-map"), "sitemap"),
    **dict.fromkeys(("crawl-delay", "crawldelay", "crawl delay"), "crawl-delay"),
}

_END_OF_LINE: Final = re.compile(rb"\r\n|\r|\n")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+")

_COMMENT: Final = re.compile(r"\(([^()]*)\)")
_NAMED_IN_COMMENT: Final = re.compile(r"(?:^|;)\s*([A-Za-z0-9_-]+)/[\w.]+")
_COMPATIBLE: Final = re.compile(r"(?:^|;)\s*compatible;\s*([A-Za-z0-9_-]+)")
_PRODUCT: Final = re.compile(r"([A-Za-z0-9_-]+)(?:/\S*)?")
_BROWSER_PARTS: Final = frozenset(
    """
    mozilla applewebkit khtml gecko version mobile safari chrome chromium headlesschrome firefox fxios crios edg edge
    edga edgios opr opera presto trident msie build like samsungbrowser vivaldi yabrowser
    """.split()
)
"""Products that every browser names, whoever it is."""

_SPELLED: Final = re.compile(rb"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~/?=&*$%-]")
"""What may be spelled in two ways: an escape, and an octet that an escape can stand for."""

_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LITERAL_SPECIAL: Final = re.compile(r"[$*]")
_QUERY_SPECIAL: Final = {"%2F": "/", "%3F": "?", "%3D": "=", "%26": "&"}
_ESCAPED_IN_QUERY: Final = re.compile("|".join(_QUERY_SPECIAL))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One `Allow` or `Disallow` line.

    Attributes:
        allow: Which of the two.
        octets: Length of the pattern; of the rules that match, the longest counts.
        parts: What stands between the pattern's asterisks, in the spelling of `_comparable`.
        anchored: Whether the pattern ends with `$`.
    """

    allow: bool
    octets: int
    parts: tuple[str, ...]
    anchored: bool

    @classmethod
    def of(cls, pattern: bytes, *, allow: bool) -> _Rule:
        """The rule of a pattern as written."""
        octets = sum(1 if octet < 0x80 else 3 for octet in pattern)
        anchored = pattern.endswith(b"$")
        text = _comparable(pattern[:-1] if anchored else pattern).replace("$", "%24")
        return cls(allow, octets, tuple(re.sub(r"\*{2,}", "*", text).split("*")), anchored)

    def matches(self, path: str) -> bool:
        """Whether the pattern matches a path; linear in its length for every part."""
        first, *others = self.parts
        if not path.startswith(first):
            return False
        position = len(first)
        if not others:
            return not self.anchored or position == len(path)
        *between, last = others
        for part in between:
            found = path.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
        if self.anchored:
            return len(path) - len(last) >= position and path.endswith(last)
        return path.find(last, position) >= 0


class Group:
    """The rules for one crawler; no rules allow everything.

    Attributes:
        crawl_delay: Seconds between requests that the site asks for; None when it does not.
    """

    def __init__(self, blocks: Sequence[_Block] = ()) -> None:
        self.crawl_delay = max((delay for block in blocks for delay in block.delays), default=None)
        self._rules = sorted(
            (rule for block in blocks for rule in block.rules), key=lambda rule: (-rule.octets, not rule.allow)
        )

    def allows(self, url: str) -> bool:
        """Whether the URL may be fetched: the longest matching rule says, `Allow` if two are equally long.

        Args:
            url: Absolute and serialised (WHATWG); its host is not looked at.
        """
        path = path_of(url)
        if path == "/robots.txt":
            return True
        path = _LITERAL_SPECIAL.sub(lambda found: f"%{ord(found.group()):02X}", _comparable(path.encode()))
        return next((rule.allow for rule in self._rules if rule.matches(path)), True)

    def __len__(self) -> int:
        """How many rules there are."""
        return len(self._rules)

    def __bool__(self) -> bool:
        return True


@dataclass(slots=True, eq=False)
class _Block:
    """The lines under one or several `User-agent` lines, shared by the agents these name.

    Attributes:
        delays: Values of `Crawl-delay`.
        ended: Whether there were rules, so that the next `User-agent` line begins another block.
    """

    rules: list[_Rule] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    ended: bool = False

    def add(self, pattern: bytes, *, allow: bool) -> None:
        """Add a rule; an empty one is none, but it ends the list of agents too."""
        self.ended = True
        if not pattern.startswith((b"/", b"*")):
            # It could match no path.
            return
        self.rules.append(_Rule.of(pattern, allow=allow))
        directory, slash, page = pattern.rpartition(b"/")
        if allow and page.startswith(b"index.htm"):
            self.rules.append(_Rule.of(directory + slash + b"$", allow=True))


class RobotsFile:
    """A robots.txt file.

    Attributes:
        sitemaps: URLs of the site's sitemaps as written, in order, without repetitions.
    """

    def __init__(self, content: bytes = b"") -> None:
        self.sitemaps: list[str] = []
        self._blocks: dict[str, list[_Block]] = {}
        self._read(content[:MAX_BYTES])

    def group_for(self, tokens: Sequence[str]) -> Group:
        """The rules for the crawler with these product tokens: its own group or groups, else those for `*`."""
        blocks = [block for token in tokens for block in self._blocks.get(token, ())]
        return Group(list(dict.fromkeys(blocks)) or self._blocks.get("*", ()))

    def _read(self, content: bytes) -> None:
        sitemaps: dict[str, None] = {}
        # What stands before the first agent is for nobody.
        block = _Block(ended=True)
        for line in _END_OF_LINE.split(_without_bom(content)):
            name, value = _field(line)
            if name == "user-agent":
                if block.ended:
                    block = _Block()
                self._address(block, _agent(value))
            elif name in ("allow", "disallow"):
                block.add(value, allow=name == "allow")
            elif name == "crawl-delay":
                if (seconds := _seconds(value)) is not None:
                    block.delays.append(seconds)
            elif name == "sitemap" and value and len(sitemaps) < _MAX_SITEMAPS:
                sitemaps[value.decode("utf-8", "replace")] = None
        self.sitemaps = list(sitemaps)

    def _address(self, block: _Block, token: str) -> None:
        """The block is for the agent of this name too."""
        blocks = self._blocks.setdefault(token, [])
        if not blocks or blocks[-1] is not block:
            blocks.append(block)


def product_tokens(user_agent: str) -> tuple[str, ...]:
    """The names by which a robots.txt may address the sender of a `User-Agent` header, in lower case.

    `ExampleBot/1.0 (+https://example.com)` and `Mozilla/5.0 (compatible; ExampleBot/1.0)` are `examplebot`. A browser
    has no name of its own there, so each of its products counts: `mozilla`, `applewebkit`, `chrome`, `safari`.
    """
    comments = _COMMENT.findall(user_agent)
    outside = [name.lower() for name in _PRODUCT.findall(_COMMENT.sub(" ", user_agent))]
    claimed = [name.lower() for comment in comments for name in _COMPATIBLE.findall(comment)]
    named = [name.lower() for comment in comments for name in _NAMED_IN_COMMENT.findall(comment)]
    own = [name for name in (*claimed, *outside, *named) if name not in _BROWSER_PARTS]
    return tuple(dict.fromkeys(own or outside))


def path_of(url: str) -> str:
    """Path and query of a serialised http(s) URL, which is what rules are about."""
    rest = url.partition("#")[0].partition("://")[2]
    start = min((place for mark in "/?" if (place := rest.find(mark)) >= 0), default=len(rest))
    path = rest[start:]
    return path if path.startswith("/") else f"/{path}"


def _without_bom(content: bytes) -> bytes:
    """The content without its byte-order mark, or what a broken editor has left of one."""
    for length in (3, 2, 1):
        if content.startswith(_BOM[:length]):
            return content[length:]
    return content


def _field(line: bytes) -> tuple[str, bytes]:
    """The name and the value of a line; an unknown name is empty."""
    line = line.partition(b"#")[0].strip()
    name, colon, value = line.partition(b":")
    if not colon:
        words = line.split()
        if len(words) != 2:
            return "", b""
        name, value = words
    return _FIELDS.get(name.strip().lower().decode("latin-1"), ""), value.strip()


def _agent(value: bytes) -> str:
    """The product token of a `User-agent` line in lower case: what comes before a version or a remark."""
    text = value.decode("utf-8", "replace")
    if text.startswith("*") and (len(text) == 1 or text[1].isspace()):
        return "*"
    token = _TOKEN.match(text)
    return token.group().lower() if token is not None else ""


def _seconds(value: bytes) -> float | None:
    """The delay, when it is a number that can be one."""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _comparable(text: bytes) -> str:
    """One spelling for all that mean the same (RFC 9309, section 2.2.2).

    Escapes of unreserved octets are undone, every octet that is neither unreserved nor a delimiter is escaped, and in a
    query, where they delimit nothing, `/`, `?`, `=` and `&` are the same as their escapes.
    """
    path, mark, query = _SPELLED.sub(_spelling, text).decode("ascii").partition("?")
    return path + mark + _ESCAPED_IN_QUERY.sub(lambda found: _QUERY_SPECIAL[found.group()], query)


def _spelling(found: re.Match[bytes]) -> bytes:
    octets = found.group()
    octet = octets[0] if len(octets) == 1 else int(octets[1:], 16)
    return bytes((octet,)) if octet in _UNRESERVED else b"%%%02X" % octet
