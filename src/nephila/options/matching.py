"""Which URLs a config is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TypeAlias, TypeVar

from nephila.options.base import Config
from nephila.options.enums import MatchMode

UrlPredicate: TypeAlias = Callable[[str], bool]


class MatchingOptions(Config):
    """Which URLs the config is for, when there is a choice of several.

    Attributes:
        url: Kept for its name; the URL of a visit is given to `arun`.
        url_matcher: A glob pattern for the whole URL (`*` also matches `/`; case matters, on every system), a
            function of the URL, or a list of these. None matches every URL.
        match_mode: Whether one item of the list is enough (OR) or every one must match (AND).
    """

    url: str | None = None
    url_matcher: str | UrlPredicate | list[str | UrlPredicate] | None = None
    match_mode: MatchMode = MatchMode.OR

    def is_match(self, url: str) -> bool:
        """Say whether the config is for `url`; an empty list matches nothing.

        Raises:
            Exception: Whatever a function in `url_matcher` raises.
        """
        matcher = self.url_matcher
        if matcher is None:
            return True
        if not isinstance(matcher, list):
            return _matches(matcher, url)
        if self.match_mode is MatchMode.AND:
            return bool(matcher) and all(_matches(item, url) for item in matcher)
        return any(_matches(item, url) for item in matcher)


def _matches(matcher: str | UrlPredicate, url: str) -> bool:
    return fnmatchcase(url, matcher) if isinstance(matcher, str) else bool(matcher(url))


Matching = TypeVar("Matching", bound=MatchingOptions)


def select_config(url: str, configs: Iterable[Matching]) -> Matching | None:
    """Return the first config that is for `url`, or None.

    Raises:
        Exception: Whatever a function in a `url_matcher` raises.
    """
    return next((config for config in configs if config.is_match(url)), None)
