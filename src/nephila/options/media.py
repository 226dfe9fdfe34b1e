"""Which images and tables of a page are reported and kept."""

from __future__ import annotations

from nephila.options.base import Config
from nephila.options.rules import Count
from nephila.options.strategies import TableExtractionStrategy


class MediaOptions(Config):
    """Which images, videos, audios and tables are reported.

    Attributes:
        exclude_all_images: No images in `media`, `cleaned_html` and the Markdown.
        exclude_external_images: The same for images from other sites only.
        image_description_min_word_threshold: Words a nearby text needs to become an image's `desc`.
        image_score_threshold: Images that score lower or equal are left out of `media`.
        table_score_threshold: Tables that score lower count as layout and are not reported.
        table_extraction: Finds the tables; None means `DefaultTableExtraction(table_score_threshold)`.
    """

    exclude_all_images: bool = False
    exclude_external_images: bool = False
    image_description_min_word_threshold: Count = 1
    image_score_threshold: int = 2
    table_score_threshold: int = 7
    table_extraction: TableExtractionStrategy | None = None
