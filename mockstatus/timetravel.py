"""``time="virtual"``: the clock of the code under test is the router's, and sleeping moves it. Knows the time functions.

Nothing is slept. Whoever sleeps, a thread or an event loop, waits until nobody has to wake earlier, and then moves the
clock to the moment at which it wakes.
"""

from __future__ import annotations

import heapq
import selectors
import sys
import threading
import time
from collections.abc import Callable
from functools import update_wrapper
from itertools import count
from types import FrameType, ModuleType
from typing import Any, Final

from mockstatus.adapters.patching import Patch
from mockstatus.clock import Clock
from mockstatus.visibility import Entry, Sight, visible

_YIELD: Final = 0.0002  # real seconds in which another thread gets to its next sleep
_GRACE: Final = 0.005  # real seconds in which input that is on its way to an event loop arrives
_BUSY: Final = 0.25  # real seconds that a thread may work before an event loop's timers run out all the same
_SPINNING: Final = 0.5  # real seconds of reading the clock, without a sleep, after which it moves by itself
_CREEP: Final = 0.001

_real_sleep = time.sleep
_real_monotonic = time.monotonic

# Whoever waits for something real, or measures how long something really took.
_REAL: Final = frozenset(
    {
        "_pytest",
        "concurrent",
        "coverage",
        "execnet",
        "faulthandler",
        "hypothesis",
        "multiprocessing",
        "pdb",
        "pluggy",
        "pytest",
        "pytest_timeout",
        "queue",
        "selectors",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "threading",
        "timeit",
        "xdist",
    }
)


class Sleepers:
    """Everyone who sleeps on one clock, in the order in which they wake."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()
        self.woken = 0  # how often somebody woke

    def join(self, until: float) -> tuple[float, int]:
        """Begin to sleep until a time on the clock."""
        ticket = (until, next(self._numbers))
        with self._changed:
            heapq.heappush(self._waiting, ticket)
        return ticket

    def leave(self, ticket: tuple[float, int]) -> None:
        """Stop sleeping, woken by something else."""
        with self._changed:
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            self._changed.notify_all()

    def is_first(self, ticket: tuple[float, int]) -> bool:
        """Whether nobody has to wake earlier."""
        return self._waiting[0] == ticket

    def wait_until_first(self, ticket: tuple[float, int]) -> int:
        """Wait until nobody has to wake earlier; how often somebody has woken by then."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_first(ticket))
            return self.woken

    def wake(self, ticket: tuple[float, int], woken: int, advance: Callable[[float], None], clock: Clock) -> bool:
        """Move the clock and wake, if nobody has woken meanwhile and nobody has to wake earlier; whether that was so."""
        with self._changed:
            if self.woken != woken or not self.is_first(ticket):
                return False
            heapq.heappop(self._waiting)
            self.woken += 1
            behind = ticket[0] - clock.elapsed
            if behind > 0:
                advance(behind)
            self._changed.notify_all()
            return True


