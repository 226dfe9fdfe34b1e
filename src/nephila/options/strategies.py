"""The base classes of everything a caller can plug into a config; the built-in ones live with the stage they serve."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nephila.models import JSONValue, MarkdownGenerationResult, Table


class RelevantContentFilter(ABC):
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


class MarkdownGenerationStrategy(ABC):
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


class ChunkingStrategy(ABC):
    """Splits text into the pieces an extraction strategy is given."""

    @abstractmethod
    def chunk(self, text: str) -> list[str]:
        """Split `text`; the pieces may overlap."""


class TableExtractionStrategy(ABC):
    """Finds the data tables of a page."""

    @abstractmethod
    def extract_tables(self, html: str) -> list[Table]:
        """Return the tables of `html` in document order."""


class ExtractionStrategy(ABC):
    """Turns a page into structured data."""

    def __init__(self, input_format: str = "markdown", verbose: bool = False) -> None:
        self.input_format = input_format
        self.verbose = verbose

    @abstractmethod
    def extract(self, url: str, html: str) -> list[dict[str, JSONValue]]:
        """Return the records found in one piece of a page."""


class ContentScrapingStrategy:
    """Kept for its name: reading is one built-in stage here, see `nephila.extract`."""
