"""Requests that are let through: around one, nothing is intercepted and nothing guarded. Knows contexts only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

PASSING: Final = object()
here: Final[ContextVar[Any]] = ContextVar("mockstatus", default=None)  # PASSING, or what visibility puts there

_lock = threading.Lock()
_in_flight = 0


@contextmanager
def passing() -> Iterator[None]:
    """Around a request that is really sent."""
    global _in_flight  # noqa: PLW0603
    before = here.get()
    here.set(PASSING)
    with _lock:
        _in_flight += 1
    try:
        yield
    finally:
        with _lock:
            _in_flight -= 1
        here.set(before)


def lets_look_up() -> bool:
    """Whether a look-up here may be for a request that is let through: event loops do them in threads of their own."""
    where = here.get()
    return where is PASSING or (_in_flight > 0 and where is None)
