"""How fast and how many."""

from __future__ import annotations

from nephila.options.base import Config
from nephila.options.rules import PositiveInt, Seconds


class PacingOptions(Config):
    """The pace of `arun_many` when no dispatcher is given; with a list of configs, the first one's.

    Attributes:
        mean_delay: Seconds between two requests to the same host, at least.
        max_range: Seconds added to `mean_delay` at random, at most.
        semaphore_count: Visits at once.
        stream: Results come as they are done, as an async iterator, instead of a list at the end.
    """

    mean_delay: Seconds = 0.1
    max_range: Seconds = 0.3
    semaphore_count: PositiveInt = 5
    stream: bool = False
