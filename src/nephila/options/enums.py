"""The closed choices a caller makes."""

from __future__ import annotations

from enum import StrEnum


class CacheMode(StrEnum):
    """Whether a visit may read from and write to the page cache."""

    ENABLED = "enabled"
    """Read, and write what was fetched."""
    DISABLED = "disabled"
    """Neither read nor write."""
    READ_ONLY = "read_only"
    """Read, but do not write."""
    WRITE_ONLY = "write_only"
    """Fetch always, and write what was fetched."""
    BYPASS = "bypass"
    """Neither read nor write for this visit; the same as `DISABLED`."""


class HiddenText(StrEnum):
    """What becomes of text that a page holds but does not show."""

    DROP = "drop"
    """It is left out; `visible` is another name."""
    KEEP = "keep"
    """It stays, comments included; `all` is another name."""
    FLAG = "flag"
    """It stays, between `[hidden text: ` and `]`."""


class MatchMode(StrEnum):
    """How the items of a `url_matcher` list are joined."""

    OR = "or"
    """One item that matches is enough."""
    AND = "and"
    """Every item must match."""


class DisplayMode(StrEnum):
    """What a crawl monitor shows."""

    DETAILED = "DETAILED"
    """One line for every task."""
    AGGREGATED = "AGGREGATED"
    """Totals only."""


class Provenance(StrEnum):
    """Who wrote a serialised config."""

    TRUSTED = "trusted"
    """The program itself or its operator: every option may be set."""
    UNTRUSTED = "untrusted"
    """Someone else, such as the sender of a network request: see `nephila.options.untrusted`."""
