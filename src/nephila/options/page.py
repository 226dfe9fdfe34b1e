"""What is done with a page in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from nephila.options.base import Config
from nephila.options.rules import Count, Seconds
from nephila.options.virtual_scroll import VirtualScrollConfig


class PageOptions(Config):
    """Scripts, scrolling and other handling of the page.

    Attributes:
        js_code: Script, or scripts, run after `wait_for` and the delay.
        js_code_before_wait: Script, or scripts, run before `wait_for`.
        c4a_script: What to do instead, in the C4A language; used when there is no `js_code`. One that cannot be
            compiled is refused.
        js_only: Do not navigate, only run the scripts on the session's page.
        ignore_body_visibility: Do not wait for the body to become visible.
        scan_full_page: Scroll to the end step by step, so that everything loads.
        scroll_delay: Seconds between two steps.
        max_scroll_steps: Steps at most, each to the end of what is there; None means 10.
        process_iframes: Put the content of iframes into the page.
        flatten_shadow_dom: Put the content of shadow roots into the page.
        remove_overlay_elements: Remove what lies over the page.
        remove_consent_popups: Remove cookie and consent dialogues.
        simulate_user: Move the mouse and press keys.
        override_navigator: Change the navigator properties that give a browser away.
        magic: All that makes a browser look like a person's.
        adjust_viewport_to_content: Make the window as large as the page.
        virtual_scroll_config: Scroll through a list that replaces its items (a dict of its options works too).
        process_in_browser: Use the browser for `raw:` and `file:` input too.
        experimental: Switches without a promise.
    """

    js_code: str | list[str] | None = None
    js_code_before_wait: str | list[str] | None = None
    c4a_script: str | list[str] | None = None
    js_only: bool = False
    ignore_body_visibility: bool = True
    scan_full_page: bool = False
    scroll_delay: Seconds = 0.2
    max_scroll_steps: Count | None = None
    process_iframes: bool = False
    flatten_shadow_dom: bool = False
    remove_overlay_elements: bool = False
    remove_consent_popups: bool = False
    simulate_user: bool = False
    override_navigator: bool = False
    magic: bool = False
    adjust_viewport_to_content: bool = False
    virtual_scroll_config: VirtualScrollConfig | None = None
    process_in_browser: bool = False
    experimental: dict[str, object] = field(default_factory=dict)

    def _settle(self, given: Mapping[str, object]) -> None:
        """Refuse a script that cannot be compiled now rather than on each page."""
        super()._settle(given)
        if given.get("c4a_script") and self.c4a_script:
            from nephila.c4a.compiler import checked_program  # imported by those who use it

            checked_program(self.c4a_script)
