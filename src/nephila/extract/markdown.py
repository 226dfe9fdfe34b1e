"""From a page's tree to Markdown."""

from __future__ import annotations

from copy import deepcopy
from enum import Enum
from typing import TypeGuard

import turbohtml

from nephila.errors import ConfigError
from nephila.extract import formulas
from nephila.extract.bm25 import BM25ContentFilter
from nephila.extract.citations import DeferredCitations, convert_links_to_citations
from nephila.extract.main_content import MainContentFilter, PageHints
from nephila.extract.markdown_options import MarkdownOptions
from nephila.extract.markdown_text import finish, resolve
from nephila.extract.markdown_tree import prepare
from nephila.extract.pruning import PruningContentFilter
from nephila.extract.restore import restore
from nephila.models import JSONValue, MarkdownGenerationResult
from nephila.options.strategies import MarkdownGenerationStrategy, RelevantContentFilter

_NEVER_TEXT = "script, style, template, svg, canvas, iframe, object, embed"
"""What a whole page may hold and a browser shows no text of."""

CONTENT_SOURCES = ("cleaned_html", "raw_html", "fit_html")


class Default(Enum):
    """Stands for a parameter that is not given, where None has a meaning of its own."""

    FILTER = "MainContentFilter()"


class DefaultMarkdownGenerator(MarkdownGenerationStrategy):
    """Writes GitHub Flavored Markdown.

    Args:
        content_filter: Chooses what becomes `fit_markdown`; `MainContentFilter()` unless one is given. With None
            `fit_markdown` and `fit_html` are None, and reading takes about half the time.
        options: See `nephila.extract.markdown_options.MarkdownOptions`.
        content_source: What the crawler gives to `generate`: `cleaned_html` (the cleaned tree), `raw_html` (the whole
            page) or `fit_html` (the page's main content).

    Raises:
        ConfigError: An option is unknown or has a wrong value, or `content_source` is none of the three.
    """

    def __init__(
        self,
        content_filter: RelevantContentFilter | Default | None = Default.FILTER,
        options: dict[str, JSONValue] | None = None,
        content_source: str = "cleaned_html",
    ) -> None:
        chosen = MainContentFilter() if isinstance(content_filter, Default) else content_filter
        super().__init__(chosen, options, content_source)
        if content_source not in CONTENT_SOURCES:
            raise ConfigError(f"content_source is one of {', '.join(CONTENT_SOURCES)}, not {content_source!r}.")
        self._writer: _Writer | None = _Writer(MarkdownOptions.from_mapping(self.options))

    def __getstate__(self) -> dict[str, object]:
        # The renderer's configuration may hold functions, which cannot be sent to another process.
        return {**self.__dict__, "_writer": None}

    def generate(
        self, root: turbohtml.Node, base_url: str, *, only_text: bool = False, hints: PageHints | None = None
    ) -> MarkdownGenerationResult:
        """Write the tree under `root`.

        The tree is used up: links, images and code blocks in it are changed for the renderer, so serialise it first
        if its HTML is wanted.

        Args:
            root: A document, element or fragment whose URLs are absolute.
            base_url: The page's own URL, to tell links within the page.
            only_text: Plain text with block structure instead of Markdown, in every variant.
            hints: What is known of the page beside `root`, for `MainContentFilter`.

        Raises:
            Exception: Whatever a content filter of the caller raises.
        """
        if self._writer is None:
            self._writer = _Writer(MarkdownOptions.from_mapping(self.options))
        return self._writer.write(root, base_url, self.content_filter, only_text=only_text, hints=hints)

    def generate_markdown(
        self,
        input_html: str,
        base_url: str = "",
        html2text_options: dict[str, JSONValue] | None = None,
        options: dict[str, JSONValue] | None = None,
        content_filter: RelevantContentFilter | None = None,
        citations: bool = True,
    ) -> MarkdownGenerationResult:
        """Write `input_html`, whose relative links resolve against `base_url`.

        Args:
            input_html: A page or a part of one.
            base_url: The page's URL; relative links stay relative when it is empty.
            html2text_options: Options for this call instead of `options` and the generator's own.
            options: Options for this call instead of the generator's own.
            content_filter: A filter for this call instead of the generator's own.
            citations: Also write the variant with numbered marks; otherwise it equals `raw_markdown`.

        Raises:
            ConfigError: An option is unknown or has a wrong value.
        """
        writer = _Writer(MarkdownOptions.from_mapping(html2text_options or options or self.options))
        tree = turbohtml.parse(input_html, positions=False)
        body = tree.find("body")
        if body is not None:
            restore(body, tree, has_math_library=formulas.loads_library(tree))
        tree.remove(_NEVER_TEXT)
        base = tree.base_url(base_url)
        if base:
            tree.resolve_links(base)
        return writer.write(tree, base_url, content_filter or self.content_filter, citations=citations)

    def convert_links_to_citations(self, markdown: str, base_url: str = "") -> tuple[str, str]:
        """See `nephila.extract.citations.convert_links_to_citations`."""
        return convert_links_to_citations(markdown, base_url)


