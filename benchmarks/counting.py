"""Instructions of Python per call: the same on every machine, however busy. Knows nothing of what is called.

They are those of the interpreter, of the client's code as well as of ours. What is done in C is not seen, so the clock has
to be looked at too.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from benchmarks.timing import Contender, in_context

_ROUNDS = 4  # the first of which warms up; a later one may still be longer, where a second of the clock begins in it


def counted(contenders: Sequence[Contender]) -> dict[Any, float]:
    """The instructions per call of each contender, by its name: the mean over its mix of requests."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        return {one.name: in_context(one, lambda one=one: _per_call(one, loop)) for one in contenders}


def _per_call(contender: Contender, loop: asyncio.AbstractEventLoop) -> float:
    with contender.opened() as call:

        def mix() -> None:
            for _ in range(contender.period):
                loop.run_until_complete(call()) if contender.awaits else call()

        return min([instructions(mix) for _ in range(_ROUNDS)][1:]) / contender.period


def instructions(function: Callable[[], object]) -> int:
    """How many instructions of the interpreter a call runs; Python 3.13 begins to count with the second call of this."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if event == "call":
            frame.f_trace_lines = False
            frame.f_trace_opcodes = True
        elif event == "opcode":
            count += 1
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # or Python 3.12 does not look for it when tracing begins
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count
