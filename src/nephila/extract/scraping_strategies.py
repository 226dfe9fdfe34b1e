"""Names other crawlers have for choosing how a page is read; here the body itself decides."""

from __future__ import annotations

from typing import ClassVar

from nephila.errors import UnsupportedOptionError
from nephila.options.strategies import ContentScrapingStrategy


class PDFContentScrapingStrategy(ContentScrapingStrategy):
    """Kept for its name: a PDF file is known by its content and read without it (needs the extra `pdf`).

    Args:
        save_images_locally: Only False.
        extract_images: Only False: pictures are not taken out of PDF files.
        image_save_dir: Only None.
        batch_size: Kept for its name.

    Raises:
        UnsupportedOptionError: Pictures are asked for.
    """

    is_built_in: ClassVar[bool] = True

    def __init__(
        self,
        save_images_locally: bool = False,
        extract_images: bool = False,
        image_save_dir: str | None = None,
        batch_size: int = 4,
    ) -> None:
        if save_images_locally or extract_images or image_save_dir is not None:
            raise UnsupportedOptionError(
                "PDFContentScrapingStrategy: pictures are not taken out of PDF files. Leave out save_images_locally, "
                "extract_images and image_save_dir."
            )
        self.save_images_locally = save_images_locally
        self.extract_images = extract_images
        self.image_save_dir = image_save_dir
        self.batch_size = batch_size
