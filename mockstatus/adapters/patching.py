"""How a method of a client is replaced and given back. Knows attributes; must not know what a replacement does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

from mockstatus.errors import UnsupportedClient


class Patch:
    """One attribute of a class or module, with the function that makes its replacement from what stood there.

    What another library put in its place is wrapped like the client's own; what it puts there later is not touched.
    """

    __slots__ = ("_make", "found", "hook", "name", "original", "owner", "space")

    def __init__(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        if not hasattr(owner, name):
            raise UnsupportedClient(f"{owner.__name__} has no {name} to be replaced; please report this to mockstatus")
        self.owner = owner
        self.name = name
        self.space: Mapping[str, Any] = vars(owner)
        self._make = make
        self.found: Any = None  # what stood in the owner itself; None for what it inherits
        self.original: Any = None
        self.hook: Any = None

    def apply(self) -> None:
        """Put the replacement in place."""
        found = self.space.get(self.name)
        if found is self.hook and found is not None:
            return
        self.found = found
        original = getattr(self.owner, self.name) if found is None else found
        if original is not self.original:
            self.original, self.hook = original, self._make(original)
        setattr(self.owner, self.name, self.hook)

    def undo(self) -> None:
        """Put back what stood there, unless something else does by now."""
        if self.space.get(self.name) is self.hook:
            if self.found is None:
                delattr(self.owner, self.name)
            else:
                setattr(self.owner, self.name, self.found)


class Plan:
    """Patches that are applied and undone together, and often, so as fast as it goes while all is as it was last time."""

    __slots__ = ("_rows", "patches")

    def __init__(self, patches: Iterable[Patch]) -> None:
        self.patches = tuple(dict.fromkeys(patches))
        self._rows: list[tuple[Callable[[str], Any], str, Any, Any, Any]] = []  # how it was last time

    def apply(self) -> None:
        """Put all replacements in place; where one cannot be made, none."""
        for look, name, found, owner, hook in self._rows:
            if look(name) is not found:
                break
            setattr(owner, name, hook)
        else:
            if self._rows:
                return
        try:
            for patch in self.patches:
                patch.apply()
        except BaseException:
            for patch in self.patches:
                patch.undo()
            raise
        self._rows = [(patch.space.get, patch.name, patch.found, patch.owner, patch.hook) for patch in self.patches]

    def undo(self) -> None:
        """Put everything back that nobody else has touched."""
        for look, name, found, owner, hook in self._rows:
            if look(name) is not hook:
                continue
            if found is None:
                delattr(owner, name)
            else:
                setattr(owner, name, found)


def wraps_own(function: Any, client: str) -> bool:
    """Whether a function is not the client's own, but calls it in the end, as instrumentation does."""
    if _is_own(function, client):
        return False
    return _is_own(inspect.unwrap(function), client)


def _is_own(function: Any, client: str) -> bool:
    return (
        isinstance(function, FunctionType) and str(function.__globals__.get("__name__", "")).partition(".")[0] == client
    )
