"""Switching it on: as a context manager, as a decorator, by hand. Knows what is entered and left; no client."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from types import TracebackType
from typing import Any, TypeVar, overload

from mockstatus import installation, visibility
from mockstatus.errors import InvalidSetting, MockStatusError, MockStatusWarning, UnsupportedClient
from mockstatus.passage import task_here
from mockstatus.patterns import check_base_url
from mockstatus.policy import NetworkLike, Policy
from mockstatus.router import Router
from mockstatus.visibility import SCOPES, Entry, Scope
from mockstatus.waiting import TimeMode, check_time

F = TypeVar("F", bound=Callable[..., Any])


@overload
def activate(router: F, /) -> F: ...
@overload
def activate(
    router: Router | None = None,
    *,
    base_url: str | None = None,
    network: NetworkLike | None = None,
    scope: Scope | None = None,
    time: TimeMode | None = None,
    clients: Sequence[str] | None = None,
) -> Activation: ...
def activate(
    router: Router | Callable[..., Any] | None = None,
    *,
    base_url: str | None = None,
    network: NetworkLike | None = None,
    scope: Scope | None = None,
    time: TimeMode | None = None,
    clients: Sequence[str] | None = None,
) -> Activation | Callable[..., Any]:
    """Answer the HTTP calls of this process, or of this context, from a router.

    A context manager (``with`` and ``async with``), a decorator with and without parentheses (functions, coroutine
    functions, generator fixtures, test classes), or by hand with ``start()`` and ``stop()``. May be entered many times.

    ``router`` None is a new one at each entry, with ``base_url``. ``network`` is ``"block"``, ``"allow"``, or the hosts
    that are really called. ``scope`` is ``"process"`` or ``"context"``, ``time`` ``"instant"``, ``"real"`` or
    ``"virtual"``. ``clients`` are those that are intercepted. None is as in the activation around it; outermost:
    block, process, instant, all clients. Raises InvalidSetting, InvalidRoute or UnsupportedClient at once.
    """
    if router is not None and (
        isinstance(router, (staticmethod, classmethod)) or (callable(router) and not isinstance(router, Router))
    ):
        target: Callable[..., Any] = router  # pyright: ignore[reportAssignmentType] - of a classmethod too
        return Activation(None, None, None, None, None, None)(target)
    return Activation(router, base_url, network, scope, time, clients)


_lock = threading.Lock()  # of all activations: held while one of them looks which entry it leaves


class Activation:
    """What ``activate`` returns; each entry is open until it is left."""

    __slots__ = ("_base_url", "_clients", "_intercepted", "_network", "_open", "_router", "_scope", "_time")

    def __init__(
        self,
        router: Router | None,
        base_url: str | None,
        network: NetworkLike | None,
        scope: Scope | None,
        time: TimeMode | None,
        clients: Sequence[str] | None,
    ) -> None:
        if router is not None:
            if not isinstance(router, Router):
                raise InvalidSetting(f"activate({router!r}): give a mockstatus.Router, or nothing for a new one")
            if base_url is not None:
                raise InvalidSetting(
                    "base_url= belongs to a new router: this one has its own, given as Router(base_url=…)"
                )
        self._router = router
        self._base_url = None if base_url is None else check_base_url(base_url)
        self._network = None if network is None else Policy(network)
        if scope is not None and scope not in SCOPES:
            raise InvalidSetting(f"scope={scope!r}: give one of {', '.join(SCOPES)}")
        self._scope: Scope | None = scope
        self._time: TimeMode | None = None if time is None else check_time(time)
        self._clients = None if clients is None else _check_clients(clients)
        self._intercepted = _intercepted(self._clients)
        self._open: list[tuple[int, object, Opened]] = []  # with the thread and the task that entered

    def open(self) -> Opened:
        """Enter once; ``Opened.close`` leaves again. For what can hold on to the entry itself."""
        router = self._router
        if router is None:
            router = Router(self._base_url, expect_all=visibility.defaults.expect_all)
        scope = self._scope or visibility.scope_here()
        opened = Opened(router, self._network, scope, self._time, self._intercepted)
        if self._clients is not None:
            opened.hooked = self._clients
        installation.install(self._clients)
        fresh = router.begin() if self._router is not None else router.begin_new()
        visibility.enter(opened)
        if self._time == "virtual" or (self._time is None and visibility.is_virtual()):
            from mockstatus import timetravel

            try:
                timetravel.begin(opened, fresh=fresh)
            except BaseException as error:
                opened.close(error)
                raise
            opened.travels = True
        return opened

    def start(self) -> Router:
        """Enter; ``stop()`` leaves."""
        opened = self.open()
        self._open.append((get_ident(), task_here(), opened))
        return opened.router

    def stop(self) -> None:
        """Leave what was entered last, in this task or thread if there is one."""
        self._stop(None)

    def _stop(self, error: BaseException | None) -> None:
        with _lock:
            if not self._open:
                raise InvalidSetting("stop() without start(): this activation is not open")
            place = -1 if len(self._open) == 1 else self._place_here()
            opened = self._open.pop(place)[-1]
        opened.close(error)

    def _place_here(self) -> int:
        """Which entry is the last of this thread and task; the last of all where they have none."""
        thread, task = get_ident(), task_here()
        here = [number for number, (of, by, _) in enumerate(self._open) if of == thread and by is task]
        return here[-1] if here else -1

    def __enter__(self) -> Router:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop(error)

    async def __aenter__(self) -> Router:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop(error)

    def __call__(self, target: F) -> F:
        """Decorate a function, a coroutine function, a generator fixture or a test class."""
        from mockstatus.decoration import decorate

        return decorate(self, target)

    def __repr__(self) -> str:
        said = {
            "router": self._router,
            "base_url": self._base_url,
            "network": None if self._network is None else self._network.text,
            "scope": self._scope,
            "time": self._time,
            "clients": None if self._clients is None else sorted(self._clients),
        }
        shown = ", ".join(f"{name}={value!r}" for name, value in said.items() if value is not None)
        return f"activate({shown})" + (f" entered {len(self._open)} times" if self._open else "")


class Opened(Entry):
    """One entry of an activation, with what leaves it."""

    hooked: frozenset[str] | None = None  # the clients it was entered for; None for all
    _told: list[MockStatusError] | None = None  # the misses that somebody has been told of, once that was so

    def complain(self) -> MockStatusError | None:
        """What leaving would raise by now; ``close`` raises only what comes after."""
        self._told = list(self.router.unmatched)
        return self.router.complaint()

    def news(self) -> MockStatusError | None:
        """The first miss since ``complain``, or since this."""
        found = self._untold()
        self._told = list(self.router.unmatched)
        return found

    def _untold(self) -> MockStatusError | None:
        told = set(map(id, self._told or ()))
        return next((error for error in self.router.unmatched if id(error) not in told), None)

    def close(self, error: BaseException | None = None) -> None:
        """Leave, if it is still open. Raises what was missed, unless an error is leaving: that one gets a note."""
        if not self.open:
            return
        complaint = None if self._told is None else self._untold()
        try:
            if self.travels:
                sys.modules["mockstatus.timetravel"].end(self)
        finally:
            visibility.leave(self)
            try:
                left = self.router.end()
            finally:
                installation.uninstall(self.hooked)
        if self._told is None:
            complaint = left
        if complaint is not None and error is not None:
            add_to(error, complaint)
        if self.late:
            _warn(self.late, error or complaint)
        if complaint is not None and error is None:
            raise complaint


def _warn(late: Sequence[MockStatusError], leaving: BaseException | None) -> None:
    """Warn of what threads missed that ran before. Where warnings are errors, an error that is leaving comes first."""
    for miss in late:
        warning = MockStatusWarning(f"in a thread that ran before the activation: {miss}")
        try:
            warnings.warn(warning, stacklevel=5)
        except MockStatusWarning:
            if leaving is None:
                raise
            leaving.add_note(f"mockstatus, besides: {warning}")


def add_to(error: BaseException, complaint: MockStatusError) -> None:
    """Say on an error that is leaving what else went wrong, unless it came of that itself."""
    seen: BaseException | None = error
    while seen is not None:
        if seen is complaint:
            return
        seen = seen.__cause__ or seen.__context__
    error.add_note("\n".join([f"mockstatus, besides: {complaint}", *getattr(complaint, "__notes__", ())]))


def _intercepted(clients: frozenset[str] | None) -> frozenset[str] | None:
    """The clients whose calls are intercepted: with urllib3 those of requests too, which are calls of urllib3."""
    return clients | {"requests"} if clients is not None and "urllib3" in clients else clients


def _check_clients(clients: object) -> frozenset[str]:
    names = [clients] if isinstance(clients, str) else clients
    if isinstance(clients, str) or not isinstance(names, (Sequence, set, frozenset)):
        raise InvalidSetting(f"clients={clients!r}: give a list of any of {', '.join(installation.CLIENTS)}")
    for name in names:
        if name not in installation.CLIENTS:
            raise UnsupportedClient(f"clients={clients!r}: {name!r} is none of {', '.join(installation.CLIENTS)}")
    return frozenset(names)


@contextmanager
def opened(activation: Activation) -> Iterator[Router]:
    """Around the call of a decorated function."""
    entry = activation.open()
    try:
        yield entry.router
    except BaseException as error:
        entry.close(error)
        raise
    entry.close()
