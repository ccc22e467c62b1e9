"""``datetime.now`` in virtual time. It is written in C, and its class lets nothing be set. Knows datetime only.

The class keeps its methods in a dict like any other; the interpreter is told that the dict has changed.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import UTC, tzinfo
from types import FrameType
from typing import Any, Final

from mockstatus.clock import Machine

Told = Callable[[FrameType], float | None]
_NAMES: Final = ("now", "utcnow")
_found: Final[dict[str, Any]] = {}  # what stood there, while something else does


def apply(told: Told) -> None:
    """Have the date be what ``told`` says to whoever asks, in seconds since 1970; None is the machine's own."""
    namespace = _namespace()
    if namespace is None or _found:
        return
    _found.update({name: namespace[name] for name in _NAMES})
    namespace.update({"now": classmethod(_now(told)), "utcnow": classmethod(_utcnow(told))})
    _announce()


def undo() -> None:
    """Put back what stood there."""
    namespace = _namespace()
    if namespace is not None and _found:
        namespace.update(_found)
        _found.clear()
        _announce()


def _now(told: Told) -> Callable[..., Any]:
    original = _found["now"]

    def now(cls: Any, tz: tzinfo | None = None) -> Any:
        seconds = told(sys._getframe(1))  # noqa: SLF001 - who asks decides which time it is
        return original.__get__(None, cls)(tz) if seconds is None else cls.fromtimestamp(seconds, tz)

    return now


def _utcnow(told: Told) -> Callable[..., Any]:
    original = _found["utcnow"]

    def utcnow(cls: Any) -> Any:
        seconds = told(sys._getframe(1))  # noqa: SLF001 - as above
        if seconds is None:
            return original.__get__(None, cls)()
        return cls.fromtimestamp(seconds, UTC).replace(tzinfo=None)

    return utcnow


def _namespace() -> dict[str, Any] | None:
    """The dict behind the class's view of it; None where the interpreter has it otherwise."""
    behind = gc.get_referents(vars(Machine.datetime))
    found = next((one for one in behind if type(one) is dict and "utcnow" in one), None)
    return found if sys.implementation.name == "cpython" else None


def _announce() -> None:
    """Have the interpreter forget what it remembers of the class's attributes."""
    import ctypes  # takes a while to load, and is wanted here alone

    ctypes.pythonapi.PyType_Modified(ctypes.py_object(Machine.datetime))
