"""Structured data out of a page."""

from __future__ import annotations

from nephila.options.base import Config
from nephila.options.strategies import ChunkingStrategy, ExtractionStrategy


class ExtractionOptions(Config):
    """What becomes `extracted_content`.

    Attributes:
        extraction_strategy: Turns the page into records; None means no `extracted_content`.
        chunking_strategy: Splits the Markdown that an extraction strategy is given; None means `RegexChunking()`, and
            no pieces for `RegexExtractionStrategy`.
    """

    extraction_strategy: ExtractionStrategy | None = None
    chunking_strategy: ChunkingStrategy | None = None
