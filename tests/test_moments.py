"""Moments and windows of a clock that many small waits have moved."""

import math

import pytest

from mockstatus.scenarios.moments import is_before, whole_seconds, window_at


@pytest.mark.parametrize("wait", [0.1, 0.01, 0.3, 0.7, 1 / 3, 1e-3])
@pytest.mark.parametrize("count", [1, 3, 10, 999])
def test_a_moment_has_come_when_its_waits_are_over(wait, count):
    elapsed = 0.0
    for _ in range(count):
        assert is_before(elapsed, wait * count)
        elapsed += wait

    assert not is_before(elapsed, wait * count)
    assert window_at(elapsed, wait * count) == 1


@pytest.mark.parametrize(("elapsed", "window"), [(0, 0), (9.99, 0), (10, 1), (10 - 1e-9, 1), (19.9, 1), (100, 10)])
def test_windows_follow_each_other(elapsed, window):
    assert window_at(elapsed, 10) == window


@pytest.mark.parametrize(
    ("span", "seconds"), [(0, 1), (0.2, 1), (1, 1), (1 + 1e-9, 1), (1.01, 2), (59.3, 60), (60, 60)]
)
def test_a_span_is_over_in_so_many_whole_seconds(span, seconds):
    assert whole_seconds(span) == seconds
    assert whole_seconds(span) >= math.floor(span)
