"""Who sleeps on a clock, in which order they wake, and whether somebody is still at work. Knows threads; no time functions.

A clock that nothing but sleeping moves may be moved when all are asleep or wait: else somebody at work might begin to
sleep for a shorter time than those who sleep already.
"""

from __future__ import annotations

import heapq
import select
import sys
import threading
from collections.abc import Callable, Collection
from itertools import count
from types import FrameType
from typing import Any, Final

from mockstatus.clock import Clock, Machine
from mockstatus.passage import in_flight

Ticket = tuple[float, int]

YIELD: Final = 0.0002  # real seconds in which another thread gets to its next sleep


def pause() -> None:
    """A real pause, in which threads and input get on; without other threads, only a place to switch."""
    Machine.sleep(YIELD if len(sys._current_frames()) > 1 else 0)  # noqa: SLF001 - some threads are none of threading's


class Sleepers:
    """Everyone who sleeps on one clock, in the order in which they wake."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._threads: dict[Ticket, int] = {}
        self._comes: dict[Ticket, Callable[[], bool]] = {}  # whether what would wake a sleeper has come
        self._numbers = count()
        self._moving: int | None = None  # the thread that is moving the clock
        self._seen: dict[int, tuple[tuple[object, ...], float]] = {}  # where each thread was, and since when
        self.woken = 0  # how often somebody woke

    def join(self, until: float, has_come: Callable[[], bool] | None = None) -> Ticket:
        """Begin to sleep until a time on the clock, or until something has come that ends the sleep before."""
        ticket = (until, next(self._numbers))
        thread = threading.get_ident()
        with self._changed:
            if has_come is not None:
                self._comes[ticket] = has_come
            self._threads[ticket] = thread
            self._seen.pop(thread, None)
            heapq.heappush(self._waiting, ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Stop sleeping, if it did: woken by something else."""
        with self._changed:
            self._comes.pop(ticket, None)
            if self._threads.pop(ticket, None) is not None:
                self._waiting.remove(ticket)
                heapq.heapify(self._waiting)
                self._changed.notify_all()

    def is_first(self, ticket: Ticket) -> bool:
        """Whether nobody has to wake earlier, nor is about to."""
        with self._changed:
            return self._waiting[0] == ticket and self._moving in (None, threading.get_ident())

    def wait_until_first(self, ticket: Ticket) -> int:
        """Wait until nobody has to wake earlier; how often somebody has woken by then."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_first(ticket))
            return self.woken

    def wake(self, ticket: Ticket, woken: int, advance: Callable[[float], None], clock: Clock) -> bool:
        """Move the clock and wake, if nobody has woken meanwhile and nobody has to wake earlier; whether that was so."""
        with self._changed:
            if self.woken != woken or not self.is_first(ticket):
                return False
            heapq.heappop(self._waiting)
            del self._threads[ticket]
            self._comes.pop(ticket, None)
            self.woken += 1
            before, self._moving = self._moving, threading.get_ident()
        try:
            behind = ticket[0] - clock.elapsed
            if behind > 0:
                advance(behind)  # which may call functions of the user's
        finally:
            with self._changed:
                self._moving = before
                self._changed.notify_all()
        return True

    def somebody_works(self, *, stuck: float, idle: Collection[int] = ()) -> bool:
        """Whether a thread is at something that might come first.

        One that has not moved for ``stuck`` real seconds waits for something that cannot be seen; ``idle`` are threads
        that are of no account.
        """
        if in_flight() or _somebody_begins() or any(has_come() for has_come in list(self._comes.values())):
            return True
        frames = sys._current_frames()  # noqa: SLF001 - there is no other way to see them
        del frames[threading.get_ident()]  # this one, which would refer to itself
        if not frames:
            return False
        now = real_time()
        asleep = {*self._threads.values(), *idle}
        works = [self._moves(ident, frame, now, stuck) for ident, frame in frames.items() if ident not in asleep]
        return any(works)  # every one of them has been looked at, and is known the next time

    def _moves(self, ident: int, frame: FrameType, now: float, stuck: float) -> bool:
        """Whether a thread is at work, and was somewhere else not long ago."""
        if not is_busy(frame):
            self._seen.pop(ident, None)
            return False
        native = next((thread.native_id for thread in threading.enumerate() if thread.ident == ident), None)
        runs, schedule = _schedule_of(native)
        here = (native, id(frame), frame.f_lasti, schedule)  # a later thread may have all but the first in common
        seen, since = self._seen.get(ident, ((), now))
        if seen == here and not runs:
            return now - since < stuck
        self._seen[ident] = (here, now)
        return True


def known_idents() -> frozenset[int]:
    """The threads that ``threading`` knows of."""
    return frozenset(thread.ident for thread in threading.enumerate() if thread.ident is not None)


def _somebody_begins() -> bool:
    """Whether a thread was started that has no frame yet, so that it cannot be seen at work."""
    return any(thread.ident is None for thread in threading.enumerate())


def _schedule_of(native: int | None) -> tuple[bool, bytes]:
    """Whether a thread has a processor, or waits for one or for a disk, and how often it had one; as far as Linux says so.

    It is what tells one that cannot get on from one that waits: the former goes on asking for the interpreter.
    """
    try:
        with open(f"/proc/self/task/{native}/status", "rb") as file:  # noqa: PTH123 - read often: no path is made
            status = file.read()
    except OSError:
        return False, b""
    return b"\nState:\tR" in status or b"\nState:\tD" in status, status.partition(b"\nvoluntary_ctxt_switches")[2]


def real_time() -> float:
    """Seconds on the machine's own monotonic clock."""
    return Machine.monotonic()


