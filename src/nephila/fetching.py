"""The bytes of a page: fetched, judged, repeated, and asked of the caller's own function when all else fails."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field

from nephila.allow import ask_first
from nephila.attempt import Attempt, Fetched
from nephila.errors import ErrorCode, FetchError
from nephila.fetch.base import IDEMPOTENT_METHODS, Fetcher
from nephila.judge import Outcome, Verdict, failure, judge
from nephila.models import JSONValue, Response
from nephila.net import url as urls
from nephila.plan import VisitPlan
from nephila.proxies import ProxyTry, all_failed, goes_on
from nephila.result import CrawlResult
from nephila.rooms import Rooms

logger = logging.getLogger("nephila.visit")

_RETRY_DELAY = 0.5
"""Seconds; doubled with every attempt, drawn with full jitter."""

_RETRY_DELAY_MAX = 30.0


@dataclass(slots=True)
class Catch:
    """What fetching a page came to.

    Attributes:
        response: The last one; None when there was none at all.
        verdict: What became of it.
        deadline: Time on the loop's clock until which the page may still be read.
        attempts: How often it was fetched.
        will_return: Whether the URL goes back to its queue, so that this visit is over.
        tries: Each fetch, with its proxy.
    """

    response: Response | None
    verdict: Verdict
    deadline: float
    attempts: int = 1
    will_return: bool = False
    tries: list[ProxyTry] = field(default_factory=list)


async def fetch_page(
    address: str, plan: VisitPlan, rooms: Rooms, result: CrawlResult, attempt: Attempt | None
) -> Catch:
    """Fetch an admitted URL.

    With an `attempt` once, and it says whether the URL comes back; without one, again while that is worth it. Each
    fetch has the whole of `page_timeout`.
    """
    if attempt is None:
        catch = await _fetch_repeatedly(address, plan, rooms)
    else:
        catch = await fetch_once(address, plan, rooms, attempt)
        catch.will_return = attempt.settle(_fetched(catch, plan))
    result.crawl_stats = _stats(address, catch, plan)
    if catch.will_return or catch.verdict.outcome is Outcome.OK or plan.config.fallback_fetch_function is None:
        return catch
    if catch.verdict.error is ErrorCode.ROBOTS:
        # What a site does not allow is not to be had in another way either.
        return catch
    rescued = await _fall_back(address, plan, result)
    if rescued is None:
        return catch
    deadline = asyncio.get_running_loop().time() + plan.timeout
    return Catch(rescued, judge(rescued), deadline, catch.attempts, tries=catch.tries)


async def _fetch_repeatedly(address: str, plan: VisitPlan, rooms: Rooms) -> Catch:
    """Fetch until it works or is not worth another attempt."""
    attempts = 0
    tries: list[ProxyTry] = []
    while True:
        attempts += 1
        catch = await fetch_once(address, plan, rooms, None)
        tries += catch.tries
        catch.attempts, catch.tries = attempts, tries
        may_repeat = plan.method in IDEMPOTENT_METHODS and attempts <= plan.config.max_retries
        if catch.verdict.outcome is not Outcome.RETRY_LATER or not may_repeat:
            return catch
        logger.debug("attempt %d at %s: %s", attempts, urls.redacted(address), catch.verdict.message)
        longest = min(_RETRY_DELAY * 2**attempts, _RETRY_DELAY_MAX)
        await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - jitter, no secret


async def fetch_once(address: str, plan: VisitPlan, rooms: Rooms, attempt: Attempt | None) -> Catch:
    """Fetch an admitted URL once, when there is room for it: through each of its proxies in turn, until one works.

    The attempt is asked when, but not told how it ended.
    """
    async with rooms.turn(address, plan) as fetcher:
        return await _fetch_by(fetcher, address, plan, rooms, attempt)


async def _fetch_by(fetcher: Fetcher, address: str, plan: VisitPlan, rooms: Rooms, attempt: Attempt | None) -> Catch:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + plan.timeout
    tries: list[ProxyTry] = []
    catch = Catch(None, failure(ErrorCode.PROXY, "There is no proxy to try."), deadline, tries=tries)
    try:
        choices = await plan.route.choices(address)
        for left, proxy in zip(range(len(choices), 0, -1), choices, strict=True):
            started = loop.time()
            request = plan.request(address, proxy, attempt.before_send if attempt is not None else None)
            # None of them may use up the time of those that follow.
            until = started + (deadline - started) / left
            try:
                await ask_first(request, plan.config, rooms, attempt, until)
                catch.response = await fetcher.fetch(request, until)
                catch.verdict = judge(catch.response)
            except FetchError as error:
                catch.response, catch.verdict = None, failure(error.code, str(error))
            tried = plan.route.record(proxy, catch.response, catch.verdict, loop.time() - started)
            tries.append(tried)
            if not goes_on(tried, plan.method):
                break
    except FetchError as error:
        catch.verdict = failure(error.code, str(error))
    catch.verdict = all_failed(tries) or catch.verdict
    return catch


def _fetched(catch: Catch, plan: VisitPlan) -> Fetched:
    """What matters about a fetch to whoever schedules visits."""
    response, verdict = catch.response, catch.verdict
    return Fetched(
        status=response.status if response is not None else None,
        error=verdict.error,
        retry_after=response.headers.get("retry-after") if response is not None else None,
        of_the_moment=verdict.outcome is Outcome.RETRY_LATER,
        repeatable=plan.method in IDEMPOTENT_METHODS,
        max_retries=plan.config.max_retries,
    )


async def _fall_back(address: str, plan: VisitPlan, result: CrawlResult) -> Response | None:
    """Ask the caller's own function for the page; None when it fails too."""
    assert plan.config.fallback_fetch_function is not None
    try:
        html: object = await plan.config.fallback_fetch_function(address)
    except asyncio.CancelledError:
        if is_cancelled():
            raise
        result.warnings.append("fallback_fetch_function was cancelled by itself.")
        return None
    except Exception as error:  # noqa: BLE001 - the caller's code; its failure becomes a warning on the result
        result.warnings.append(f"fallback_fetch_function raised {type(error).__name__}: {error}")
        return None
    if html is None:
        return None
    if not isinstance(html, str):
        result.warnings.append(f"fallback_fetch_function returned {type(html).__name__}; a string or None is expected.")
        return None
    result.crawl_stats |= {"fallback_fetch_used": True, "resolved_by": "fallback_fetch"}
    return Response.of_html(address, html)


def is_cancelled() -> bool:
    """Whether it is this very task that somebody cancelled."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _stats(address: str, catch: Catch, plan: VisitPlan) -> dict[str, JSONValue]:
    response = catch.response
    through_proxies = any(tried.proxy is not None for tried in catch.tries)
    proxies: list[JSONValue] = [tried.to_dict() for tried in catch.tries] if through_proxies else []
    last = catch.tries[-1].proxy if catch.tries else None
    return {
        "attempts": catch.attempts,
        "retries": catch.attempts - 1,
        "proxies_used": proxies,
        "fallback_fetch_used": False,
        "fetched_by": "browser" if plan.renders(address) else "http",
        "fetched_because": plan.why,
        "resolved_by": None if response is None else "proxy" if last is not None else "direct",
    }
