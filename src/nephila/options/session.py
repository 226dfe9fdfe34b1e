"""What visits share."""

from __future__ import annotations

from nephila.options.base import Config


class SessionOptions(Config):
    """State kept from one visit to the next.

    Attributes:
        session_id: Visits with the same id share their cookies and, in a browser, their page; others share nothing.
            A session that no visit has used for 1800 seconds is forgotten.
        shared_data: Handed to hooks that name it, as it is.
    """

    session_id: str | None = None
    shared_data: dict[str, object] | None = None
