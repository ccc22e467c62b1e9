"""Scripted connections for aiohttp: an asyncio transport that nothing is behind, and the event loop that makes them.

Knows what aiohttp does with transports and timers; what comes of a call that is more than a plain answer, an exchange does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

from mockstatus.adapters.aiohttp_calls import SERVER, Call
from mockstatus.adapters.aiohttp_exchange import READ_SIZE, Exchange
from mockstatus.adapters.written import Written
from mockstatus.messages import Response
from mockstatus.wire import head_bytes

_CLIENT: Final = ("127.0.0.1", 49152)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


# --- a connection -----------------------------------------------------------------------------------------------------


class Timer:
    """A timer that a connection has set: it runs once, when its real time has come or an outcome says that it has."""

    __slots__ = ("_action", "due", "handle")

    def __init__(self, due: float, action: Callable[[], object]) -> None:
        self.due = due  # in the connection's own seconds
        self.handle: asyncio.TimerHandle | None = None
        self._action: Callable[[], object] | None = action

    def is_pending(self) -> bool:
        """Whether it is still to run."""
        return self._action is not None and self.handle is not None and not self.handle.cancelled()

    def run(self) -> None:
        """Run it, if nobody has."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Line(asyncio.Transport):
    """A connection whose other side answers each request with an outcome."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: Any, port: int) -> None:
        super().__init__({"peername": (SERVER, port), "sockname": _CLIENT})
        self._loop = loop
        self.protocol: Any = protocol
        self._written = Written()
        self._call: Call | None = None
        self._task: asyncio.Task[None] | None = None
        self.real: Any = None  # the connection of a request that is really sent
        self._closing = False
        self._resumed: asyncio.Future[None] | None = None  # where reading is paused
        self.elapsed = 0.0  # seconds that have passed on it, really or not
        self._timer: Timer | None = None

    def expect(self, call: Call) -> None:
        """The next request is this one."""
        if self._task is not None:
            self._task.cancel()  # it may have more to say than the answer before was to be long
        self._call = call
        self._written = Written()

    # --- what aiohttp does with a transport ---------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take a part of the request."""
        written = self._written
        if self._closing or written.is_complete:
            return
        had_head = written.headers is not None
        written.feed(data)
        if written.is_complete:
            self._loop.call_soon(self._loop.call_soon, self._answer)  # a timer is set when all is written
        elif written.expects and not had_head and written.headers is not None:
            self._loop.call_soon(self.receive, _CONTINUE)

    def writelines(self, list_of_data: Any) -> None:
        """Take several parts."""
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        """Nothing follows; HTTP says by itself where a request ends."""

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return 0, 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever left to be written."""

    def is_reading(self) -> bool:
        return self._resumed is None and not self._closing

    def pause_reading(self) -> None:
        """Let nothing more come."""
        if self._resumed is None:
            self._resumed = self._loop.create_future()
        if self.real is not None:
            self.real.transport.pause_reading()

    def resume_reading(self) -> None:
        """Let it come again."""
        resumed, self._resumed = self._resumed, None
        if resumed is not None and not resumed.done():
            resumed.set_result(None)
        if self.real is not None:
            self.real.transport.resume_reading()

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """The client ends the connection."""
        self.end(None)

    def abort(self) -> None:
        self.end(None)

    def _lose(self, error: BaseException | None) -> None:
        protocol, self.protocol = self.protocol, None
        self._call = None
        if protocol is not None:
            protocol.connection_lost(error)

    def hang_up(self) -> None:
        """End at once, as the client's connector does when it is closed."""
        protocol = self.protocol
        if protocol is not None:
            protocol.close()
            self._closing = True
            self._lose(None)

    def set_timer(self, timer: Timer, delay: float) -> None:
        """The protocol has set a timer for its connection, in place of the one before."""
        timer.due = self.elapsed + delay
        self._timer = timer

    # --- what the other side does with it -----------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Have bytes arrive at once."""
        if not self._closing:
            self.protocol.data_received(data)

    async def deliver(self, data: bytes) -> None:
        """Have bytes arrive, as many at once as a real transport reads."""
        for start in range(0, len(data), READ_SIZE):
            while self._resumed is not None:
                await self._resumed
            self.receive(data[start : start + READ_SIZE])
            await asyncio.sleep(0)  # whoever waited for them reads them before anything else happens

    async def taken_in(self) -> None:
        """Wait until the client reads again, if it has paused."""
        while self._resumed is not None:
            await self._resumed
            await asyncio.sleep(0)

    def finish(self) -> None:
        """Close the connection in order."""
        self.protocol.eof_received()
        self.end(None)

    def end(self, error: OSError | None) -> None:
        """Close it, in order or with an error; what is under way on it ends."""
        if self._closing:
            return
        self._closing = True
        task = self._task
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        if self.real is not None:
            self.real.close()
        self._loop.call_soon(self._lose, error)

    def pending_timer(self) -> Timer | None:
        """The timer that the client has set, if it is still to run."""
        return self._timer if self._timer is not None and self._timer.is_pending() else None

    def _answer(self) -> None:
        """The request has come: answer it."""
        call, self._call = self._call, None
        if call is None or self._closing:
            return
        outcome = call.outcome
        if type(outcome) is Response and outcome.plain and not outcome.delay:
            data = head_bytes(outcome.head, outcome.date) + outcome.content
            if len(data) <= READ_SIZE:
                self.receive(data)
                return
        self._task = self._loop.create_task(Exchange(self, call, self._written).carry_out(outcome))


# --- the loop -----------------------------------------------------------------------------------------------------------


class Loop:
    """An event loop as a connector is told it: the real one, but connections are lines, and their timers are known."""

    def __init__(self, real: asyncio.AbstractEventLoop) -> None:
        self._real = real
        self.lines: WeakSet[Line] = WeakSet()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """There is nothing to be connected."""

    async def create_connection(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> tuple[Line, Any]:
        """A line."""
        sock = kwargs.get("sock")
        if sock is not None:
            sock.close()
        protocol = protocol_factory()
        line = Line(self._real, protocol, 443 if kwargs.get("ssl") else 80)
        self.lines.add(line)
        protocol.connection_made(line)
        return line, protocol

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        """A timer; of a connection, one that the line can run."""
        line = getattr(getattr(callback, "__self__", None), "transport", None)
        if not isinstance(line, Line):
            return self._real.call_later(delay, callback, *args, context=context)
        timer = Timer(0.0, lambda: callback(*args))
        timer.handle = self._real.call_later(delay, timer.run, context=context)
        line.set_timer(timer, delay)
        return timer.handle
