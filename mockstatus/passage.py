"""Requests that are let through: around one, nothing is intercepted and nothing guarded. Knows contexts and tasks only.

A request is the task, or the thread, that sends it. Tasks that are started meanwhile inherit its context: they may open
what the request itself has named, as a client's own attempts at several addresses do, and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

here: Final[ContextVar[Any]] = ContextVar("mockstatus", default=None)  # a Passage, or what visibility puts there

_under_way: Final[set[Passage]] = set()
_NO_TASK: Final = object()


class Passage:
    """A request that is really being sent."""

    __slots__ = ("_hosts", "_is_strict", "_owner", "around", "open")

    def __init__(self, around: Any, hosts: Iterable[str]) -> None:
        """``around`` is what its context held before; ``hosts`` are what it is going to open, as far as that is known."""
        self.around = around
        self.open = True
        self._owner = task_here()
        self._hosts = set(hosts)
        self._is_strict = bool(self._hosts)

    def is_here(self) -> bool:
        """Whether the caller is the request itself: its task, or a thread that it waits for."""
        if not self.open:
            return False
        task = None if self._owner is None else task_here()
        return task is None or task is self._owner

    def lets(self, host: str) -> bool:
        """Whether the caller may look a host up or connect to it, for being the request or doing what it has said."""
        if self.is_here():
            self._hosts.add(host)
            return True
        return self.open and (host in self._hosts or not self._is_strict)

    def resolve(self, host: str, addresses: Iterable[str]) -> None:
        """Have the addresses be the request's too, if the host is."""
        if host in self._hosts:
            self._hosts.update(addresses)

    def names(self, host: str) -> bool:
        """Whether the request is known to be going there."""
        return host in self._hosts


@contextmanager
def passing(*hosts: str) -> Iterator[None]:
    """Around a request that is really sent, to these hosts; and to others, as far as its own task or thread asks."""
    before = here.get()
    passage = Passage(before, hosts)
    _under_way.add(passage)
    here.set(passage)
    try:
        yield
    finally:
        passage.open = False
        _under_way.discard(passage)
        here.set(before)


def in_flight() -> bool:
    """Whether a request is really being sent, wherever that is."""
    return bool(_under_way)


def passage_here() -> Passage | None:
    """The request that is let through, of which the caller is a part or which has started it; None where there is none."""
    where = here.get()
    return where if type(where) is Passage and where.open else None


def lets_look_up(host: str) -> bool:
    """Whether a look-up may be for a request that is let through, made in a thread of an event loop, without context."""
    return here.get() is None and any(passage.names(host) for passage in list(_under_way))


def task_here() -> object:
    """The task of asyncio or trio that calls; None in a thread that runs no event loop."""
    events = sys.modules.get("asyncio.events")
    if events is not None and events._get_running_loop() is not None:  # noqa: SLF001 - exported for this, and raises nothing
        return sys.modules["asyncio"].current_task() or _NO_TASK
    sniffio = sys.modules.get("sniffio")  # which trio tells that it runs, and which says so without an exception
    if sniffio is not None and sniffio.thread_local.name == "trio":
        try:
            return sys.modules["trio"].lowlevel.current_task()
        except RuntimeError:  # in a callback of the loop, which is no task
            return _NO_TASK
    return None
