"""``time="virtual"``: the clock of the code under test is the router's, and sleeping moves it. Knows the time functions.

Nothing is slept. Whoever sleeps, a thread or an event loop, waits until nobody has to wake earlier and nobody is at
work any more, and then moves the clock to the moment at which it wakes.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import update_wrapper
from operator import index
from types import FrameType
from typing import Any, Final

from mockstatus import dates
from mockstatus.adapters.patching import Patch
from mockstatus.clock import Machine, own
from mockstatus.passage import in_flight
from mockstatus.rebinding import Names
from mockstatus.sleepers import YIELD, Sleepers, is_at_rest, pause, real_time
from mockstatus.visibility import Entry, Sight, visible

_STUCK: Final = 0.05  # real seconds without a move after which a thread is taken to wait for something unseen
_PENDING: Final = 0.25  # the same where something is waited for that another may be at
_LEAST: Final = 1.0  # real seconds for which others may work, however short the sleep
_PATIENCE: Final = 5.0  # and however long
_POLL: Final = 0.002  # real seconds between two looks of those whose turn it is not yet
_SPINNING: Final = 0.2  # real seconds of reading the clock, without a sleep, after which it moves by itself
_READINGS: Final = 200  # and as many readings after that
_CREEP: Final = 0.001

# Whoever waits for something real, or measures how long something really took.
_REAL: Final = frozenset(
    {
        "_pytest",
        "coverage",
        "execnet",
        "faulthandler",
        "hypothesis",
        "mockstatus",
        "multiprocessing",
        "pdb",
        "pluggy",
        "pytest",
        "pytest_timeout",
        "selectors",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "timeit",
        "xdist",
    }
)
_THROUGH: Final = frozenset({"concurrent", "queue", "threading"})  # who waits in these decides which time it is
_LOOPS: Final = frozenset({"asyncio", "trio"})
_ALOOF: Final = _LOOPS | {"freezegun"}  # who asks for the time beneath what others have frozen since
_MEASURING: Final = (  # whoever reads the clock while it works, and not in order to wait
    sys.stdlib_module_names - {"__main__"}
) | {"aiohttp", "anyio", "httpcore", "httpcore2", "httpx", "httpx2", "requests", "trio", "urllib3"}


class Timeline:
    """Virtual time of one activation: what the time functions say, and who sleeps."""

    def __init__(self, entry: Entry, outer: Timeline | None) -> None:
        self.entry = entry
        self.clock = entry.router.clock
        self.sleepers: Sleepers = Sleepers() if outer is None else outer.sleepers
        self.thread = threading.get_ident()
        self._before = frozenset(thread for thread in entry.before if not is_at_rest(thread))
        self._strangers = frozenset(sys._current_frames()) - known_idents()  # noqa: SLF001 - threads of execnet's, of C
        self._journeys, self._freezes = _journeys(), _freezes()
        elapsed = self.clock.elapsed
        self._monotonic = (time.monotonic() if outer is None else outer.monotonic()) - elapsed
        self._perf_counter = (time.perf_counter() if outer is None else outer.perf_counter()) - elapsed
        self._loops: float = (Machine.monotonic() if outer is None else outer.loop_time()) - elapsed
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
        return _freezes() > self._freezes or (told == "time" and _journeys() > self._journeys)

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


def known_idents() -> frozenset[int]:
    """The threads that ``threading`` knows of."""
    return frozenset(thread.ident for thread in threading.enumerate() if thread.ident is not None)


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
    return _root_of(frame) in _MEASURING


def _journeys() -> int:
    """How many journeys of time-machine are under way."""
    machine = sys.modules.get("time_machine")
    return 0 if machine is None else len(getattr(machine, "traveller_stack", ()))


def _freezes() -> int:
    """How often freezegun has frozen the time."""
    freezer = sys.modules.get("freezegun.api")
    return 0 if freezer is None else len(getattr(freezer, "freeze_factories", ()))


# --- who is where -----------------------------------------------------------------------------------------------------

_timelines: list[Timeline] = []  # the open ones, innermost last


def _root_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def timeline_here(frame: FrameType) -> Timeline | None:
    """The virtual time that holds for whoever is in a frame; None where time is real."""
    asking: FrameType | None = frame
    while asking is not None and _root_of(asking) in _THROUGH:
        asking = asking.f_back
    root = "" if asking is None else _root_of(asking)
    if root in _REAL:
        return None
    return timeline_of_loop() if root in _LOOPS else _visible_timeline()


def _visible_timeline() -> Timeline | None:
    sight = visible()
    if isinstance(sight, Sight) and sight.time == "virtual":
        for entry in sight.entries:
            for timeline in reversed(_timelines):
                if timeline.entry is entry:
                    return None if timeline.is_before() else timeline
    return None


def timeline_of_loop() -> Timeline | None:
    """The virtual time of this thread's event loop, which may be that of one of its tasks' contexts."""
    timeline = _visible_timeline()
    if timeline is not None:
        return timeline
    here = threading.get_ident()
    for timeline in reversed(_timelines):
        if timeline.thread == here or (timeline.entry.scope == "process" and not timeline.is_before()):
            return timeline
    return None


# --- what stands in the place of the time functions -------------------------------------------------------------------


def _sleep_hook(original: Callable[[float], None]) -> Callable[[float], None]:
    def sleep(seconds: float, /) -> None:
        frame = sys._getframe(1)  # noqa: SLF001 - who asks decides which time it is
        timeline = _visible_timeline() if _root_of(frame) == "mockstatus" else timeline_here(frame)
        number = seconds if timeline is None or isinstance(seconds, (int, float)) else _as_number(seconds)
        if timeline is None or number is None or not 0 < number < threading.TIMEOUT_MAX:
            original(seconds)  # which refuses what is no length of time
        else:
            timeline.sleep(number)

    return update_wrapper(sleep, original)


def _as_number(seconds: Any) -> float | None:
    """What ``time.sleep`` makes of an object that is no number itself; None where it refuses it."""
    try:
        return index(seconds)
    except TypeError:
        return None


def _clock_hook(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """For ``time.time`` and its like, which tell seconds, and for those that tell nanoseconds."""
    in_nanoseconds = name.endswith("_ns")
    told = name.removesuffix("_ns")
    of_machine = own(name)

    def make(original: Callable[[], Any]) -> Callable[[], Any]:
        def clock() -> Any:
            frame = sys._getframe(1)  # noqa: SLF001 - who asks decides which time it is
            root = _root_of(frame)
            timeline = timeline_here(frame)
            if timeline is None:  # freezegun may stand there, and asks for the machine's own
                return of_machine() if root == "freezegun" else original()
            if root not in _ALOOF and timeline.is_left_to_others(told):
                return _innermost(name, clock, original)()
            if root == "trio" and told == "perf_counter":
                _watch_trio()
            timeline.read_by(frame)
            seconds: float = getattr(timeline, told)()
            return round(seconds * 1_000_000_000) if in_nanoseconds else seconds

        return update_wrapper(clock, original)

    return make


def _date_here(frame: FrameType) -> float | None:
    """The seconds since 1970 that hold for whoever asks for the date; None where they are real."""
    timeline = timeline_here(frame)
    if timeline is None or _root_of(frame) == "freezegun" or timeline.is_left_to_others("time"):
        return None
    timeline.read_by(frame)
    return timeline.time()


def _innermost(name: str, hook: Callable[[], Any], original: Callable[[], Any]) -> Callable[[], Any]:
    """What freezegun has put in the place of a hook; time-machine changes the machine's own function."""
    standing: Callable[[], Any] = getattr(time, name)
    return original if standing is hook else standing


