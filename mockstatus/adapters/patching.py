"""How a method of a client is replaced and given back. Knows attributes; must not know what a replacement does."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary


class Missing(AttributeError):
    """A client does not have something that has to be replaced."""

    def __init__(self, owner: Any, name: str) -> None:
        super().__init__(f"{owner.__name__} has no {name} to be replaced; please report this to mockstatus")
        self.package: str = (getattr(owner, "__module__", None) or owner.__name__).partition(".")[0]


class Stood(NamedTuple):
    """What stood in the place of a replacement; None where the owner had it from a base class."""

    value: Any


_stood: Final[WeakKeyDictionary[Any, Stood]] = WeakKeyDictionary()  # by replacement, in place or not


class Patch:
    """One attribute of a class or module, with the function that makes its replacement from what stood there.

    What another library put in its place is wrapped like the client's own; what it puts there later is not touched.
    """

    __slots__ = ("_make", "found", "hook", "name", "original", "owner", "space")

    def __init__(self, owner: Any, name: str, make: Callable[[Any], Any], *, own: bool = True) -> None:
        """``own`` says that the owner itself has the attribute, and no base class of it. Raises Missing."""
        self.space: Mapping[str, Any] = vars(owner)
        if name not in self.space and (own or not hasattr(owner, name)):
            raise Missing(owner, name)
        self.owner = owner
        self.name = name
        self._make = make
        self.found: Any = None  # what stood in the owner itself; None for what it inherits
        self.original: Any = None
        self.hook: Any = None

    def apply(self) -> None:
        """Put the replacement in place; where it is called by what stands there, that is enough."""
        self.undo()
        found = self.space.get(self.name)
        if self.hook is not None and self.hook in _chain(found):
            return
        self.found = found
        # what is no plain function (tracing's wrappers) works only as it comes out of its class
        original = found if type(found) is FunctionType else getattr(self.owner, self.name)
        if original is not self.original:
            self.original, self.hook = original, self._make(original)
            _stood[self.hook] = Stood(found)
        setattr(self.owner, self.name, self.hook)

    def stands(self) -> bool:
        """Whether the replacement stands where it was put."""
        return self.space.get(self.name) is self.hook

    def mend(self) -> None:
        """Put the replacement in place again, where another library has put the owner's own function back over it.

        Such a library found the owner's own, because it came before us, and left before us.
        """
        if self.hook is None:
            return
        with _mending:
            here = self.space.get(self.name)
            if here is not self.hook and _is_own(here, self.owner.__module__.partition(".")[0]):
                self.apply()

    def undo(self) -> None:
        """Put back what stood there, unless something else than one of our replacements does by now."""
        put_back(self.owner, self.name, self.space.get(self.name))


def put_back(owner: Any, name: str, here: Any) -> None:
    """Where one of our replacements stands, have there again what stood there before it."""
    stood = _stood.get(here) if type(here) is FunctionType else None
    if stood is None:
        return
    while type(stood.value) is FunctionType and stood.value in _stood:  # a wrapper has put back what it found
        stood = _stood[stood.value]
    if stood.value is None:
        delattr(owner, name)
    else:
        setattr(owner, name, stood.value)


_mending: Final = threading.Lock()


# How a patch was applied last time: what looks the attribute up, its name, what it found, its owner, what it put there.
# A plain tuple, which is taken apart three times as fast as one with names.
Row = tuple[Callable[[str], Any], str, Any, Any, Any]


class Plan:
    """Patches that are applied and undone together, and often, so as fast as it goes while all is as it was last time."""

    __slots__ = ("_rows", "patches")

    def __init__(self, patches: Iterable[Patch]) -> None:
        self.patches = tuple(dict.fromkeys(patches))
        self._rows: list[Row] = []

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
            here = look(name)
            if here is not hook:
                put_back(owner, name, here)
            elif found is None:
                delattr(owner, name)
            else:
                setattr(owner, name, found)

    def is_in_place(self) -> bool:
        """Whether every replacement is called: stands where it was put, or beneath what wraps it there."""
        for look, name, _, _, hook in self._rows:
            here = look(name)
            if here is not hook and hook not in _chain(here):
                return False
        return bool(self._rows)

    def take_over(self, other: Plan) -> None:
        """Stand as applied, as its patches are by another plan."""
        rows = {(id(owner), name): (look, name, found, owner, hook) for look, name, found, owner, hook in other._rows}
        self._rows = [rows[id(patch.owner), patch.name] for patch in self.patches]


def _chain(function: Any) -> Iterator[Any]:
    """A function, and what it wraps as far as it says so (``functools.wraps``)."""
    for _ in range(_MOST_WRAPPERS):
        yield function
        function = getattr(function, "__wrapped__", None)
        if function is None:
            return


_MOST_WRAPPERS: Final = 100


def wraps_own(function: Any, client: str) -> bool:
    """Whether a function is not the client's own, but calls it in the end, as instrumentation does."""
    if _is_own(function, client):
        return False
    return _is_own(inspect.unwrap(function), client)


def _is_own(function: Any, client: str) -> bool:
    return (  # the real type: what wraps a function may say that it is one
        type(function) is FunctionType and str(function.__globals__.get("__name__", "")).partition(".")[0] == client
    )
