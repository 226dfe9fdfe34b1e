"""The robots.txt files of one event loop: each fetched once, whoever asks for it, and kept for a while."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from nephila.errors import CrawlerClosedError, ErrorCode, FetchError, ReadError
from nephila.fetch.base import Fetcher
from nephila.html.inflate import beginning
from nephila.models import Request, Response
from nephila.net import url as urls
from nephila.net.robots import MAX_BYTES, Group, RobotsFile, product_tokens

_DEADLINE: Final = 30.0
"""Seconds for one file, with all attempts at it."""

_ATTEMPTS: Final = 3
_FIRST_REST: Final = 0.5
"""Seconds before the second attempt, about; twice as long before the third."""

_MAX_REDIRECTS: Final = 10
"""At least five have to be followed (RFC 9309, section 2.3.1.2)."""

_LONGEST: Final = 86_400.0
"""Seconds a file is kept at most (RFC 9309, section 2.4)."""

_SHORTEST: Final = 300.0
"""Seconds it is kept at least, whatever `Cache-Control` says: a file is not fetched for every page."""

_FAILURE_KEPT: Final = 60.0
"""Seconds until a file that could not be had is asked for again."""

_LONG: Final = 65_536
"""Bytes of a file that takes more than a moment to read."""

_KEPT_SITES: Final = 10_000
_KEPT_BYTES: Final = 64_000_000
"""What the files and rules kept may take, about."""

_RULE_BYTES: Final = 400
"""What one rule takes, about."""

_SITE_BYTES: Final = 1_000
_HEADERS: Final = frozenset(("user-agent", "accept-encoding", "accept-language", "from"))
"""Headers of the visit that are sent: no credentials, since the file may be another origin's."""

_OF_THE_MOMENT: Final = frozenset((ErrorCode.CONNECT, ErrorCode.CONNECTION_LOST, ErrorCode.TIMEOUT))

_Site = tuple[str, str | None, bool]
"""Origin, proxy and whether certificates are checked: what decides which file is found."""


@dataclass(slots=True)
class SiteRobots:
    """What is known of the robots.txt of one origin.

    Attributes:
        content: The file, at most 500 KiB; empty when there is none.
        unavailable: Why nothing may be fetched for now, in a sentence; empty when the rules say what may.
        expires: Time on the loop's clock until which this counts.
        again: Whether another attempt may help at once.
    """

    content: bytes = b""
    unavailable: str = ""
    expires: float = 0.0
    again: bool = False
    sitemaps: list[str] = field(default_factory=list)
    _groups: dict[tuple[str, ...], Group] = field(default_factory=dict)

    def group_for(self, tokens: Sequence[str]) -> Group:
        """The rules for the crawler with these product tokens."""
        key = tuple(tokens)
        group = self._groups.get(key)
        if group is None:
            file = RobotsFile(self.content)
            if len(self._groups) >= 4:
                # Made-up User-Agents may be of any number.
                self._groups.clear()
            group = self._groups[key] = file.group_for(key)
            self.sitemaps = file.sitemaps
        return group

    def held_bytes(self) -> int:
        """About how much memory it takes."""
        # No rule is shorter than 12 bytes; those of this crawler are a part of the file.
        return len(self.content) * (1 + _RULE_BYTES // 12) + _SITE_BYTES


def user_agent_of(headers: Mapping[str, str]) -> str:
    """The `User-Agent` among request headers, whatever case its name is in."""
    return next((value for name, value in headers.items() if name.lower() == "user-agent"), "")


class RobotsRules:
    """Fetches the robots.txt of an origin once, however many visits ask for it, and keeps it.

    A file is kept for 24 hours, or as long as its `Cache-Control: max-age` says if that is shorter (but five minutes);
    one that could not be had for a minute. A file that is not there (4xx but 429) allows everything; a server that
    fails (5xx, 429) or cannot be reached allows nothing, once three attempts have failed. Belongs to one event loop.

    Args:
        fetcher_for: The fetcher for a URL.
    """

    def __init__(self, fetcher_for: Callable[[str], Fetcher]) -> None:
        self._fetcher_for = fetcher_for
        self._known: OrderedDict[_Site, SiteRobots] = OrderedDict()
        self._held = 0
        self._under_way: dict[_Site, asyncio.Task[None]] = {}
        self._closed = False

    def known(self, request: Request) -> SiteRobots | None:
        """What is known already of the origin of the request's URL."""
        site = _site(request)
        found = self._known.get(site)
        if found is None:
            return None
        if found.expires <= asyncio.get_running_loop().time():
            self._forget(site)
            return None
        self._known.move_to_end(site)
        return found

    def under_way(self, request: Request) -> asyncio.Task[None] | None:
        """The fetching of its robots.txt that has begun and not ended; never to be cancelled by who waits for it."""
        return self._under_way.get(_site(request))

    async def of(self, request: Request, sent: Callable[[str], None] | None = None) -> SiteRobots:
        """The robots.txt of the origin of the request's URL.

        Cancelling this does not cancel the fetching, which others may wait for.

        Args:
            request: The visit's request: the file is fetched with its User-Agent, proxy and TLS options.
            sent: Called with the URL of every request that leaves for it, if it is this call that begins it.

        Raises:
            CrawlerClosedError: It was closed meanwhile.
        """
        site = _site(request)
        while (found := self.known(request)) is None:
            if self._closed:
                raise CrawlerClosedError("The crawler was closed before the visit had ended.")
            task = self._under_way.get(site)
            if task is None:
                task = self._under_way[site] = asyncio.create_task(self._find(site, request, sent))
                task.add_done_callback(lambda ended: self._ended(site, ended))
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
        return found

    async def close(self) -> None:
        """End whatever is under way."""
        self._closed = True
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, site: _Site, task: asyncio.Task[None]) -> None:
        if self._under_way.get(site) is task:
            del self._under_way[site]
        if not task.cancelled():
            # Whoever waits raises it; nobody may be left who does.
            task.exception()

    async def _find(self, site: _Site, request: Request, sent: Callable[[str], None] | None) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _DEADLINE
        order = _request_for(site[0], request, sent)
        for attempt in range(_ATTEMPTS):
            found = await self._fetch(order, deadline)
            rest = _FIRST_REST * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
            if not found.again or attempt == _ATTEMPTS - 1 or loop.time() + rest >= deadline:
                break
            await asyncio.sleep(rest)
        if len(found.content) > _LONG:
            # Reading it would hold up everything else on the loop.
            await asyncio.to_thread(found.group_for, product_tokens(user_agent_of(request.headers)))
        self._keep(site, found)

    async def _fetch(self, order: Request, deadline: float) -> SiteRobots:
        try:
            response = await self._fetcher_for(order.url).fetch(order, deadline)
        except FetchError as error:
            return _failed(order.url, str(error), again=error.code in _OF_THE_MOMENT)
        return _received(order.url, response)

    def _keep(self, site: _Site, found: SiteRobots) -> None:
        self._forget(site)
        self._known[site] = found
        self._held += found.held_bytes()
        while len(self._known) > 1 and (len(self._known) > _KEPT_SITES or self._held > _KEPT_BYTES):
            self._forget(next(iter(self._known)))

    def _forget(self, site: _Site) -> None:
        old = self._known.pop(site, None)
        if old is not None:
            self._held -= old.held_bytes()