def _watch_trio() -> None:
    """An event loop of trio's reads its clock: see to it that it finds out about virtual time."""
    from mockstatus import trio_time

    trio_time.watch()


def _wait_hook(original: Callable[..., bool]) -> Callable[..., bool]:
    """For ``Condition.wait``, in which all of ``threading``, ``queue`` and ``concurrent.futures`` waits."""

    def wait(self: Any, timeout: float | None = None) -> bool:
        timeline = None if timeout is None else timeline_here(sys._getframe(1))  # noqa: SLF001 - as above
        if timeline is None or timeout is None or not 0 < timeout < threading.TIMEOUT_MAX or not self._is_owned():
            return original(self, timeout)
        return _wait_for_notice(self, timeline, timeout)

    return update_wrapper(wait, original)


def _wait_for_notice(condition: Any, timeline: Timeline, timeout: float) -> bool:
    """Wait to be notified as ``Condition.wait`` does: with a lock of one's own, which ``notify`` releases."""
    notice = threading.Lock()
    notice.acquire()
    condition._waiters.append(notice)  # noqa: SLF001 - where notify looks
    saved = condition._release_save()  # noqa: SLF001 - what the condition does around every wait
    try:
        return timeline.wait(timeout, lambda seconds: notice.acquire(timeout=seconds), lambda: not notice.locked())
    finally:
        condition._acquire_restore(saved)  # noqa: SLF001 - as above
        if notice in condition._waiters:  # noqa: SLF001 - nobody has notified it
            condition._waiters.remove(notice)  # noqa: SLF001


