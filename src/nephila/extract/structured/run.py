"""From an extraction strategy and what was read of a page to `extracted_content`."""

from __future__ import annotations

import msgspec
import turbohtml

from nephila.extract.chunking import RegexChunking
from nephila.extract.faults import blame
from nephila.extract.structured.engine import ComputeError, Extraction
from nephila.extract.structured.regex import FORMATS, RegexExtractionStrategy
from nephila.extract.structured.strategies import NoExtractionStrategy, SchemaExtractionStrategy
from nephila.models import Document, JSONValue, representable
from nephila.options.reading import ReadingOptions
from nephila.options.strategies import ChunkingStrategy, ExtractionStrategy

TEXT_FORMATS = ("markdown", "fit_markdown")


def works_on_tree(strategy: ExtractionStrategy | None) -> bool:
    """Whether a strategy is a built-in one with a schema, and no subclass that reads the HTML itself."""
    return (
        isinstance(strategy, SchemaExtractionStrategy)
        and type(strategy).extract is SchemaExtractionStrategy.extract
        and type(strategy).run is ExtractionStrategy.run
    )


def extract_from_tree(tree: turbohtml.Node, options: ReadingOptions, document: Document) -> None:
    """Run a strategy for which `works_on_tree` holds."""
    strategy = options.extraction_strategy
    assert isinstance(strategy, SchemaExtractionStrategy)
    try:
        extraction = strategy.extract_tree(tree)
    except ComputeError as error:
        blame(document, "extraction_strategy", strategy, error)
        return
    _fill(document, strategy, extraction)


def extract_from_text(page_url: str, html: str, options: ReadingOptions, document: Document) -> None:
    """Run any other strategy on the format of the page it asks for.

    Args:
        page_url: Given to the strategy.
        html: The page as text, for the format `html`.
        options: Where the strategies are.
        document: What was read already; it is filled.
    """
    strategy = options.extraction_strategy
    if strategy is None or isinstance(strategy, NoExtractionStrategy):
        return
    if document.kind != "html" and isinstance(strategy, SchemaExtractionStrategy):
        _fill(document, strategy, Extraction([], [f"Schemas apply to HTML; this body is {document.kind}."]))
        return
    try:
        pieces = _pieces(strategy, _text(strategy, html, document), options.chunking_strategy)
        records: object = strategy.run(page_url, pieces)
        if not isinstance(records, list):
            raise TypeError(f"it returned a {type(records).__name__} instead of a list")
        _fill(document, strategy, Extraction(records))
    except Exception as error:  # noqa: BLE001 (the caller's code)
        blame(document, "extraction_strategy", strategy, error)


def _text(strategy: ExtractionStrategy, html: str, document: Document) -> str:
    """The format of the page a strategy asks for; without a content filter there is no fit one, so the whole page."""
    markdown = document.markdown
    match strategy.input_format:
        case "html":
            return html
        case "fit_html":
            return markdown.fit_html or document.cleaned_html
        case "cleaned_html":
            return document.cleaned_html
        case "fit_markdown":
            return markdown.fit_markdown or markdown.raw_markdown
        case "markdown":
            return markdown.raw_markdown
        case other:
            raise ValueError(f"input_format is one of {', '.join(FORMATS)}, not {other!r}")


def _pieces(strategy: ExtractionStrategy, text: str, chunking: ChunkingStrategy | None) -> list[str]:
    """HTML is one piece; Markdown is cut by the chunking strategy."""
    if strategy.input_format not in TEXT_FORMATS:
        return [text]
    if chunking is None:
        # Positions of matches are to be those in the page, unless the caller wants pieces.
        return [text] if isinstance(strategy, RegexExtractionStrategy) else RegexChunking().chunk(text)
    pieces: object
    try:
        pieces = chunking.chunk(text)
    except Exception as error:
        # The caller's code: named before the failure becomes the page's.
        raise RuntimeError(
            f"chunking_strategy {type(chunking).__name__} raised {type(error).__name__}: {error}"
        ) from error
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise TypeError(f"chunking_strategy {type(chunking).__name__} did not return a list of strings")
    return pieces


def _fill(document: Document, strategy: ExtractionStrategy, extraction: Extraction) -> None:
    document.extracted_content = as_json(extraction.records)
    name = type(strategy).__name__
    document.warnings += [f"{name}: {sentence}" for sentence in extraction.warnings]


def as_json(records: list[dict[str, JSONValue]]) -> str:
    """The records as JSON, 4 spaces a level, non-ASCII characters kept; what JSON cannot hold is replaced.

    Raises:
        TypeError: They hold an object that is no plain data.
    """
    try:
        encoded = msgspec.json.encode(records)
    except (UnicodeEncodeError, OverflowError):
        encoded = msgspec.json.encode(representable([*records]))
    return msgspec.json.format(encoded, indent=4).decode()
