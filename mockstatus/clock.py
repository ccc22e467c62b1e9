"""What time it is for one router, and how much of it has passed. Never sleeps; must not know who waits or why."""

from __future__ import annotations

import datetime as dt
import heapq
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, NamedTuple

from mockstatus.errors import InvalidSetting

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def own(name: str) -> Any:
    """A function of ``time`` as the machine has it, also where freezegun has put one of its own there by now."""
    standing = getattr(time, name)
    if standing.__module__ == "time":
        return standing
    return getattr(sys.modules.get("freezegun.api"), f"real_{name}", standing)


class Machine:
    """The machine's own clocks, kept where nobody looks for them: names of modules are replaced by whoever freezes time."""

    datetime = next(kind for kind in dt.datetime.__mro__ if kind.__name__ == "datetime")
    monotonic: staticmethod[[], float] = staticmethod(own("monotonic"))
    sleep: staticmethod[[float], None] = staticmethod(own("sleep"))
    time: staticmethod[[], float] = staticmethod(own("time"))


# Who told the time when a clock began to run: the machine's datetime, or one that stands for it; and what it told.
Mark = tuple[Any, float]


def _mark_now() -> Mark:
    teller = dt.datetime
    return teller, Machine.monotonic() if teller is Machine.datetime else _tell(teller)[0]


def _tell(teller: Any) -> tuple[float, float]:
    """Seconds since some moment, and since 1970.

    While freezegun holds the time, it holds both; it is asked for the date, which it tells everybody alike.
    """
    if teller is Machine.datetime:
        return Machine.monotonic(), Machine.time()
    frozen: float = teller.now(UTC).timestamp()
    return frozen, frozen


_lock: Final = threading.RLock()  # of all clocks: it is held for a few additions


