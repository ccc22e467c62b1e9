"""Puts the hooks in place while an activation is open, in clients imported before and since. Knows doors and imports.

The patches of a client are made once and used again; while nothing is open, none is in place.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from operator import itemgetter
from types import ModuleType
from typing import Any, Final, NamedTuple

from mockstatus import guard
from mockstatus.adapters.patching import Missing, Patch, Plan
from mockstatus.errors import UnsupportedClient

CLIENTS: Final = ("httpx", "httpx2", "requests", "urllib3", "aiohttp")
_OLDEST: Final = {"httpx": (0, 27), "httpx2": (2, 0), "requests": (2, 32), "urllib3": (2, 0), "aiohttp": (3, 9)}
_BENEATH: Final = {"requests": "urllib3"}  # what a client is built on, and has to be answered for it
_LOOKED_FOR: Final = (*CLIENTS, guard.LOOPS)
_ALWAYS_THERE: Final = "sys"  # a module
_MOST_OF_A_NAME: Final = 3  # modules of one name that are hooked: a test suite may import a client anew again and again


class Hooked(NamedTuple):
    """A module with the patches that are made for it, and what puts away what they leave behind."""

    name: str
    module: ModuleType
    plan: Plan
    clean_up: Callable[[], None] | None


_lock = threading.RLock()
_open = 0  # how many activations
_wanting_all = 0  # how many of them want every client
_wanting: Final[Counter[str]] = Counter()  # how many name each
_made: Final[dict[str, list[Hooked]]] = {}  # by name, the newest module's first
_applied: Final[list[Hooked]] = []


def install(clients: Iterable[str] | None) -> None:
    """An activation is entered: hook these clients (None: all), those too that are imported from now on.

    Raises UnsupportedClient, and changes nothing, where one that is imported cannot be hooked.
    """
    global _open, _wanting_all  # noqa: PLW0603
    with _lock:
        if clients is None:
            _wanting_all += 1
        else:
            _wanting.update(clients)
        _open += 1
        if _open == 1:
            sys.meta_path.insert(0, _watch)
            if clients is None and _all.apply():
                return
        elif _all.applied:
            _all.take_apart()
        before = len(_applied)
        try:
            for name in _LOOKED_FOR:
                if _is_wanted(name):
                    _hook_if_imported(name)
            _apply(_own())
        except BaseException:
            _take_back(before)
            uninstall(clients)
            raise
        if clients is None:
            _all.remember()


def uninstall(clients: Iterable[str] | None) -> None:
    """An activation that wanted these clients is left: give everything back, if it was the last."""
    global _open, _wanting_all  # noqa: PLW0603
    with _lock:
        if clients is None:
            _wanting_all -= 1
        else:
            _wanting.subtract(clients)
        _open -= 1
        if _open:
            return
        if _watch in sys.meta_path:  # somebody may have put the list back as it was
            sys.meta_path.remove(_watch)
        if _all.applied:
            _all.undo()
        else:
            _take_back(0)


def _is_wanted(name: str) -> bool:
    return _wanting_all > 0 or name == guard.LOOPS or _wanting[name] > 0


def _apply(hooked: Hooked) -> None:
    if all(one.plan is not hooked.plan for one in _applied):
        hooked.plan.apply()
        _applied.append(hooked)


def _take_back(kept: int) -> None:
    """Give back what was applied since there were so many, the latest first."""
    while len(_applied) > kept:
        hooked = _applied.pop()
        hooked.plan.undo()
        if hooked.clean_up is not None:
            hooked.clean_up()
    for hooked in _applied:  # which may share patches with what was given back
        if not hooked.plan.is_in_place():
            hooked.plan.apply()


class _All:
    """The hooks of everything that is imported, and the guard's, as one plan: what nearly every activation needs."""

    def __init__(self) -> None:
        self.applied = False
        self._modules: object = None  # what ``_get`` gave, of ``sys.modules``
        self._get: Callable[[Mapping[str, ModuleType]], object] = itemgetter(_ALWAYS_THERE)
        self._absent: frozenset[str] = frozenset()
        self._plan: Plan = Plan(())
        self._parts: list[Hooked] = []
        self._clean_ups: list[Callable[[], None]] = []

    def remember(self) -> None:
        """What is applied now is what all that is imported needs."""
        names = [name for name in _LOOKED_FOR if name in sys.modules]
        hooked = {id(one.module) for one in _applied}
        if all(id(sys.modules[name]) in hooked for name in names):
            self._get = itemgetter(_ALWAYS_THERE, *names)
            self._modules, self._absent = self._get(sys.modules), frozenset(_LOOKED_FOR) - set(names)
            self._parts = [*_applied]
            self._plan = Plan(patch for one in _applied for patch in one.plan.patches)
            self._clean_ups = list(dict.fromkeys(one.clean_up for one in _applied if one.clean_up is not None))

    def apply(self) -> bool:
        """Apply what is remembered, if it is for just what is imported; whether it is."""
        if not self._is_for(sys.modules):
            return False
        self._plan.apply()
        self.applied = True
        return True

    def _is_for(self, modules: Mapping[str, ModuleType]) -> bool:
        """Whether just what is remembered is imported."""
        try:
            return self._get(modules) == self._modules and modules.keys().isdisjoint(self._absent)
        except KeyError:  # one no longer is
            return False

    def undo(self) -> None:
        """Give it all back."""
        self.applied = False
        self._plan.undo()
        for clean_up in self._clean_ups:
            clean_up()

    def take_apart(self) -> None:
        """Have it stand as single plans, to which others can be added."""
        self.applied = False
        for part in self._parts:
            part.plan.take_over(self._plan)
        _applied[:] = self._parts


_all: Final = _All()


