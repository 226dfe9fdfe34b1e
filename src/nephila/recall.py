"""Between a visit and the network: a page is had from the cache when that is as good, and kept for the next time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from functools import partial

from nephila.attempt import Attempt
from nephila.changes import has_changed
from nephila.extract import wire
from nephila.fetching import Catch, fetch_page
from nephila.judge import RETRY_ERRORS, judge
from nephila.models import Document, JSONValue, Response
from nephila.net.url import is_raw
from nephila.options import CacheMode
from nephila.plan import VisitPlan
from nephila.result import CrawlResult
from nephila.rooms import Rooms
from nephila.store import freshness
from nephila.store.identity import content_digest, page_key
from nephila.store.page import PageUpdate, StoredPage

_READING = (CacheMode.ENABLED, CacheMode.READ_ONLY)
_WRITING = (CacheMode.ENABLED, CacheMode.WRITE_ONLY)

_NOT_MODIFIED = 304


@dataclass(slots=True)
class Found:
    """A page, fetched or remembered.

    Attributes:
        catch: What there is of it.
        document: What was read of it before, with the same options; None when it has to be read.
        memory: What keeps it; None when nothing shall.
    """

    catch: Catch
    document: Document | None = None
    memory: Memory | None = None


@dataclass(slots=True)
class Memory:
    """What is known of a page before and after it is fetched.

    Attributes:
        plan: The visit's.
        key: The page's name in the cache.
        options: The name of the way it is read; None when what is read cannot be kept.
        may_keep: Whether it may be written to the cache.
        stored: The copy that was there; None without one.
        asked_at: When the page was asked for, seconds since the epoch.
        confirmed: Whether the server said that the stored copy is still good.
    """

    plan: VisitPlan
    key: bytes
    options: bytes | None
    may_keep: bool
    stored: StoredPage | None = None
    asked_at: float = field(default_factory=time.time)
    confirmed: bool = False


async def obtain(address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None) -> Found:
    """The page at an admitted URL: from the cache when the config allows and the copy is fresh, else fetched."""
    mode = plan.config.cache_mode
    reading, writing = mode in _READING, mode in _WRITING
    if not (reading or writing) or not _is_cacheable(address, plan):
        return Found(await fetch_page(address, plan, rooms, result, attempt))
    use_unasked, may_keep = freshness.request_allows(plan.headers)
    key = page_key(plan.request(address), plan.headers, plan.route.names, plan.config.session_id, plan.impersonate)
    memory = Memory(plan, key, plan.reading_name, writing and may_keep)
    result.cache_status = "miss"
    if reading:
        memory.stored = await _look_up(memory, rooms)
    stored = memory.stored
    if stored is not None and use_unasked and not plan.config.check_cache_freshness and _is_fresh(stored, plan):
        if attempt is not None:
            attempt.spared()
        result.cache_status, result.changed = "hit", False
        result.crawl_stats = _stats_of_hit()
        return _found(memory, stored, result)
    return await _fetch_or_confirm(address, memory, rooms, result, attempt)


async def remember(found: Found, document: Document, rooms: Rooms, result: CrawlResult) -> None:
    """Keep a page that was read, when it is new, or its document is, or the server has confirmed it."""
    memory = found.memory
    if memory is None or found.catch.response is None:
        return
    response, stored = found.catch.response, memory.stored
    if found.document is None and stored is not None and not _is_copy(response, stored):
        result.changed = await has_changed(response, stored.response, document, _document(stored), rooms)
    page = _to_keep(memory, response, document)
    if page is None:
        return
    is_copy = stored is not None and _is_copy(response, stored)
    encoded = memory.options is not None and found.document is None
    if is_copy and not encoded and not memory.confirmed:
        return
    pack = partial(wire.encode, document) if encoded else None
    update = PageUpdate(memory.key, page, memory.options, pack, is_copy, memory.plan.config.cache_max_bytes)
    if await rooms.page_cache().keep(update):
        result.cached_at = page.stored_at


def _is_cacheable(address: str, plan: VisitPlan) -> bool:
    if plan.renders(address):
        # What scripts make of a page, and what is captured of it, is not kept.
        return False
    if plan.steps.needed:
        # Credentials and hooks make pages of their own, which nothing here can tell apart.
        return False
    if plan.method != "GET" or plan.body is not None or is_raw(address) or address.startswith("file:"):
        return False
    return not any(name.lower() == "range" or name.lower().startswith("if-") for name in plan.headers)


async def _look_up(memory: Memory, rooms: Rooms) -> StoredPage | None:
    """The stored page, unless fetching it afresh would come to a limit of the config that it did not come to then."""
    config = memory.plan.config
    stored = await rooms.page_cache().find(memory.key, memory.options)
    if stored is None:
        return None
    response = stored.response
    if (response.status or 0) >= 400 and config.fallback_fetch_function is not None:
        return None
    too_far = len(response.redirects) > config.max_redirects
    return None if too_far or len(response.body) > config.max_body_bytes else stored


def _is_fresh(stored: StoredPage, plan: VisitPlan) -> bool:
    response = stored.response
    ttl = plan.config.cache_ttl
    return freshness.is_fresh(response.status or 0, stored.chain, response.headers, stored.fetched_at, time.time(), ttl)


async def _fetch_or_confirm(
    address: str, memory: Memory, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> Found:
    """Fetch the page, or hear from the server that the copy is still good."""
    plan, stored = memory.plan, memory.stored
    checking = plan.config.check_cache_freshness and stored is not None
    asking = plan
    if stored is not None and (asked := freshness.validators(stored.response.headers)):
        asking = replace(asking, validators=(stored.response.url, asked))
    if checking:
        asking = replace(asking, timeout=min(plan.timeout, plan.config.cache_validation_timeout))
    memory.asked_at = time.time()
    catch = await fetch_page(address, asking, rooms, result, attempt)
    if catch.will_return:
        return Found(catch)
    catch.deadline += plan.timeout - asking.timeout
    if stored is not None and _confirms(catch, asking):
        assert catch.response is not None
        memory.confirmed = True
        stored = _confirmed(stored, catch.response, memory.asked_at)
        result.cache_status, result.changed = "hit_validated", False
        return _found(memory, stored, result, catch)
    if stored is not None and checking and _went_unanswered(catch):
        memory.may_keep = False
        result.cache_status, result.changed = "hit_fallback", None
        return _found(memory, stored, result, catch)
    if stored is not None and catch.response is not None and _is_copy(catch.response, stored):
        # Sent again, but the same: what was read of it then still holds.
        memory.confirmed = True
        result.changed, result.cached_at = False, stored.stored_at
        return Found(catch, _document(stored), memory)
    return Found(catch, None, memory)


def _confirms(catch: Catch, asking: VisitPlan) -> bool:
    response = catch.response
    if response is None or response.status != _NOT_MODIFIED or asking.validators is None:
        return False
    return response.error is None and response.url == asking.validators[0]


def _confirmed(stored: StoredPage, answer: Response, now: float) -> StoredPage:
    """The stored page with what the server's 304 has brought up to date."""
    response = replace(
        stored.response,
        headers=freshness.updated(stored.response.headers, answer.headers),
        redirects=answer.redirects,
        redirect_headers=answer.redirect_headers,
    )
    return replace(stored, response=response, fetched_at=now)


