"""Connections for aiohttp that cannot be made: its own connector fails, over an event loop and a resolver of ours.

So what it makes of a refusal, a name that nobody knows or a bad certificate is its own doing, and traced like it.
"""

from __future__ import annotations

import asyncio
import errno
import inspect
import socket
import ssl
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver

from mockstatus.adapters.aiohttp_calls import SERVER, Call, least, out_of_time
from mockstatus.errors import InvalidRoute, WouldHang
from mockstatus.messages import Failure
from mockstatus.wire import phase_of

_CERTIFICATE: Final = (
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)"
)


async def fail_before(call: Call, failure: Failure, traces: Any) -> Failure:
    """Raise what comes of a connection that is not to be had; a failure that comes later is given back.

    So is one where the time for the whole request ends before: aiohttp does not take that for its connector's.
    """
    phase = "wait" if isinstance(failure.fault, BaseException) else phase_of(failure)
    if phase == "send":
        raise _impossible(failure, call, "read_timeout", "its sending is not timed")
    if phase == "pool":
        if not call.is_limited:
            raise _impossible(failure, call, "connect_timeout", "its connector has no limit, so nothing waits")
        return await _wait_in_vain(call, call.timeout.connect, "connect")
    if phase == "connect":
        return await _connect_in_vain(call, failure, traces)
    return failure


def _impossible(failure: Failure, call: Call, nearest: str, why: str) -> InvalidRoute:
    return InvalidRoute(
        f"{failure.fault} for {call.url} cannot happen to aiohttp: {why}; the nearest that can is {nearest}"
    )


async def _wait_in_vain(call: Call, own: float | None, kind: str) -> Failure:
    """Wait for a connection until the client gives up: a timeout of its connector, or the end of the whole request."""
    limit, total = least(own), call.total_left()
    if total is not None and (limit is None or total < limit):
        await call.wait(total)
        return Failure(out_of_time())
    if limit is None:
        raise WouldHang(call.hint(kind))
    await call.wait(limit)
    raise out_of_time()


async def _connect_in_vain(call: Call, failure: Failure, traces: Any) -> Failure:
    """Have aiohttp try to connect."""
    fault, delay = failure.fault, failure.delay
    if fault == "tls_failure" and call.url.scheme == "http":
        raise _impossible(failure, call, "connection_reset", "there is no TLS in it")
    limit, total = least(call.timeout.sock_connect, call.timeout.connect), call.total_left()
    is_slow = fault == "connect_timeout" or any(end is not None and end < delay for end in (limit, total))
    if is_slow and (limit is None or (total is not None and total < limit)):
        return await _wait_in_vain(call, None, "sock_connect")
    obstacle = Obstacle(call, "connect_timeout" if is_slow else str(fault), limit if is_slow and limit else delay)
    await Failing(obstacle).connect(call.without_proxy(), traces, call.timeout)
    raise AssertionError("a connection was made")


def untrusted() -> ssl.SSLCertVerificationError:
    """The error of a handshake with a server whose certificate vouches for itself, as the ssl module makes it."""
    error = ssl.SSLCertVerificationError(1, _CERTIFICATE)
    error.library, error.reason = "SSL", "CERTIFICATE_VERIFY_FAILED"
    error.verify_code, error.verify_message = 18, "self-signed certificate"
    return error


class Obstacle:
    """What is in the way of a connection, and after how many seconds that shows."""

    def __init__(self, call: Call, fault: str, delay: float) -> None:
        self._call = call
        self._fault = fault
        self._delay = delay

    async def meet_at_look_up(self) -> None:
        """Raise it where a name is looked up, if it is there."""
        if self._fault == "dns_failure":
            await self._spend()
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def meet_at_address(self, address: Any) -> None:
        """Raise it where a socket is connected."""
        if self._fault == "connect_timeout":
            await self._spend()
            raise out_of_time()
        if self._fault == "connection_refused":
            await self._spend()
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"Connect call failed {address}")

    async def meet_at_handshake(self) -> None:
        """Raise it where TLS begins."""
        await self._spend()
        raise untrusted()

    async def _spend(self) -> None:
        if self._delay:
            await self._call.wait(self._delay)


class FailingLoop:
    """An event loop as a connector is told it: the real one, but for the connections."""

    def __init__(self, real: asyncio.AbstractEventLoop, obstacle: Obstacle) -> None:
        self._real = real
        self._obstacle = obstacle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Try to reach an address."""
        await self._obstacle.meet_at_address(address)

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, *, sock: Any = None, **_: Any
    ) -> Any:
        """Try to make a connection; the versions of aiohttp that connect no socket before name host and port."""
        if sock is None:
            await self._obstacle.meet_at_address((host, port))
        else:
            sock.close()
        await self._obstacle.meet_at_handshake()


class Nowhere(AbstractResolver):
    """Finds an address for every name, which nobody has; or what is in the way of that."""

    def __init__(self, obstacle: Obstacle | None = None) -> None:
        self._obstacle = obstacle

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
        """The address."""
        if self._obstacle is not None:
            await self._obstacle.meet_at_look_up()
        return [{"hostname": host, "host": SERVER, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """It holds nothing."""


class NoSocket:
    """Stands for the socket that a connector has made for itself, where it lets others make it."""

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - as a socket has it
        """It never blocks."""

    def close(self) -> None:
        """It holds nothing."""


def no_sockets() -> dict[str, Any]:
    """The arguments that keep a connector from making sockets, if it can be kept from it (since aiohttp 3.12)."""
    return {"socket_factory": lambda _: NoSocket()} if _TAKES_SOCKETS else {}


_TAKES_SOCKETS: Final = "socket_factory" in inspect.signature(aiohttp.TCPConnector.__init__).parameters


class Failing(aiohttp.TCPConnector):
    """A connector that makes no connection."""

    def __init__(self, obstacle: Obstacle) -> None:
        loop: Any = FailingLoop(asyncio.get_running_loop(), obstacle)
        super().__init__(loop=loop, resolver=Nowhere(obstacle), **no_sockets())
