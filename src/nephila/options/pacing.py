"""How fast and how many."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.rules import AtLeast, PositiveInt, Seconds


class PacingOptions(Config):
    """The pace of `arun_many`; with a list of configs, the first one's. A dispatcher replaces the first three.

    Attributes:
        mean_delay: Seconds between two requests to the same host, at least.
        max_range: Seconds added to `mean_delay` at random, at most.
        semaphore_count: Visits at once.
        stream: Results come as they are done, as an async iterator, instead of a list at the end.
        run_timeout: Seconds for the whole run; None means no limit. When they have passed, the visits under way are
            cancelled and no more URLs are read; what was finished is delivered, and the URLs that were read and not
            finished are results with the code `cancelled`.
    """

    mean_delay: Seconds = 0.1
    max_range: Seconds = 0.3
    semaphore_count: PositiveInt = 5
    stream: bool = False
    run_timeout: Annotated[float, AtLeast(0.001)] | None = None
