"""Finds what refers to a function: imported names, defaults, attributes, entries. Knows neither time nor replacements.

A name that was imported stands for the function that was there, and so do a default argument, an attribute of a class,
an entry of a dict. The garbage collector knows them all.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from types import BuiltinFunctionType, CellType, FunctionType, NoneType
from typing import Any, Final, NamedTuple
from weakref import ref

_OWN: Final = "mockstatus"
_KEEPERS: Final = frozenset({_OWN, "unittest"})  # whose objects keep a function in order to put it back
_OWNED: Final = (dict, list, tuple, staticmethod)  # what can be somebody's way of referring to something

_LIGHT: Final = (str, int, float, NoneType, BuiltinFunctionType, FunctionType, type)

Look = Callable[[Any], Any]
Put = Callable[[Any, Any], None]


class Place(NamedTuple):
    """Where something refers to a function.

    ``holder`` gives what refers to it, or None when that is no more; ``look`` and ``put`` want it. Who remembers a place
    that ``is_kept_alive`` by it keeps an object of somebody else's from being collected.
    """

    holder: Callable[[], Any]
    look: Look
    put: Put
    where: tuple[int, Any]  # equal for the same place
    is_kept_alive: bool = False

    def is_gone(self) -> bool:
        """Whether what referred to the function is no more."""
        return self.holder() is None

    def here(self) -> Any:
        """What is there now; None where nothing is."""
        holder = self.holder()
        return None if holder is None else self.look(holder)

    def change(self, value: Any) -> None:
        """Have it refer to something else."""
        holder = self.holder()
        if holder is not None:
            self.put(holder, value)


class Own(list[Any]):
    """What a search has found on its way: not a list that something is looked for in."""


def _place(holder: Any, key: Any, look: Look, put: Put, *, lasts: bool = False) -> Place:
    """A place in an object, which is remembered weakly where it can be, and where it does not last anyway."""
    where = (id(holder), key)
    if lasts:
        return Place(lambda: holder, look, put, where)
    try:
        return Place(ref(holder), look, put, where)
    except TypeError:
        return Place(lambda: holder, look, put, where, is_kept_alive=not _is_light(holder))


def _is_light(holder: Any) -> bool:
    """Whether an object that cannot be referred to weakly has nothing in it whose being kept alive anybody would mind."""
    if isinstance(holder, dict):
        values = [*holder, *holder.values()]
    elif isinstance(holder, list):
        values = [*chain.from_iterable(one if type(one) is tuple else (one,) for one in holder)]
    else:
        values = [*vars(holder).values()] if _has_dict(holder) else [holder]
    return all(isinstance(value, _LIGHT) for value in values)


def find_young(functions: list[Any], wrappers: Iterable[Any] = ()) -> dict[int, list[Place]]:
    """Where objects that came to be lately refer to these functions, as ``find``.

    They are in the younger generations of the garbage collector, unless it has just collected.
    """
    wanted = {id(function) for function in functions}
    older = gc.get_objects(generation=1)
    newest = gc.get_objects(generation=0)
    spared = {id(functions), id(older), id(newest), *_of_wrappers(wrappers)}
    young = Own(one for one in (*older, *newest) if id(one) not in spared)
    referring = Own(one for one in young if any(id(value) in wanted for value in gc.get_referents(one)))
    return _sorted(functions, referring, partial(_owners, young))  # no closure: its cell would be among the young


def find(functions: list[Any], wrappers: Iterable[Any] = ()) -> dict[int, list[Place]]:
    """Where something refers to these functions, by the function's identity; what their wrappers call is left alone."""
    if not functions:
        return {}
    spared = {id(functions), *_of_wrappers(wrappers)}
    referring = Own(one for one in gc.get_referrers(*functions) if id(one) not in spared)
    return _sorted(functions, referring, partial(_owners, None))


def _of_wrappers(wrappers: Iterable[Any]) -> Iterator[int]:
    """What refers to the functions that wrappers call, on their behalf."""
    for wrapper in wrappers:
        yield id(vars(wrapper))
        yield from map(id, wrapper.__closure__ or ())


def _owners(among: Own | None, owned: Own) -> dict[int, list[Any]]:
    """Which of some objects, or of all, refer to each of the owned ones."""
    owners: dict[int, list[Any]] = {id(one): [] for one in owned}
    for owner in gc.get_referrers(*owned) if among is None else among:
        if not isinstance(owner, Own):
            for one in gc.get_referents(owner):
                if id(one) in owners:
                    owners[id(one)].append(owner)
    return owners


def _sorted(
    functions: list[Any], referring: Own, owners_of: Callable[[Own], dict[int, list[Any]]]
) -> dict[int, list[Place]]:
    """The places in the referring objects, by function."""
    places: dict[int, list[Place]] = {id(function): [] for function in functions}
    wanted = {id(function): function for function in functions}
    owned = Own(one for one in referring if isinstance(one, _OWNED) and not _is_namespace(one))
    owners = owners_of(owned) if owned else {}
    bodies = Own(
        one for static in owned if isinstance(static, staticmethod) for one in owners[id(static)] if type(one) is dict
    )
    classes = owners_of(bodies) if bodies else {}
    for referrer in referring:
        for function, place in _places(referrer, owners.get(id(referrer), []), classes, wanted):
            places[id(function)].append(place)
    return places


def _is_namespace(found: Any) -> bool:
    """Whether this is the namespace of a module."""
    return type(found) is dict and "__name__" in found and "__spec__" in found


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


