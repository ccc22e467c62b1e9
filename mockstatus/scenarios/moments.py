"""Whether a moment has come, in seconds on a clock. Knows only that many small waits do not quite add up to a large one."""

from __future__ import annotations

import math

_TOLERANCE = 1e-6  # seconds; ten waits of 0.1 make 0.9999999999999999


def is_before(elapsed: float, moment: float) -> bool:
    """Whether a moment is still to come."""
    return elapsed < moment - _TOLERANCE


def window_at(elapsed: float, length: float) -> int:
    """The number of the window of a length that a moment is in, the first being 0."""
    return math.floor((elapsed + _TOLERANCE) / length)


def whole_seconds(span: float) -> int:
    """So many whole seconds that a span is surely over, at least one, as ``Retry-After`` says it."""
    return max(1, math.ceil(span - _TOLERANCE))
