"""Faults of the caller's own code, as part of what was read."""

from __future__ import annotations

import logging

from nephila.errors import ErrorCode
from nephila.models import Document

_LOGGER = logging.getLogger("nephila.extract")


def blame(document: Document, option: str, strategy: object, error: BaseException) -> None:
    """Record that a strategy of the caller raised; what was read besides is kept."""
    _LOGGER.debug("%s raised", option, exc_info=error)
    document.error = f"{option} {type(strategy).__name__} raised {type(error).__name__}: {error}"
    document.error_code = ErrorCode.USER_CODE
