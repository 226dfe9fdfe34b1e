"""Whether a site lets the crawler have a URL (its robots.txt), and have used what came (robots directives)."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace

from nephila.attempt import Attempt
from nephila.errors import ErrorCode, FetchError
from nephila.fetch.robots import SiteRobots, user_agent_of
from nephila.models import Links, Media, Request
from nephila.net import url as urls
from nephila.net.robots import product_tokens
from nephila.net.robots_tag import forbids_follow, forbids_index, header_directives, meta_directives
from nephila.options import CrawlerRunConfig
from nephila.plan import VisitPlan
from nephila.result import NO_MARKDOWN, CrawlResult, StringCompatibleMarkdown
from nephila.rooms import Rooms

DENIED = "Access denied by robots.txt"
"""How the sentence of a refusal begins."""


async def ask_first(
    request: Request, config: CrawlerRunConfig, rooms: Rooms, attempt: Attempt | None, deadline: float
) -> None:
    """Ask the robots.txt of the request's host, when the config says so, and have every redirect ask too.

    Raises:
        FetchError: The URL may not be fetched (`ROBOTS`), or nobody could say before the deadline (`TIMEOUT`).
        PostponedError: The file is being fetched for another visit; this one comes back when it is there.
    """
    if not config.check_robots_txt or not request.url.startswith(("http:", "https:")):
        return
    if attempt is not None and rooms.robots.known(request) is None:
        under_way = rooms.robots.under_way(request)
        if under_way is not None:
            attempt.postpone_until(request.url, under_way)
    ask = functools.partial(_ask, request, config, rooms, attempt, deadline)
    request.before_hop = ask
    await ask(request.url)


async def _ask(
    request: Request, config: CrawlerRunConfig, rooms: Rooms, attempt: Attempt | None, deadline: float, url: str
) -> None:
    """Ask about one URL of the request's redirect chain."""
    site = await _site_robots(request, rooms, attempt, deadline, url)
    if site.unavailable:
        raise FetchError(ErrorCode.ROBOTS, f"{DENIED}: {site.unavailable}")
    group = site.group_for(product_tokens(user_agent_of(request.headers)))
    if not group.allows(url):
        file = f"{urls.origin_of(url)}/robots.txt"
        raise FetchError(ErrorCode.ROBOTS, f"{DENIED}: {file} disallows {urls.redacted(url)}.")
    if attempt is not None:
        attempt.crawl_delay(url, min(group.crawl_delay or 0.0, config.max_crawl_delay))


async def _site_robots(
    request: Request, rooms: Rooms, attempt: Attempt | None, deadline: float, url: str
) -> SiteRobots:
    target = replace(request, url=url)
    known = rooms.robots.known(target)
    if known is not None:
        return known
    try:
        async with asyncio.timeout_at(deadline):
            return await rooms.robots.of(target, attempt.sent if attempt is not None else None)
    except TimeoutError:
        message = "The host's robots.txt did not arrive before the deadline (page_timeout)."
        raise FetchError(ErrorCode.TIMEOUT, message) from None


def heed_directives(result: CrawlResult, plan: VisitPlan) -> None:
    """Report what `X-Robots-Tag` and the robots meta elements say, and do as they say when the config wants it.

    `noindex` withholds the page's content, `nofollow` its links, `none` both.
    """
    header = result.response_headers.get("x-robots-tag") or ""
    if not (header or "robots" in result.metadata or "robots_agents" in result.metadata):
        return
    tokens = product_tokens(user_agent_of(plan.headers))
    directives = dict.fromkeys(header_directives(header, tokens) + meta_directives(result.metadata, tokens))
    result.robots = list(directives)
    if not plan.config.obey_robots_meta:
        return
    if forbids_follow(directives):
        result.links = Links(internal=[], external=[])
    if forbids_index(directives):
        _withhold(result)


def _withhold(result: CrawlResult) -> None:
    """Keep of a page what is not its content: status, headers, links, and what it says to robots."""
    result.html, result.body = "", b""
    result.cleaned_html = result.fit_html = result.extracted_content = None
    result.markdown = StringCompatibleMarkdown(NO_MARKDOWN)
    result.media = Media(images=[], videos=[], audios=[])
    result.tables = []
    result.metadata = {name: value for name, value in result.metadata.items() if name in ("robots", "robots_agents")}
    if result.success:
        result.success = False
        result.error_code = ErrorCode.ROBOTS
        result.error_message = "The page asks not to be used (noindex), and obey_robots_meta is set."
