"""The content filter that finds a page's main content, whatever kind of page it is."""

from __future__ import annotations

import turbohtml

from nephila.errors import ConfigError
from nephila.extract import cleaning
from nephila.extract.main_content.model import PAGE_TYPES
from nephila.extract.main_content.page_features import PageHints
from nephila.extract.main_content.selection import MainContent, Wishes, find_main_content
from nephila.extract.metadata import read_metadata
from nephila.options.content import ContentOptions
from nephila.options.strategies import RelevantContentFilter

FAVORS = {"precision": 2.0, "balance": 1.0, "recall": 0.4}
"""By what the odds a text needs are multiplied."""


class MainContentFilter(RelevantContentFilter):
    """Keeps the main content of a page, of articles, forums, products, collections, listings, documentation, services.

    First the kind of page is told from its numbers (words, links, prices, elements, class names, JSON-LD and Open Graph
    types, words in its URL), then for each text between two block borders how likely it is content, from its own
    numbers, those of the texts around it and of up to five containers around it. Both are gradient-boosted decision
    trees (Friedman, "Greedy function approximation", 2001) whose coefficients come with the package. Kept are the texts
    that give the highest expected F1 over words. What is kept has its links and inline markup, and rows of tables stay
    whole. A page that has text never comes out empty.

    Takes linear time whatever the page's depth.

    Args:
        page_type: The kind of page, when it is known: `article`, `service`, `product`, `collection`, `forum`,
            `listing` or `documentation`. None means to find out.
        favor: `balance`, or `precision` for less that does not belong there, or `recall` for less that is missing.
        min_word_threshold: Texts with fewer words are left out, headings and table cells excepted.

    Raises:
        ConfigError: `page_type` or `favor` is none of these.
    """

    def __init__(
        self, page_type: str | None = None, favor: str = "balance", min_word_threshold: int | None = None
    ) -> None:
        super().__init__()
        if page_type is not None and page_type not in PAGE_TYPES:
            raise ConfigError(f"page_type is one of {', '.join(PAGE_TYPES)} or None, not {page_type!r}.")
        if favor not in FAVORS:
            raise ConfigError(f"favor is one of {', '.join(FAVORS)}, not {favor!r}.")
        self.page_type = page_type
        self.favor = favor
        self.min_word_threshold = min_word_threshold

    def filter_content(self, html: str, min_word_threshold: int | None = None) -> list[str]:
        """Return the HTML of the main content: one string, or none for a page without text.

        Args:
            html: A page or a part of one.
            min_word_threshold: Instead of the filter's own, for this call.
        """
        tree = turbohtml.parse(html)
        hints = PageHints.of(read_metadata(tree, ""), "")
        body = tree.find("body") or tree.root
        if body is None:
            return []
        options = ContentOptions()
        found = self.find(cleaning.serialize(cleaning.clean(body, options), options), hints, min_word_threshold)
        return [found.html] if found.html else []

    def find(self, html: str, hints: PageHints, min_word_threshold: int | None = None) -> MainContent:
        """Find the main content in HTML that is clean and serialised already.

        Args:
            html: What `nephila.extract.cleaning` gives.
            hints: What is known of the page beside its content.
            min_word_threshold: Instead of the filter's own, for this call.
        """
        fewest = self.min_word_threshold if min_word_threshold is None else min_word_threshold
        return find_main_content(html, hints, Wishes(self.page_type, FAVORS[self.favor], fewest or 0))