# --- where threads wait -----------------------------------------------------------------------------------------------

_IDLE_IN: Final = frozenset(  # functions in which a thread waits for others, and does not work, by module
    {("socketserver", "serve_forever"), ("trio._core._thread_cache", "_work")}
)


def is_busy(frame: FrameType) -> bool:
    """Whether the thread that is in this frame does not wait for another.

    What it waits for may have come without its knowing it yet: then it is busy too.
    """
    place = (frame.f_globals.get("__name__"), frame.f_code.co_name)
    look = _HAS_COME.get(place)
    if look is not None:
        return look(frame)
    return place not in _IDLE_IN


def is_at_rest(thread: threading.Thread) -> bool:
    """Whether a thread is one of an event loop's, kept to be used again, and has nothing to do.

    What it is given to do later does not run before that. One that is just about to rest is given a moment for it.
    """
    for _ in range(_MOMENTS):
        frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 - there is no other way to see it
        if frame is None or not _is_kept(thread, frame):
            return False
        if not is_busy(frame):
            return True
        Machine.sleep(YIELD)
    return False


_MOMENTS: Final = 50


def _is_kept(thread: threading.Thread, frame: FrameType | None) -> bool:
    """Whether a thread is kept by anyio, asyncio or trio."""
    if type(thread).__module__.startswith("anyio.") or thread.name.startswith("asyncio_"):
        return True
    while frame is not None:
        if frame.f_globals.get("__name__") == "trio._core._thread_cache":
            return True
        frame = frame.f_back
    return False


def _is_notified(frame: FrameType) -> bool:
    names = frame.f_locals
    waiter = names.get("waiter")  # without one, the wait has not begun, or is that of an event: it is on its way there
    return waiter is None or names.get("gotit") is True or not waiter.locked()


def _has_ended(frame: FrameType) -> bool:
    lock = frame.f_locals.get("lock")
    return lock is None or not lock.locked()


def _is_over(frame: FrameType) -> bool:
    return not frame.f_locals["self"].is_alive()


def _has_work(frame: FrameType) -> bool:
    names = frame.f_locals
    return "work_item" in names or ("work_queue" in names and not names["work_queue"].empty())


def _has_input(frame: FrameType) -> bool:
    names = frame.f_locals
    return names.get("timeout") == 0 or is_readable(names["self"])


def _has_input_or_was_woken(frame: FrameType) -> bool:
    """For trio, whose epoll tells of a wake-up once; the socket of the wake-up has its byte until the event loop runs."""
    names = frame.f_locals
    runner = None if frame.f_back is None else frame.f_back.f_locals.get("runner")
    wakeup = getattr(getattr(runner, "entry_queue", None), "wakeup", None)
    waited_for = (getattr(names["self"], "_epoll", names["self"]), getattr(wakeup, "wakeup_sock", None))
    return names.get("timeout") == 0 or any(map(is_readable, waited_for))


def is_readable(waiting: Any) -> bool:
    """Whether a selector would find something."""
    try:
        return bool(select.select([waiting.fileno()], [], [], 0)[0])
    except (AttributeError, OSError, ValueError):  # a selector without a descriptor of its own, or closed
        return False


_HAS_COME: Final[dict[tuple[Any, str], Callable[[FrameType], bool]]] = {
    ("concurrent.futures.thread", "_worker"): _has_work,
    ("selectors", "select"): _has_input,
    ("trio._core._io_epoll", "get_events"): _has_input_or_was_woken,
    ("trio._core._io_kqueue", "get_events"): _has_input_or_was_woken,
    ("threading", "_wait_for_tstate_lock"): _has_ended,  # up to Python 3.12
    ("threading", "join"): _is_over,
    ("threading", "wait"): _is_notified,
}
