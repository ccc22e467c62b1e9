"""Plays an outcome to a client that reads from a connection. Knows scripts and timeouts; each door gives its errors."""

from __future__ import annotations

import errno

from mockstatus.errors import WouldHang
from mockstatus.messages import Failure, Response
from mockstatus.streams import Pause
from mockstatus.waiting import Waiter
from mockstatus.wire import AsyncScript, End, Event, script


class Line:
    """What one side of a scripted connection has received so far, and how it ends."""

    __slots__ = ("_hint", "broke", "buffer", "error", "open")

    def __init__(self, hint: str) -> None:
        self._hint = hint
        self.buffer = b""
        self.open = True
        self.error: BaseException | None = None  # what reading on raises
        self.broke: OSError | None = None  # that, where a network would do the same

    def react(self, event: Event | None, timeout: float | None) -> float:
        """Take in an event; how many seconds pass before it can be seen, for a reader with this timeout."""
        if event is None:
            self.open = False
            return 0.0
        if isinstance(event, Pause):
            if timeout is None or event.seconds <= timeout:
                return event.seconds
            self.error = self.broke = TimeoutError("timed out")
            return timeout
        if isinstance(event, End):
            return self._end(event, timeout)
        self.buffer = event
        return 0.0

    def _end(self, event: End, timeout: float | None) -> float:
        self.open = False
        if isinstance(event.how, BaseException):
            self.error = event.how
        elif event.how == "reset":
            self.error = self.broke = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        elif event.how == "stall" and timeout is None:
            self.error = WouldHang(self._hint)
        elif event.how == "stall":
            self.error = self.broke = TimeoutError("timed out")
            return timeout or 0.0
        return 0.0

    def take(self, most: int) -> bytes:
        """Received bytes, at most so many. Raises what the connection ended with."""
        if not self.buffer and self.error is not None:
            error = self.error
            if isinstance(error, TimeoutError):
                self.error = None  # a reader may try again
            raise error
        taken, self.buffer = self.buffer[:most], self.buffer[most:]
        return taken


class Play:
    """An outcome as a connection that is read from."""

    __slots__ = ("_events", "_line", "_waiter")

    def __init__(self, outcome: Response | Failure, waiter: Waiter, hint: str) -> None:
        self._events = script(outcome)
        self._waiter = waiter
        self._line = Line(hint)

    def read(self, most: int, timeout: float | None) -> bytes:
        """The next bytes, at most so many; none at the end.

        Raises TimeoutError, ConnectionResetError, WouldHang, or an exception of the user's.
        """
        line = self._line
        while line.open and not line.buffer and line.error is None:
            seconds = line.react(next(self._events, None), timeout)
            if seconds:
                self._waiter.wait(seconds)
        return line.take(most)

    @property
    def broke(self) -> OSError | None:
        """The error that reading raised because the connection broke; not one of the user's, whatever its class."""
        return self._line.broke

    def close(self) -> None:
        """End it before its end."""
        self._events.close()


class AsyncPlay:
    """An outcome as a connection that is read from asynchronously."""

    __slots__ = ("_events", "_line", "_waiter")

    def __init__(self, outcome: Response | Failure, waiter: Waiter, hint: str) -> None:
        self._events = AsyncScript(outcome)
        self._waiter = waiter
        self._line = Line(hint)

    async def read(self, most: int, timeout: float | None) -> bytes:
        """The next bytes, at most so many; none at the end. Raises as ``Play.read`` does."""
        line = self._line
        while line.open and not line.buffer and line.error is None:
            seconds = line.react(await anext(self._events, None), timeout)
            if seconds:
                await self._waiter.await_(seconds)
        return line.take(most)

    @property
    def broke(self) -> OSError | None:
        """The error that reading raised because the connection broke; not one of the user's, whatever its class."""
        return self._line.broke

    async def aclose(self) -> None:
        """End it before its end."""
        await self._events.aclose()
