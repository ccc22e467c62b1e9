"""Puts the hooks in place while an activation is open, in clients imported before and since. Knows doors and imports.

The patches of a client are made once and used again; while nothing is open, none is in place.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from mockstatus import guard
from mockstatus.adapters.patching import Plan
from mockstatus.errors import UnsupportedClient

CLIENTS: Final = ("httpx", "httpx2", "requests", "urllib3", "aiohttp")
_OLDEST: Final = {"httpx": (0, 27), "httpx2": (2, 0), "requests": (2, 32), "urllib3": (2, 0), "aiohttp": (3, 9)}

_lock = threading.RLock()
_open = 0  # how many activations
_wanted: set[str] = set()  # the clients that they hook
_applied: dict[str, Plan] = {}  # by client, and by "" for the guard
_made: dict[str, tuple[ModuleType, Plan]] = {}  # the patches of each client, and the module they are for
_clean_ups: list[Callable[[], None]] = []  # of the doors that leave something behind while an activation is open


def install(clients: Iterable[str] | None) -> None:
    """An activation is entered: hook these clients (None: all), those too that are imported from now on.

    Raises UnsupportedClient, and changes nothing, where one that is imported cannot be hooked.
    """
    global _open  # noqa: PLW0603
    with _lock:
        _open += 1
        if _open == 1:
            sys.meta_path.insert(0, _watch)
            if clients is None and _all.apply():
                return
            _apply("", _guard_plan())
        elif _all.applied:
            _all.take_apart()
        try:
            for name in CLIENTS if clients is None else clients:
                _wanted.add(name)
                if name not in _applied:
                    _hook_if_imported(name)
        except BaseException:
            uninstall()
            raise
        if clients is None:
            _all.remember()


def uninstall() -> None:
    """An activation is left: give everything back, if it was the last."""
    global _open  # noqa: PLW0603
    with _lock:
        _open -= 1
        if _open:
            return
        sys.meta_path.remove(_watch)
        if _all.applied:
            _all.undo()
        else:
            for plan in _applied.values():
                plan.undo()
            _applied.clear()
            _wanted.clear()
        for clean_up in _clean_ups:
            clean_up()


class _All:
    """The hooks of every client that is imported, and the guard's, as one plan: what nearly every activation needs."""

    def __init__(self) -> None:
        self.applied = False
        self._modules: list[ModuleType | None] = []
        self._plan: Plan | None = None
        self._parts: dict[str, Plan] = {}

    def remember(self) -> None:
        """What is applied now is what all that is imported needs."""
        modules = [*map(sys.modules.get, CLIENTS)]
        if all(module is None or name in _applied for name, module in zip(CLIENTS, modules, strict=True)):
            self._modules, self._parts = modules, dict(_applied)
            self._plan = Plan(patch for plan in _applied.values() for patch in plan.patches)

    def apply(self) -> bool:
        """Apply what is remembered, if it is for just what is imported; whether it is."""
        if self._plan is None or self._modules != [*map(sys.modules.get, CLIENTS)]:
            return False
        self._plan.apply()
        self.applied = True
        return True

    def undo(self) -> None:
        """Give it all back."""
        assert self._plan is not None
        self.applied = False
        self._plan.undo()

    def take_apart(self) -> None:
        """Have it stand as single plans, to which others can be added."""
        self.applied = False
        _applied.update(self._parts)
        _wanted.update(CLIENTS)


_all: Final = _All()


def _guard_plan() -> Plan:
    if "" not in _made:
        _made[""] = (guard, Plan(guard.patches()))
    return _made[""][1]


def _apply(name: str, plan: Plan) -> None:
    plan.apply()
    _applied[name] = plan


def _hook_if_imported(name: str) -> None:
    """Hook a client, if it is imported; at once, or when the import that is under way in another thread is done."""
    module = sys.modules.get(name)
    if module is None or module.__name__ != name:  # not there, or another client under this name
        return
    made = _made.get(name)
    if made is not None and made[0] is module:
        _apply(name, made[1])
    elif getattr(module.__spec__, "_initializing", False):
        _call_when_finished(module, name)
    else:
        _hook(name, module)


def _hook(name: str, module: ModuleType) -> None:
    _check_version(name, str(getattr(module, "__version__", "")))
    try:
        door = import_module(f"mockstatus.adapters.{name}")
        plan = Plan(door.patches())
    except (AttributeError, ImportError, UnsupportedClient) as error:
        shown = getattr(module, "__version__", "of an unknown version")
        raise UnsupportedClient(
            f"{name} {shown} cannot be answered by this version of mockstatus: {error}. Update mockstatus, "
            f"or leave the client out with activate(clients=[…])"
        ) from error
    _made[name] = (module, plan)
    clean_up = getattr(door, "clean_up", None)
    if clean_up is not None and clean_up not in _clean_ups:
        _clean_ups.append(clean_up)
    _apply(name, plan)


def _check_version(name: str, version: str) -> None:
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


def _imported(name: str) -> None:
    """A client's import is done: hook it, if it is still wanted."""
    with _lock:
        if _all.applied:
            _all.take_apart()
        if _open and name in _wanted and name not in _applied:
            module = sys.modules.get(name)
            if module is not None and module.__name__ == name:
                _hook(name, module)


class _Watch(MetaPathFinder):
    """Sees imports of clients begin, and hooks each when its module is complete."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _OLDEST:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
            if spec is not None:
                _hook_after(spec.loader, fullname)
                return spec
        return None


_watch: Final = _Watch()


def _hook_after(loader: Any, name: str) -> None:
    """Have a loader hook the client once it has executed the module, and forget about it."""
    execute: Callable[[ModuleType], None] = loader.exec_module

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

    class Watched(plain):  # type: ignore[misc, valid-type]
        def __setattr__(self, attribute: str, value: object) -> None:
            super().__setattr__(attribute, value)
            if attribute == "_initializing" and not value:
                spec.__class__ = plain
                if sys.modules.get(name) is module:
                    _imported(name)

    spec.__class__ = Watched