class _Writer:
    """The options with the renderer's configuration made from them."""

    def __init__(self, options: MarkdownOptions) -> None:
        self._options = options
        self._renderer = options.renderer()
        self._inline_renderer = self._renderer
        if not options.inline_links:
            self._inline_renderer = options.with_inline_links().renderer()

    def write(
        self,
        root: turbohtml.Node,
        base_url: str,
        content_filter: RelevantContentFilter | None,
        *,
        citations: bool = True,
        only_text: bool = False,
        hints: PageHints | None = None,
    ) -> MarkdownGenerationResult:
        """Write every variant."""
        # A filter of the caller is shown the HTML as it came; the built-in ones need not parse it again.
        built_in = content_filter if _works_on_trees(content_filter) else None
        finder = content_filter if _finds_main_content(content_filter) else None
        source = "" if content_filter is None or built_in is not None or finder is not None else root.html
        # A filter takes the tree apart, and so does the renderer's preparation.
        untouched = None if built_in is None else deepcopy(root)
        result = MarkdownGenerationResult()
        blocks: list[str] | None = None
        if finder is not None:
            found = finder.find(root.serialize(inner=True), hints or PageHints(url=base_url))
            blocks = [found.html] if found.html else []
            result.page_type, result.fit_confidence = found.page_type, found.confidence
        if only_text:
            result.raw_markdown = result.markdown_with_citations = root.to_text()
        else:
            self._write_page(result, root, base_url, citations and self._options.citations)
        if content_filter is not None:
            if blocks is None:
                if built_in is not None and untouched is not None:
                    blocks = built_in.filter_tree(untouched)
                else:
                    blocks = content_filter.filter_content(source)
            result.fit_html = "\n".join(f"<div>{block}</div>" for block in blocks)
            fit_root = turbohtml.parse_fragment(result.fit_html)
            if only_text:
                result.fit_markdown = fit_root.to_text()
            else:
                known = prepare(fit_root, base_url, self._options)
                written = resolve(fit_root.to_markdown(self._renderer), known, self._options)
                result.fit_markdown = finish(written, self._options)
        return result

    def _write_page(
        self, result: MarkdownGenerationResult, root: turbohtml.Node, base_url: str, citations: bool
    ) -> None:
        options = self._options
        known = prepare(root, base_url, options)
        rendered = resolve(root.to_markdown(self._renderer), known, options)
        result.raw_markdown = result.markdown_with_citations = finish(rendered, options)
        if citations and not options.ignore_links:
            if options.leaves_as_rendered:
                result.defer_citations(DeferredCitations(rendered, base_url))
                return
            if not options.inline_links:
                rendered = resolve(root.to_markdown(self._inline_renderer), known, options)
            cited, result.references_markdown = convert_links_to_citations(rendered, base_url)
            result.markdown_with_citations = finish(cited, options.with_inline_links())


def _works_on_trees(
    content_filter: RelevantContentFilter | None,
) -> TypeGuard[PruningContentFilter | BM25ContentFilter]:
    """Whether a filter is a built-in one, and no subclass that chooses the blocks itself."""
    return isinstance(content_filter, PruningContentFilter | BM25ContentFilter) and type(
        content_filter
    ).filter_content in (PruningContentFilter.filter_content, BM25ContentFilter.filter_content)


def _finds_main_content(content_filter: RelevantContentFilter | None) -> TypeGuard[MainContentFilter]:
    return (
        isinstance(content_filter, MainContentFilter)
        and type(content_filter).filter_content is MainContentFilter.filter_content
    )
