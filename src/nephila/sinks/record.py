"""What a result looks like as a line of JSON: which fields, in which order."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from nephila.errors import ConfigError

if TYPE_CHECKING:
    from nephila.models import JSONValue
    from nephila.result import CrawlResult

ALL: Final = "all"

DEFAULT_FIELDS: Final = (
    "url",
    "success",
    "status_code",
    "error_code",
    "error_message",
    "warnings",
    "redirected_url",
    "content_type",
    "title",
    "markdown",
    "links",
    "media",
    "tables",
    "metadata",
)
"""When nothing is said; `body` and the HTML are left out because they are several times larger than the rest."""

INDEX_FIELDS: Final = (
    "url",
    "success",
    "status_code",
    "error_code",
    "error_message",
    "redirected_url",
    "content_type",
    "title",
)
"""In the index of a folder."""

_FROM_METADATA: Final = ("title", "description", "language")
_FROM_MARKDOWN: Final = ("markdown_with_citations", "references_markdown", "fit_markdown")
_SHORTHANDS: Final = frozenset((*_FROM_METADATA, *_FROM_MARKDOWN, "markdown"))


class UnknownFieldError(ConfigError):
    """A field that no result has; the sentence names the nearest one."""


def known_fields() -> tuple[str, ...]:
    """Every name of a field: the fields of `CrawlResult`, and shorthands into `metadata` and `markdown`."""
    from nephila.result import RESULT_FIELDS

    return (*RESULT_FIELDS, *_FROM_METADATA, *_FROM_MARKDOWN)


def parse_fields(text: str) -> tuple[str, ...]:
    """The fields named in a comma-separated list, in its order.

    Raises:
        UnknownFieldError: A name is not a field, or there is none at all.
    """
    return checked_fields([name.strip() for name in text.split(",") if name.strip()])


def checked_fields(names: Sequence[str]) -> tuple[str, ...]:
    """The names without repetitions; `all` alone means every field.

    Raises:
        UnknownFieldError: A name is not a field, or there is none at all.
    """
    known = known_fields()
    if not names:
        raise UnknownFieldError(f"no field is named; choose from: {', '.join(known)}, or {ALL}")
    if tuple(names) == (ALL,):
        return known
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(str(name).lower(), known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]!r}?" if close else f"choose from: {', '.join(known)}, or {ALL}"
            raise UnknownFieldError(f"there is no field {name!r}; {hint}")
    return tuple(dict.fromkeys(names))


def record(result: CrawlResult, names: Sequence[str]) -> dict[str, JSONValue]:
    """The named fields of a result as plain data; `markdown` is the page's Markdown as a string."""
    others = [name for name in names if name not in _SHORTHANDS]
    dumped = result.model_dump(include=others)
    return {name: _shorthand(result, name) if name in _SHORTHANDS else dumped[name] for name in names}


def _shorthand(result: CrawlResult, name: str) -> JSONValue:
    if name == "markdown":
        return str(result.markdown)
    if name in _FROM_METADATA:
        return result.metadata.get(name)
    variant: JSONValue = getattr(result.markdown, name)
    return variant


def encode(data: dict[str, JSONValue]) -> bytes:
    """One line of JSON in UTF-8, without the line feed."""
    import msgspec

    try:
        return msgspec.json.encode(data)
    except UnicodeEncodeError:
        # A URL may hold lone surrogates, which UTF-8 has no bytes for.
        from nephila.models import representable_fields

        return msgspec.json.encode(representable_fields(data))
