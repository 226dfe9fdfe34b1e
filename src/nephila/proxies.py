"""Which proxies a visit goes through, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nephila.errors import ConfigError, ErrorCode, FetchError
from nephila.fetch.base import IDEMPOTENT_METHODS
from nephila.judge import Verdict, failure
from nephila.models import JSONValue, Response
from nephila.net import url as urls
from nephila.net.hooks import called
from nephila.options import BrowserConfig, CrawlerRunConfig, ProxyConfig
from nephila.options.strategies import ProxyOutcome

BLOCKED_STATUSES: Final = frozenset((403, 429))
"""Answers that another proxy may not get."""

_OF_THE_WAY: Final = frozenset(
    (ErrorCode.PROXY, ErrorCode.CONNECT, ErrorCode.TIMEOUT, ErrorCode.CONNECTION_LOST, ErrorCode.BLOCKED)
)
"""Failures that may be gone with another proxy."""

_OF_THE_PROXY: Final = frozenset((ErrorCode.PROXY, ErrorCode.TIMEOUT, ErrorCode.CONNECTION_LOST))
"""Failures without an answer that are held against the proxy."""


@dataclass(frozen=True, slots=True)
class ProxyTry:
    """One try of a visit.

    Attributes:
        proxy: It went through; None for none.
        status_code: Of the answer; None when there was none.
        blocked: Whether the answer was a refusal that another proxy may not get.
        error: What failed.
        reason: The same in a sentence; empty when nothing did.
    """

    proxy: ProxyConfig | None
    status_code: int | None
    blocked: bool
    error: ErrorCode | None
    reason: str

    def to_dict(self) -> dict[str, JSONValue]:
        """As it stands in `crawl_stats["proxies_used"]`; passwords are left out."""
        return {
            "proxy": None if self.proxy is None else urls.redacted(self.proxy.server),
            "status_code": self.status_code,
            "blocked": self.blocked,
            "reason": self.reason,
        }


class Route:
    """The proxies of a config's visits; never changes the config.

    Args:
        config: Of the run; what it says about proxies goes before the crawler's.
        browser: Of the crawler.

    Raises:
        ConfigError: Options that do not go together.
    """

    def __init__(self, config: CrawlerRunConfig, browser: BrowserConfig) -> None:
        self._strategy = config.proxy_rotation_strategy
        self._session_id, self._ttl = config.proxy_session_id, config.proxy_session_ttl
        given = config.proxy_config
        if given is None:
            given = browser.proxy_config
        self._listed: Sequence[ProxyConfig | None] = given if isinstance(given, list) else [given]
        if self._strategy is None:
            for option in ("proxy_session_id", "proxy_session_ttl", "proxy_session_auto_release"):
                if getattr(config, option):
                    raise ConfigError(f"CrawlerRunConfig: {option} needs a proxy_rotation_strategy to ask.")
        elif config.proxy_config is not None:
            raise ConfigError(
                "CrawlerRunConfig: proxy_config and proxy_rotation_strategy both say which proxy to use; give one."
            )

    @property
    def names(self) -> Sequence[str]:
        """What pages that came this way have in common, for the page cache."""
        if self._strategy is not None:
            return ["rotation"]
        return [proxy.url() if proxy is not None else "" for proxy in self._listed]

    async def choices(self, url: str) -> Sequence[ProxyConfig | None]:
        """The proxies to try for one attempt at `url`, in their order; None stands for no proxy.

        Raises:
            FetchError: The strategy has no proxy, or raised.
        """
        if not url.startswith("http"):
            return [None]
        if self._strategy is None:
            return self._listed
        if self._session_id is not None:
            asked = called("proxy_rotation_strategy", self._strategy.get_proxy_for_session, self._session_id, self._ttl)
        else:
            asked = called("proxy_rotation_strategy", self._strategy.get_next_proxy)
        proxy = await asked
        if not isinstance(proxy, ProxyConfig):
            raise FetchError(ErrorCode.PROXY, "proxy_rotation_strategy has no proxy to offer, so nothing was sent.")
        return [proxy]

    def record(
        self, proxy: ProxyConfig | None, response: Response | None, verdict: Verdict, seconds: float
    ) -> ProxyTry:
        """Take note of a try, and tell the strategy.

        Raises:
            FetchError: The strategy raised.
        """
        status = response.status if response is not None else None
        blocked = status in BLOCKED_STATUSES or verdict.error is ErrorCode.BLOCKED
        tried = ProxyTry(proxy, status, blocked, verdict.error, verdict.message or "")
        if self._strategy is not None and proxy is not None:
            outcome = ProxyOutcome(_proxy_did_its_work(tried), status, seconds, tried.reason)
            try:
                self._strategy.record(proxy, outcome)
            except Exception as error:
                message = f"proxy_rotation_strategy raised {type(error).__name__}: {error}"
                raise FetchError(ErrorCode.USER_CODE, message) from error
        return tried


def _proxy_did_its_work(tried: ProxyTry) -> bool | None:
    if tried.error is ErrorCode.PROXY:
        return False
    if tried.status_code is not None:
        return True
    return False if tried.error in _OF_THE_PROXY else None


def goes_on(tried: ProxyTry, method: str) -> bool:
    """Whether the next proxy of the list is worth a try; what may have been carried out is not sent again."""
    if tried.error is ErrorCode.PROXY:
        return True
    return method in IDEMPOTENT_METHODS and (tried.blocked or tried.error in _OF_THE_WAY)


def all_failed(tries: Sequence[ProxyTry]) -> Verdict | None:
    """The verdict when no proxy worked; None when the last try's own says it all."""
    last = tries[-1] if tries else None
    if last is None or last.error is None or all(tried.proxy is None for tried in tries):
        return None
    of_proxies = [tried for tried in tries if tried.error is ErrorCode.PROXY]
    if not of_proxies or last.status_code not in (None, 407):
        return None
    listed = "; ".join(
        f"{'direct' if tried.proxy is None else urls.redacted(tried.proxy.server)}: {tried.reason.rstrip('.')}"
        for tried in tries
    )
    return failure(ErrorCode.PROXY, f"All proxies failed: {listed}.")


async def release_sessions(configs: Iterable[CrawlerRunConfig]) -> None:
    """Forget the proxies of sessions that end with their `arun_many`."""
    for config in configs:
        strategy, session_id = config.proxy_rotation_strategy, config.proxy_session_id
        if strategy is not None and session_id is not None and config.proxy_session_auto_release:
            await strategy.release_session(session_id)
