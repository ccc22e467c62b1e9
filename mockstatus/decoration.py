"""Activations as decorators: of functions of every kind, and of test classes. Knows signatures and test frameworks."""

from __future__ import annotations

import contextvars
import functools
import inspect
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from mockstatus.activation import add_to, opened
from mockstatus.errors import InvalidSetting

if TYPE_CHECKING:
    from mockstatus.activation import Activation, Opened
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
Given = Callable[[tuple[Any, ...], dict[str, Any], "Router"], tuple[Any, ...]]  # puts the router among the arguments


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
    hand_over = PARAMETER in signature.parameters
    place = list(signature.parameters).index(PARAMETER) if hand_over else 0
    by_place = hand_over and signature.parameters[PARAMETER].kind is not inspect.Parameter.KEYWORD_ONLY

    def given(args: tuple[Any, ...], kwargs: dict[str, Any], router: Router) -> tuple[Any, ...]:
        """The arguments with the router among them, where those before it were given by position, else by its name."""
        if by_place and len(args) >= place:
            return (*args[:place], router, *args[place:])
        if hand_over:
            kwargs[PARAMETER] = router
        return args

    wrapper = functools.update_wrapper(make(function, enter, given), function)
    if hand_over:  # pytest would look for a fixture of that name
        rest = [parameter for name, parameter in signature.parameters.items() if name != PARAMETER]
        wrapper.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
    return wrapper


def _around_call(function: Callable[..., Any], enter: Enter, given: Given) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with enter(args) as router:
            return function(*given(args, kwargs, router), **kwargs)

    return wrapper


def _around_coroutine(function: Callable[..., Any], enter: Enter, given: Given) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with enter(args) as router:
            return await function(*given(args, kwargs, router), **kwargs)

    return wrapper


def _around_generator(function: Callable[..., Any], enter: Enter, given: Given) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with enter(args) as router:
            return (yield from function(*given(args, kwargs, router), **kwargs))

    return wrapper


def _around_async_generator(function: Callable[..., Any], enter: Enter, given: Given) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with enter(args) as router:
            inner: AsyncGenerator[Any, Any] = function(*given(args, kwargs, router), **kwargs)
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


def _decorate_class(activation: Activation, cls: type) -> type:
    unittest = sys.modules.get("unittest")
    if unittest is not None and issubclass(cls, unittest.TestCase):
        _decorate_test_case(activation, cls)
        return cls
    tests = [name for name in dir(cls) if name.startswith("test") and inspect.isroutine(getattr(cls, name))]
    if not tests:
        raise InvalidSetting(
            f"activate() on {cls.__name__}, which has no test methods: decorate functions or test classes"
        )
    for name in tests:
        method = inspect.getattr_static(cls, name)
        if isinstance(method, (staticmethod, classmethod)):
            setattr(cls, name, type(method)(decorate(activation, method.__func__)))
        else:
            setattr(cls, name, _around(method, lambda args: _for_test(activation, args[0])))
    if hasattr(cls, "setup_method") or hasattr(cls, "teardown_method"):
        _open_before_setup(activation, cls)
    return cls


_OPENED: Final = (
    "_mockstatus_opened"  # on an instance: the entries that were opened for its setup_method, innermost last
)


@contextmanager
def _for_test(activation: Activation, instance: Any) -> Iterator[Router]:
    """Around a test method of a plain class: an entry of its own, or the one that its setup_method is in."""
    entries: list[Opened] = vars(instance).get(_OPENED, [])
    if not entries:
        with opened(activation) as router:
            instance.mock_router = router
            yield router
        return
    waiting = entries[-1]
    try:
        yield waiting.router
    except BaseException as error:
        missed = waiting.complain()
        if missed is not None:
            add_to(error, missed)
        raise
    complaint = waiting.complain()
    if complaint is not None:
        raise complaint


def _open_before_setup(activation: Activation, cls: Any) -> None:
    """Have pytest's setup_method and teardown_method of a plain class run inside the test's entry."""
    set_up, tear_down = getattr(cls, "setup_method", None), getattr(cls, "teardown_method", None)

    def setup_method(self: Any, method: Any = None) -> None:
        waiting = activation.open()
        vars(self).setdefault(_OPENED, []).append(waiting)
        self.mock_router = waiting.router
        try:
            if set_up is not None:
                _call_hook(set_up, self, method)
        except BaseException as error:
            vars(self)[_OPENED].remove(waiting)
            waiting.close(error)
            raise

    def teardown_method(self: Any, method: Any = None) -> None:
        try:
            if tear_down is not None:
                _call_hook(tear_down, self, method)
        except BaseException as error:
            vars(self)[_OPENED].pop().close(error)
            raise
        vars(self)[_OPENED].pop().close()

    cls.setup_method = setup_method if set_up is None else functools.update_wrapper(setup_method, set_up)
    cls.teardown_method = teardown_method if tear_down is None else functools.update_wrapper(teardown_method, tear_down)
    for hook in (cls.setup_method, cls.teardown_method):
        vars(hook)["__signature__"] = _HOOK_SIGNATURE


_HOOK_SIGNATURE: Final = inspect.signature(lambda self, method=None: None)  # noqa: ARG005


def _call_hook(hook: Callable[..., Any], instance: Any, method: Any) -> None:
    """Call a setup_method or teardown_method, which may take the test's method or not."""
    if len(inspect.signature(hook).parameters) > 1:
        hook(instance, method)
    else:
        hook(instance)


def _decorate_test_case(activation: Activation, cls: Any) -> None:
    """Have each test of a TestCase run in an entry of its own, from before setUp until after its last clean-up.

    The exit is a clean-up, the last one: what it raises fails the test, where raising out of ``run`` would end the
    runner. Whether the test has failed already is known to the outcome alone.
    """
    run, debug, do_cleanups = cls.run, cls.debug, cls.doCleanups

    def prepare(self: Any) -> Opened:
        entry = activation.open()
        self.mock_router = entry.router
        if hasattr(self, "_asyncioTestContext"):  # made with the instance, before anything was visible
            self._asyncioTestContext = contextvars.copy_context()
        return entry

    def run_(self: Any, result: Any = None) -> Any:
        entry = prepare(self)
        self.addCleanup(lambda: entry.close(_Failed() if vars(self).get(_HAS_FAILED) else None))
        try:
            return run(self, result)
        finally:
            entry.close(_Failed())  # does nothing if the clean-up ran, which it does not for a skipped class

    def debug_(self: Any) -> None:
        entry = prepare(self)
        try:
            debug(self)
        except BaseException as error:
            entry.close(error)
            raise
        entry.close()

    def do_cleanups_(self: Any) -> Any:
        """Inside a clean-up the outcome is that of the clean-up alone: note how the test stands before the first."""
        outcome = getattr(self, "_outcome", None)
        vars(self)[_HAS_FAILED] = outcome is not None and not (outcome.success and outcome.expectedFailure is None)
        return do_cleanups(self)

    cls.run = functools.update_wrapper(run_, run)
    cls.debug = functools.update_wrapper(debug_, debug)
    cls.doCleanups = functools.update_wrapper(do_cleanups_, do_cleanups)


_HAS_FAILED: Final = "_mockstatus_has_failed"  # on an instance of a TestCase


class _Failed(Exception):
    """Stands for the failure of a test whose exception the runner keeps to itself."""