def _went_unanswered(catch: Catch) -> bool:
    response = catch.response
    if response is None or response.error in RETRY_ERRORS:
        return True
    return response.status is not None and response.status >= 500


def _is_copy(response: Response, stored: StoredPage) -> bool:
    """Whether a response is the stored one, as far as reading it goes."""
    old = stored.response
    if response is old:
        return True
    same = (response.status, response.url, response.content_type, response.content_encoding) == (
        (old.status, old.url, old.content_type, old.content_encoding)
    )
    return same and response.error is None and response.body == old.body


def _found(memory: Memory, stored: StoredPage, result: CrawlResult, catch: Catch | None = None) -> Found:
    """The stored page in place of a fetched one."""
    response = stored.response
    deadline = asyncio.get_running_loop().time() + memory.plan.timeout
    attempts = catch.attempts if catch is not None else 0
    memory.stored = stored
    result.cached_at = stored.stored_at
    return Found(Catch(response, judge(response), deadline, attempts), _document(stored), memory)


def _document(stored: StoredPage) -> Document | None:
    return wire.decode(stored.document) if stored.document is not None else None


def _to_keep(memory: Memory, response: Response, document: Document) -> StoredPage | None:
    """The page as it is to be kept; None when it is not."""
    if not memory.may_keep or response.error is not None or document.error:
        return None
    if len(response.redirect_headers) != len(response.redirects):
        return None
    chain = [
        (hop["status"], headers) for hop, headers in zip(response.redirects, response.redirect_headers, strict=True)
    ]
    plan = memory.plan
    if not freshness.may_store(response.status, chain, response.headers, plan.config.cache_ttl):
        return None
    if plan.config.session_id is not None and freshness.varies_by_cookie(response.headers):
        # The cookies of a session change, and its pages with them.
        return None
    stored = memory.stored
    if stored is not None and _is_copy(response, stored):
        fetched_at = memory.asked_at if memory.confirmed else stored.fetched_at
        return StoredPage(stored.url, response, stored.content, fetched_at, stored.stored_at)
    url = response.redirects[0]["url"] if response.redirects else response.url
    return StoredPage(url, response, content_digest(response.body), memory.asked_at, time.time())


def _stats_of_hit() -> dict[str, JSONValue]:
    return {
        "attempts": 0,
        "retries": 0,
        "proxies_used": [],
        "fallback_fetch_used": False,
        "fetched_by": "http",
        "fetched_because": "",
        "resolved_by": "cache",
    }
