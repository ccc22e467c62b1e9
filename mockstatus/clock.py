"""What time it is for one router, and how much of it has passed. Never sleeps; must not know who waits or why."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from mockstatus.errors import InvalidSetting

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Clock:
    """A router's clock: real time plus what was skipped, or standing still where it was frozen.

    ``now`` is an aware ``datetime`` in UTC, ``elapsed`` the seconds since the clock was started. Delays that are
    not slept and ``advance`` move both. A standing clock (``Router(now=…)``, ``time="virtual"``) moves by these alone.
    """

    __slots__ = ("_elapsed", "_lock", "_mark", "_start", "_wall")

    _wall: float  # while the clock runs, its lead over real time; while it stands, the time
    _mark: float | None  # when it began to run; None while it stands

    def __init__(self, now: datetime | None = None) -> None:
        if now is not None and now.tzinfo is None:
            raise InvalidSetting(f"now={now!r} has no time zone: write datetime(…, tzinfo=UTC)")
        self._start = None if now is None else now.timestamp()
        self._lock = threading.Lock()
        self.restart()

    def restart(self, *, standing: bool = False) -> None:
        """Begin again: nothing elapsed, nothing skipped."""
        self._elapsed = 0.0
        if self._start is not None:
            self._wall, self._mark = self._start, None
        elif standing:
            self._wall, self._mark = time.time(), None
        else:
            self._wall, self._mark = 0.0, time.monotonic()

    def stand(self) -> None:
        """From here on only skipped time moves the clock."""
        with self._lock:
            self._elapsed, self._wall, self._mark = self.elapsed, self.timestamp(), None

    def run(self) -> None:
        """Move with real time again, from where the clock stands."""
        with self._lock:
            if self._mark is None and self._start is None:
                self._wall -= time.time()
                self._mark = time.monotonic()

    @property
    def now(self) -> datetime:
        """The moment, an aware ``datetime`` in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was started."""
        mark = self._mark
        return self._elapsed if mark is None else self._elapsed + time.monotonic() - mark

    def timestamp(self) -> float:
        """The moment in seconds since 1970, as ``time.time()`` would say it."""
        return self._wall if self._mark is None else self._wall + time.time()

    def read(self) -> tuple[float, float]:
        """``elapsed`` and ``timestamp()`` at once."""
        mark = self._mark
        if mark is None:
            return self._elapsed, self._wall
        return self._elapsed + time.monotonic() - mark, self._wall + time.time()

    def lead(self) -> float:
        """Seconds by which the clock is ahead of ``time.time()``."""
        return self.timestamp() - time.time()

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises InvalidSetting for a negative or infinite number of seconds."""
        if not 0 <= seconds < float("inf"):
            raise InvalidSetting(f"advance({seconds!r}): a clock moves forward by a finite number of seconds")
        with self._lock:
            self._elapsed += seconds
            self._wall += seconds

    def __repr__(self) -> str:
        return f"<Clock {self.now.isoformat(timespec='milliseconds')} elapsed={self.elapsed:.3f}s>"


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
