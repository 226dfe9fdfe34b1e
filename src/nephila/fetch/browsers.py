"""Which browsers can be impersonated, known without loading what does it."""

from __future__ import annotations

import importlib.util
from typing import Final, get_args

INSTALL: Final = 'pip install "nephila[impersonate]"'


def can_impersonate() -> bool:
    """Whether the extra `impersonate` is installed."""
    return importlib.util.find_spec("curl_cffi") is not None


def known_browsers() -> frozenset[str]:
    """The browsers that can be impersonated; names without a version mean the newest one known.

    Raises:
        ImportError: The extra `impersonate` is not installed.
    """
    from curl_cffi.requests.impersonate import BrowserTypeLiteral

    return frozenset(get_args(BrowserTypeLiteral))