def _site(request: Request) -> _Site:
    return urls.origin_of(request.url), request.proxy, request.verify_tls


def _request_for(origin: str, request: Request, sent: Callable[[str], None] | None) -> Request:
    """The request for an origin's robots.txt, sent like that of the visit but with nothing that is for its page."""

    async def tell(url: str) -> None:
        if sent is not None:
            sent(url)

    headers = {name: value for name, value in request.headers.items() if name.lower() in _HEADERS}
    return replace(
        request,
        url=f"{origin}/robots.txt",
        method="GET",
        headers={**headers, "Accept": "text/plain,text/*;q=0.9,*/*;q=0.8"},
        body=None,
        cookies=(),
        cookie_jar=None,
        steps=None,
        validators=None,
        follow_meta_refresh=False,
        cut_body=True,
        follow_redirects=True,
        max_redirects=_MAX_REDIRECTS,
        max_body_bytes=MAX_BYTES,
        before_send=tell,
        before_hop=None,
    )


def _received(url: str, response: Response) -> SiteRobots:
    """What an answer means (RFC 9309, section 2.3.1)."""
    status, error = response.status, response.error
    expires = asyncio.get_running_loop().time() + _lifetime(response.headers.get("cache-control") or "")
    if error is ErrorCode.REDIRECT:
        # A chain that leads nowhere is no file (section 2.3.1.2).
        return SiteRobots(expires=expires)
    if error is not None and error is not ErrorCode.TOO_LARGE:
        return _failed(url, response.error_message, again=error in _OF_THE_MOMENT)
    if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return _failed(url, f"The server answered with status {status}.", again=True)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return SiteRobots(expires=expires)
    try:
        content = beginning(response.body, response.content_encoding, MAX_BYTES)
    except ReadError as error:
        return _failed(url, str(error))
    return SiteRobots(content, expires=expires)


def _failed(url: str, reason: str, *, again: bool = False) -> SiteRobots:
    """Nothing may be fetched while it is not known what may (RFC 9309, section 2.3.1.4)."""
    sentence = f"{urls.redacted(url)} could not be had. {reason}"
    return SiteRobots(unavailable=sentence, expires=asyncio.get_running_loop().time() + _FAILURE_KEPT, again=again)


def _lifetime(cache_control: str) -> float:
    """Seconds an answer is kept."""
    for directive in cache_control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-store", "no-cache"):
            return _SHORTEST
        if name == "max-age" and value.strip('"').isdecimal():
            return min(max(float(value.strip('"')[:12]), _SHORTEST), _LONGEST)
    return _LONGEST