# --- one module -------------------------------------------------------------------------------------------------------


def _own() -> Hooked:
    """The hooks of the guard, and of imports that do not come by our finder."""
    if "" not in _made:
        patches = [*guard.patches(), Patch(SourceFileLoader, "exec_module", _exec_module_hook, own=False)]
        _made[""] = [Hooked("", guard, Plan(patches), guard.clean_up)]
    return _made[""][0]


def _hook_if_imported(name: str) -> None:
    """Hook a client, if it is imported; at once, or when the import that is under way in another thread is done."""
    module = sys.modules.get(name)
    if module is not None and module.__name__ == name:  # and no other client under this name
        if _find(name, module) is None and getattr(module.__spec__, "_initializing", False):
            _call_when_finished(module, name)
        else:
            _make(name, module)
    for hooked in reversed(_made.get(name, ())):
        _apply(hooked)


def _find(name: str, module: ModuleType) -> Hooked | None:
    return next((hooked for hooked in _made.get(name, ()) if hooked.module is module), None)


def _make(name: str, module: ModuleType) -> None:
    """Make the patches for a module, unless they are made. Raises UnsupportedClient."""
    if _find(name, module) is not None:
        return
    if name == guard.LOOPS:
        hooked = Hooked(name, module, Plan(guard.loop_patches(module)), None)
    else:
        hooked = _make_client(name, module)
    _made[name] = [hooked, *_made.get(name, ())][:_MOST_OF_A_NAME]


def _make_client(name: str, module: ModuleType) -> Hooked:
    _check_version(name, module)
    beneath = _BENEATH.get(name)
    if beneath is not None and beneath in sys.modules:
        _make(beneath, sys.modules[beneath])  # what is wrong with it is to be said of it
    try:
        door = _door_for(name, module)
        return Hooked(name, module, Plan(door.patches()), getattr(door, "clean_up", None))
    except (AttributeError, ImportError, UnsupportedClient) as error:
        raise UnsupportedClient(
            f"{_named(name, module, error)} cannot be answered by this version of mockstatus: {error}. Update mockstatus, "
            f"or leave the client out with activate(clients=[…])"
        ) from error


def _door_for(name: str, module: ModuleType) -> Any:
    """The door that has imported this module, and not another one of its name from before."""
    path = f"mockstatus.adapters.{name}"
    door = sys.modules.get(path)
    if door is not None and getattr(door, name, module) is not module:
        for part in [one for one in sys.modules if one == path or one.startswith(f"{path}_")]:
            del sys.modules[part]
    return import_module(path)


def _named(name: str, module: ModuleType, error: Exception) -> str:
    """The client and its version; or those of what it is built on, if that lacks something."""
    package = error.package if isinstance(error, Missing) else name
    if package != name and package == _BENEATH.get(name):
        name, module = package, sys.modules.get(package, module)
    return f"{name} {getattr(module, '__version__', 'of an unknown version')}"


def _check_version(name: str, module: ModuleType) -> None:
    version = str(getattr(module, "__version__", ""))
    numbers = []
    for part in version.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits) if digits else 0)
    oldest = _OLDEST[name]
    if version and tuple(numbers) < oldest:
        needed = ".".join(map(str, oldest))
        raise UnsupportedClient(
            f"{name} {version} is too old: mockstatus answers {name} {needed} and newer. pip install -U {name}, "
            "or leave the client out with activate(clients=[…])"
        )


# --- imports while an activation is open ------------------------------------------------------------------------------


def _imported(name: str) -> None:
    """An import is done: hook the module, if it is still wanted. Raises UnsupportedClient, and has it not be there then."""
    with _lock:
        module = sys.modules.get(name)
        if not _open or not _is_wanted(name) or module is None or module.__name__ != name:
            return
        if _all.applied:
            _all.take_apart()
        try:
            _make(name, module)
        except UnsupportedClient:
            sys.modules.pop(name, None)
            raise
        _apply(_made[name][0])


class _Watch(MetaPathFinder):
    """Sees imports of clients begin, and hooks each when its module is complete, whatever loads it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _LOOKED_FOR:
            return None
        for finder in [*sys.meta_path]:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
            if spec is not None:
                if not isinstance(spec.loader, SourceFileLoader):
                    _hook_after(spec.loader, fullname)
                return spec
        return None


_watch: Final = _Watch()


def _exec_module_hook(original: Callable[[Any, ModuleType], None]) -> Callable[[Any, ModuleType], None]:
    """For imports that a finder of somebody else is asked for before ours."""

    def exec_module(self: Any, module: ModuleType) -> None:
        original(self, module)
        if module.__name__ in _LOOKED_FOR:
            _imported(module.__name__)

    return exec_module


def _hook_after(loader: Any, name: str) -> None:
    """Have a loader hook the client once it has executed the module, and forget about it."""
    execute: Callable[[ModuleType], None] | None = getattr(loader, "exec_module", None)
    if execute is None:  # a loader of the old kind, or none
        return

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        _imported(name)

    loader.exec_module = exec_module


def _call_when_finished(module: ModuleType, name: str) -> None:
    """Hook a client when the import that another thread is at has come to its end.

    An import says that it is over by setting ``_initializing`` on the module's spec: there is nothing else to hear of.
    """
    spec = module.__spec__
    assert spec is not None
    plain = type(spec)
    if hasattr(plain, "mockstatus"):  # an activation from before waits for it already
        return

    class Watched(plain):  # type: ignore[misc, valid-type]
        mockstatus = True

        def __setattr__(self, attribute: str, value: object) -> None:
            super().__setattr__(attribute, value)
            if attribute == "_initializing" and not value:
                spec.__class__ = plain
                if sys.modules.get(name) is module:
                    _imported(name)

    spec.__class__ = Watched
