"""Scripted connections for httpcore and httpcore2: an outcome in the place of a network.

Knows httpcore's public interface of pools, backends and streams; must not know httpx.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, NamedTuple

from mockstatus.adapters.httpcore_errors import connect_failed, read_failed, timed_out, tls_failed
from mockstatus.adapters.playing import AsyncPlay, Play
from mockstatus.errors import WouldHang
from mockstatus.messages import Failure, Head, PassThrough, Request, Response
from mockstatus.waiting import Waiter, checkpoint
from mockstatus.wire import phase_of

_SERVER = ("192.0.2.1", 443)  # an address for documentation, which nobody has (RFC 5737)
_CLIENT = ("127.0.0.1", 49152)


class ReallySend(BaseException):
    """A connection attempt that is to be a real one after all."""


class Attempts:
    """The outcomes of one call: the first is known, each further connection attempt of the client asks for another."""

    __slots__ = ("_again", "_first", "outcome", "request", "waiter")

    def write(self, data: bytes) -> None:
        """Take in what the client sends."""

    def __init__(self, outcome: Response | Failure, request: Request, waiter: Waiter, again: Callable[[], Any]) -> None:
        self.outcome = outcome
        self.request = request
        self.waiter = waiter
        self._again = again
        self._first = True

    def next(self) -> Any:
        """The outcome of the next attempt, or a coroutine that gives it."""
        if self._first:
            self._first = False
            return self.outcome
        return self._again()

    def take(self, outcome: Response | Failure | PassThrough) -> None:
        """Begin an attempt with its outcome."""
        if isinstance(outcome, PassThrough):
            raise ReallySend
        self.outcome = outcome

    def fault_in(self, phase: str) -> str | None:
        """The fault of the attempt, if it happens in this phase."""
        outcome = self.outcome
        if isinstance(outcome, Failure) and isinstance(outcome.fault, str) and phase_of(outcome) == phase:
            return outcome.fault
        return None

    def hint(self, kind: str) -> str:
        """What was not given, so that the call would never end."""
        client = self.request.client
        return (
            f"{self.request.method} {self.request.url} would hang for ever, because {client} was given no {kind} timeout: "
            f"pass timeout=5, or {client}.Timeout(…) with {kind}="
        )

    def wait_before(self, kind: str, timeout: float | None, *, endless: bool) -> tuple[float, bool]:
        """The seconds before a fault, and whether the client's timeout comes first. Raises WouldHang."""
        assert isinstance(self.outcome, Failure)
        if not endless and (timeout is None or self.outcome.delay <= timeout):
            return self.outcome.delay, False
        if timeout is None:
            raise WouldHang(self.hint(kind))
        return timeout, True


def extra_info(port: int, info: str) -> Any:
    """What a stream tells of itself, as far as there is something to tell."""
    if info == "server_addr":
        return _SERVER[0], port
    if info == "client_addr":
        return _CLIENT
    return False if info == "is_readable" else None


class Sent(NamedTuple):
    """What a client really sends: of a request that is not usual, not always what it was given."""

    target: str
    headers: list[tuple[bytes, bytes]]


class Rehearsal(Attempts):
    """A call that is made only to see what the client sends."""

    __slots__ = ("_written",)

    def __init__(self, request: Request, waiter: Waiter) -> None:
        super().__init__(_NOTHING_TO_SAY, request, waiter, lambda: _NOTHING_TO_SAY)
        self._written = bytearray()

    def write(self, data: bytes) -> None:
        """Keep what the client sends, as far as it may belong to the header section."""
        if b"\r\n\r\n" not in self._written:
            self._written += data

    def sent(self) -> Sent:
        """The target and the header fields as they were sent."""
        section = bytes(self._written).partition(b"\r\n\r\n")[0]
        first, *lines = section.split(b"\r\n")
        pairs = [line.partition(b": ") for line in lines]
        return Sent(first.split(b" ")[1].decode("ascii"), [(name, value) for name, _, value in pairs])


_NOTHING_TO_SAY: Final = Response(Head(200, "OK", "HTTP/1.1", [("Content-Length", "0")]), "", b"")


class Idle(dict[int, Any]):
    """Connections on which nothing is played, for answers that are there already; by port, made when they are needed.

    They know nothing else, so one is for all, as one to a server is for many requests.
    """

    def __init__(self, stream: Callable[[int], Any]) -> None:
        super().__init__()
        self._stream = stream

    def __missing__(self, port: int) -> Any:
        made = self[port] = self._stream(port)
        return made


class Lines:
    """The scripted classes on those of one core module."""

    def __init__(self, core: Any) -> None:
        self.core = core
        self.stream: Any = type("ScriptedStream", (Stream, core.NetworkStream), {"core": core})
        self.async_stream: Any = type("AsyncScriptedStream", (AsyncStream, core.AsyncNetworkStream), {"core": core})
        self.idle = Idle(self.stream)
        self.async_idle = Idle(self.async_stream)
        self.backend: Any = type("ScriptedBackend", (Backend, core.NetworkBackend), {"lines": self})
        self.async_backend: Any = type(
            "AsyncScriptedBackend", (AsyncBackend, core.AsyncNetworkBackend), {"lines": self}
        )


