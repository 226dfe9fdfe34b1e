"""`python -m tests.docs [PORT]`: the pages of the documentation on this machine, to try its code on; Ctrl+C ends it."""

from __future__ import annotations

import contextlib
import sys
import threading

from tests.docs import pages
from tests.site.server import Site

if __name__ == "__main__":
    site = Site().start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    pages.serve(site)
    print(site.url(), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    site.close()
