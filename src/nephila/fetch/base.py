"""The seam between visits and the ways of getting bytes."""

from __future__ import annotations

from typing import Final, Protocol

from nephila.models import Request, Response

IDEMPOTENT_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))
"""Methods that may be repeated without asking (RFC 9110, section 9.2.2)."""


class Fetcher(Protocol):
    """Turns a `Request` into a `Response`; every implementation passes one shared test suite."""

    async def fetch(self, request: Request, deadline: float) -> Response:
        """Fetch `request`.

        A response that began but could not be completed is returned with its `error` set, so that its status and
        headers are not lost.

        Args:
            request: What to fetch.
            deadline: Time on the event loop's clock at which whatever has arrived is returned.

        Raises:
            FetchError: There was no response at all.
        """
        ...

    async def close(self) -> None:
        """Release every connection; the fetcher is not used again."""
        ...
