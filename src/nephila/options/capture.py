"""What is kept of a page in a browser besides its HTML."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import Between, OneOf, PositiveInt, Seconds

SCREENSHOT_FORMATS = ("png", "jpeg", "webp")


class CaptureOptions(Config):
    """Pictures, documents and recordings.

    Attributes:
        screenshot: A picture of the whole page, from top to bottom. `scan_full_page` scrolls through it first, for
            pages that load more when they are scrolled.
        screenshot_wait_for: Seconds to wait before it.
        screenshot_height_threshold: Pixels of page height above which a PNG is put together from parts.
        force_viewport_screenshot: A picture of the window only.
        screenshot_selector: A CSS selector; the picture shows the first element that matches it.
        screenshot_format: `png`, `jpeg` or `webp`.
        screenshot_quality: Of JPEG and WebP, from 1 to 100.
        pdf: The page as PDF.
        capture_mhtml: The page with everything it loaded, as MHTML.
        capture_accessibility: What a screen reader is told about the page.
        capture_network_requests: A record of every request the page makes.
        capture_network_bodies: With it the answers that are text, in `capture_network_requests` and `capture_har`.
        capture_console_messages: A record of the console.
        capture_har: A record of every request as an HTTP Archive (HAR 1.2).
        capture_warc: The page and everything it loaded, as WARC/1.1.
        max_capture_bytes: The most bytes of one capture; for recordings, of all bodies together.
    """

    screenshot: bool = False
    screenshot_wait_for: Seconds | None = None
    screenshot_height_threshold: PositiveInt = 10_000
    force_viewport_screenshot: bool = False
    screenshot_selector: str | None = None
    screenshot_format: Annotated[str, OneOf(SCREENSHOT_FORMATS)] = "png"
    screenshot_quality: Annotated[int, Between(1, 100)] = 80
    pdf: bool = False
    capture_mhtml: bool = False
    capture_accessibility: bool = False
    capture_network_requests: bool = False
    capture_network_bodies: bool = False
    capture_console_messages: bool = False
    capture_har: bool = False
    capture_warc: bool = False
    max_capture_bytes: PositiveInt = 50_000_000
