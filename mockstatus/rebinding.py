"""Finds what refers to a function, and has it refer to another: imported names, defaults, attributes. Knows no time.

A name that was imported before a patch stands for the function that was there, and so do a default argument, an
attribute of a class, an entry of a dict. The garbage collector knows them all.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import CellType, FunctionType
from typing import Any, Final, NamedTuple

_IMMORTAL: Final = 1 << 28  # reference counts above this are none
_OWN: Final = "mockstatus"
_KEEPERS: Final = frozenset({_OWN, "unittest"})  # whose objects keep a function in order to put it back


class Place(NamedTuple):
    """Where something refers to a function: how to see to what, how to change it, and whether it is there for long."""

    look: Callable[[], Any]
    put: Callable[[Any], None]
    lasts: bool


class Known:
    """A function, the places that refer to it, and how many references there are when all stands as it was."""

    __slots__ = ("count", "function", "places")

    def __init__(self, function: Any, places: list[Place]) -> None:
        self.function = function
        self.places = places
        self.count = 0

    def is_right(self) -> bool:
        """Whether nothing else refers to the function than did the last time."""
        return self.references() == self.count and all(place.look() is self.function for place in self.places)

    def settle(self) -> None:
        """Take down how many references there are."""
        self.count = self.references()

    def references(self) -> int:
        """How many references to the function there are; -1 where it is not counted."""
        count = sys.getrefcount(self.function)
        return count if count < _IMMORTAL else -1


class Names:
    """The places that refer to some functions, to be changed to their replacements and back, again and again.

    They are searched for only where the number of references says that there are others than last time.
    """

    def __init__(self) -> None:
        self._known: dict[int, Known] = {}  # by function
        self._changed: list[tuple[Any, Place]] = []  # what each place had before
        self._replacements: dict[int, Known] = {}

    def look_over(self) -> None:
        """Forget what is no longer right; all stands as it was."""
        self._known = {ident: known for ident, known in self._known.items() if known.is_right()}

    def settle(self) -> None:
        """Everything stands as it was again."""
        for known in self._known.values():
            known.settle()

    def change(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Have everything that refers to the first of a pair refer to the second."""
        distinct = {id(old): (old, new) for old, new in pairs}
        unknown = [old for ident, (old, _) in distinct.items() if ident not in self._known]
        found = find(unknown, [new for _, new in distinct.values()])
        for ident, (old, new) in distinct.items():
            places = found[ident] if ident in found else self._known[ident].places
            if all(place.lasts for place in places):
                self._known.setdefault(ident, Known(old, places))
            for place in places:
                place.put(new)
            self._changed.extend([(old, place) for place in places])
            self._replacements.setdefault(id(new), Known(new, [])).places.extend(places)

    def changed(self) -> None:
        """Everything that refers to a replacement does so because of ``change``."""
        for known in self._replacements.values():
            known.settle()

    def look_for_strangers(self) -> None:
        """Find what else has come to refer to a replacement; everything else still stands as ``changed`` saw it."""
        strange = [known.function for known in self._replacements.values() if not known.is_right()]
        for ident, places in find(strange).items():
            self._changed.extend([(self._replacements[ident].function, place) for place in places])

    def change_back(self, original: Callable[[Any, Any], Any]) -> None:
        """Have what refers to a replacement refer to what ``original`` says, given both.

        The second is the replacement itself where something has come to refer to it since.
        """
        for old, place in self._changed:
            here = place.look()
            if id(here) in self._replacements:
                place.put(original(here, old))
        self._changed, self._replacements = [], {}


def find(functions: list[Any], wrappers: Iterable[Any] = ()) -> dict[int, list[Place]]:
    """Where something refers to these functions, by the function's identity; what their wrappers call is left alone."""
    places: dict[int, list[Place]] = {id(function): [] for function in functions}
    if not functions:
        return places
    wanted = {id(function): function for function in functions}
    spared = {id(functions), id(wanted)}
    for wrapper in wrappers:
        spared |= {id(vars(wrapper)), *map(id, wrapper.__closure__ or ())}
    referrers = [one for one in gc.get_referrers(*functions) if id(one) not in spared]
    owned = [one for one in referrers if isinstance(one, (dict, tuple, staticmethod)) and not _is_namespace(one)]
    owners: dict[int, list[Any]] = {id(one): [] for one in owned}
    if owned:
        for owner in gc.get_referrers(*owned):
            for one in gc.get_referents(owner):
                if id(one) in owners and owner is not owned and owner is not referrers:
                    owners[id(one)].append(owner)
    for referrer in referrers:
        for function, place in _places(referrer, owners.get(id(referrer), []), wanted):
            places[id(function)].append(place)
    return places


def _is_namespace(found: Any) -> bool:
    """Whether this is the namespace of a module."""
    return type(found) is dict and "__name__" in found and "__spec__" in found


