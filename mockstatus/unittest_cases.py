"""Activations around the tests of unittest's cases. Knows how unittest runs a test; no client.

What a test missed fails the test itself: it is raised when the test's method is done, and what is missed after that in the
last clean-up. Raising out of ``run`` would end the runner.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from mockstatus.activation import add_to
from mockstatus.decoration import Entries, entries_of, judged

_WRAPPED: Final = "_mockstatus_wrapped"  # on the methods of a class that are wrapped once, whatever is derived from it


def decorate_test_case(cls: Any) -> type:
    """The class, each test of which is in an entry of its own, from before setUp until after its last clean-up."""
    for name, make in (("run", _around_run), ("debug", _around_debug)):
        method = getattr(cls, name)
        if not hasattr(method, _WRAPPED):
            wrapper = functools.update_wrapper(make(method), method)
            setattr(wrapper, _WRAPPED, True)
            setattr(cls, name, wrapper)
    decorated: type = cls
    return decorated


def _around_run(run: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(self: Any, result: Any = None) -> Any:
        entries = _enter(self)

        def leave() -> None:
            entries.close(_Known() if entries.failed else None)

        self.addCleanup(leave)
        try:
            with _watched(self, entries):
                return run(self, result)
        finally:
            entries.close(_Known())  # does nothing if the clean-up ran, which it does not for a skipped class

    return wrapper


def _around_debug(debug: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(self: Any) -> None:
        entries = _enter(self)
        try:
            debug(self)
        except BaseException as error:
            entries.close(error)
            raise
        entries.close()

    return wrapper


def _enter(case: Any) -> Entries:
    entries = entries_of(case)
    if hasattr(case, "_asyncioTestContext"):  # made with the instance, before anything was visible
        case._asyncioTestContext = contextvars.copy_context()  # noqa: SLF001
    return entries


class _Known(Exception):
    """Stands for the failure of a test whose exception the runner keeps to itself."""


# --- the methods of one test ------------------------------------------------------------------------------------------

_AROUND: Final = ("setUp", "asyncSetUp", "asyncTearDown", "tearDown")


@contextmanager
def _watched(case: Any, entries: Entries) -> Iterator[None]:
    """While a test runs, have its methods stand in its instance that say how they ended."""
    test = case._testMethodName  # noqa: SLF001 - which id() says too, unless a case has its own
    before = {name: vars(case)[name] for name in (*_AROUND, test) if name in vars(case)}
    for name in _AROUND:
        if hasattr(case, name):
            setattr(case, name, _in(lambda: _noted(entries), getattr(case, name)))
    if hasattr(case, test):
        setattr(case, test, _in(lambda: judged(entries), getattr(case, test)))
    try:
        yield
    finally:
        for name in (*_AROUND, test):
            vars(case).pop(name, None)
        vars(case).update(before)


@contextmanager
def _noted(entries: Entries) -> Iterator[None]:
    """Around a method that sets up or tears down: what was missed is noted on an error that is leaving."""
    try:
        yield
    except BaseException as error:
        entries.failed = True
        complaint = entries.news()
        if complaint is not None:
            add_to(error, complaint)
        raise


def _in(make: Callable[[], Any], method: Callable[..., Any]) -> Callable[..., Any]:
    """A method with a context around each call of it."""
    if inspect.iscoroutinefunction(method):

        async def wait(*args: Any, **kwargs: Any) -> Any:
            with make():
                return await method(*args, **kwargs)

        return functools.update_wrapper(wait, method)

    def call(*args: Any, **kwargs: Any) -> Any:
        with make():
            return method(*args, **kwargs)

    return functools.update_wrapper(call, method)
