"""What visits share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(kw_only=True)
class SessionOptions:
    """State kept from one visit to the next.

    Attributes:
        session_id: Visits with the same id use the same browser page.
        shared_data: Handed to hooks as it is.
    """

    session_id: str | None = None
    shared_data: dict[str, object] | None = None