def _places(referrer: Any, owners: list[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    """The places in one object that refer to the wanted functions."""
    if _keeps(referrer) or any(_keeps(owner) for owner in owners):
        return
    if isinstance(referrer, dict):
        yield from _in_dict(referrer, owners, wanted)
    elif isinstance(referrer, list):
        yield from _in_list(referrer, wanted)
    elif isinstance(referrer, tuple):
        yield from _in_tuple(referrer, owners, wanted)
    elif isinstance(referrer, staticmethod):
        for namespace in owners:
            yield from _in_static(namespace, referrer, referrer.__func__)
    elif isinstance(referrer, CellType):
        yield (
            referrer.cell_contents,
            Place(lambda: referrer.cell_contents, partial(setattr, referrer, "cell_contents"), lasts=False),
        )
    elif isinstance(referrer, partial):
        yield from _in_partial(referrer, wanted)
    else:
        yield from _in_attributes(referrer, wanted)


def _in_list(found: list[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    for position, value in enumerate(found):
        if id(value) in wanted:
            yield value, _in_items(found, position, lasts=False)


def _in_dict(found: dict[Any, Any], owners: list[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    """Names of a module, attributes of a class, or any entries."""
    owner = next((owner for owner in owners if isinstance(owner, type)), None)
    for key, value in list(found.items()):
        if id(value) not in wanted or _is_home(found, value):
            continue
        if owner is None:
            yield value, _in_items(found, key, lasts=_is_namespace(found))
        else:
            yield value, _in_class(owner, key, value, value)


def _keeps(found: Any) -> bool:
    """Whether an object is one of those that keep a function to put it back: ours, and those of mocks."""
    name = found.get("__name__") if _is_namespace(found) else getattr(type(found), "__module__", None)
    if isinstance(found, type):
        name = found.__module__
    elif isinstance(found, FunctionType):
        name = found.__globals__.get("__name__")
    return str(name).partition(".")[0] in _KEEPERS


def _is_home(found: dict[Any, Any], function: Any) -> bool:
    """Whether this is the namespace of the module that a function is from, which is not for us to change here."""
    return _is_namespace(found) and found["__name__"] == function.__module__


def _in_items(container: Any, key: Any, *, lasts: bool) -> Place:
    def look() -> Any:
        try:
            return container[key]
        except LookupError:
            return None

    return Place(look, partial(container.__setitem__, key), lasts)


def _in_class(owner: type, name: str, raw: Any, function: Any) -> Place:
    """An attribute of a class: a replacement written in Python must not become a method."""

    def look() -> Any:
        here = vars(owner).get(name)
        return here.__func__ if isinstance(here, staticmethod) else here

    def put(value: Any) -> None:
        setattr(owner, name, raw if value is function else staticmethod(value))

    return Place(look, put, lasts=True)


def _in_static(namespace: Any, static: Any, function: Any) -> Iterator[tuple[Any, Place]]:
    if isinstance(namespace, dict) and str(namespace.get("__module__")).partition(".")[0] not in _KEEPERS:
        for owner in gc.get_referrers(namespace):
            if isinstance(owner, type) and not _keeps(owner):
                for name, value in list(vars(owner).items()):
                    if value is static:
                        yield function, _in_class(owner, name, static, function)


def _in_tuple(found: tuple[Any, ...], owners: list[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    """Default arguments of a function; and entries of lists, such as what another library is going to put back."""
    for index, value in enumerate(found):
        if id(value) not in wanted:
            continue
        for owner in owners:
            if isinstance(owner, FunctionType) and owner.__defaults__ is found:
                yield value, _in_defaults(owner, index)
            elif type(owner) is list and type(found) is tuple:
                for position, entry in enumerate(owner):
                    if entry is found:
                        yield value, _in_entry(owner, position, index)


def _in_defaults(function: FunctionType, index: int) -> Place:
    def look() -> Any:
        defaults = function.__defaults__ or ()
        return defaults[index] if index < len(defaults) else None

    def put(value: Any) -> None:
        defaults = function.__defaults__ or ()
        function.__defaults__ = (*defaults[:index], value, *defaults[index + 1 :])

    return Place(look, put, lasts=True)


def _in_entry(entries: list[Any], position: int, index: int) -> Place:
    def look() -> Any:
        try:
            return entries[position][index]
        except (LookupError, TypeError):
            return None

    def put(value: Any) -> None:
        entry = entries[position]
        entries[position] = (*entry[:index], value, *entry[index + 1 :])

    return Place(look, put, lasts=False)


def _in_partial(found: partial[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    def put(value: Any) -> None:
        found.__setstate__((value, found.args, found.keywords, vars(found)))  # type: ignore[attr-defined] # pickle's

    if id(found.func) in wanted:
        yield found.func, Place(lambda: found.func, put, lasts=False)


def _in_attributes(found: Any, wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    """Attributes of an object, those in slots too."""
    if isinstance(found, type) or not type(found).__module__ or _is_internal(found):
        return
    names = [*getattr(found, "__dict__", ())]
    for kind in type(found).__mro__:
        slots = vars(kind).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else [*slots]
    for name in names:
        value = getattr(found, name, None)
        if id(value) in wanted:
            yield value, Place(partial(getattr, found, name, None), partial(_set, found, name), lasts=False)


def _is_internal(found: Any) -> bool:
    """Whether this is an object of the interpreter's, such as a frame."""
    return type(found).__module__ == "builtins"


def _set(found: Any, name: str, value: Any) -> None:
    try:
        setattr(found, name, value)
    except (AttributeError, TypeError):  # it does not let itself be changed, and keeps what it has
        return
