"""When an asynchronous call lets its event loop run. Knows event loops; no clocks and no clients.

A call on a real wire suspends its task at least once. A turn of the loop takes longer than all the rest of a call here, so one
is taken where somebody could tell: where anything waits to run, where the task is to be cancelled, at the first call of a
task, and every so often.
"""

from __future__ import annotations

import threading
import weakref
from asyncio import _get_running_loop, current_task  # the first is exported for this, and raises nothing
from collections.abc import Callable
from typing import Any, Final, cast

_MOST_CALLS: Final = 32  # of a task without a turn, so that what the loop has not looked at yet comes to it
_LONGEST: Final = 0.004  # seconds without a turn


class _Run:
    """The calls since the last turn."""

    __slots__ = ("calls", "ends", "task")

    def __init__(self) -> None:
        self.task: Callable[[], Any] | None = None  # whose they are, a weak reference
        self.calls = 0
        self.ends = 0.0  # at which time of the loop there has to be a turn again


class _Here(threading.local):
    """What there is for each thread."""

    def __init__(self) -> None:
        self.run = _Run()


_here: Final = _Here()


def is_alone() -> bool:
    """Whether nobody could tell if the caller, a task of asyncio, did not suspend; if not, it has to.

    False in any other event loop, also in trio's as a guest, and in one of asyncio's that does not say what waits in it.
    """
    running = _get_running_loop()
    if running is None:
        return False
    loop, task = cast("Any", running), cast("Any", current_task(running))
    if task is None:
        return False
    run = _here.run
    if run.task is not None and run.task() is task and run.calls < _MOST_CALLS:
        try:
            if not (loop._ready or loop._stopping or task._must_cancel):  # noqa: SLF001
                timers, now = loop._scheduled, loop.time()  # noqa: SLF001
                if now < run.ends and not (timers and timers[0]._when <= now):  # noqa: SLF001
                    run.calls += 1
                    return True
        except AttributeError:  # another kind of loop, or of task
            return False
    run.task = weakref.ref(task)
    run.calls = 0
    run.ends = loop.time() + _LONGEST
    return False
