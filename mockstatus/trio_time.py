"""Virtual time in trio: its event loop, when it has nothing to do, sleeps on the router's clock. Knows trio only."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

import trio

from mockstatus import timetravel
from mockstatus.adapters.patching import Patch

_WAKER = "<TrioToken.run_sync_soon task>"  # the task of trio's own that a wake-up from outside makes run
_ROUNDS = 2  # how often input is looked for before the clock is moved


class Idle(trio.abc.Instrument):
    """Moves the clock to the next deadline when a second look shows that nothing else is going to happen."""

    def __init__(self) -> None:
        self._rounds = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Something happens."""
        if task.name != _WAKER:
            self._rounds = 0

    def before_io_wait(self, timeout: float) -> None:
        """Nothing is to be done for so many seconds."""
        timeline = timetravel.timeline_of_loop()
        if timeline is None or timeout <= 0 or timeout == float("inf"):
            return
        self._rounds += 1
        timetravel.pause()
        if self._rounds > _ROUNDS and timeline.jump(timeout):
            self._rounds = 0
        trio.lowlevel.current_trio_token().run_sync_soon(_nothing)  # look again at once


def _nothing() -> None:
    """Do nothing, in trio's own time."""


def _run_hook(original: Any) -> Any:
    def run(async_fn: Any, *args: Any, instruments: Any = (), **options: Any) -> Any:
        return original(async_fn, *args, instruments=[*instruments, Idle()], **options)

    return update_wrapper(run, original)


_patch = Patch(trio, "run", _run_hook)
_added: list[Idle] = []


def begin() -> None:
    """Virtual time has begun: in the run that is under way in this thread, and in every later one."""
    _patch.apply()
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return
    idle = Idle()
    trio.lowlevel.add_instrument(idle)
    _added.append(idle)


def end() -> None:
    """Virtual time is over."""
    _patch.undo()
    for idle in _added:
        try:
            trio.lowlevel.remove_instrument(idle)
        except (
            RuntimeError,
            KeyError,
        ):  # its run is over, or goes on in another thread, where it finds no virtual time
            continue
    _added.clear()
