"""Whether a page may come from the page cache."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.enums import CacheMode
from nephila.options.rules import AtLeast, NoneMeans, PositiveInt, Retired


class CacheOptions(Config):
    """The page cache.

    Attributes:
        cache_mode: What may be read and written; a string such as `"bypass"` works too, None means ENABLED.
        cache_ttl: Seconds for which a cached page is used without asking, whatever its headers say; it also keeps pages
            that the server asks not to keep. None follows the headers (RFC 9111); a page that says nothing is used for
            a tenth of the time since it was modified, at most a day, and for an hour when that is unknown too.
        check_cache_freshness: Ask the server whether a cached page is still the same before using it; when it does not
            answer, the cached page is used.
        cache_validation_timeout: Seconds for that question.
        cache_max_bytes: What the cache may take on disk; beyond it the pages go that were not used for longest.
        bypass_cache: Retired, False is accepted: use `cache_mode=CacheMode.BYPASS`.
        disable_cache: Retired, False is accepted: use `cache_mode=CacheMode.DISABLED`.
        no_cache_read: Retired, False is accepted: use `cache_mode=CacheMode.WRITE_ONLY`.
        no_cache_write: Retired, False is accepted: use `cache_mode=CacheMode.READ_ONLY`.
    """

    cache_mode: Annotated[CacheMode, NoneMeans(CacheMode.ENABLED)] = CacheMode.BYPASS
    cache_ttl: Annotated[float, AtLeast(0)] | None = None
    check_cache_freshness: bool = False
    cache_validation_timeout: Annotated[float, AtLeast(0.001)] = 10.0
    cache_max_bytes: PositiveInt = 1 << 30
    bypass_cache: Annotated[bool, Retired("cache_mode=CacheMode.BYPASS")] = False
    disable_cache: Annotated[bool, Retired("cache_mode=CacheMode.DISABLED")] = False
    no_cache_read: Annotated[bool, Retired("cache_mode=CacheMode.WRITE_ONLY")] = False
    no_cache_write: Annotated[bool, Retired("cache_mode=CacheMode.READ_ONLY")] = False
