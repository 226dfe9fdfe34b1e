"""Reading a page: bytes and options in, a document out. The one entry is `read`."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache

import turbohtml

from nephila.errors import ErrorCode, ReadError
from nephila.extract import cleaning, formulas, hidden_text, selection
from nephila.extract.addresses import Addresses, base_url_of
from nephila.extract.faults import blame
from nephila.extract.held_back import body_of_frameset, release
from nephila.extract.inventory import Inventory, take_inventory
from nephila.extract.links import resolve_links
from nephila.extract.main_content import PageHints
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.extract.media import read_media
from nephila.extract.metadata import read_metadata
from nephila.extract.pdf import can_read_pdf, read_pdf
from nephila.extract.plain import kind_of, read_plain
from nephila.extract.restore import restore
from nephila.extract.structured.run import extract_from_text, extract_from_tree, works_on_tree
from nephila.extract.tables import DefaultTableExtraction, NoTableExtraction
from nephila.html.decode import charset_label, decode, parse_html
from nephila.html.inflate import inflate
from nephila.html.needs_scripts import needs_scripts
from nephila.models import Document, MarkdownGenerationResult, RawPage, Table
from nephila.net.url import is_raw, redacted
from nephila.options.enums import HiddenText
from nephila.options.reading import ReadingOptions

_LOGGER = logging.getLogger("nephila.extract")


def read(page: RawPage, options: ReadingOptions) -> Document:
    """Read a page; whatever its bytes are, this returns and never raises.

    A failure is in the document's `error` and `error_code`, beside everything that could be read. Time is linear in
    the size of the page, and memory is bounded by `max_decoded_bytes`.

    Args:
        page: The bytes and where they came from.
        options: What to read. Objects in it (a Markdown generator, a table extraction) are called, not changed.
    """
    document = Document(kind="binary")
    try:
        inflated = inflate(page.body, page.content_encoding, options.max_decoded_bytes, options.max_decoded_ratio)
        if inflated.error is not None:
            document.error, document.error_code = inflated.message, inflated.error
        kind = kind_of(page.content_type, inflated.data)
        if kind == "html":
            document.kind = kind
            _PageReading(page, inflated.data, options, document).run()
            return document
        if kind == "pdf" and can_read_pdf():
            _read_pdf(page, inflated.data, options, document)
            return document
        plain = read_plain(kind, page, inflated.data)
        plain.error, plain.error_code = document.error, document.error_code
        if options.css_selector or options.target_elements:
            plain.warnings.append(f"css_selector and target_elements apply to HTML; this body is {kind}.")
        if options.extraction_strategy is not None and kind != "binary" and not options.prefetch:
            extract_from_text(page.url, decode(inflated.data, plain.encoding or "UTF-8"), options, plain)
        return plain
    except ReadError as error:
        document.error, document.error_code = str(error), error.code
    except Exception as error:
        # The boundary: one page must not end a crawl.
        _LOGGER.debug("reading %s failed", redacted(page.url), exc_info=True)
        document.error = f"The page could not be read: {type(error).__name__}: {error}"
        document.error_code = ErrorCode.READ
    return document


def _read_pdf(page: RawPage, body: bytes, options: ReadingOptions, document: Document) -> None:
    """Read a PDF as the HTML page that is made of it."""
    document.kind = "pdf"
    pages = read_pdf(body, options.pdf_max_pages, options.max_decoded_bytes)
    document.metadata, document.warnings = pages.metadata, pages.warnings
    options = replace(options, keep_attrs=[*options.keep_attrs, "data-page"])
    as_html = RawPage(page.url, pages.html.encode("utf-8", "replace"), "text/html; charset=utf-8")
    _PageReading(as_html, as_html.body, options, document).run()
    # The text has an encoding, the file has none.
    document.encoding = None
    document.metadata = pages.metadata


@lru_cache(maxsize=1)
def _default_generator() -> DefaultMarkdownGenerator:
    """The generator of a config without one; it keeps nothing from page to page."""
    return DefaultMarkdownGenerator()


class _PageReading:
    """One HTML page on its way to a document."""

    def __init__(self, page: RawPage, body: bytes, options: ReadingOptions, document: Document) -> None:
        self.options = options
        self.document = document
        self.body_bytes = body
        self.tree, document.encoding = parse_html(body, charset_label(page.content_type))
        self.url = page_url = page.url
        if is_raw(page_url):
            page_url = options.base_url or ""
        self.addresses = Addresses(page_url, base_url_of(self.tree, page_url))
        self.body = self._body()

    def _body(self) -> turbohtml.Element:
        """The element that holds the content; a frameset page has none, so its root serves."""
        root = self.tree.root
        body = self.tree.find("body")
        if body is None and root is not None:
            body = body_of_frameset(root) or root
        if body is None:
            raise ReadError(ErrorCode.READ, "The page has no element at all.")
        return body

    def run(self) -> None:
        """Fill the document, each step working on the tree that the one before left."""
        options, document, body = self.options, self.document, self.body
        document.needs_scripts = needs_scripts(self.tree)
        if not options.prefetch:
            document.metadata = read_metadata(self.tree, self.addresses.base_url)
        if options.hidden_text is not HiddenText.DROP:
            hidden_text.uncover(body)
        inventory = take_inventory(body)
        released = release(body, inventory)
        inventory.has_math |= restore(body, self.tree, has_math_library=formulas.loads_library(self.tree))
        if self._select() or released:
            inventory = take_inventory(body)
        html = "" if options.prefetch or options.extraction_strategy is None else self._extract_from_tree()
        document.links, dropped = resolve_links(inventory.anchors, self.addresses, options, body)
        if options.prefetch:
            return
        if dropped:
            inventory = take_inventory(body)
        document.media = read_media(self.tree, body, inventory, self.addresses, options)
        document.tables = self._tables(inventory)
        if options.target_elements:
            self._keep_targets()
        hidden_text.treat(self.tree, body, options.hidden_text)
        clean = cleaning.clean(body, options, has_math=inventory.has_math)
        if inventory.breaks > cleaning.MANY_BREAKS:
            cleaning.collapse_breaks(clean)
        if options.keep_attrs:
            # One of them may hold an address.
            clean.rewrite_links(lambda reference: self.addresses[reference][0])
        document.cleaned_html = cleaning.serialize(clean, options)
        document.markdown = self._markdown(clean)
        if options.extraction_strategy is not None and not works_on_tree(options.extraction_strategy):
            extract_from_text(self.url, html, options, document)

    def _select(self) -> bool:
        """Apply the options that say which part of the page is read; returns whether the tree may have changed."""
        options = self.options
        if options.css_selector and not selection.apply_css_selector(self.body, self.tree, options.css_selector):
            self.document.warnings.append(f"css_selector {options.css_selector!r} matches nothing on this page.")
        excluded = selection.apply_exclusions(self.body, options)
        return excluded or options.css_selector is not None

    def _extract_from_tree(self) -> str:
        """Extract by schema before links are changed; returns the page's HTML when another strategy asks for it."""
        options, strategy = self.options, self.options.extraction_strategy
        if works_on_tree(strategy):
            extract_from_tree(self.tree, options, self.document)
            return ""
        if strategy is None or strategy.input_format != "html":
            return ""
        if options.css_selector or options.excluded_tags or options.excluded_selector or options.remove_forms:
            return self.body.serialize()
        return decode(self.body_bytes, self.document.encoding or "UTF-8")

    def _keep_targets(self) -> None:
        """Reduce the tree to the `target_elements`, after links and media were read from the whole page."""
        matches = selection.target_matches(self.body, self.options.target_elements)
        if not matches:
            names = ", ".join(self.options.target_elements)
            self.document.warnings.append(f"target_elements {names!r} match nothing on this page.")
        selection.keep_only(self.body, matches)

    def _tables(self, inventory: Inventory) -> list[Table]:
        extraction = self.options.table_extraction
        if extraction is None:
            extraction = DefaultTableExtraction(self.options.table_score_threshold)
        if isinstance(extraction, NoTableExtraction):
            return []
        if type(extraction).extract_tables is DefaultTableExtraction.extract_tables:
            assert isinstance(extraction, DefaultTableExtraction)
            return extraction.read_tables(inventory.tables)
        try:
            return extraction.extract_tables(self.body.serialize())
        except Exception as error:  # noqa: BLE001 (the caller's code)
            self._blame("table_extraction", extraction, error)
            return []

    def _markdown(self, clean: turbohtml.Element) -> MarkdownGenerationResult:
        generator = self.options.markdown_generator or _default_generator()
        base_url = self.addresses.base_url
        is_default = type(generator).generate_markdown is DefaultMarkdownGenerator.generate_markdown
        try:
            if is_default:
                assert isinstance(generator, DefaultMarkdownGenerator)
                root = self._source_tree(generator.content_source, clean)
                hints = PageHints.of(self.document.metadata, base_url)
                return generator.generate(root, base_url, only_text=self.options.only_text, hints=hints)
            made: object = generator.generate_markdown(self._source(generator.content_source, clean), base_url=base_url)
            if not isinstance(made, MarkdownGenerationResult):
                raise TypeError(f"it returned a {type(made).__name__} instead of a MarkdownGenerationResult")
            return made
        except Exception as error:
            # The caller's code, unless it is the built-in generator.
            if self.options.markdown_generator is None:
                raise
            self._blame("markdown_generator", generator, error)
            return MarkdownGenerationResult()

    def _source_tree(self, content_source: str, clean: turbohtml.Element) -> turbohtml.Element:
        """The tree the built-in Markdown generator works on."""
        if content_source == "fit_html":
            # All of the page where no part stands out.
            return clean.main_content() or clean
        if content_source == "raw_html":
            tree, _ = parse_html(self.body_bytes, self.document.encoding or "")
            root = tree.find("body") or tree.root or clean
            root.rewrite_links(lambda reference: self.addresses[reference][0])
            cleaning.collapse_breaks(root)
            return root
        return clean

    def _source(self, content_source: str, clean: turbohtml.Element) -> str:
        """The HTML a Markdown generator of the caller is given."""
        if content_source == "raw_html":
            return decode(self.body_bytes, self.document.encoding or "UTF-8")
        if content_source == "fit_html":
            return (clean.main_content() or clean).serialize()
        return self.document.cleaned_html

    def _blame(self, option: str, strategy: object, error: Exception) -> None:
        """Record that a strategy of the caller raised."""
        blame(self.document, option, strategy, error)
