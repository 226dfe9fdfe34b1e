"""What visits share on one event loop: fetchers and reading workers, opened when needed, closed together."""

from __future__ import annotations

from nephila.errors import CrawlerClosedError
from nephila.extract.pool import ReaderPool
from nephila.fetch.base import Fetcher
from nephila.fetch.local import LocalFetcher


class Rooms:
    """The fetchers and the reading workers of one event loop."""

    def __init__(self) -> None:
        self.readers = ReaderPool()
        self._local = LocalFetcher()
        self._http: Fetcher | None = None
        self.closed = False

    def fetcher_for(self, url: str) -> Fetcher:
        """The fetcher for an admitted URL.

        Raises:
            CrawlerClosedError: The rooms are closed.
        """
        if self.closed:
            raise CrawlerClosedError("The crawler is closed.")
        if url[:4].lower() == "raw:" or url.startswith("file:"):
            return self._local
        if self._http is None:
            # Imported here: local input needs no HTTP client, which takes longer to load than all the rest.
            from nephila.fetch.http import HttpFetcher

            self._http = HttpFetcher()
        return self._http

    async def close(self) -> None:
        """Close everything; safe to call twice."""
        self.closed = True
        fetcher, self._http = self._http, None
        try:
            await self.readers.close()
        finally:
            if fetcher is not None:
                await fetcher.close()
