"""How a wait inside a call is spent: skipped, really waited, or slept in virtual time. Knows clocks; not clients."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, cast, get_args

from mockstatus.clock import Clock
from mockstatus.errors import InvalidSetting

TimeMode = Literal["instant", "real", "virtual"]


def check_time(time: object) -> TimeMode:
    """The mode by its name. Raises InvalidSetting for an unknown one."""
    for mode in get_args(TimeMode):
        if time == mode:
            return cast("TimeMode", mode)
    raise InvalidSetting(f"time={time!r}: give one of {', '.join(get_args(TimeMode))}")


class Waiter(Protocol):
    """Spends waits of so many seconds."""

    def wait(self, seconds: float) -> None:
        """Spend a wait in a synchronous call."""
        ...

    async def await_(self, seconds: float) -> None:
        """Spend a wait in an asynchronous call, without blocking the event loop."""
        ...


class InstantWaiter:
    """Moves the clocks, and waits for nothing."""

    __slots__ = ("_clocks",)

    def __init__(self, clocks: Sequence[Clock]) -> None:
        self._clocks = clocks

    def wait(self, seconds: float) -> None:
        for clock in self._clocks:
            clock.advance(seconds)

    async def await_(self, seconds: float) -> None:
        self.wait(seconds)
        await checkpoint()


class SleepingWaiter:
    """Sleeps: with ``time.sleep`` and the sleep of whatever event loop there is, as they are at that moment.

    In virtual time these are the virtual ones.
    """

    __slots__ = ()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    async def await_(self, seconds: float) -> None:
        if in_trio():
            import trio

            await trio.sleep(seconds)
        else:
            import asyncio

            await asyncio.sleep(seconds)


def in_trio() -> bool:
    """Whether the caller is a trio task."""
    sniffio = sys.modules.get("sniffio")
    if sniffio is None or "trio" not in sys.modules:
        return False
    try:
        return bool(sniffio.current_async_library() == "trio")
    except sniffio.AsyncLibraryNotFoundError:
        return False


def in_event_loop() -> bool:
    """Whether the caller runs in an event loop, of asyncio or trio."""
    if in_trio():
        return True
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def in_thread(function: Callable[[], None]) -> None:
    """Call what blocks without blocking the event loop."""
    if in_trio():
        import trio

        await trio.to_thread.run_sync(function)
    else:
        import asyncio

        await asyncio.to_thread(function)


async def checkpoint() -> None:
    """Let other tasks run, and be cancelled, as every call on a real wire does."""
    if in_trio():
        import trio

        await trio.lowlevel.checkpoint()
    else:
        import asyncio

        await asyncio.sleep(0)


def make_waiter(mode: TimeMode, clocks: Sequence[Clock]) -> Waiter:
    """The way to spend waits in a mode."""
    return InstantWaiter(clocks) if mode == "instant" else SleepingWaiter()
