"""`python -m tests.site [PORT]`: the test site by itself, for trying things by hand; Ctrl+C ends it."""

from __future__ import annotations

import contextlib
import sys
import threading

from tests.site.server import Site

if __name__ == "__main__":
    site = Site().start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(site.url(), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    site.close()
