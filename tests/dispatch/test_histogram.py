from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from nephila.dispatch.histogram import LatencyHistogram


def histogram_of(durations: list[float]) -> LatencyHistogram:
    histogram = LatencyHistogram()
    for duration in durations:
        histogram.add(duration)
    return histogram


@given(st.lists(st.floats(0.0001, 20_000.0), min_size=1, max_size=200), st.sampled_from([1.0, 50.0, 90.0, 99.0, 100.0]))
def test_percentiles_are_within_their_precision(durations: list[float], percent: float) -> None:
    exact = sorted(durations)[max(1, math.ceil(len(durations) * percent / 100)) - 1]
    assert histogram_of(durations).percentile(percent) == pytest.approx(exact, rel=0.026)


def test_nothing_counted() -> None:
    assert LatencyHistogram().percentile(50) is None


@pytest.mark.parametrize("duration", [0.0, -0.001, 1e-9, 0.00005, 1e9])
def test_out_of_range_is_what_it_is(duration: float) -> None:
    assert histogram_of([duration]).percentile(50) == pytest.approx(max(duration, 0.0))


def test_total() -> None:
    histogram = histogram_of([0.5, 1.5])
    assert (histogram.count, histogram.total, histogram.shortest, histogram.longest) == (2, 2.0, 0.5, 1.5)
