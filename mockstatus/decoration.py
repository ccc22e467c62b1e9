"""Activations as decorators: of functions of every kind, and of test classes. Knows signatures and pytest's methods."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from mockstatus import visibility
from mockstatus.activation import add_to, opened
from mockstatus.errors import InvalidSetting

if TYPE_CHECKING:
    from mockstatus.activation import Activation, Opened
    from mockstatus.errors import MockStatusError
    from mockstatus.router import Router

F = TypeVar("F", bound=Callable[..., Any])
PARAMETER: Final = "mock_router"


def decorate(activation: Activation, target: F) -> F:
    """The function or class with an activation around each call, or each of its tests. Raises InvalidSetting."""
    if isinstance(target, type):
        return cast("F", _decorate_class(activation, target))
    if isinstance(target, (staticmethod, classmethod)):
        inner: Callable[..., Any] = target.__func__
        return cast("F", type(target)(decorate(activation, inner)))
    if not callable(target):
        raise InvalidSetting(f"activate() decorates functions and classes, not {target!r}")
    return cast("F", _around(target, lambda _: opened(activation)))


# --- functions --------------------------------------------------------------------------------------------------------

Enter = Callable[[tuple[Any, ...]], AbstractContextManager["Router"]]  # given the positional arguments of the call
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
HandOver = Callable[["Router", tuple[Any, ...], dict[str, Any]], Arguments]


def _around(function: Callable[..., Any], enter: Enter) -> Callable[..., Any]:
    """The function, of whatever kind, with a context around each call, and the router in its parameter for one."""
    if inspect.isasyncgenfunction(function):
        make = _around_async_generator
    elif inspect.iscoroutinefunction(function):
        make = _around_coroutine
    elif inspect.isgeneratorfunction(function):
        make = _around_generator
    else:
        make = _around_call
    signature = inspect.signature(function)
    wrapper = functools.update_wrapper(make(function, enter, _hand_over(signature)), function)
    if PARAMETER in signature.parameters:  # pytest would look for a fixture of that name
        rest = [parameter for name, parameter in signature.parameters.items() if name != PARAMETER]
        wrapper.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
    return wrapper


def _hand_over(signature: inspect.Signature) -> HandOver:
    """What puts the router into the arguments of a call, which are those of the signature without it."""
    names = [*signature.parameters]
    if PARAMETER not in names:
        return lambda _, args, kwargs: (args, kwargs)
    place = names.index(PARAMETER)
    kind = signature.parameters[PARAMETER].kind

    def hand_over(router: Router, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        if kind is inspect.Parameter.POSITIONAL_ONLY or (
            kind is not inspect.Parameter.KEYWORD_ONLY and len(args) > place
        ):
            return (*args[:place], router, *args[place:]), kwargs
        return args, {**kwargs, PARAMETER: router}

    return hand_over


def _around_call(function: Callable[..., Any], enter: Enter, hand_over: HandOver) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with enter(args) as router:
            args, kwargs = hand_over(router, args, kwargs)
            return function(*args, **kwargs)

    return wrapper


def _around_coroutine(function: Callable[..., Any], enter: Enter, hand_over: HandOver) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with enter(args) as router:
            args, kwargs = hand_over(router, args, kwargs)
            return await function(*args, **kwargs)

    return wrapper


def _around_generator(function: Callable[..., Any], enter: Enter, hand_over: HandOver) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with enter(args) as router:
            args, kwargs = hand_over(router, args, kwargs)
            return (yield from function(*args, **kwargs))

    return wrapper


def _around_async_generator(function: Callable[..., Any], enter: Enter, hand_over: HandOver) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with enter(args) as router:
            args, kwargs = hand_over(router, args, kwargs)
            inner: AsyncGenerator[Any, Any] = function(*args, **kwargs)
            try:
                value = await anext(inner)
                while True:
                    try:
                        sent = yield value
                    except GeneratorExit:
                        await inner.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - the generator inside decides
                        value = await inner.athrow(error)
                    else:
                        value = await inner.asend(sent)
            except StopAsyncIteration:
                return

    return wrapper


# --- classes ----------------------------------------------------------------------------------------------------------

_ACTIVATIONS: Final = (
    "_mockstatus_activations"  # on a class: those it and its bases are decorated with, outermost first
)
_ENTRIES: Final = "_mockstatus_entries"  # on an instance: what is open for its test


class Entries:
    """What is open for one test: an entry of each activation that its class is decorated with."""

    def __init__(self, activations: tuple[Activation, ...], instance: Any) -> None:
        self._opened: list[Opened] = []
        self.failed = False  # whether the test has, so that its runner knows of a failure
        self.depth = 0  # how many of the methods are running that set up or tear down around another
        try:
            for activation in activations:
                self._opened.append(activation.open())
        except BaseException as error:
            self.close(error)
            raise
        self.router = instance.mock_router = self._opened[-1].router

    def show(self) -> None:
        """Have them be visible in this context, which may be another than the one they were opened in."""
        for one in self._opened:
            visibility.show(one)

    def complain(self) -> MockStatusError | None:
        """The first thing that is wrong by now; ``close`` raises only what comes after."""
        return next(filter(None, [one.complain() for one in reversed(self._opened)]), None)

    def news(self) -> MockStatusError | None:
        """The first miss since ``complain``, or since this."""
        return next(filter(None, [one.news() for one in reversed(self._opened)]), None)

    def close(self, error: BaseException | None = None) -> None:
        """Leave them all. Raises what was missed, unless an error is leaving."""
        missed: BaseException | None = None
        while self._opened:
            try:
                self._opened.pop().close(error or missed)
            except Exception as raised:  # noqa: BLE001 - it is raised when all is left
                missed = raised
        if missed is not None:
            raise missed


@contextmanager
def judged(entries: Entries) -> Iterator[Router]:
    """Around the body of a test: what it missed fails it, or is noted on the error that is leaving."""
    try:
        yield entries.router
    except BaseException as error:
        entries.failed = True
        complaint = entries.complain()
        if complaint is not None:
            add_to(error, complaint)
        raise
    complaint = entries.complain()
    if complaint is not None:
        entries.failed = True
        raise complaint


def _decorate_class(activation: Activation, cls: Any) -> type:
    setattr(cls, _ACTIVATIONS, (*getattr(cls, _ACTIVATIONS, ()), activation))
    unittest = sys.modules.get("unittest")
    if unittest is not None and issubclass(cls, unittest.TestCase):
        from mockstatus.unittest_cases import decorate_test_case

        return decorate_test_case(cls)
    tests = [name for name in dir(cls) if name.startswith("test") and inspect.isroutine(getattr(cls, name))]
    if not tests:
        raise InvalidSetting(
            f"activate() on {cls.__name__}, which has no test methods: decorate functions or test classes"
        )
    for name in tests:
        method = inspect.getattr_static(cls, name)
        if isinstance(method, (staticmethod, classmethod)):
            setattr(cls, name, type(method)(decorate(activation, method.__func__)))
        elif not hasattr(method, _ACTIVATIONS):
            setattr(cls, name, _mark(_around(method, lambda args: _for_test(args[0]))))
    for name, make in (("setup_method", _around_set_up), ("teardown_method", _around_tear_down)):
        method = getattr(cls, name, None)
        if not hasattr(method, _ACTIVATIONS):
            setattr(cls, name, _mark(make(method)))
    return cast("type", cls)


def _mark(method: Any) -> Any:
    """The method, known as one that is not to be wrapped again in a subclass that is decorated too."""
    setattr(method, _ACTIVATIONS, ())
    return method


def entries_of(instance: Any) -> Entries:
    """What is open for an instance, which is opened with this."""
    return Entries(getattr(type(instance), _ACTIVATIONS), instance)


@contextmanager
def _for_test(instance: Any) -> Iterator[Router]:
    """Around a test method of a plain class: in what was opened for its setup_method, or in something of its own."""
    entries: Entries | None = vars(instance).get(_ENTRIES)
    if entries is not None:
        entries.show()
        with judged(entries) as router:
            yield router
        return
    entries = entries_of(instance)
    try:
        yield entries.router
    except BaseException as error:
        entries.close(error)
        raise
    entries.close()


def _around_set_up(method: Callable[..., Any] | None) -> Callable[..., Any]:
    """A ``setup_method`` that opens what its test is in, unless that of a subclass has done so."""

    def setup_method(self: Any, method_of_test: Any = None) -> None:
        waiting: Entries | None = vars(self).get(_ENTRIES)
        entries = waiting or entries_of(self)
        vars(self)[_ENTRIES] = entries
        try:
            _call_hook(method, self, method_of_test)
        except BaseException as error:
            if waiting is None:
                del vars(self)[_ENTRIES]
                entries.close(error)
            raise

    return _as_hook(setup_method, method)


def _around_tear_down(method: Callable[..., Any] | None) -> Callable[..., Any]:
    """A ``teardown_method`` that leaves what its test was in, once those of all classes have run."""

    def teardown_method(self: Any, method_of_test: Any = None) -> None:
        entries: Entries | None = vars(self).get(_ENTRIES)
        if entries is None:  # a subclass has a setup_method that does not call ours
            _call_hook(method, self, method_of_test)
            return
        entries.depth += 1
        error: BaseException | None = None
        try:
            _call_hook(method, self, method_of_test)
        except BaseException as raised:
            error = raised
            raise
        finally:
            entries.depth -= 1
            if not entries.depth:
                del vars(self)[_ENTRIES]
                entries.close(error)

    return _as_hook(teardown_method, method)


def _as_hook(hook: Callable[..., Any], method: Callable[..., Any] | None) -> Callable[..., Any]:
    """The function, as pytest calls a setup_method or teardown_method."""
    hook = hook if method is None else functools.update_wrapper(hook, method)
    vars(hook)["__signature__"] = _HOOK_SIGNATURE
    return hook


_HOOK_SIGNATURE: Final = inspect.signature(lambda self, method=None: None)  # noqa: ARG005


def _call_hook(hook: Callable[..., Any] | None, instance: Any, method: Any) -> None:
    """Call a setup_method or teardown_method, which may take the test's method or not."""
    if hook is None:
        return
    if len(inspect.signature(hook).parameters) > 1:
        hook(instance, method)
    else:
        hook(instance)
