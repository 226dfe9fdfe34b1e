"""The base classes of everything a caller can plug into a config; the built-in ones live with the stage they serve."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nephila.errors import ConfigError

if TYPE_CHECKING:
    from nephila.models import JSONValue, MarkdownGenerationResult, Table
    from nephila.options.proxy import ProxyConfig


class Strategy(ABC):  # noqa: B024  # what it has in common has a default
    """What every strategy can do: be written down as its name and parameters, and be built from them again."""

    def dump_params(self) -> dict[str, object]:
        """Return the constructor's keywords that build an equal strategy, without those at their defaults.

        The values come from the attributes of the same names; a strategy that keeps them elsewhere overrides this.

        Raises:
            ConfigError: A parameter has no attribute of its name.
        """
        params: dict[str, object] = {}
        for name, parameter in inspect.signature(type(self)).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if not hasattr(self, name):
                raise ConfigError(
                    f"{type(self).__name__} cannot be written down: it has no attribute {name!r} for the parameter of "
                    "that name. Give it one, or a dump_params method."
                )
            value = getattr(self, name)
            if value is not parameter.default and (parameter.default is None or value != parameter.default):
                params[name] = value
        return params


class RelevantContentFilter(Strategy):
    """Chooses the blocks of a page that become `fit_markdown`.

    Args:
        user_query: What the reader looks for, for filters that rank by it.
        verbose: Log what is kept and dropped at INFO instead of DEBUG.
    """

    def __init__(self, user_query: str | None = None, verbose: bool = False) -> None:
        self.user_query = user_query
        self.verbose = verbose

    @abstractmethod
    def filter_content(self, html: str, min_word_threshold: int | None = None) -> list[str]:
        """Return the HTML of the blocks to keep, in document order."""


class MarkdownGenerationStrategy(Strategy):
    """Turns HTML into Markdown.

    Args:
        content_filter: Chooses what becomes `fit_markdown`; None means no `fit_markdown`.
        options: How the Markdown is written.
        content_source: What it is made from: `cleaned_html`, `raw_html` or `fit_html`.
    """

    def __init__(
        self,
        content_filter: RelevantContentFilter | None = None,
        options: dict[str, JSONValue] | None = None,
        content_source: str = "cleaned_html",
    ) -> None:
        self.content_filter = content_filter
        self.options = dict(options or {})
        self.content_source = content_source

    @abstractmethod
    def generate_markdown(
        self,
        input_html: str,
        base_url: str = "",
        html2text_options: dict[str, JSONValue] | None = None,
        options: dict[str, JSONValue] | None = None,
        content_filter: RelevantContentFilter | None = None,
        citations: bool = True,
    ) -> MarkdownGenerationResult:
        """Convert `input_html`, whose relative links resolve against `base_url`."""


class ChunkingStrategy(Strategy):
    """Splits text into the pieces an extraction strategy is given."""

    @abstractmethod
    def chunk(self, text: str) -> list[str]:
        """Split `text`; the pieces may overlap."""


class TableExtractionStrategy(Strategy):
    """Finds the data tables of a page."""

    @abstractmethod
    def extract_tables(self, html: str) -> list[Table]:
        """Return the tables of `html` in document order."""


class ExtractionStrategy(Strategy):
    """Turns a page into structured data."""

    def __init__(self, input_format: str = "markdown", verbose: bool = False) -> None:
        self.input_format = input_format
        self.verbose = verbose

    @abstractmethod
    def extract(self, url: str, html: str) -> list[dict[str, JSONValue]]:
        """Return the records found in one piece of a page."""


class ContentScrapingStrategy(Strategy):
    """Kept for its name: reading is one built-in stage here, see `nephila.extract`.

    Attributes:
        is_built_in: Whether it stands for what that stage does anyway.
    """

    is_built_in: ClassVar[bool] = False


class DeepCrawlStrategy(Strategy):
    """Decides which links of a page are followed. What it must do is defined by the floor that follows them."""


@dataclass(frozen=True, slots=True)
class ProxyOutcome:
    """How one try through a proxy went.

    Attributes:
        ok: Whether the proxy did its work: True when an answer came through it, False when it failed, None when the
            try says nothing about the proxy.
        status_code: Of the answer; None when there was none.
        seconds: The try took.
        reason: What failed, in a sentence; empty when nothing did.
    """

    ok: bool | None
    status_code: int | None
    seconds: float
    reason: str = ""


class ProxyRotationStrategy(Strategy):
    """Chooses the proxy of each attempt; shared by concurrent visits."""

    @abstractmethod
    def add_proxies(self, proxies: list[ProxyConfig]) -> None:
        """Add proxies to choose from."""

    @abstractmethod
    async def get_next_proxy(self) -> ProxyConfig | None:
        """Return the proxy of the next attempt; None means that there is none, and then nothing is sent."""

    async def get_proxy_for_session(self, session_id: str, ttl: float | None = None) -> ProxyConfig | None:
        """Return the proxy that visits of a session keep, for `ttl` seconds from its choice or for good.

        Raises:
            ConfigError: The strategy keeps no sessions.
        """
        raise ConfigError(f"{type(self).__name__} keeps no sessions: proxy_session_id cannot be used with it.")

    async def release_session(self, session_id: str) -> None:
        """Forget the session's proxy."""

    def record(self, proxy: ProxyConfig, outcome: ProxyOutcome) -> None:
        """Take note of how a try through one of the proxies went; called after each."""
