"""Virtual time in trio: its event loop, when it has nothing to do, sleeps on the router's clock. Knows trio only."""

from __future__ import annotations

import sys
from functools import cache, update_wrapper
from typing import Any, Final
from weakref import WeakKeyDictionary

import trio

from mockstatus import timetravel
from mockstatus.adapters.patching import Patch
from mockstatus.sleepers import pause
from mockstatus.timeline import Nap, Timeline

_ROUNDS: Final = 2  # how often input is looked for before the clock is moved


class Idle(trio.abc.Instrument):
    """Moves the clock to the next deadline when a further look shows that nothing else is going to happen.

    While it looks, the event loop sleeps; it is woken to look again, as if from another thread.
    """

    def __init__(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._waker: Any = None  # the task of trio's own that a wake-up makes run
        self._timeline: Timeline | None = None
        self._nap: Nap | None = None
        self._rounds = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Something happens."""
        if task is not self._waker:
            self._get_up()

    def before_io_wait(self, timeout: float) -> None:
        """Nothing is to be done for so many seconds."""
        timeline = timetravel.timeline_of_loop()
        if timeline is None:
            self._get_up()
            trio.lowlevel.remove_instrument(self)
            _watched.pop(self._token, None)
        elif 0 < timeout < _ENDLESS:
            self._sleep(timeline, timeout)
            self._token.run_sync_soon(self._look_again)
        elif timeout:
            self._get_up()

    def after_run(self) -> None:
        """The event loop has ended."""
        self._get_up()

    def _sleep(self, timeline: Timeline, timeout: float) -> None:
        """Begin to sleep, or go on, or wake if it is time."""
        until = timeline.clock.elapsed + timeout
        if self._nap is None or self._timeline is not timeline or abs(self._nap.ticket[0] - until) > _SAME:
            self._get_up()
            self._timeline, self._nap = timeline, Nap(timeline, timeout)
        woken = timeline.sleepers.woken
        pause()
        self._rounds += 1
        if self._rounds > _ROUNDS and self._nap.ends(woken):
            self._get_up()

    def _get_up(self) -> None:
        """Sleep no more."""
        self._rounds = 0
        if self._nap is not None:
            self._nap.leave()
            self._nap = None

    def _look_again(self) -> None:
        """Run in trio's own time, by the task whose steps are nobody's."""
        self._waker = trio.lowlevel.current_task()


_ENDLESS: Final = 86_400.0  # what trio waits at most, and at once again
_SAME: Final = 1e-6
_watched: Final[WeakKeyDictionary[Any, Idle]] = WeakKeyDictionary()  # by the token of the event loop


def _clock_hook(original: Any) -> Any:
    """For the clock of the event loop, which another library may have frozen beneath it."""

    def current_time(self: Any) -> float:
        timeline = timetravel.timeline_of_loop()
        if timeline is None:
            return float(original(self))
        watch()
        timeline.read_by(sys._getframe(1))  # noqa: SLF001 - whoever waits for a time to come is not to wait for ever
        return float(self.offset) + timeline.loop_time()

    return update_wrapper(current_time, original)


@cache
def patches() -> tuple[Patch, ...]:
    """What is replaced while time is virtual."""
    clock = getattr(sys.modules.get("trio._core._run"), "SystemClock", None)
    return () if clock is None else (Patch(clock, "current_time", _clock_hook),)


def watch() -> None:
    """The event loop in this thread has read its clock: have it sleep on the router's when it has nothing to do."""
    token = _token_here()
    if token is not None and token not in _watched:
        idle = _watched[token] = Idle()
        trio.lowlevel.add_instrument(idle)


def end() -> None:
    """Virtual time may be over: for the event loop in this thread at once, for others when they notice."""
    token = _token_here()
    if token in _watched and timetravel.timeline_of_loop() is None:
        trio.lowlevel.remove_instrument(_watched.pop(token))


def _token_here() -> Any:
    """What stands for the event loop that runs in this thread; None where there is none."""
    try:
        return trio.lowlevel.current_trio_token()
    except RuntimeError:
        return None
