"""How a method of a client is replaced and given back. Knows attributes; must not know what a replacement does."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from mockstatus.errors import UnsupportedClient


class Patch:
    """One attribute of a class or module, with the function that makes its replacement from what stood there.

    What another library put in its place is wrapped like the client's own; what it puts there later is not touched.
    """

    __slots__ = ("_inherited", "_make", "hook", "name", "original", "owner")

    def __init__(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        if not hasattr(owner, name):
            raise UnsupportedClient(f"{owner.__name__} has no {name} to be replaced; please report this to mockstatus")
        self.owner = owner
        self.name = name
        self._make = make
        self._inherited = False  # whether the owner only inherits what is replaced
        self.original: Any = None
        self.hook: Any = None

    def apply(self) -> None:
        """Put the replacement in place."""
        current = self.owner.__dict__.get(self.name)
        if current is self.hook and current is not None:
            return
        self._inherited = current is None
        if current is None:
            current = getattr(self.owner, self.name)
        if current is not self.original:
            self.original, self.hook = current, self._make(current)
        setattr(self.owner, self.name, self.hook)

    def undo(self) -> None:
        """Put back what stood there, unless something else does by now."""
        if self.owner.__dict__.get(self.name) is not self.hook:
            return
        if self._inherited:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.original)


def wraps_own(function: Any, client: str) -> bool:
    """Whether a function is not the client's own, but calls it in the end, as instrumentation does."""
    if _is_own(function, client):
        return False
    return _is_own(inspect.unwrap(function), client)


def _is_own(function: Any, client: str) -> bool:
    return (
        isinstance(function, FunctionType) and str(function.__globals__.get("__name__", "")).partition(".")[0] == client
    )
