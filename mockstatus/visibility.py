"""Which activations a call sees: those of the whole process, and those of its own context. Knows no client.

What is visible is worked out when an activation is entered or left, not when a call is made.
"""

from __future__ import annotations

import _thread
import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from itertools import count
from typing import Final, Literal, ParamSpec, TypeVar, cast

from mockstatus.dispatch import View
from mockstatus.errors import MockStatusError, UnmatchedRequest
from mockstatus.messages import Outcome, Request
from mockstatus.passage import Passage, here, task_here
from mockstatus.policy import Policy
from mockstatus.router import Router
from mockstatus.waiting import TimeMode

P = ParamSpec("P")
T = TypeVar("T")
Scope = Literal["process", "context"]
SCOPES: Final = ("process", "context")
_BLOCK: Final = Policy("block")


class Defaults:
    """What holds where no activation says anything; the pytest plugin sets it from the ini options."""

    network: Policy = _BLOCK
    time: TimeMode = "instant"
    expect_all: bool = False


defaults: Final = Defaults()


class Entry:
    """One activation that was entered and not yet left; None settings are as in the one around it."""

    __slots__ = ("before", "clients", "late", "network", "open", "router", "scope", "serial", "time", "travels")

    def __init__(
        self,
        router: Router,
        network: Policy | None,
        scope: Scope,
        time: TimeMode | None,
        clients: frozenset[str] | None,
    ) -> None:
        self.router = router
        self.network = network
        self.scope: Scope = scope
        self.time: TimeMode | None = time
        self.clients = clients
        self.open = True
        self.serial = next(_serials)
        self.before = _other_threads() if _thread._count() else _NO_THREADS  # noqa: SLF001 - as active_count, without a lock
        self.late: list[MockStatusError] = []  # misses of threads that ran before
        self.travels = False  # whether it is in virtual time

    def record(self, error: MockStatusError) -> None:
        """Remember a miss for the exit; of a thread that ran before the entry, only to be warned about.

        A thread that works in a context of the block was given its work there, whenever it began.
        """
        if self.before and threading.current_thread() in self.before and not self._is_given_here():
            self.late.append(error)
        else:
            self.router.unmatched.append(error)

    def _is_given_here(self) -> bool:
        """Whether a thread that is no event loop's was given a context of the block, as event loops' helpers are."""
        return (self.scope == "context" or self in _inside.get()) and task_here() is None


_inside: Final[ContextVar[tuple[Entry, ...]]] = ContextVar("mockstatus_inside", default=())  # while other threads run
_serials = count()


def _other_threads() -> frozenset[threading.Thread]:
    return frozenset(threading.enumerate()) - {threading.current_thread()}


_NO_THREADS: Final[frozenset[threading.Thread]] = frozenset()


class Sight(View):
    """What a call sees: a view, with the clients that are intercepted (None for all)."""

    __slots__ = ("clients", "entries")

    def __init__(self, entries: Sequence[Entry]) -> None:
        """``entries`` are innermost first; the innermost that says something decides."""
        network = _first(entry.network for entry in entries) or defaults.network
        times: list[TimeMode] = [entry.time for entry in entries if entry.time is not None]
        super().__init__([entry.router for entry in entries], network, times[0] if times else defaults.time, entries[0])
        self.entries = tuple(entries)
        self.clients = _first(entry.clients for entry in entries)


class Outside(View):
    """What a call sees that is made where nothing is visible, while an activation of some context blocks the network.

    ``clients`` are those that such activations intercept (None for all).
    """

    __slots__ = ("clients",)

    def __init__(self, clients: frozenset[str] | None) -> None:
        super().__init__((), _BLOCK, "real")
        self.clients = clients

    def offer(self, request: Request) -> Outcome:
        raise UnmatchedRequest(
            f'{request.method} {request.url} was called where no activation is visible, while one with scope="context" is '
            "open: give the function of a thread or callback the context it was made in, as mockstatus.carry(function), or "
            'use scope="process"'
        )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


class _Stack:
    """The activations of one context, innermost first, and what they add up to."""

    __slots__ = ("entries", "seen")

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.seen: tuple[int, Sight | None] = (-1, None)  # at which epoch, and what; one value, as threads share it

    def look(self) -> Sight | None:
        """Work out what is seen here; None where nothing is open any more."""
        epoch = _epoch
        entries = [entry for entry in self.entries if entry.open]
        entries = sorted([*entries, *_process], key=lambda entry: -entry.serial) if entries else list(_process)
        sight = Sight(entries) if entries else None
        self.seen = (epoch, sight)
        return sight

    def network(self) -> Policy:
        """What holds for the network in this context alone."""
        return _first(entry.network for entry in self.entries if entry.open) or defaults.network

    def clients(self) -> frozenset[str] | None:
        """The clients that are intercepted in this context alone."""
        return _first(entry.clients for entry in self.entries if entry.open)


_lock = threading.Lock()
_process: tuple[Entry, ...] = ()  # innermost first
_contexts: tuple[_Stack, ...] = ()  # of each open one with scope="context" the stack that it is the innermost of
_virtual = 0  # how many of the open ones say that time is virtual
_epoch = 0  # how often the two have changed
_elsewhere: Sight | Outside | None = None  # what is seen where no context's activation is visible
_looked_at = 0  # the epoch at which that was so


