"""The `Retry-After` header (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import email.utils
import re
import time
from datetime import UTC

_SECONDS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?", re.ASCII)
"""A fraction is not standard, but meant well."""


def retry_after_seconds(value: str | None) -> float | None:
    """Seconds to wait, from a number of seconds or a date; None when absent or malformed, or when nothing is asked.

    Of a header that came several times, the first value counts.
    """
    if not value:
        return None
    value = value.strip()
    number = _SECONDS.match(value)
    if number is not None and value[number.end() :].lstrip()[:1] in ("", ","):
        seconds = float(number[0])
    else:
        try:
            date = email.utils.parsedate_to_datetime(value)
            # The obsolete form of a date has no zone; every HTTP date is in GMT.
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time.time()
        except (ValueError, OverflowError, TypeError, IndexError):
            return None
    return seconds if seconds > 0 else None
