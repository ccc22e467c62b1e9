"""How a method of a client is replaced and given back. Knows attributes; must not know what a replacement does."""

from __future__ import annotations

import gc
import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
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

    __slots__ = ("_make", "_mends", "found", "hook", "name", "original", "owner", "space")

    def __init__(
        self, owner: Any, name: str, make: Callable[[Any], Any], *, own: bool = True, mends: Patch | None = None
    ) -> None:
        """``own`` says that the owner itself has the attribute, and no base class of it. Raises Missing.

        One that ``mends`` another is needed only where that one, which is applied before it, found what is not the
        owner's own.
        """
        self.space: Mapping[str, Any] = _namespace(owner)
        if name not in self.space and (own or not hasattr(owner, name)):
            raise Missing(owner, name)
        self.owner = owner
        self.name = name
        self._make = make
        self._mends = mends
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

    def is_needed(self) -> bool:
        """Whether it has to be applied."""
        mended = self._mends
        return mended is None or not (mended.found is None or is_own(mended.found, _package(mended.owner)))

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
            if here is not self.hook and is_own(here, _package(self.owner)):
                self.apply()

    def undo(self) -> None:
        """Put back what stood there, unless something else than one of our replacements does by now."""
        put_back(self.owner, self.name, self.space.get(self.name))


def _namespace(owner: Any) -> Mapping[str, Any]:
    """What an owner itself has, only to be read: of a class the dict behind ``vars``, which is twice as fast."""
    space: Mapping[str, Any] = vars(owner)
    behind = gc.get_referents(space) if isinstance(owner, type) else []
    return behind[0] if len(behind) == 1 and type(behind[0]) is dict and behind[0] == space else space


def _package(owner: Any) -> str:
    return str(owner.__module__).partition(".")[0]


def put_back(owner: Any, name: str, here: Any) -> None:
    """Where one of our replacements stands, have there again what stood there before it."""
    stood = _stood.get(here) if type(here) is FunctionType else None
    if stood is None:
        return
    while type(stood.value) is FunctionType and stood.value in _stood:  # a wrapper has put back what it found
        stood = _stood[stood.value]
    if isinstance(owner, dict):  # the namespace of a module
        owner[name] = stood.value
    elif stood.value is None:
        delattr(owner, name)
    else:
        setattr(owner, name, stood.value)


_mending: Final = threading.Lock()


# How a patch was applied last time: the owner and what it has, the attribute's name, what was found and what was put there.
# A plain tuple, which is taken apart three times as fast as one with names.
Row = tuple[Any, Mapping[str, Any], str, Any, Any]


class Plan:
    """Patches that are applied and undone together, and often, so as fast as it goes while all is as it was last time."""

    __slots__ = ("_inherited", "_of_modules", "_own", "_rows", "patches")

    def __init__(self, patches: Iterable[Patch]) -> None:
        self.patches = tuple(dict.fromkeys(patches))
        self._remember([])

    def _remember(self, rows: list[Row]) -> None:
        self._rows = rows
        of_classes = [row for row in rows if type(row[0]) is not ModuleType]
        self._own = [row for row in of_classes if row[3] is not None]
        self._inherited = [row for row in of_classes if row[3] is None]
        self._of_modules = [(owner.__dict__, *row) for owner, _, *row in rows if type(owner) is ModuleType]

    def apply(self) -> None:
        """Put all replacements in place; where one cannot be made, none."""
        if not (self._rows and self._apply_again()):
            self._apply_anew()

    def _apply_again(self) -> bool:
        """Put them in place as last time, if all is as it was then; whether it was."""
        try:
            for owner, space, name, found, hook in self._own:
                if space[name] is not found:
                    return False
                setattr(owner, name, hook)
            for owner, space, name, _, hook in self._inherited:
                if name in space:
                    return False
                setattr(owner, name, hook)
            for names, name, found, hook in self._of_modules:
                if names[name] is not found:
                    return False
                names[name] = hook
        except KeyError:  # one is no longer there
            return False
        return True

    def _apply_anew(self) -> None:
        try:
            for patch in self.patches:
                if patch.is_needed():
                    patch.apply()
        except BaseException:
            for patch in self.patches:
                patch.undo()
            raise
        needed = [patch for patch in self.patches if patch.is_needed()]
        self._remember([(patch.owner, patch.space, patch.name, patch.found, patch.hook) for patch in needed])

    def undo(self) -> None:
        """Put everything back that nobody else has touched."""
        for owner, space, name, found, hook in self._own:
            if name in space and space[name] is hook:
                setattr(owner, name, found)
            else:
                put_back(owner, name, space.get(name))
        for owner, space, name, _, hook in self._inherited:
            if name in space and space[name] is hook:
                delattr(owner, name)
            else:
                put_back(owner, name, space.get(name))
        for names, name, found, hook in self._of_modules:
            here = names.get(name)
            if here is hook:
                names[name] = found
            else:
                put_back(names, name, here)

    def is_in_place(self) -> bool:
        """Whether every replacement is called: stands where it was put, or beneath what wraps it there."""
        for _, space, name, _, hook in self._rows:
            here = space.get(name)
            if here is not hook and hook not in _chain(here):
                return False
        return bool(self._rows)

    def take_over(self, other: Plan) -> None:
        """Stand as applied, as its patches are by another plan."""
        rows = {(id(row[0]), row[2]): row for row in other._rows}
        keys = [(id(patch.owner), patch.name) for patch in self.patches]
        self._remember([rows[key] for key in keys if key in rows])


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
    if is_own(function, client):
        return False
    return is_own(inspect.unwrap(function), client)


def is_as_made(function: Any, client: str) -> bool:
    """Whether a function is the client's own, or a replacement of ours around that."""
    while type(function) is FunctionType and function in _stood:
        function = function.__wrapped__  # type: ignore[attr-defined] # each says what it is around
    return is_own(function, client)


def is_own(function: Any, client: str) -> bool:
    """Whether a function is one of a client's own package."""
    return (  # the real type: what wraps a function may say that it is one
        type(function) is FunctionType and str(function.__globals__.get("__name__", "")).partition(".")[0] == client
    )