def seen_by(client: str | None) -> Callable[..., Sight | Outside | None]:
    """A function that says what the caller sees; None where no activation is open, or none that intercepts this client.

    A request that was let through sees nothing either. The function takes an argument, which makes no difference.
    """

    def visible(_: object = None) -> Sight | Outside | None:
        stack = here.get()
        while type(stack) is Passage:
            if stack.is_here():
                return None
            stack = stack.around
        sight: Sight | Outside | None = None
        if stack is not None:
            made_at, sight = stack.seen
            if made_at != _epoch:
                sight = stack.look()
        if sight is None:
            sight = _elsewhere if _looked_at == _epoch else _look_elsewhere()
        if client is None or sight is None or sight.clients is None or client in sight.clients:
            return sight
        return None

    return visible


visible: Final = seen_by(None)  # whatever client it is


def _look_elsewhere() -> Sight | Outside | None:
    """Work out what is seen where no context's activation is visible."""
    global _elsewhere, _looked_at  # noqa: PLW0603
    with _lock:
        if _process:
            _elsewhere = Sight(_process)
        else:
            blocking = [stack for stack in _contexts if not stack.network().allow_all]
            _elsewhere = Outside(_union(stack.clients() for stack in blocking)) if blocking else None
        _looked_at = _epoch
        return _elsewhere


def _union(several: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Every client that is in one of the sets; None, for all of them, where one is None."""
    found: frozenset[str] = frozenset()
    for clients in several:
        if clients is None:
            return None
        found |= clients
    return found


def _stack_here() -> _Stack | None:
    """The activations of this context."""
    stack = here.get()
    while type(stack) is Passage:
        stack = stack.around
    return cast("_Stack | None", stack)


def enter(entry: Entry) -> None:
    """Make an activation visible: to the whole process, or from here on in this context."""
    global _process, _contexts, _epoch, _virtual  # noqa: PLW0603
    stack = None if entry.scope == "process" else _put_on_top(entry)
    with _lock:
        if stack is None:
            _process = (entry, *_process)
        else:
            _contexts = (stack, *_contexts)
        _epoch += 1
        if entry.time == "virtual":
            _virtual += 1
    if entry.before:
        _inside.set((*_inside.get(), entry))


def show(entry: Entry) -> None:
    """Make an activation visible in this context too, if it is one of another context."""
    stack = _stack_here()
    if entry.scope == "context" and (stack is None or entry not in stack.entries):
        _put_on_top(entry)


def _put_on_top(entry: Entry) -> _Stack:
    """Have an activation be the innermost one of this context."""
    stack = _stack_here()
    around = () if stack is None else tuple([one for one in stack.entries if one.open])
    stack = _Stack((entry, *around))
    here.set(stack)
    return stack


def is_virtual() -> bool:
    """Whether time is virtual for the caller, who says nothing of it."""
    if not _virtual and defaults.time != "virtual":
        return False
    sight = visible()
    return sight is not None and sight.time == "virtual"


def scope_here() -> Scope:
    """The scope of the activation around the caller; the whole process where there is none."""
    if not _process and not _contexts:
        return "process"
    sight = visible()
    if isinstance(sight, Sight):
        return sight.entries[0].scope
    return "process"


def leave(entry: Entry) -> None:
    """End an activation, in whatever context or thread this is, and whatever was entered since."""
    global _process, _contexts, _epoch, _virtual  # noqa: PLW0603
    with _lock:
        entry.open = False
        if entry.scope == "context":
            _contexts = tuple([one for one in _contexts if one.entries[0] is not entry])
        elif len(_process) == 1:
            _process = ()
        else:
            _process = tuple([one for one in _process if one is not entry])
        _epoch += 1
        if entry.time == "virtual":
            _virtual -= 1
    if entry.before:
        _inside.set(tuple([one for one in _inside.get() if one.open]))
    stack = here.get()
    if type(stack) is _Stack:
        left = tuple([one for one in stack.entries if one.open])
        here.set(_Stack(left) if left else None)


def open_contexts() -> tuple[Entry, ...]:
    """The open activations with ``scope="context"``, wherever they are visible, innermost first."""
    return tuple([stack.entries[0] for stack in _contexts])


def carry(function: Callable[P, T]) -> Callable[P, T]:
    """The function, to be called in a thread or callback, seeing there the activations that are visible here.

    Nothing else of the context goes with it. A coroutine function stays one.
    """
    stack = here.get()

    @contextmanager
    def carried() -> Iterator[None]:
        before = here.get()
        here.set(stack)
        try:
            yield
        finally:
            here.set(before)

    if inspect.iscoroutinefunction(function):

        async def call_later(*args: P.args, **kwargs: P.kwargs) -> object:
            with carried():
                return await function(*args, **kwargs)

        return cast("Callable[P, T]", update_wrapper(call_later, function))

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with carried():
            return function(*args, **kwargs)

    return update_wrapper(call, function)