class Timeline:
    """Virtual time of one activation: what the time functions say, and who sleeps."""

    def __init__(self, entry: Entry, sleepers: Sleepers | None) -> None:
        self.entry = entry
        self.clock = entry.router.clock
        self.sleepers = sleepers or Sleepers()
        self.thread = threading.get_ident()
        self._monotonic = time.monotonic() - self.clock.elapsed
        self._perf_counter = time.perf_counter() - self.clock.elapsed
        self._moved_at = _real_monotonic()
        self._stood = self.clock.elapsed

    def time(self) -> float:
        """Seconds since 1970."""
        return self.clock.timestamp()

    def monotonic(self) -> float:
        """Seconds since some moment, as ``time.monotonic`` went on from."""
        return self._monotonic + self._elapsed()

    def perf_counter(self) -> float:
        """Seconds since some moment, as ``time.perf_counter`` went on from."""
        return self._perf_counter + self._elapsed()

    def _elapsed(self) -> float:
        """The clock's elapsed seconds; it creeps on for a loop that reads it and never sleeps, and so would never end."""
        elapsed = self.clock.elapsed
        if elapsed != self._stood:
            self._stood = elapsed
            self._moved_at = _real_monotonic()
        elif _real_monotonic() - self._moved_at > _SPINNING:
            self.clock.advance(_CREEP)
            self._stood = elapsed + _CREEP
            return self._stood
        return elapsed

    def advance(self, seconds: float) -> None:
        """Move the clocks of everything that is visible with this activation."""
        sight = visible()
        clocks = [router.clock for router in sight.routers] if isinstance(sight, Sight) else []
        for clock in dict.fromkeys([*clocks, self.clock]):
            clock.advance(seconds)

    def jump(self, seconds: float) -> bool:
        """Move the clock by so much for an event loop that is idle, unless a thread has to wake earlier; whether it moved."""
        ticket = self.sleepers.join(self.clock.elapsed + seconds)
        if self.sleepers.wake(ticket, self.sleepers.woken, self.advance, self.clock):
            return True
        self.sleepers.leave(ticket)
        return False

    def sleep(self, seconds: float) -> None:
        """Sleep in this thread."""
        ticket = self.sleepers.join(self.clock.elapsed + seconds)
        while True:
            woken = self.sleepers.wait_until_first(ticket)
            _real_sleep(_YIELD if threading.active_count() > 1 else 0)
            if self.sleepers.wake(ticket, woken, self.advance, self.clock):
                return


def pause() -> None:
    """A real pause, in which threads and input get on."""
    _real_sleep(_YIELD)


# --- who is where -----------------------------------------------------------------------------------------------------

_timelines: list[Timeline] = []  # the open ones, innermost last


def timeline_here(frame: FrameType | None = None) -> Timeline | None:
    """The virtual time that holds for the caller; None where time is real."""
    if frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in _REAL:
        return None
    sight = visible()
    if isinstance(sight, Sight) and sight.time == "virtual":
        for entry in sight.entries:
            for timeline in reversed(_timelines):
                if timeline.entry is entry:
                    before = entry.before
                    return None if before and threading.current_thread() in before else timeline
    if frame is not None and str(frame.f_globals.get("__name__", "")).startswith(("asyncio.", "trio.")):
        return timeline_of_loop()
    return None


def timeline_of_loop() -> Timeline | None:
    """The virtual time of this thread's event loop, which may be that of one of its tasks' contexts."""
    here = threading.get_ident()
    for timeline in reversed(_timelines):
        if timeline.entry.scope == "process" or timeline.thread == here:
            return timeline
    return None


# --- what stands in the place of the time functions -------------------------------------------------------------------


def _sleep_hook(original: Callable[[float], None]) -> Callable[[float], None]:
    def sleep(seconds: float, /) -> None:
        timeline = timeline_here(sys._getframe(1))  # noqa: SLF001 - who asks decides which time it is
        if timeline is None or not seconds > 0:
            original(seconds)  # which refuses what is no length of time
        else:
            timeline.sleep(seconds)

    return update_wrapper(sleep, original)