def _join_hook(original: Callable[..., None]) -> Callable[..., None]:
    def join(self: threading.Thread, timeout: float | None = None) -> None:
        timeline = None if timeout is None else timeline_here(sys._getframe(1))  # noqa: SLF001 - as above
        if timeline is None or timeout is None or not 0 < timeout < threading.TIMEOUT_MAX:
            original(self, timeout)
            return

        def attempt(seconds: float) -> bool:
            original(self, seconds)
            return not self.is_alive()

        timeline.wait(timeout, attempt, lambda: not self.is_alive())

    return update_wrapper(join, original)


_NAMES: Final = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
_time_patches: Final = [Patch(time, "sleep", _sleep_hook), *(Patch(time, name, _clock_hook(name)) for name in _NAMES)]
_own: Final = tuple(own(patch.name) for patch in _time_patches)  # what the machine itself has
_wait_patches: Final = [Patch(threading.Condition, "wait", _wait_hook), Patch(threading.Thread, "join", _join_hook)]


# --- entering and leaving ---------------------------------------------------------------------------------------------

_lock: Final = threading.RLock()
_names: Final = Names()


def _patches() -> Iterable[Patch]:
    from mockstatus import asyncio_time

    return (*_time_patches, *_wait_patches, *asyncio_time.patches(), *_trio_patches())


def _trio_patches() -> Iterable[Patch]:
    if "trio" not in sys.modules:
        return ()
    from mockstatus import trio_time

    return trio_time.patches()


def begin(entry: Entry, *, fresh: bool) -> None:
    """An activation with virtual time is entered; ``fresh`` if it is its router's only one."""
    outer = timeline_of_loop()
    with _lock:
        if fresh:
            entry.router.clock.restart(standing=True)
        else:
            entry.router.clock.stand()
        timeline = Timeline(entry, outer)
        if not _timelines:
            _names.look_over()
            for patch in _patches():
                patch.apply()
            dates.apply(_date_here)
            _names.change((patch.original, patch.hook) for patch in _time_patches)
            _names.change(
                (function, patch.hook)
                for function, patch in zip(_own, _time_patches, strict=True)
                if function is not patch.original
            )
            _names.changed()
        _timelines.append(timeline)


def _thaw() -> None:
    """Put away what freezegun had put there before, if it has let the time go since."""
    for patch, function in zip(_time_patches, _own, strict=True):
        standing = getattr(time, patch.name)
        if standing is not function and standing.__module__ == "freezegun.api" and not _freezes():
            setattr(time, patch.name, function)


def _original(hook: Any, old: Any) -> Any:
    """What is to be referred to again: what was, or the machine's own function where that has been put away since."""
    patch, function = next(pair for pair in zip(_time_patches, _own, strict=True) if pair[0].hook is hook)
    before = patch.original if old is hook else old
    return before if before is getattr(time, patch.name) else function


def end(entry: Entry) -> None:
    """An activation is left; time is real again if it was the last with virtual time."""
    with _lock:
        timeline = next((one for one in _timelines if one.entry is entry), None)
        if timeline is None:
            return
        _timelines.remove(timeline)
        if not _timelines:
            _names.look_for_strangers()
            for patch in _patches():
                patch.undo()
            dates.undo()
            _thaw()
            _names.change_back(_original)
            _names.settle()
        if all(one.clock is not timeline.clock for one in _timelines):
            timeline.clock.run()
    if "trio" in sys.modules:
        from mockstatus import trio_time

        trio_time.end()
