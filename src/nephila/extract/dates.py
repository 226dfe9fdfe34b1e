"""When a page was published and last changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

import turbohtml
from turbohtml.extract import DateExtraction, dates as find_date

from nephila.extract import json_ld
from nephila.extract.bylines import marked_dates
from nephila.extract.nearby import Surroundings
from nephila.models import JSONValue

_PUBLISHED_NAMES = (
    "article:published_time",
    "datepublished",
    "og:article:published_time",
    "og:published_time",
    "og:publish_date",
    "og:release_date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "citation_publication_date",
    "citation_online_date",
    "bepress_citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date.created",
    "dc.created",
    "dc.date",
    "dc:date",
    "datecreated",
    "publishdate",
    "publish_date",
    "publish-date",
    "published",
    "published_date",
    "publication_date",
    "pubdate",
    "pub_date",
    "originalpublicationdate",
    "shareaholic:article_published_time",
    "ms.date",
    "date",
)
_MODIFIED_NAMES = (
    "article:modified_time",
    "datemodified",
    "og:updated_time",
    "og:article:modified_time",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "modified",
    "revised",
)
"""Names of `<meta>` elements that carry a date, the surest first."""

_ISO = re.compile(
    r"\s*(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:[T ]\s*(?P<time>\d\d?:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?(?!\d)",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d\d?)\s?[月월]\s?(\d\d?)\s?[日일]")
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?!\d)")
_IN_TEXT = DateExtraction(original=True, extensive_search=False)
_CHANGED = re.compile(r"updated|modified|aktualisiert|geändert|mis à jour|actualizado|last (?:post|reply|edit)", re.I)
_BEFORE, _AFTER = 15, 40
"""Lines near the headline that are searched for a date."""
_LONGEST = 200
"""Characters of a text that may hold a date; longer ones are no dates."""


def to_iso(text: str) -> str | None:
    """Return the date in `text` as ISO 8601, with its time of day and offset if it is written that way.

    Dates in words or with dots and slashes give the day only; `03/04/2019` is read day first. Dates before 1900 and
    after next year are no dates of a web page.
    """
    text = text[:_LONGEST]
    match = _ISO.match(text)
    if match:
        return _full(match)
    match = _COMPACT.match(text) or _EAST_ASIAN.search(text)
    if match:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if not re.search(r"\d", text):
        return None
    plain = re.sub(r"\bde\b", "", text)
    found = find_date(f"<time>{turbohtml.escape(plain)}</time>", _IN_TEXT)
    return found.date if found else None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        moment = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return moment.date().isoformat() if 1900 <= year <= datetime.now(UTC).year + 1 else None


def _full(match: re.Match[str]) -> str | None:
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None or not match["time"]:
        return day
    try:
        moment = datetime.fromisoformat(
            f"{day}T{'0' * (match['time'][1] == ':')}{match['time']}{(match['zone'] or '').upper()}"
        )
    except ValueError:
        return day
    return moment.isoformat()


def published_date(
    metas: Mapping[str, str],
    things: Sequence[dict[str, JSONValue]],
    times: Iterable[turbohtml.Element],
    tree: turbohtml.Document | None,
    around: Surroundings,
    url: str,
) -> str | None:
    """The date of publication, from the first that has one of: JSON-LD, `<meta>`, the text around the headline,
    `<time>`, marked elements, the URL.

    Args:
        metas: The content of `<meta>` elements by lower-cased name.
        things: The JSON-LD objects of the page.
        times: Its first `<time>` elements.
        tree: The page; None to leave its text alone.
        around: The text around its headline.
        url: Its URL.
    """
    found = _of_things(things, ("datePublished", "dateCreated", "uploadDate")) or _of_metas(metas, _PUBLISHED_NAMES)
    if found or tree is None:
        return found or _of_times(times) or _of_url(url)
    return _of_lines(around) or _of_times(times) or _of_text(tree) or _of_url(url)


def modified_date(metas: Mapping[str, str], things: Sequence[dict[str, JSONValue]]) -> str | None:
    """The date of the last change, from JSON-LD or `<meta>`."""
    return _of_things(things, ("dateModified",)) or _of_metas(metas, _MODIFIED_NAMES)


def _of_things(things: Sequence[dict[str, JSONValue]], names: Sequence[str]) -> str | None:
    pages = [thing for thing in things if "WebPage" in json_ld.types_of(thing)]
    for thing in [thing for thing in things if json_ld.is_article(thing)] + pages:
        for name in names:
            value = thing.get(name)
            if isinstance(value, list) and value:
                value = value[0]
            if isinstance(value, str) and (found := to_iso(value)):
                return found
    return None


def _of_metas(metas: Mapping[str, str], names: Iterable[str]) -> str | None:
    for name in names:
        if name in metas and (found := to_iso(metas[name])):
            return found
    return None


def _of_times(times: Iterable[turbohtml.Element]) -> str | None:
    for element in times:
        if found := to_iso(element.attr("datetime") or element.text):
            return found
    return None


def _of_lines(around: Surroundings) -> str | None:
    """The first date near the headline; one of a later change only when there is no other."""
    before, after = around.lines
    for lines in (after[:_AFTER], before[:_BEFORE]):
        changed = None
        for line in lines:
            if found := to_iso(line):
                if not _CHANGED.search(line):
                    return found[:10]
                changed = changed or found[:10]
        if changed:
            return changed
    return None


def _of_text(tree: turbohtml.Document) -> str | None:
    return next((found for text in islice(marked_dates(tree), 20) if (found := to_iso(text))), None)


def _of_url(url: str) -> str | None:
    match = _IN_URL.search(url)
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else None
