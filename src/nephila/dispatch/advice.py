"""What the numbers of a run suggest, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from nephila.errors import ErrorCode

if TYPE_CHECKING:
    from nephila.dispatch.crawl_stats import CrawlStats, HostStats

_ENOUGH = 3
"""Fewer occurrences than this may be chance."""

_MOST = 0.5
"""The part of a host's visits from which on something is the rule."""

_HOSTS_NAMED = 5
"""Hosts named for one kind of advice; the others are counted."""


def advice_for(stats: CrawlStats) -> list[str]:
    """Sentences about what is worth changing; empty when nothing is."""
    sentences: list[str] = []
    for rule in (_too_fast, _timing_out, _unreachable, _unknown_name, _refusing):
        found = [sentence for host in stats.hosts if (sentence := rule(host)) is not None]
        sentences += found[:_HOSTS_NAMED]
        if len(found) > _HOSTS_NAMED:
            sentences.append(f"The same goes for {len(found) - _HOSTS_NAMED:,} more hosts.")
    sentences += _about_the_run(stats)
    return sentences


def _too_fast(host: HostStats) -> str | None:
    for status, meaning in (("429", "lower its concurrency or raise its delay"), ("503", "raise its delay")):
        count = host.statuses.get(status, 0)
        if count >= _ENOUGH:
            return f"{_name(host)} answered {status} {count:,} times: {meaning}."
    return None


def _of_most_visits(code: ErrorCode, sentence: Callable[[str, str], str]) -> Callable[[HostStats], str | None]:
    """A rule for hosts most of whose visits ended with a code."""

    def rule(host: HostStats) -> str | None:
        count = host.errors.get(code, 0)
        if count < _ENOUGH or count < _MOST * host.visits:
            return None
        return sentence(_name(host), f"{100 * count / host.visits:.0f} % of {host.visits:,} visits")

    return rule


_timing_out = _of_most_visits(
    ErrorCode.TIMEOUT,
    lambda host, share: (
        f"{host}: {share} timed out; it is down, or needs a longer page_timeout or fewer visits at once."
    ),
)
_unreachable = _of_most_visits(
    ErrorCode.CONNECT, lambda host, share: f"{host}: {share} found no connection; it may be down."
)
_unknown_name = _of_most_visits(
    ErrorCode.DNS, lambda host, share: f"{host}: its name could not be resolved in {share}; is it spelt right?"
)


def _refusing(host: HostStats) -> str | None:
    for status in ("403", "401"):
        count = host.statuses.get(status, 0)
        if count >= _ENOUGH and count >= _MOST * host.visits:
            share = f"{100 * count / host.visits:.0f} % of {host.visits:,} visits"
            return f"{_name(host)} answered {status} to {share}: it refuses this client or wants a login."
    return None


def _about_the_run(stats: CrawlStats) -> Iterator[str]:
    fewest, most = stats.fewest_permits, stats.most_permits
    if fewest is not None and most is not None and fewest < most:
        yield f"Memory pressure lowered the visits at once from {most} to {fewest}: give the process more memory."
    if stats.textless:
        yield (
            f"{_pages(stats.textless, 'HTML page')} held no text: what a browser would show there may be made by "
            "scripts, which do not run here."
        )
    for code, sentence in (
        (ErrorCode.USER_CODE, "{} failed in your own code (a matcher, hook or strategy): see error_message."),
        (ErrorCode.NO_CONFIG_MATCH, "{} matched no config: put one without a url_matcher last."),
        (ErrorCode.READER_CRASHED, "{} ended the process that was reading it: please report the page."),
        (ErrorCode.INTERNAL, "{} failed by a fault of the crawler: please report it."),
    ):
        count = stats.errors.get(code, 0)
        if count:
            yield sentence.format(_pages(count, "URL"))


def _pages(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("s" if count != 1 else "")


def _name(host: HostStats) -> str:
    return host.host or "Local input"
