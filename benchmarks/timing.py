"""Seconds per call of several contenders, taken in turns. Knows nothing of what they do.

Each repeat gives every contender one block of calls, A B C A B C, so that what slows the machine down for a while slows
all of them down; of each contender the fastest block counts. Blocks are short, so that some of them are not interrupted
even on a busy machine. Garbage is collected before a block and not during it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import Context, copy_context
from dataclasses import dataclass
from time import perf_counter
from typing import Any

Call = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Something that makes a call, while it is open."""

    name: Any
    opened: Callable[[], AbstractContextManager[Call]]
    awaits: bool = False  # whether the call returns a coroutine
    period: int = 1  # after how many calls its mix of requests begins anew
    check: Callable[[Any], None] | None = None  # what its result must be
    context: Context | None = None  # where it is to be called


def always(call: Call) -> Callable[[], AbstractContextManager[Call]]:
    """For a contender with nothing to open or close around a block."""
    return lambda: nullcontext(call)


@dataclass(frozen=True)
class Effort:
    """How much time to spend."""

    repeats: int
    block: float = 0.002  # seconds that a block should take


def fastest(contenders: Sequence[Contender], effort: Effort) -> dict[Any, float]:
    """The seconds per call of each contender, by its name."""
    with frozen(), asyncio.Runner() as runner:
        loop = runner.get_loop()
        plans = [in_context(one, lambda one=one: _plan(one, loop, effort.block)) for one in contenders]
        best = {one.name: float("inf") for one in contenders}
        if len(best) != len(contenders):
            raise ValueError("two contenders have the same name")
        for repeat in range(effort.repeats):
            for one, (size, turn) in zip(contenders, plans, strict=True):
                if repeat % turn == 0:
                    spent = in_context(one, lambda one=one, size=size: _block(one, size, loop))
                    best[one.name] = min(best[one.name], spent)
    return best


@contextmanager
def frozen() -> Iterator[None]:
    """Around many collections: what is there already is not looked at in each of them."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def without_collections() -> Iterator[None]:
    """Around what is timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def in_context(contender: Contender, function: Callable[[], Any]) -> Any:
    """What the function returns where the contender is to be called."""
    return (copy_context() if contender.context is None else contender.context).run(function)


def _plan(contender: Contender, loop: asyncio.AbstractEventLoop, block: float) -> tuple[int, int]:
    """How many calls make a block, a multiple of the contender's period; and every which repeat it has one.

    One that takes longer than a block for its least number of calls has its turn less often, or it would take all the
    time there is.
    """
    with contender.opened() as call:
        result = loop.run_until_complete(call()) if contender.awaits else call()
        if contender.check is not None:
            contender.check(result)
        for _ in range(contender.period - 1):
            loop.run_until_complete(call()) if contender.awaits else call()
        spent = min(_spent(contender, call, contender.period, loop) for _ in range(3))
    period = max(spent * contender.period, 1e-9)
    return contender.period * max(1, min(round(block / period), 100_000)), max(1, min(round(period / block / 2), 8))


def _block(contender: Contender, size: int, loop: asyncio.AbstractEventLoop) -> float:
    with contender.opened() as call:
        # The first call after opening is another matter, and so are those that come when another client had its turn.
        for _ in range(max(contender.period, size // 4)):
            loop.run_until_complete(call()) if contender.awaits else call()
        return _spent(contender, call, size, loop)


def _spent(contender: Contender, call: Call, size: int, loop: asyncio.AbstractEventLoop) -> float:
    """Seconds per call."""
    with without_collections():
        if contender.awaits:
            return loop.run_until_complete(_time_async(call, size)) / size
        started = perf_counter()
        for _ in range(size):
            call()
        return (perf_counter() - started) / size


async def _time_async(call: Call, size: int) -> float:
    started = perf_counter()
    for _ in range(size):
        await call()
    return perf_counter() - started
