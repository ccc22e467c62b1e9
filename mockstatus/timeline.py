"""Virtual time of one activation: what its clock says, who sleeps on it, and when it is moved. Replaces nothing.

Whoever sleeps, a thread or an event loop, waits until nobody has to wake earlier and nobody is at work any more, and then
moves the clock to the moment at which it wakes.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

from mockstatus.clock import Machine
from mockstatus.passage import in_flight
from mockstatus.sleepers import YIELD, Sleepers, is_at_rest, known_idents, pause, real_time
from mockstatus.visibility import Entry, Sight, visible

_STUCK: Final = 0.05  # real seconds without a move after which a thread is taken to wait for something unseen
_PENDING: Final = 0.25  # the same where something is waited for that another may be at
_LEAST: Final = 1.0  # real seconds for which others may work, however short the sleep
_PATIENCE: Final = 5.0  # and however long
_POLL: Final = 0.002  # real seconds between two looks of those whose turn it is not yet
_SPINNING: Final = 0.2  # real seconds of reading the clock, without a sleep, after which it moves by itself
_READINGS: Final = 200  # and as many readings after that
_CREEP: Final = 0.001

_MEASURING: Final = (  # whoever reads the clock while it works, and not in order to wait
    sys.stdlib_module_names - {"__main__"}
) | {"aiohttp", "anyio", "httpcore", "httpcore2", "httpx", "httpx2", "requests", "trio", "urllib3"}


def _even(seconds: float) -> float:
    """A time a little later, to which whole seconds and halves of them can be added without a rounding error.

    Who sleeps for 600 seconds by ten times 60 has slept for no less, which real time takes care of by going on.
    """
    return math.ceil(seconds * _STEPS) / _STEPS


_STEPS: Final = 2**20  # of a second


class Timeline:
    """Virtual time of one activation: what the time functions say, and who sleeps."""

    def __init__(self, entry: Entry, outer: Timeline | None) -> None:
        self.entry = entry
        self.clock = entry.router.clock
        self.sleepers: Sleepers = Sleepers() if outer is None else outer.sleepers
        self.thread = threading.get_ident()
        self._before = frozenset(thread for thread in entry.before if not is_at_rest(thread))
        self._strangers = frozenset(sys._current_frames()) - known_idents()  # noqa: SLF001 - threads of execnet's, of C
        self._journeys, self._freezes = journeys(), freezes()
        elapsed = self.clock.elapsed
        self._monotonic = _even((time.monotonic() if outer is None else outer.monotonic()) - elapsed)
        self._perf_counter = _even((time.perf_counter() if outer is None else outer.perf_counter()) - elapsed)
        self._loops: float = _even((Machine.monotonic() if outer is None else outer.loop_time()) - elapsed)
        self._stood = elapsed
        self._moved_at = real_time()
        self._readings = 0
        self._crept = 0.0

    def is_before(self) -> bool:
        """Whether the caller is in a thread that ran before the activation, and has its own time."""
        return bool(self._before) and threading.current_thread() in self._before

    def idents_before(self) -> frozenset[int]:
        """The threads that ran before the activation, as far as they still do."""
        alive = frozenset(thread.ident for thread in self._before if thread.ident is not None and thread.is_alive())
        return alive | self.strangers()

    def strangers(self) -> frozenset[int]:
        """Those of them that ``threading`` knows nothing of, and that nobody here can wait for."""
        return self._strangers and self._strangers - known_idents()

    def is_left_to_others(self, told: str) -> bool:
        """Whether time-machine or freezegun tells this time, having begun since."""
        return freezes() > self._freezes or (told == "time" and journeys() > self._journeys)

    def time(self) -> float:
        """Seconds since 1970."""
        return self.clock.timestamp()

    def monotonic(self) -> float:
        """Seconds since some moment, as ``time.monotonic`` went on from."""
        return self._monotonic + self.clock.elapsed

    def perf_counter(self) -> float:
        """Seconds since some moment, as ``time.perf_counter`` went on from."""
        return self._perf_counter + self.clock.elapsed

    def loop_time(self) -> float:
        """The time of event loops, whose timers want a finer one than freezegun tells."""
        return self._loops + self.clock.elapsed

    def read_by(self, reader: FrameType) -> None:
        """Somebody is going to read the clock: it creeps on for a loop that never sleeps, and so would never end."""
        elapsed = self.clock.elapsed
        if elapsed != self._stood:
            self._stood, self._moved_at, self._readings, self._crept = elapsed, real_time(), 0, 0.0
        elif real_time() - self._moved_at > _SPINNING and not _measures(reader):
            self._readings += 1
            if self._readings > _READINGS:
                step = max(_CREEP, self._crept * _CREEP)
                self._crept += step
                self.advance(step)
                self._stood = self.clock.elapsed

    def advance(self, seconds: float) -> None:
        """Move the clocks of everything that is visible with this activation."""
        sight = visible()
        clocks = [router.clock for router in sight.routers] if isinstance(sight, Sight) else []
        for clock in dict.fromkeys([*clocks, self.clock]):
            clock.advance(seconds)

    def sleep(self, seconds: float) -> None:
        """Sleep in this thread."""
        nap = Nap(self, seconds, stuck=_STUCK)
        try:
            while True:
                woken = self.sleepers.wait_until_first(nap.ticket)
                pause()
                if nap.ends(woken):
                    return
        finally:
            nap.leave()

    def wait(self, seconds: float, attempt: Callable[[float], bool], has_come: Callable[[], bool]) -> bool:
        """Wait in this thread for what others do, so many seconds at most; whether it came.

        ``attempt`` really waits for it, so many seconds, and says whether it came; ``has_come`` only looks.
        """
        nap = Nap(self, seconds, has_come=has_come, everybody=True)
        try:
            while True:
                woken = self.sleepers.woken
                if attempt(YIELD if nap.is_first() else _POLL):
                    return True
                if nap.ends(woken):
                    return False
        finally:
            nap.leave()


class Nap:
    """One thread's or event loop's sleep, from the moment it is made until it ends or something else wakes it."""

    __slots__ = ("_idle", "_is_quiet", "_limit", "_since", "_stuck", "_timeline", "_woken", "ticket")

    def __init__(
        self,
        timeline: Timeline,
        seconds: float,
        *,
        stuck: float = _PENDING,
        has_come: Callable[[], bool] | None = None,
        everybody: bool = False,
    ) -> None:
        """``has_come`` looks whether what ends the sleep before has come, without waiting for it.

        Threads that ran before the activation may be at something that is waited for only if ``everybody`` may.
        """
        self.ticket = timeline.sleepers.join(timeline.clock.elapsed + seconds, has_come)
        self._timeline = timeline
        self._stuck = stuck
        self._limit = max(seconds, _LEAST)
        self._idle = timeline.strangers() if everybody else timeline.idents_before()
        self._since = real_time()
        self._woken = timeline.sleepers.woken
        self._is_quiet = False

    def is_first(self) -> bool:
        """Whether nobody has to wake earlier."""
        return self._timeline.sleepers.is_first(self.ticket)

    def ends(self, woken: int) -> bool:
        """Move the clock and wake, if it is time; whether it was.

        ``woken`` says how many had woken before others were last given room to get on, and what comes from them was
        last looked for. That is done once more after nobody was at work any more: it may have come just before.
        """
        was_quiet, self._is_quiet = self._is_quiet, self.is_first() and self._nobody_works(woken)
        if not (was_quiet and self._is_quiet):
            return False
        timeline = self._timeline
        return timeline.sleepers.wake(self.ticket, woken, timeline.advance, timeline.clock)

    def _nobody_works(self, woken: int) -> bool:
        """Whether nothing is to be waited for, or has been long enough."""
        timeline = self._timeline
        if woken != self._woken:
            self._woken, self._since = woken, real_time()
        if timeline.clock.elapsed >= self.ticket[0]:
            return True
        if not timeline.sleepers.somebody_works(stuck=self._stuck, idle=self._idle):
            return True
        patience = self._limit if in_flight() else min(self._limit, _PATIENCE)
        return real_time() - self._since >= patience

    def leave(self) -> None:
        """Sleep no more."""
        self._timeline.sleepers.leave(self.ticket)


def _measures(frame: FrameType) -> bool:
    """Whether a reader of the clock measures how long something takes, rather than waits for a time to come."""
    while frame.f_code.co_name in ("time", "current_time") and frame.f_back is not None:  # the clock of an event loop
        frame = frame.f_back
    return root_of(frame) in _MEASURING


def journeys() -> int:
    """How many journeys of time-machine are under way."""
    machine = sys.modules.get("time_machine")
    return 0 if machine is None else len(getattr(machine, "traveller_stack", ()))


def freezes() -> int:
    """How often freezegun has frozen the time."""
    freezer = sys.modules.get("freezegun.api")
    return 0 if freezer is None else len(getattr(freezer, "freeze_factories", ()))


def root_of(frame: FrameType) -> str:
    """The package whose code is in a frame."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
