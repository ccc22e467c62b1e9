"""``time="virtual"``: the clock of the code under test is the router's, and sleeping moves it. Knows the time functions.

Nothing is slept: whoever asks or sleeps is handed to the timeline that holds where it is.
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
from mockstatus.clock import own
from mockstatus.rebinding import Names
from mockstatus.timeline import Timeline, freezes, root_of
from mockstatus.visibility import Entry, Sight, visible

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


# --- who is where -----------------------------------------------------------------------------------------------------

_timelines: list[Timeline] = []  # the open ones, innermost last


def timeline_here(frame: FrameType) -> Timeline | None:
    """The virtual time that holds for whoever is in a frame; None where time is real."""
    asking: FrameType | None = frame
    while asking is not None and root_of(asking) in _THROUGH:
        asking = asking.f_back
    root = "" if asking is None else root_of(asking)
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
        timeline = _visible_timeline() if root_of(frame) == "mockstatus" else timeline_here(frame)
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
            root = root_of(frame)
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
    if timeline is None or root_of(frame) == "freezegun" or timeline.is_left_to_others("time"):
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
            entry.router.restart_clock(standing=True)
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
        if standing is not function and standing.__module__ == "freezegun.api" and not freezes():
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
