"""What the contestants with a browser share: the browser, and whether a page came whole."""

from __future__ import annotations

import json
import os
import re
import sys

from scorecard import Scorecard

BROWSER = os.environ.get("BENCH_BROWSER", "")
"""The program everybody starts; empty means Playwright's own."""

_NUMBER = re.compile(r"/[rs](\d+)\.html")


def use_browser(browser_type: type) -> None:
    """Have every `BrowserType.launch` of Playwright start `BROWSER`."""
    if not BROWSER:
        return
    launch = browser_type.launch

    async def launch_this(self, **options):
        options.pop("channel", None)
        return await launch(self, **{**options, "executable_path": BROWSER, "chromium_sandbox": False})

    browser_type.launch = launch_this


def count(score: Scorecard, url: str, html: str) -> None:
    """A page is one only with its last element; says on the way how many are done."""
    found = _NUMBER.search(url)
    number = found.group(1) if found else ""
    if f"<footer>end of page {number}</footer>" in html:
        score.ok += 1
        score.html_chars += len(html)
    else:
        score.fail("not complete")
    if (score.ok + score.failed) % 20 == 0:
        sys.stdout.write(json.dumps({"done": score.ok + score.failed}) + "\n")
        sys.stdout.flush()
