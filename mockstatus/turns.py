"""When an asynchronous call lets its event loop run. Knows event loops; no clients.

A call on a real wire suspends its task at least once. A turn of the loop takes longer than all the rest of a call here, so one
is taken where somebody could tell: where anything waits to run, where the task is to be cancelled, at the first call of a
task, and every now and then. What comes from outside, through sockets, pipes and signals, is looked at every few milliseconds.
"""

from __future__ import annotations

import sys
import weakref
from asyncio import _get_running_loop, current_task, tasks  # the first is exported for this, and raises nothing
from collections.abc import Callable
from selectors import BaseSelector
from threading import get_ident
from typing import Any, Final

from mockstatus.clock import Machine

_UNSEEN: Final = 0.004  # seconds that what comes from outside may wait
_LONGEST: Final = 0.05  # seconds without a turn: a loop in debug mode complains of a task that takes twice as long
# Until 3.12 asked of the dict behind it, which is much faster; since then it is written in C.
_task_of: Final[Callable[[Any], Any]] = (
    current_task if sys.version_info >= (3, 12) else vars(tasks)["_current_tasks"].get
)


class _Run:
    """The calls of one task since its last turn."""

    __slots__ = ("ends", "looks", "task")

    def __init__(self, task: Callable[[], Any]) -> None:
        now = Machine.monotonic()
        self.task = task  # a weak reference
        self.looks = now + _UNSEEN  # when it is to be looked outside
        self.ends = now + _LONGEST  # when there has to be a turn again


_last = _Run(lambda: None)  # of all threads: where tasks take each other's place, each takes a turn first


def is_alone() -> bool:
    """Whether nobody could tell if the caller, a task of asyncio, did not suspend; if not, it has to.

    False in any other event loop, also in trio's as a guest, and in one of asyncio's that does not say what waits in it.
    """
    run = _last
    task = run.task()
    if task is not None:
        try:
            loop = task.get_loop()
            if (
                loop._thread_id == get_ident()  # noqa: SLF001
                and _task_of(loop) is task
                and not (loop._ready or loop._stopping or task._must_cancel)  # noqa: SLF001
                and (Machine.monotonic() < run.looks or _may_go_on(run, loop))
            ):
                timers = loop._scheduled  # noqa: SLF001
                if not (timers and timers[0]._when <= loop.time()):  # noqa: SLF001
                    return True
        except AttributeError:  # another kind of loop, or of task
            pass
    _begin_anew()
    return False


def _may_go_on(run: _Run, loop: Any) -> bool:
    """Whether nothing has come from outside, so that a turn of the loop would find nothing to do."""
    now = Machine.monotonic()
    selector = loop._selector  # noqa: SLF001
    if now >= run.ends or not isinstance(selector, BaseSelector) or selector.select(0):
        return False
    run.looks = now + _UNSEEN
    return True


def _begin_anew() -> None:
    """Remember that the task here, if there is one, takes a turn now."""
    global _last  # noqa: PLW0603
    loop = _get_running_loop()
    task = None if loop is None else current_task(loop)
    if task is not None:
        _last = _Run(weakref.ref(task))
