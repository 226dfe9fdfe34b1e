"""What is kept of a page in a browser besides its HTML."""

from __future__ import annotations

from nephila.options.base import Config
from nephila.options.rules import PositiveInt, Seconds


class CaptureOptions(Config):
    """Pictures, documents and recordings.

    Attributes:
        screenshot: A PNG of the window, of the whole page with `scan_full_page`.
        screenshot_wait_for: Seconds to wait before it.
        screenshot_height_threshold: Pixels of page height above which the picture is put together from parts.
        force_viewport_screenshot: A picture of the window in any case.
        pdf: The page as PDF.
        capture_mhtml: The page with everything it loaded, as MHTML.
        capture_network_requests: A record of every request the page makes.
        capture_console_messages: A record of the console.
    """

    screenshot: bool = False
    screenshot_wait_for: Seconds | None = None
    screenshot_height_threshold: PositiveInt = 10_000
    force_viewport_screenshot: bool = False
    pdf: bool = False
    capture_mhtml: bool = False
    capture_network_requests: bool = False
    capture_console_messages: bool = False
