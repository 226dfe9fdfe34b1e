"""Everything reading a page depends on, and nothing else: what is handed to `nephila.extract`."""

from __future__ import annotations

from nephila.options.content import ContentOptions
from nephila.options.links import LinkOptions
from nephila.options.media import MediaOptions
from nephila.options.rules import PositiveInt


class ReadingOptions(ContentOptions, LinkOptions, MediaOptions):
    """The content, link and media options together, plus the limits that protect the reader.

    Attributes:
        max_decoded_bytes: Bytes a body may unpack to; more is an error, found before they are in memory.
        max_decoded_ratio: How many times its size as sent a body may unpack to, from 8 MB on; more is an error.
        pdf_max_pages: Pages of a PDF that are read, from the first on; a warning says when there are more.
    """

    max_decoded_bytes: PositiveInt = 100_000_000
    max_decoded_ratio: PositiveInt = 200
    pdf_max_pages: PositiveInt = 2000


def reading_options(options: ReadingOptions) -> ReadingOptions:
    """Return just the reading options of a larger config, as a plain object that is cheap to send."""
    return ReadingOptions.taken_from(options)
