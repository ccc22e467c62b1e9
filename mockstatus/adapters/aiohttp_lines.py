"""Scripted connections for aiohttp: an asyncio transport that plays outcomes, and the event loop that makes them.

Knows asyncio's transports and protocols, and of aiohttp what it does with these; must not know its sessions.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final
from weakref import WeakSet

from mockstatus.adapters.aiohttp_calls import SERVER, Call, out_of_time
from mockstatus.adapters.aiohttp_failures import fail_before
from mockstatus.adapters.aiohttp_raising import keep
from mockstatus.adapters.written import Written
from mockstatus.errors import WouldHang
from mockstatus.messages import Deferred, Failure, Outcome, PassThrough, Response
from mockstatus.passage import passing
from mockstatus.streams import Pause
from mockstatus.wire import AsyncScript, End, head_bytes

_CLIENT: Final = ("127.0.0.1", 49152)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_READ_SIZE: Final = 65_536  # about what comes at once over a real connection


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
        self._protocol: Any = protocol
        self._written = Written()
        self._call: Call | None = None
        self._task: asyncio.Task[None] | None = None
        self._real: Any = None  # the connection of a request that is really sent
        self._closing = False
        self._resumed: asyncio.Future[None] | None = None  # where reading is paused
        self._elapsed = 0.0
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
            self._loop.call_soon(self._receive, _CONTINUE)

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
        if self._real is not None:
            self._real.transport.pause_reading()

    def resume_reading(self) -> None:
        """Let it come again."""
        resumed, self._resumed = self._resumed, None
        if resumed is not None and not resumed.done():
            resumed.set_result(None)
        if self._real is not None:
            self._real.transport.resume_reading()

    def set_protocol(self, protocol: Any) -> None:
        self._protocol = protocol

    def get_protocol(self) -> Any:
        return self._protocol

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """The client ends the connection."""
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def _end(self, error: OSError | None) -> None:
        if self._closing:
            return
        self._closing = True
        task = self._task
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        if self._real is not None:
            self._real.close()
        self._loop.call_soon(self._lose, error)

    def _lose(self, error: BaseException | None) -> None:
        protocol, self._protocol = self._protocol, None
        self._call = None
        if protocol is not None:
            protocol.connection_lost(error)

    def hang_up(self) -> None:
        """End at once, as the client's connector does when it is closed."""
        protocol = self._protocol
        if protocol is not None:
            protocol.close()
            self._closing = True
            self._lose(None)

    def set_timer(self, timer: Timer, delay: float) -> None:
        """The protocol has set a timer for its connection, in place of the one before."""
        timer.due = self._elapsed + delay
        self._timer = timer

    # --- the other side -----------------------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        if not self._closing:
            self._protocol.data_received(data)

    def _answer(self) -> None:
        """The request has come: answer it."""
        call, self._call = self._call, None
        if call is None or self._closing:
            return
        outcome = call.outcome
        if type(outcome) is Response and outcome.plain and not outcome.delay:
            data = head_bytes(outcome.head, outcome.date) + outcome.content
            if len(data) <= _READ_SIZE:
                self._receive(data)
                return
        self._task = self._loop.create_task(self._carry_out(call, outcome))

    async def _carry_out(self, call: Call, outcome: Outcome | None) -> None:
        try:
            if outcome is None:
                outcome = await self._offer(call)
            if isinstance(outcome, PassThrough):
                await self._really_send(call)
            elif outcome is not None:
                assert not isinstance(outcome, Deferred)
                await self._play(call, outcome)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            self._break_off(call, error)

    async def _offer(self, call: Call) -> Outcome | None:
        """Ask the routers, now that all of the request is known; None where it ends in a connection that failed."""
        written = self._written
        assert written.headers is not None
        target = written.target
        if not target.startswith("/"):  # as it is written to a proxy
            target = call.url.raw_path_qs
        outcome = await call.offer(call.incoming(written.method, target, written.headers, bytes(written.content)))
        if isinstance(outcome, Failure):
            try:
                return await fail_before(call, outcome, [])
            except TimeoutError as error:
                raise call.connection_timeout() from error
        return outcome

    async def _play(self, call: Call, outcome: Response | Failure) -> None:
        response = outcome.reply if isinstance(outcome, Failure) else outcome
        comes_at_once = response is None or not isinstance(response.pieces(), AsyncIterator)
        held = b""  # what is there at once arrives together, as far as it is read at once
        async with aclosing(AsyncScript(outcome)) as events:
            async for event in events:
                if self._closing:
                    break
                if isinstance(event, bytes):
                    held += event
                    if comes_at_once and len(held) < _READ_SIZE:
                        continue
                if held:
                    await self._deliver(held)
                    call.begin()
                    held = b""
                if isinstance(event, Pause) and not await self._wait(call, event.seconds):
                    return
                if isinstance(event, End):
                    await self._finish(call, event, keeps=_keeps(outcome))
        await self._deliver(held)
        call.begin()
        if not self._closing and not await self._is_answered(call):
            self._close()  # as a server does that has no more to say
        if self._closing:
            await self._wait_for_nothing(call)

    async def _deliver(self, data: bytes) -> None:
        """Have bytes arrive, as many at once as a real transport reads."""
        for start in range(0, len(data), _READ_SIZE):
            while self._resumed is not None:
                await self._resumed
            self._receive(data[start : start + _READ_SIZE])
            await asyncio.sleep(0)  # whoever waited for them reads them before anything else happens

    async def _wait(self, call: Call, seconds: float | None) -> bool:
        """Let time pass, None for ever, unless the client does not wait so long; whether it does. Raises WouldHang."""
        timer = self._timer if self._timer is not None and self._timer.is_pending() else None
        limit, total = None if timer is None else timer.due - self._elapsed, call.total_left()
        ends_all = total is not None and (limit is None or total < limit)
        limit = total if ends_all else limit
        if seconds is not None and (limit is None or seconds <= limit):
            self._elapsed += seconds
            await call.wait(seconds)
            return True
        if limit is None:
            raise WouldHang(call.hint("sock_read"))
        self._elapsed += limit
        await call.wait(limit)
        if ends_all:
            self._break_off(call, out_of_time())
        elif timer is not None:
            timer.run()
        return False

    async def _finish(self, call: Call, event: End, *, keeps: bool) -> None:
        """The connection ends; where it ``keeps``, not in order."""
        if isinstance(event.how, BaseException):
            self._break_off(call, event.how)
        elif event.how == "stall":
            await self._wait(call, None)
        elif event.how == "reset":
            self._end(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
        elif not keeps:
            self._close()

    def _close(self) -> None:
        """The other side closes the connection."""
        self._protocol.eof_received()
        self._end(None)

    async def _is_answered(self, call: Call) -> bool:
        """Whether the client has all of an answer, once it has taken in all that there is."""
        while self._resumed is not None:
            await self._resumed
            await asyncio.sleep(0)
        response = call.response()
        return response is None or response.closed or (response.content is not None and response.content.is_eof())

    async def _wait_for_nothing(self, call: Call) -> None:
        """Where aiohttp goes on to wait although the connection has ended, let its time pass."""
        await asyncio.sleep(0)  # until it knows of that
        response = call.response()
        content = None if response is None or response.closed else response.content
        if content is not None and not content.is_eof() and content.exception() is None:
            await self._wait(call, None)

    def _break_off(self, call: Call, error: BaseException) -> None:
        """Have an exception come out where the caller is waiting: for the answer, or for its body."""
        response = call.response()
        content = None if response is None else response.content
        if self._protocol is not None:
            keep(error, call.traces)
            self._protocol.set_exception(error)
        if content is not None:
            content.set_exception(error)

    # --- what is really sent ------------------------------------------------------------------------------------------

    async def _really_send(self, call: Call) -> None:
        """Send what was written over a connection of the client's own, and hand on what comes back."""
        try:
            with passing():
                real = await call.really()
        except TimeoutError as error:
            raise call.connection_timeout() from error
        if self._closing:
            real.close()
            return
        self._real = real
        self._protocol.force_close()  # nothing else is to travel on it
        real.transport.set_protocol(Relay(self, real.protocol))
        real.transport.write(bytes(self._written.raw))

    def relay(self, data: bytes) -> None:
        """Bytes have come over the real connection."""
        self._receive(data)

    def relay_end(self, error: Exception | None, *, is_lost: bool) -> None:
        """The real connection has ended: what is sent over it, or all of it."""
        if self._closing:
            return
        if not is_lost:
            self._protocol.eof_received()
            return
        self._end(error if isinstance(error, OSError) else None)


def _keeps(outcome: Response | Failure) -> bool:
    """Whether the connection stays open after an answer of HTTP/1.0 (RFC 9112, Section 9.3)."""
    if isinstance(outcome, Failure) or outcome.framing == "close":
        return False
    return "keep-alive" in outcome.headers.get("Connection", "").lower()


class Relay(asyncio.Protocol):
    """Stands at a real connection in the place of the client's protocol, and hands everything to a line."""

    def __init__(self, line: Line, protocol: Any) -> None:
        self._line = line
        self._protocol = protocol

    def data_received(self, data: bytes) -> None:
        self._line.relay(data)

    def eof_received(self) -> bool | None:
        self._line.relay_end(None, is_lost=False)
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._line.relay_end(exc, is_lost=True)
        self._protocol.connection_lost(exc)  # its connector waits for that when it is closed


# --- the loop -------------------------------------------------------------------------------------


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