def _clock_hook(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """For ``time.time`` and its like, which tell seconds, and for those that tell nanoseconds."""
    in_nanoseconds = name.endswith("_ns")
    told = name.removesuffix("_ns")

    def make(original: Callable[[], Any]) -> Callable[[], Any]:
        def clock() -> Any:
            timeline = timeline_here(sys._getframe(1))  # noqa: SLF001 - who asks decides which time it is
            if timeline is None:
                return original()
            seconds: float = getattr(timeline, told)()
            return int(seconds * 1_000_000_000) if in_nanoseconds else seconds

        return update_wrapper(clock, original)

    return make


def _select_hook(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def select(self: Any, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout > 0:
            frame = sys._getframe(1)  # noqa: SLF001 - selectors serve others than event loops too
            if frame.f_globals.get("__name__") == "asyncio.base_events":
                timeline = timeline_here(frame)
                if timeline is not None:
                    return _idle(timeline, lambda seconds: original(self, seconds), len(self.get_map()), timeout)
        return original(self, timeout)

    return update_wrapper(select, original)


def _idle(timeline: Timeline, select: Callable[[float], list[Any]], files: int, timeout: float) -> list[Any]:
    """What an event loop does that has nothing to do for so many seconds: it sleeps, open to whatever comes in."""
    events = select(0)
    if events:
        return events
    sleepers = timeline.sleepers
    ticket = sleepers.join(timeline.clock.elapsed + timeout)
    began = _real_monotonic()
    while True:
        woken = sleepers.woken
        first = sleepers.is_first(ticket)
        events = select(_GRACE if first and files > 1 else _YIELD if threading.active_count() > 1 else 0)
        if events:
            sleepers.leave(ticket)
            return events
        idle = first and not _somebody_works(timeline.entry, began)
        if idle and sleepers.wake(ticket, woken, timeline.advance, timeline.clock):
            return []


def _somebody_works(entry: Entry, began: float) -> bool:
    """Whether another thread is at something that an event loop may be waiting for, and has not been for long."""
    if threading.active_count() == 1 or _real_monotonic() - began > _BUSY:
        return False
    idle = {threading.get_ident(), *(thread.ident for thread in entry.before)}
    return any(
        ident not in idle and str(frame.f_globals.get("__name__")) not in _WAITING
        for ident, frame in sys._current_frames().items()  # noqa: SLF001 - there is no other way to see them
    )


_WAITING: Final = frozenset(  # where threads are that wait for others
    {
        "asyncio.base_events",
        "concurrent.futures.thread",
        "mockstatus.timetravel",
        "queue",
        "selectors",
        "socketserver",
        "threading",
    }
)
_NAMES: Final = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
_time_patches: Final = [Patch(time, "sleep", _sleep_hook), *(Patch(time, name, _clock_hook(name)) for name in _NAMES)]
_select_patches: Final = [
    Patch(getattr(selectors, name), "select", _select_hook, own=False)
    for name in ("EpollSelector", "KqueueSelector", "DevpollSelector", "PollSelector", "SelectSelector")
    if hasattr(selectors, name)
]


def _rename(change: Callable[[Patch], tuple[Any, Any]]) -> None:
    """Have names in other modules that stand for one function (``from time import sleep``) stand for another."""
    changes = {id(old): new for old, new in map(change, _time_patches)}
    for name, module in list(sys.modules.items()):
        root = name.partition(".")[0]
        if isinstance(module, ModuleType) and root not in _REAL and root not in _LEFT_ALONE:
            for attribute, value in list(vars(module).items()):
                new = changes.get(id(value))
                if new is not None:
                    setattr(module, attribute, new)


_LEFT_ALONE: Final = (sys.stdlib_module_names | {"mockstatus"}) - {"__main__"}


# --- entering and leaving ---------------------------------------------------------------------------------------------

_lock = threading.RLock()


def begin(entry: Entry, *, fresh: bool) -> None:
    """An activation with virtual time is entered; ``fresh`` if it is its router's only one."""
    outer = timeline_here()
    with _lock:
        if fresh:
            entry.router.clock.restart(standing=True)
        else:
            entry.router.clock.stand()
        _timelines.append(Timeline(entry, None if outer is None else outer.sleepers))
        if len(_timelines) == 1:
            for patch in (*_time_patches, *_select_patches):
                patch.apply()
            _rename(lambda patch: (patch.original, patch.hook))
    if "trio" in sys.modules:
        from mockstatus import trio_time

        trio_time.begin()


def end(entry: Entry) -> None:
    """An activation is left; time is real again if it was the last with virtual time."""
    with _lock:
        timeline = next((one for one in _timelines if one.entry is entry), None)
        if timeline is None:
            return
        _timelines.remove(timeline)
        if not _timelines:
            _rename(lambda patch: (patch.hook, patch.original))
            for patch in (*_time_patches, *_select_patches):
                patch.undo()
            if "mockstatus.trio_time" in sys.modules:
                sys.modules["mockstatus.trio_time"].end()
        if all(one.clock is not timeline.clock for one in _timelines):
            timeline.clock.run()
