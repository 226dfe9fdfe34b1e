"""Everything reading a page depends on, and nothing else: what is handed to `nephila.extract`."""

from __future__ import annotations

from nephila.options.content import ContentOptions
from nephila.options.extraction import ExtractionOptions
from nephila.options.links import LinkOptions
from nephila.options.media import MediaOptions
from nephila.options.rules import PositiveInt


class ReadingOptions(ContentOptions, LinkOptions, MediaOptions, ExtractionOptions):
    """The content, link, media and extraction options together, plus the limit that protects the reader.

    Attributes:
        max_decoded_bytes: Bytes a body may unpack to; more is an error, found before they are in memory.
    """

    max_decoded_bytes: PositiveInt = 100_000_000


def reading_options(options: ReadingOptions) -> ReadingOptions:
    """Return just the reading options of a larger config, as a plain object that is cheap to send."""
    return ReadingOptions.taken_from(options)
