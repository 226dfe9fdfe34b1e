"""Who signs a page in the lines of text around its headline, in the words sites use for that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_BY = r"(?:by|von|vom|par|por|di|door|av|af|przez|de)"
_KIND = (
    r"(?:words?|story|text|article|posted|written|published|created|reviewed|submitted|started|asked|updated|reported|"
    r"edited|eingestellt|gespeichert|geschrieben|veröffentlicht|verfasst|publié|écrit|escrito|publicado|scritto|"
    r"eine? \w+|artikel|interview|kommentar|bericht|beitrag|kolumne|gastbeitrag|gastkommentar)"
)
_SIGNED = re.compile(rf"\W*(?:{_KIND}\s*)?\b(?:{_BY}\b[:\s]+|(?-i:By|Von)(?=[A-Z]))(?P<name>.+)", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:.*[-|\u00b7\u2022]\s)?\W*(?:autor(?:in|en|innen|/in|\*in)?|author\(?s?\)?|auteur|autore|verfasser(?:in)?|"
    r"redaktion|text|words|writer|interview|bericht|thread starter|topic author|started by|created by|contributor)"
    r"(?:\s*:\s*|\s+(?=[A-Z\u00c4\u00d6\u00dc]))(?P<name>.+)",
    re.IGNORECASE,
)
_IN_LINE = re.compile(
    rf"(?:[|\u2022\u00b7,:]|\d)\s*{_BY}\s+(?P<name>[A-Z\u00c4\u00d6\u00dc\u00c9][^|\u2022\u00b7]{{2,60}})",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"\W*(?:written by|posted by|started by|{_BY}|autor(?:in)?|author|text)\W*", re.IGNORECASE)
_REST = re.compile(
    r"\s*(?:[|\u2022\u00b7\u00bb(\[/\uff5c]|\s[-\u2013\u2014]\s|"
    r",?\s+(?:am|on|at|in|um|under|vom|kategorien|view|published|updated|veröffentlicht|posted|last|geschrieben|aktualisiert|"
    r"zuletzt|erstellt|für|for)\b|"
    r"\b\d{1,2}[./: ]|\b\d{4}|@|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zäé]*\.?,?\s\d).*",
    re.IGNORECASE | re.DOTALL,
)
"""What follows a name in its line."""
_NO_NAME = re.compile(
    r"\b(?:cookies?|log ?in|register|anmelden|kommentare?|comments?|share|https?|www|read|min|minuten|minutes?|views|"
    r"replies|antworten|uhr|beitrag|post|page|seite|home|blog|news|menu|menü|search|suche|follow|subscribe)\b",
    re.IGNORECASE,
)
_PART = r"[A-Z\u00c0-\u00de][\w.'\u2019-]*"
_NAME_SHAPE = re.compile(rf"{_PART}(?: (?:van|von|de|der|den|di|da|la|le|el|bin|al|y|und|and|&|{_PART})){{1,4}}")
_NEAR_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d\d")
_LONGEST = 60
_WORDS = 6
_BEFORE, _AFTER, _LATER = 8, 14, 30
"""Lines before the headline, after it, and after those."""


def signed_by(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Yield what may be the author's name, the surest first.

    Args:
        before: The lines before the headline, the nearest first.
        after: The lines after it.
    """
    parts = (after[:_AFTER], before[:_BEFORE], after[_AFTER:_LATER])
    for lines in parts:
        for position, line in enumerate(lines):
            found = _SIGNED.match(line) or _LABELLED.match(line) or _IN_LINE.search(line)
            if found:
                yield from _name(found["name"])
            elif _ALONE.fullmatch(line) and position + 1 < len(lines):
                yield from _name(lines[position + 1])


def named_beside_date(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Yield what looks like a person's name and stands beside a date, next to the headline."""
    for lines in (after[:3], before[:2]):
        for position, line in enumerate(lines):
            dated = any(map(_NEAR_DATE.search, lines[max(0, position - 1) : position + 2]))
            name = _REST.sub("", line).strip(" ,;:|-\u2013\u2014\u00b7\u2022.")
            if dated and _NAME_SHAPE.fullmatch(name):
                yield from _name(name)


def _name(text: str) -> Iterator[str]:
    name = _REST.sub("", text[:200].strip()).strip(" ,;:|-\u2013\u2014\u00b7\u2022.")
    words = name.split()
    if not words or len(words) > _WORDS or len(name) > _LONGEST or _NO_NAME.search(name):
        return
    if len(words) > 1 and not any(letter.isupper() for letter in name) and name.isascii():
        return
    yield name
