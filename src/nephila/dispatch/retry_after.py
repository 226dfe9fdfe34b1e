"""The `Retry-After` header (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import email.utils
import math
import time


def retry_after_seconds(value: str | None) -> float | None:
    """Seconds to wait, from a number of seconds or a date; None when absent or malformed."""
    if not value:
        return None
    value = value.strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
