"""A call of aiohttp that is more than a plain answer, over a line: an outcome that is played, or a request really sent.

Whatever the client makes of it is its own doing. Knows scripts, timers and the client's response; must not know sessions.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from mockstatus.adapters.aiohttp_calls import Call, out_of_time
from mockstatus.adapters.aiohttp_failures import fail_before
from mockstatus.adapters.aiohttp_raising import keep
from mockstatus.errors import WouldHang
from mockstatus.messages import Deferred, Failure, Outcome, PassThrough, Response
from mockstatus.passage import passing
from mockstatus.streams import Pause
from mockstatus.wire import AsyncScript, End

if TYPE_CHECKING:
    from mockstatus.adapters.aiohttp_lines import Line
    from mockstatus.adapters.written import Written

READ_SIZE: Final = 65_536  # about what comes at once over a real connection


class Exchange:
    """One call and what the other side of its line says to it."""

    __slots__ = ("_call", "_line", "_written")

    def __init__(self, line: Line, call: Call, written: Written) -> None:
        self._line = line
        self._call = call
        self._written = written

    async def carry_out(self, outcome: Outcome | None) -> None:
        """Have the client see what comes of an outcome; of None, once the routers are asked."""
        try:
            if outcome is None:
                outcome = await self._offer()
            if isinstance(outcome, PassThrough):
                await self._really_send()
            elif outcome is not None:
                assert not isinstance(outcome, Deferred)
                await self._play(outcome)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            self._break_off(error)

    async def _offer(self) -> Outcome | None:
        """Ask the routers, now that all of the request is known; None where it ends in a connection that failed."""
        call, written = self._call, self._written
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

    async def _play(self, outcome: Response | Failure) -> None:
        response = outcome.reply if isinstance(outcome, Failure) else outcome
        comes_at_once = response is None or not isinstance(response.pieces(), AsyncIterator)
        held = b""  # what is there at once arrives together, as far as it is read at once
        async with aclosing(AsyncScript(outcome)) as events:
            async for event in events:
                if self._line.is_closing():
                    break
                if isinstance(event, bytes):
                    held += event
                    if comes_at_once and len(held) < READ_SIZE:
                        continue
                if held:
                    await self._line.deliver(held)
                    self._call.begin()
                    held = b""
                if isinstance(event, Pause) and not await self._wait(event.seconds):
                    return
                if isinstance(event, End):
                    await self._finish(event, keeps=_keeps(outcome))
        await self._line.deliver(held)
        self._call.begin()
        if not self._line.is_closing() and not await self._is_answered():
            self._line.finish()  # as a server does that has no more to say
        if self._line.is_closing():
            await self._wait_for_nothing()

    async def _wait(self, seconds: float | None) -> bool:
        """Let time pass, None for ever, unless the client does not wait so long; whether it does. Raises WouldHang."""
        timer = self._line.pending_timer()
        limit, total = None if timer is None else timer.due - self._line.elapsed, self._call.total_left()
        ends_all = total is not None and (limit is None or total < limit)
        limit = total if ends_all else limit
        if seconds is not None and (limit is None or seconds <= limit):
            self._line.elapsed += seconds
            await self._call.wait(seconds)
            return True
        if limit is None:
            raise WouldHang(self._call.hint("sock_read"))
        self._line.elapsed += limit
        await self._call.wait(limit)
        if ends_all:
            self._break_off(out_of_time())
        elif timer is not None:
            timer.run()
        return False

    async def _finish(self, event: End, *, keeps: bool) -> None:
        """The connection ends; where it ``keeps``, not in order."""
        if isinstance(event.how, BaseException):
            self._break_off(event.how)
        elif event.how == "stall":
            await self._wait(None)
        elif event.how == "reset":
            self._line.end(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
        elif not keeps:
            self._line.finish()

    async def _is_answered(self) -> bool:
        """Whether the client has all of an answer, once it has taken in all that there is."""
        await self._line.taken_in()
        response = self._call.response()
        return response is None or response.closed or (response.content is not None and response.content.is_eof())

    async def _wait_for_nothing(self) -> None:
        """Where aiohttp goes on to wait although the connection has ended, let its time pass."""
        await asyncio.sleep(0)  # until it knows of that
        response = self._call.response()
        content = None if response is None or response.closed else response.content
        if content is not None and not content.is_eof() and content.exception() is None:
            await self._wait(None)

    def _break_off(self, error: BaseException) -> None:
        """Have an exception come out where the caller is waiting: for the answer, or for its body."""
        response = self._call.response()
        content = None if response is None else response.content
        if self._line.protocol is not None:
            keep(error, self._call.traces)
            self._line.protocol.set_exception(error)
        if content is not None:
            content.set_exception(error)

    async def _really_send(self) -> None:
        """Send what was written over a connection of the client's own, and hand on what comes back."""
        try:
            with passing():
                real = await self._call.really()
        except TimeoutError as error:
            raise self._call.connection_timeout() from error
        if self._line.is_closing():
            real.close()
            return
        self._line.real = real
        self._line.protocol.force_close()  # nothing else is to travel on it
        real.transport.set_protocol(Relay(self._line, real.protocol))
        real.transport.write(bytes(self._written.raw))


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
        self._line.receive(data)

    def eof_received(self) -> bool | None:
        if not self._line.is_closing():
            self._line.protocol.eof_received()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._line.end(exc if isinstance(exc, OSError) else None)
        self._protocol.connection_lost(exc)  # its connector waits for that when it is closed
