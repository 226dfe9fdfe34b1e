"""What visits share."""

from __future__ import annotations

from nephila.options.base import Config


class SessionOptions(Config):
    """State kept from one visit to the next.

    Attributes:
        session_id: Visits with the same id use the same browser page.
        shared_data: Handed to hooks as it is.
    """

    session_id: str | None = None
    shared_data: dict[str, object] | None = None
