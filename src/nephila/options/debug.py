"""How much is told while crawling."""

from __future__ import annotations

from nephila.options.base import Config


class DebugOptions(Config):
    """What is logged.

    Attributes:
        verbose: Log each visit at INFO instead of DEBUG. Nothing is printed: the program configures logging.
        log_console: Log what pages write to the console, to the logger `nephila.page`.
    """

    verbose: bool = True
    log_console: bool = False
