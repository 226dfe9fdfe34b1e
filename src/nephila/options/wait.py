"""When a page in a browser counts as ready."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import Milliseconds, OneOf, Seconds


class WaitOptions(Config):
    """What is waited for before a page is read.

    Attributes:
        wait_until: The event that ends navigation: `commit`, `domcontentloaded`, `load` or `networkidle`.
        wait_for: `css:` and a selector that must match, or `js:` and a function that must return true; without a
            prefix it is told by its form.
        wait_for_timeout: Milliseconds for `wait_for`; None means `page_timeout`.
        wait_for_images: Wait until the images are there.
        delay_before_return_html: Seconds to wait at the end.
    """

    wait_until: Annotated[str, OneOf(("commit", "domcontentloaded", "load", "networkidle"))] = "domcontentloaded"
    wait_for: str | None = None
    wait_for_timeout: Milliseconds | None = None
    wait_for_images: bool = False
    delay_before_return_html: Seconds = 0.1
