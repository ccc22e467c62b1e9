"""Virtual time in asyncio: an event loop that has nothing to do sleeps on the router's clock. Knows asyncio only."""

from __future__ import annotations

import selectors
import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Final

from mockstatus import timetravel
from mockstatus.adapters.patching import Patch
from mockstatus.sleepers import YIELD, is_readable
from mockstatus.timeline import Nap, Timeline

_GRACE: Final = 0.02  # real seconds in which input that is on its way to an event loop arrives
_OWN_FILES: Final = 1  # what every event loop listens to: the pipe that wakes it


def _select_hook(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def select(self: Any, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout > 0:
            frame = sys._getframe(1)  # noqa: SLF001 - selectors serve others than event loops too
            if frame.f_globals.get("__name__") == "asyncio.base_events":
                timeline = timetravel.timeline_of_loop()
                if timeline is not None:
                    return _idle(timeline, self, lambda seconds: original(self, seconds), timeout)
        return original(self, timeout)

    return update_wrapper(select, original)


def _idle(timeline: Timeline, selector: Any, select: Callable[[float], list[Any]], timeout: float) -> list[Any]:
    """What an event loop does that has nothing to do for so many seconds: it sleeps, open to whatever comes in."""
    events = select(0)
    if events:
        return events
    grace = _GRACE if len(selector.get_map()) > _OWN_FILES else YIELD
    nap = Nap(timeline, timeout, has_come=lambda: is_readable(selector))
    try:
        while True:
            woken = timeline.sleepers.woken
            events = select(grace if nap.is_first() else YIELD)
            if events:
                return events
            if nap.ends(woken):
                return []
    finally:
        nap.leave()


def _time_hook(original: Callable[[Any], float]) -> Callable[[Any], float]:
    """For the clock of the event loops, which another library may have frozen beneath them."""

    def time(self: Any) -> float:
        timeline = timetravel.timeline_of_loop()
        if timeline is None:
            return original(self)
        timeline.read_by(sys._getframe(1))  # noqa: SLF001 - whoever waits for a time to come is not to wait for ever
        return timeline.loop_time()

    return update_wrapper(time, original)


_select_patches: Final = [
    Patch(getattr(selectors, name), "select", _select_hook, own=False)
    for name in ("EpollSelector", "KqueueSelector", "DevpollSelector", "PollSelector", "SelectSelector")
    if hasattr(selectors, name)
]
_loop_patches: Final[list[Patch]] = []


def patches() -> list[Patch]:
    """What is replaced while time is virtual."""
    events = sys.modules.get("asyncio.base_events")
    if events is not None and not _loop_patches:
        _loop_patches.append(Patch(events.BaseEventLoop, "time", _time_hook))
    return [*_select_patches, *_loop_patches]
