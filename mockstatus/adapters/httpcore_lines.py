"""Scripted connections for httpcore and httpcore2, with the errors that their own backends would raise.

Knows httpcore's public interface of pools, backends and streams; must not know httpx.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NoReturn

from mockstatus.adapters.playing import AsyncPlay, Play
from mockstatus.errors import WouldHang
from mockstatus.messages import Failure, PassThrough, Request, Response
from mockstatus.waiting import Waiter, checkpoint, in_trio
from mockstatus.wire import phase_of

_CERTIFICATE = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)"
_SERVER = ("192.0.2.1", 443)  # an address for documentation, which nobody has (RFC 5737)
_CLIENT = ("127.0.0.1", 49152)


class ReallySend(BaseException):
    """A connection attempt that is to be a real one after all."""


class Attempts:
    """The outcomes of one call: the first is known, each further connection attempt of the client asks for another."""

    __slots__ = ("_again", "_first", "outcome", "request", "waiter")

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


def timed_out(core: Any, kind: str, *, is_async: bool) -> NoReturn:
    """Raise the core's timeout of a kind, caused by what its backend would have seen."""
    wanted = getattr(core, f"{kind}Timeout")
    cause: Exception = TimeoutError("timed out")
    if is_async:
        cause = TimeoutError()
        if in_trio():
            import trio

            cause = trio.TooSlowError()
    raise wanted(cause) from cause


def connect_failed(core: Any, fault: str, request: Request, *, is_async: bool) -> NoReturn:
    """Raise what the core makes of a refused connection or a name that nobody knows."""
    cause: OSError
    if fault == "dns_failure":
        cause = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    else:
        cause = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        if is_async:
            refused = cause
            where = f"{request.host}:{request.port}"
            cause = OSError(
                f"all attempts to connect to {where} failed" if in_trio() else "All connection attempts failed"
            )
            cause.__cause__ = refused
    raise core.ConnectError(cause) from cause


def tls_failed(core: Any, *, is_async: bool) -> NoReturn:
    """Raise what the core makes of a certificate that is not to be trusted."""
    cause: Exception = ssl.SSLCertVerificationError(1, _CERTIFICATE)
    if is_async and in_trio():
        import trio

        broken = trio.BrokenResourceError()
        broken.__cause__ = cause
        cause = broken
    raise core.ConnectError(cause) from cause


def read_failed(core: Any, error: ConnectionResetError, *, is_async: bool) -> NoReturn:
    """Raise what the core makes of a connection that is reset while it is read."""
    cause: Exception = error
    if is_async:
        if in_trio():
            import trio

            cause = trio.BrokenResourceError(f"socket connection broken: {error}")
        else:
            import anyio

            cause = anyio.BrokenResourceError()
        cause.__cause__ = error
    raise core.ReadError(cause) from cause


def extra_info(request: Request, info: str) -> Any:
    """What a stream tells of itself, as far as there is something to tell."""
    if info == "server_addr":
        return _SERVER[0], request.port
    if info == "client_addr":
        return _CLIENT
    return False if info == "is_readable" else None


class Lines:
    """The scripted classes on those of one core module."""

    def __init__(self, core: Any) -> None:
        self.core = core
        self.stream: Any = type("ScriptedStream", (Stream, core.NetworkStream), {"core": core})
        self.async_stream: Any = type("AsyncScriptedStream", (AsyncStream, core.AsyncNetworkStream), {"core": core})
        self.backend: Any = type("ScriptedBackend", (Backend, core.NetworkBackend), {"lines": self})
        self.async_backend: Any = type(
            "AsyncScriptedBackend", (AsyncBackend, core.AsyncNetworkBackend), {"lines": self}
        )


class Stream:
    """A connection on which an outcome is played."""

    core: Any

    def __init__(self, request: Request, attempts: Attempts | None = None) -> None:
        self._request = request
        self._attempts = attempts  # None: the answer was not read from here, and nothing more is
        self._play: Play | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What the server says next."""
        if self._attempts is None:
            return b""
        if self._play is None:
            attempts = self._attempts
            self._play = Play(attempts.outcome, attempts.waiter, attempts.hint("read"))
        try:
            return self._play.read(max_bytes, timeout)
        except TimeoutError:
            timed_out(self.core, "Read", is_async=False)
        except ConnectionResetError as error:
            if error.errno != errno.ECONNRESET:
                raise
            read_failed(self.core, error, is_async=False)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take a part of the request, or none of it."""
        if self._attempts is not None and self._attempts.fault_in("send"):
            self._attempts.waiter.wait(self._attempts.wait_before("write", timeout, endless=True)[0])
            timed_out(self.core, "Write", is_async=False)

    def close(self) -> None:
        """End the connection, which holds nothing."""

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Stream:
        """A handshake, which always succeeds, but for the fault of that name."""
        if self._attempts is not None and self._attempts.fault_in("connect") == "tls_failure":
            tls_failed(self.core, is_async=False)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What can be known of the connection."""
        return extra_info(self._request, info)


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
        return self.lines.stream(attempts.request, attempts)

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

    def __init__(self, request: Request, attempts: Attempts | None = None) -> None:
        self._request = request
        self._attempts = attempts
        self._play: AsyncPlay | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What the server says next."""
        if self._attempts is None:
            return b""
        if self._play is None:
            attempts = self._attempts
            self._play = AsyncPlay(attempts.outcome, attempts.waiter, attempts.hint("read"))
        await checkpoint()
        try:
            return await self._play.read(max_bytes, timeout)
        except TimeoutError:
            timed_out(self.core, "Read", is_async=True)
        except ConnectionResetError as error:
            if error.errno != errno.ECONNRESET:
                raise
            read_failed(self.core, error, is_async=True)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take a part of the request, or none of it."""
        if self._attempts is not None and self._attempts.fault_in("send"):
            await self._attempts.waiter.await_(self._attempts.wait_before("write", timeout, endless=True)[0])
            timed_out(self.core, "Write", is_async=True)

    async def aclose(self) -> None:
        """End the connection, which holds nothing."""

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncStream:
        """A handshake, which always succeeds, but for the fault of that name."""
        if self._attempts is not None and self._attempts.fault_in("connect") == "tls_failure":
            tls_failed(self.core, is_async=True)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What can be known of the connection."""
        return extra_info(self._request, info)


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
        return self.lines.async_stream(attempts.request, attempts)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> Any:
        """The same as over TCP."""
        return await self.connect_tcp(path, 0, timeout)

    async def sleep(self, seconds: float) -> None:
        """The pause between two attempts."""
        await self._attempts.waiter.await_(seconds)