class Clock:
    """A router's clock: real time plus what was skipped, or standing still where it was frozen.

    ``now`` is an aware ``datetime`` in UTC, ``elapsed`` the seconds since the clock was started. Delays that are
    not slept and ``advance`` move both. A standing clock (``Router(now=…)``, ``time="virtual"``) moves by these alone.
    """

    __slots__ = ("_alarms", "_elapsed", "_mark", "_seen", "_start", "_wall")

    _wall: float  # while the clock runs, its lead over real time; while it stands, the time
    _mark: Mark | None  # when it began to run; None while it stands
    _seen: float  # what was told last

    def __init__(self, now: datetime | None = None) -> None:
        if now is not None and not isinstance(now, datetime):
            raise InvalidSetting(f"now={now!r} is no moment: write datetime(…, tzinfo=UTC)")
        if now is not None and now.tzinfo is None:
            raise InvalidSetting(f"now={now!r} has no time zone: write datetime(…, tzinfo=UTC)")
        self._start = None if now is None else now.timestamp()
        self._alarms: Alarms | None = None
        self.restart()

    def restart(self, *, standing: bool = False) -> None:
        """Begin again: nothing elapsed, nothing skipped, nothing to be called."""
        if self._alarms is not None:
            self._alarms.cancel()
        self._elapsed = 0.0
        self._seen = 0.0
        if self._start is not None:
            self._wall, self._mark = self._start, None
        elif standing:
            self._wall, self._mark = _tell(dt.datetime)[1], None
        else:
            self._wall = 0.0
            usual = dt.datetime is Machine.datetime
            self._mark = (Machine.datetime, Machine.monotonic()) if usual else _mark_now()

    def stand(self) -> None:
        """From here on only skipped time moves the clock."""
        with _lock:
            (self._elapsed, self._wall), self._mark = self.read(), None

    def run(self) -> None:
        """Move with real time again, from where the clock stands."""
        with _lock:
            if self._mark is None and self._start is None:
                self._wall -= _tell(dt.datetime)[1]
                self._mark = _mark_now()
        if self._mark is not None and self._alarms is not None:
            self._alarms.start_timers(lambda: self.elapsed)

    @property
    def now(self) -> datetime:
        """The moment, an aware ``datetime`` in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was started."""
        return self.read()[0]

    def timestamp(self) -> float:
        """The moment in seconds since 1970, as ``time.time()`` would say it."""
        return self.read()[1]

    def read(self) -> tuple[float, float]:
        """``elapsed`` and ``timestamp()`` at once."""
        mark = self._mark
        if mark is None:
            return self._elapsed, self._wall
        teller, at = mark
        if teller is dt.datetime is Machine.datetime:  # as always, so without a further call
            self._seen = told = Machine.monotonic()
            return self._elapsed + (told - at), self._wall + Machine.time()
        if teller is not dt.datetime:
            teller, at = self._follow_another(mark)
        told, wall = _tell(teller)
        self._seen = told
        return self._elapsed + (told - at), self._wall + wall

    def _follow_another(self, mark: Mark) -> Mark:
        """Somebody has frozen the time, or let it go: no time has passed by that."""
        with _lock:
            if self._mark is mark:
                self._elapsed += (self._seen or mark[1]) - mark[1]
                self._mark = _mark_now()
            return self._mark or _mark_now()

    def lead(self) -> float:
        """Seconds by which the clock is ahead of ``time.time()``."""
        return self.timestamp() - _tell(dt.datetime)[1]

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises InvalidSetting for a negative or infinite number of seconds.

        What is to be called on the way is called at its time.
        """
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
            raise InvalidSetting(f"advance({seconds!r}): a clock moves forward by a finite number of seconds")
        left = seconds
        try:
            while self._alarms is not None:
                due = self._alarms.take(self.elapsed + left)
                if due is None:
                    return
                step = min(max(due.at - self.elapsed, 0.0), left)
                left -= step
                self._move(step)
                due.function()
        finally:
            self._move(left)

    def _move(self, seconds: float) -> None:
        with _lock:
            self._elapsed += seconds
            self._wall += seconds

    def call_at(self, elapsed: float, function: Callable[[], None]) -> None:
        """Have a function called once so many seconds are elapsed: by whoever moves the clock there, or in real time."""
        with _lock:
            if self._alarms is None:
                self._alarms = Alarms()
            alarms = self._alarms
        alarms.add(elapsed, function)
        if self._mark is not None:
            alarms.start_timer(elapsed - self.elapsed, lambda: self.elapsed)

    def silence(self) -> None:
        """Forget what was to be called."""
        if self._alarms is not None:
            self._alarms.cancel()

    def __repr__(self) -> str:
        return f"<Clock {self.now.isoformat(timespec='milliseconds')} elapsed={self.elapsed:.3f}s>"


class Alarm(NamedTuple):
    """A function to be called at a time of a clock; those of the same time in the order in which they were set."""

    at: float
    number: int
    function: Callable[[], None]


class Alarms:
    """Functions to be called at times of a clock, each once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count()
        self._waiting: list[Alarm] = []
        self._timers: list[threading.Timer] = []

    def add(self, elapsed: float, function: Callable[[], None]) -> None:
        """One more."""
        with self._lock:
            heapq.heappush(self._waiting, Alarm(elapsed, next(self._numbers), function))

    def take(self, elapsed: float) -> Alarm | None:
        """The first whose time has come, which is not taken again; None where none is due."""
        with self._lock:
            if not self._waiting or self._waiting[0].at > elapsed:
                return None
            return heapq.heappop(self._waiting)

    def ring(self, elapsed: float) -> None:
        """Call those whose time has come, in the order of their times."""
        due = self.take(elapsed)
        while due is not None:
            due.function()
            due = self.take(elapsed)

    def start_timer(self, seconds: float, elapsed: Callable[[], float]) -> None:
        """For a clock that moves with real time: ring when these seconds have really passed."""
        timer = threading.Timer(max(seconds, 0.0) + _LATER, lambda: self.ring(elapsed()))
        timer.daemon = True
        with self._lock:
            self._timers = [*(one for one in self._timers if one.is_alive()), timer]
        timer.start()

    def start_timers(self, elapsed: Callable[[], float]) -> None:
        """For a clock that begins to move with real time: ring at the time of each."""
        with self._lock:
            times, timers, self._timers = [one.at for one in self._waiting], self._timers, []
        for timer in timers:
            timer.cancel()
        for at in times:
            self.start_timer(at - elapsed(), elapsed)

    def cancel(self) -> None:
        """Forget them all."""
        with self._lock:
            self._waiting.clear()
            timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()


_LATER: Final = 0.001  # so that a timer, which may be early, is not


def http_date(timestamp: float) -> str:
    """An IMF-fixdate, ``Sun, 22 Nov 2026 10:15:30 GMT`` (RFC 9110, Section 5.6.7)."""
    second = int(timestamp)
    known, text = _last
    return text if known == second else _remember(second)


_last: tuple[int, str] = (-1, "")


def _remember(second: int) -> str:
    global _last  # noqa: PLW0603 - one slot, replaced whole: a reader sees the old pair or the new one
    year, month, day, hour, minute, sec, weekday, *_ = time.gmtime(second)
    text = f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{sec:02} GMT"
    _last = (second, text)
    return text