class Stream:
    """A connection on which an outcome is played."""

    core: Any

    def __init__(self, port: int, attempts: Attempts | None = None) -> None:
        self._port = port
        self._attempts = attempts  # None: the answer was not read from here, and nothing more is
        self._play: Play | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: RET503 - raises at its end
        """What the server says next."""
        if self._attempts is None:
            return b""
        if self._play is None:
            attempts = self._attempts
            self._play = Play(attempts.outcome, attempts.waiter, attempts.hint("read"))
        try:
            return self._play.read(max_bytes, timeout)
        except (TimeoutError, ConnectionResetError) as error:
            if error is not self._play.broke:  # but one of the user's
                raise
        if isinstance(self._play.broke, ConnectionResetError):
            read_failed(self.core, self._play.broke, is_async=False)
        timed_out(self.core, "Read", is_async=False)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take a part of the request, or none of it."""
        attempts = self._attempts
        if attempts is None:
            return
        if attempts.fault_in("send"):
            attempts.waiter.wait(attempts.wait_before("write", timeout, endless=True)[0])
            timed_out(self.core, "Write", is_async=False)
        attempts.write(buffer)

    def close(self) -> None:
        """End the connection, and what was played on it."""
        if self._play is not None:
            self._play.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Stream:
        """A handshake, which always succeeds, but for the fault of that name."""
        if self._attempts is not None and self._attempts.fault_in("connect") == "tls_failure":
            tls_failed(self.core, is_async=False)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What can be known of the connection."""
        return extra_info(self._port, info)


class Backend:
    """A network in which each connection plays the outcome of one attempt."""

    lines: Lines

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Any:
        """A connection, or the fault that keeps it from being made."""
        attempts = self._attempts
        attempts.take(attempts.next())
        fault = attempts.fault_in("connect")
        if fault is not None:
            seconds, out_of_time = attempts.wait_before("connect", timeout, endless=fault == "connect_timeout")
            if seconds:
                attempts.waiter.wait(seconds)
            if out_of_time:
                timed_out(self.lines.core, "Connect", is_async=False)
            if fault != "tls_failure":
                connect_failed(self.lines.core, fault, attempts.request, is_async=False)
        return self.lines.stream(attempts.request.port, attempts)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> Any:
        """The same as over TCP."""
        return self.connect_tcp(path, 0, timeout)

    def sleep(self, seconds: float) -> None:
        """The pause between two attempts."""
        self._attempts.waiter.wait(seconds)


class AsyncStream:
    """A connection on which an outcome is played, asynchronously."""

    core: Any

    def __init__(self, port: int, attempts: Attempts | None = None) -> None:
        self._port = port
        self._attempts = attempts
        self._play: AsyncPlay | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: RET503 - raises at its end
        """What the server says next."""
        if self._attempts is None:
            return b""
        if self._play is None:
            attempts = self._attempts
            self._play = AsyncPlay(attempts.outcome, attempts.waiter, attempts.hint("read"))
        await checkpoint()
        try:
            return await self._play.read(max_bytes, timeout)
        except (TimeoutError, ConnectionResetError) as error:
            if error is not self._play.broke:  # but one of the user's
                raise
        if isinstance(self._play.broke, ConnectionResetError):
            read_failed(self.core, self._play.broke, is_async=True)
        timed_out(self.core, "Read", is_async=True)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take a part of the request, or none of it."""
        attempts = self._attempts
        if attempts is None:
            return
        if attempts.fault_in("send"):
            await attempts.waiter.await_(attempts.wait_before("write", timeout, endless=True)[0])
            timed_out(self.core, "Write", is_async=True)
        attempts.write(buffer)

    async def aclose(self) -> None:
        """End the connection, and what was played on it."""
        if self._play is not None:
            await self._play.aclose()

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncStream:
        """A handshake, which always succeeds, but for the fault of that name."""
        if self._attempts is not None and self._attempts.fault_in("connect") == "tls_failure":
            tls_failed(self.core, is_async=True)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What can be known of the connection."""
        return extra_info(self._port, info)


class AsyncBackend:
    """A network in which each connection plays the outcome of one attempt, asynchronously."""

    lines: Lines

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Any:
        """A connection, or the fault that keeps it from being made."""
        attempts = self._attempts
        outcome = attempts.next()
        attempts.take(await outcome if isinstance(outcome, Awaitable) else outcome)
        fault = attempts.fault_in("connect")
        if fault is not None:
            seconds, out_of_time = attempts.wait_before("connect", timeout, endless=fault == "connect_timeout")
            if seconds:
                await attempts.waiter.await_(seconds)
            if out_of_time:
                timed_out(self.lines.core, "Connect", is_async=True)
            if fault != "tls_failure":
                connect_failed(self.lines.core, fault, attempts.request, is_async=True)
        return self.lines.async_stream(attempts.request.port, attempts)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> Any:
        """The same as over TCP."""
        return await self.connect_tcp(path, 0, timeout)

    async def sleep(self, seconds: float) -> None:
        """The pause between two attempts."""
        await self._attempts.waiter.await_(seconds)
