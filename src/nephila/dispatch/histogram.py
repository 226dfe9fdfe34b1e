"""Percentiles of durations in constant memory."""

from __future__ import annotations

import math

_SHORTEST = 0.0001
"""Seconds; whatever is shorter counts as this long."""

_BUCKETS = 400
_GROWTH = 1.05
"""Each bucket is 5 % wider than the one before; 400 of them reach from 0.1 ms to 8 hours."""

_LOG_GROWTH = math.log(_GROWTH)


class LatencyHistogram:
    """Counts durations in buckets of growing width, so that a percentile is off by 2.5 % at most.

    The shortest and the longest duration are kept exactly.
    """

    __slots__ = ("_counts", "count", "longest", "shortest", "total")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.total = 0.0
        self.shortest = math.inf
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        bucket = int(math.log(seconds / _SHORTEST) / _LOG_GROWTH) if seconds > _SHORTEST else 0
        self._counts[bucket if bucket < _BUCKETS else _BUCKETS - 1] += 1
        self.count += 1
        self.total += seconds
        if seconds > self.longest:
            self.longest = seconds
        if seconds < self.shortest:
            self.shortest = seconds

    def percentile(self, percent: float) -> float | None:
        """The duration that `percent` of 100 do not exceed (nearest rank), in seconds; None when there are none."""
        if not self.count:
            return None
        rank = max(1, math.ceil(self.count * percent / 100))
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if seen >= rank:
                # The geometric middle of a bucket is as far from its lower as from its upper end.
                middle = _SHORTEST * math.exp((bucket + 0.5) * _LOG_GROWTH)
                return min(max(middle, self.shortest), self.longest)
        return self.longest