def _places(
    referrer: Any, owners: list[Any], classes: dict[int, list[Any]], wanted: dict[int, Any]
) -> Iterator[tuple[Any, Place]]:
    """The places in one object that refer to the wanted functions."""
    if _keeps(referrer) or any(_keeps(owner) for owner in owners):
        return
    if isinstance(referrer, dict):
        yield from _in_dict(referrer, owners, wanted)
    elif isinstance(referrer, list):
        yield from _in_list(referrer, owners, wanted)
    elif isinstance(referrer, tuple):
        yield from _in_tuple(referrer, owners, wanted)
    elif isinstance(referrer, staticmethod):
        yield from _in_static([owner for body in owners for owner in classes.get(id(body), ())], referrer)
    elif isinstance(referrer, CellType):
        yield referrer.cell_contents, _place(referrer, None, _cell_contents, _fill_cell, lasts=True)
    elif isinstance(referrer, partial) and id(referrer.func) in wanted:
        yield referrer.func, _place(referrer, None, lambda found: found.func, _put_in_partial)
    else:
        yield from _in_attributes(referrer, wanted)


# --- each kind of place -----------------------------------------------------------------------------------------------


def _in_dict(found: dict[Any, Any], owners: list[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    """Names of a module, attributes of a class or of an object, default arguments, or any entries."""
    owner = next((owner for owner in owners if isinstance(owner, type)), None)
    whose = next((owner for owner in owners if _is_namespace_of(owner, found)), None)
    lasts = _is_namespace(found) or any(_is_namespace(one) for one in owners)
    for key, value in list(found.items()):
        if id(value) not in wanted or _is_home(found, value):
            continue
        if owner is not None:
            yield value, _in_class(owner, key)
        elif whose is not None:
            yield value, _in_its_dict(whose, key)
        else:
            yield value, _in_items(found, key, lasts=lasts)


def _in_list(found: list[Any], owners: list[Any], wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    lasts = any(_is_namespace(owner) for owner in owners)
    for position, value in enumerate(found):
        if id(value) in wanted:
            yield value, _in_items(found, position, lasts=lasts)


def _is_namespace_of(owner: Any, found: dict[Any, Any]) -> bool:
    """Whether a dict is where an object has its attributes, or a function its default arguments."""
    if isinstance(owner, FunctionType):
        return owner.__kwdefaults__ is found
    return _has_dict(owner) and vars(owner) is found


def _has_dict(found: Any) -> bool:
    """Whether an object has its attributes in a dict; asked without asking the object."""
    return type(found).__dictoffset__ != 0 and not isinstance(found, type)


def _in_its_dict(owner: Any, key: Any) -> Place:
    def attributes(holder: Any) -> Any:
        return (holder.__kwdefaults__ if isinstance(holder, FunctionType) else vars(holder)) or {}

    def put(holder: Any, value: Any) -> None:
        attributes(holder)[key] = value

    return _place(owner, key, lambda holder: attributes(holder).get(key), put)


def _in_items(container: Any, key: Any, *, lasts: bool) -> Place:
    def look(holder: Any) -> Any:
        try:
            return holder[key]
        except LookupError:
            return None

    def put(holder: Any, value: Any) -> None:
        holder[key] = value

    return _place(container, key, look, put, lasts=lasts)


def _in_class(owner: type, name: str, *, static: bool = False) -> Place:
    """An attribute of a class: a replacement written in Python must not become a method."""

    def look(holder: Any) -> Any:
        here = vars(holder).get(name)
        return here.__func__ if isinstance(here, staticmethod) else here

    def put(holder: Any, value: Any) -> None:
        setattr(holder, name, staticmethod(value) if static or isinstance(value, FunctionType) else value)

    return _place(owner, name, look, put)


def _in_static(owners: list[Any], found: Any) -> Iterator[tuple[Any, Place]]:
    for owner in owners:
        if isinstance(owner, type) and not _keeps(owner):
            for name, value in list(vars(owner).items()):
                if value is found:
                    yield found.__func__, _in_class(owner, name, static=True)


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
    def look(holder: Any) -> Any:
        defaults = holder.__defaults__ or ()
        return defaults[index] if index < len(defaults) else None

    def put(holder: Any, value: Any) -> None:
        defaults = holder.__defaults__ or ()
        holder.__defaults__ = (*defaults[:index], value, *defaults[index + 1 :])

    return _place(function, index, look, put)


def _in_entry(entries: list[Any], position: int, index: int) -> Place:
    def look(holder: Any) -> Any:
        try:
            return holder[position][index]
        except (LookupError, TypeError):
            return None

    def put(holder: Any, value: Any) -> None:
        entry = holder[position]
        holder[position] = (*entry[:index], value, *entry[index + 1 :])

    return _place(entries, (position, index), look, put)


def _cell_contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty since
        return None


def _fill_cell(cell: Any, value: Any) -> None:
    cell.cell_contents = value


def _put_in_partial(found: Any, value: Any) -> None:
    found.__setstate__((value, found.args, found.keywords, vars(found)))


def _in_attributes(found: Any, wanted: dict[int, Any]) -> Iterator[tuple[Any, Place]]:
    """Attributes of an object, those in slots too."""
    if isinstance(found, type) or type(found).__module__ in ("", "builtins"):  # such as a frame, the interpreter's own
        return
    names = [*vars(found)] if _has_dict(found) else []
    for kind in type(found).__mro__:
        slots = vars(kind).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else [*slots]
    for name in names:
        value = getattr(found, name, None)
        if id(value) in wanted:
            yield value, _place(found, name, partial(_attribute, name=name), partial(_set, name=name))


def _attribute(found: Any, *, name: str) -> Any:
    return getattr(found, name, None)


def _set(found: Any, value: Any, *, name: str) -> None:
    try:
        setattr(found, name, value)
    except (AttributeError, TypeError):  # it does not let itself be changed, and keeps what it has
        return
