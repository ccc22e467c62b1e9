"""The pytest plugin: what it adds to pytest, and what happens before, in and after a test. Must not import a client.

pytest loads it in every run, so the rest of mockstatus is imported where it is first needed.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import pytest

if TYPE_CHECKING:
    from mockstatus.activation import Opened
    from mockstatus.errors import MockStatusError
    from mockstatus.router import Router
    from mockstatus.visibility import Entry

MARKER: Final = "mock_router"
_ACTIVATION: Final = "_mockstatus_activation"  # the fixture behind mock_router, which no one overrides
_MARKER_HELP: Final = (
    "mock_router(*, router=None, base_url=None, network=None, scope=None, time=None, clients=None, hosts=(...), "
    "history=10000, expect_all=False, now=None): answer the HTTP calls of this test from a mockstatus router, which the "
    "fixture mock_router gives to those who name it. The arguments are those of mockstatus.activate and mockstatus.Router; "
    "each is taken from the closest marker (function, class, module) that has it."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini options."""
    parser.addini(
        "mockstatus_network",
        'Which hosts are really called where no activation says it: "block" (default), "allow", or host patterns such '
        'as localhost "*.internal" 127.0.0.1:8000',
        type="args",
        default=None,
    )
    parser.addini(
        "mockstatus_time",
        'How waits are spent where no activation says it: "instant" (default), "real" or "virtual"',
        default=None,
    )
    parser.addini(
        "mockstatus_expect_all",
        "Whether it fails a test if a route of its router was never called (default: false)",
        type="bool",
        default=None,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and have the ini options hold until the run is over."""
    config.addinivalue_line("markers", _MARKER_HELP)
    settings = _ini_settings(config)
    if not settings:
        return
    from mockstatus.visibility import defaults

    before = {name: getattr(defaults, name) for name in settings}
    for name, value in settings.items():
        setattr(defaults, name, value)

    def restore() -> None:
        for name, value in before.items():
            setattr(defaults, name, value)

    config.add_cleanup(restore)


# --- the ini options --------------------------------------------------------------------------------------------------


def _ini_settings(config: pytest.Config) -> dict[str, object]:
    """What the ini options say, under the names that visibility has for it."""
    found: dict[str, object] = {}
    for name, read in _INI.items():
        try:
            given = config.getini(f"mockstatus_{name}")
            if given is not None:
                found[name] = read(given)
        except (ValueError, pytest.UsageError) as error:  # pytest's own checks raise this or that, by its version
            raise pytest.UsageError(f"ini option mockstatus_{name}: {error}") from None
    return found


def _read_network(given: Sequence[str]) -> object:
    from mockstatus.errors import InvalidSetting
    from mockstatus.policy import Policy

    patterns = [pattern for text in given for pattern in text.split(",") if pattern]
    if len(patterns) > 1 and {"allow", "block"}.intersection(patterns):
        raise InvalidSetting(f'{patterns}: "allow" and "block" stand alone; a list is of host patterns')
    return Policy(patterns[0] if len(patterns) == 1 else patterns)


def _read_time(given: str) -> object:
    from mockstatus.waiting import check_time

    return check_time(given.strip())


_INI: Final[Mapping[str, Callable[[Any], object]]] = {"network": _read_network, "time": _read_time, "expect_all": bool}


# --- the marker -------------------------------------------------------------------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Refuse markers that make no sense before anything runs.

    A worker of xdist has no way to say it: there, the test's setup does.
    """
    if hasattr(config, "workerinput"):
        return
    marked = _first_with_their_marks(items)
    if not marked:
        return
    from mockstatus.pytest_markers import problems

    found = {problem for item in marked for problem in problems(item)}
    if found:
        raise pytest.UsageError("\n".join(sorted(found)))


def _first_with_their_marks(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """One item for each set of marks: those of a module or class, or of a parametrized test, are the same objects."""
    found: dict[tuple[int, ...], pytest.Item] = {}
    for item in items:
        marks = tuple(map(id, item.iter_markers(MARKER)))
        if marks:
            found.setdefault(marks, item)
    return list(found.values())


# --- the fixture ------------------------------------------------------------------------------------------------------


@pytest.fixture
def mock_router(_mockstatus_activation: Router) -> Router:
    """A mockstatus.Router that answers the HTTP calls of the test, of the fixtures that are set up after it, and of all
    their threads. What nothing answered, and what expect() waited for in vain, fails the test when its body is done;
    mock_router.unmatched.clear() accepts it. Arguments of mockstatus.activate and mockstatus.Router come from the marker:
    @pytest.mark.mock_router(base_url=..., network=...).
    """  # noqa: D205 - what ``pytest --fixtures`` shows is the first paragraph
    return _mockstatus_activation


@pytest.fixture
def _mockstatus_activation(request: pytest.FixtureRequest) -> Iterator[Router]:
    from mockstatus.pytest_markers import activation_of, problems

    item = request.node
    found = problems(item)
    if found:  # a worker of xdist, or a marker that was added since the collection
        pytest.fail("\n".join(found), pytrace=False)
    opened = activation_of(item).open()
    item.stash[_OPENED] = opened
    if _is_test_case(item):  # whose methods cannot name a fixture
        item.instance.mock_router = opened.router
    yield opened.router
    opened.close(_Closing())


class _Closing(Exception):
    """Keeps what was missed from being raised in the fixture's teardown, where it would be an error and not a failure."""


_OPENED: Final[pytest.StashKey[Opened]] = pytest.StashKey()


def _is_test_case(item: object) -> bool:
    unittest = sys.modules.get("unittest")
    return unittest is not None and isinstance(getattr(item, "instance", None), unittest.TestCase)


# --- around the three phases of a test --------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Have a marked test begin with its activation, before the other fixtures of its scope."""
    if item.get_closest_marker(MARKER) is not None and hasattr(item, "fixturenames"):
        _put_first(item)
    try:
        return (yield)
    except BaseException as error:
        opened = item.stash.get(_OPENED, None)
        if opened is not None:
            _mention(opened.news(), error, item, "setup")
        raise


def _put_first(item: Any) -> None:
    """Have a test's activation set up before every other fixture of its scope."""
    definitions = item._fixtureinfo.name2fixturedefs  # noqa: SLF001 - there is no public way to see a scope
    names = [name for name in item.fixturenames if name not in (_ACTIVATION, MARKER)]
    wider = [name for name in names if name in definitions and definitions[name][-1].scope != "function"]
    rest = [name for name in names if name not in wider]
    item.fixturenames = [*wider, _ACTIVATION, MARKER, *rest]


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Verify when the test's body is done, so that it is the test that fails."""
    __tracebackhide__ = True
    opened = item.stash.get(_OPENED, None)
    with pytest.MonkeyPatch.context() as patches:
        if opened is not None:
            _show_to_body(opened, item, patches)
        try:
            result = yield
        except BaseException as error:
            opened = item.stash.get(_OPENED, None)
            if opened is not None:
                _mention(opened.complain(), error, item, "call")
            raise
    opened = item.stash.get(_OPENED, None)  # the body may have asked for the fixture
    complaint = None if opened is None else opened.complain()
    kept = getattr(item, "_excinfo", None)  # where pytest has what came of a TestCase, which raises nothing
    if kept:
        _mention(complaint, kept[0].value, item, "call")
    elif complaint is not None:
        _fail(complaint)
    return result


def _fail(complaint: MockStatusError) -> NoReturn:
    """Fail a test whose body went through."""
    from mockstatus.errors import UnmetExpectation

    if not isinstance(complaint, UnmetExpectation):
        complaint.add_note("The test went on after that; mock_router.unmatched.clear() accepts it.")
    raise complaint


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Say what was missed since the body was done."""
    opened = item.stash.get(_OPENED, None)
    try:
        result = yield
    except BaseException as error:
        if opened is not None:
            _mention(opened.news(), error, item, "teardown")
        raise
    finally:
        if opened is not None:
            del item.stash[_OPENED]
    late = None if opened is None else opened.news()
    if late is not None:
        raise late
    return result


def _mention(complaint: MockStatusError | None, error: BaseException, item: pytest.Item, when: str) -> None:
    """Say with an error that is leaving what else went wrong, unless it came of that itself, or is no failure."""
    if complaint is None or isinstance(error, (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception)):
        return
    if any(one is complaint for one in _causes(error)):
        return
    text = "\n".join([f"mockstatus, besides: {complaint}", *getattr(complaint, "__notes__", ())])
    if isinstance(error, pytest.fail.Exception) and not error.pytrace:  # of which only the message is shown
        item.add_report_section(when, "mockstatus", text)
    else:
        error.add_note(text)


def _causes(error: BaseException) -> list[BaseException]:
    """An error, what it came of, and what it is a group of."""
    found: dict[int, BaseException] = {}
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in found:
            found[id(one)] = one
            waiting += [one.__cause__, one.__context__]
            if isinstance(one, BaseExceptionGroup):
                waiting += one.exceptions
    return list(found.values())


# --- scope="context" where a test or fixture is a coroutine -----------------------------------------------------------
# Its runner may have made its context before the activation was entered.


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Let the fixtures of a test see its activation."""
    opened = request.node.stash.get(_OPENED, None)
    function = fixturedef.func
    if opened is None or opened.scope != "context" or not _is_asynchronous(function):
        return (yield)
    if isinstance(function, MethodType) and isinstance(request.instance, type(function.__self__)):
        function = function.__func__.__get__(
            request.instance
        )  # as pytest does with methods, which are of another instance
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(fixturedef, "func", _showing(opened, function))
        return (yield)


def _is_asynchronous(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _show_to_body(entry: Entry, item: pytest.Item, patches: pytest.MonkeyPatch) -> None:
    if entry.scope != "context":
        return
    if _is_test_case(item) and hasattr(cast("Any", item).instance, "_asyncioTestContext"):
        cast("Any", item).instance._asyncioTestContext.run(_show, entry)  # noqa: SLF001 - made with the instance
        return
    hypothesis = getattr(getattr(item, "obj", None), "hypothesis", None)
    holder, name = (item, "obj") if hypothesis is None else (hypothesis, "inner_test")
    function = getattr(holder, name, None)
    if inspect.iscoroutinefunction(function):
        patches.setattr(holder, name, _showing(entry, function))


def _showing(entry: Entry, function: Callable[..., Any]) -> Callable[..., Any]:
    """The coroutine function or asynchronous generator function, seeing an activation."""

    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        _show(entry)
        return await function(*args, **kwargs)

    @functools.wraps(function)
    async def generate(*args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
        __tracebackhide__ = True
        _show(entry)
        async with aclosing(function(*args, **kwargs)) as values:
            async for value in values:
                yield value

    return generate if inspect.isasyncgenfunction(function) else call


def _show(entry: Entry) -> None:
    """Make an activation visible in the context that this is called in, if it is not."""
    from mockstatus import visibility

    visibility.show(entry)


# --- what a failed comparison shows -----------------------------------------------------------------------------------


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show where headers, query, cookies or calls differ from what they were compared with."""
    if op != "==" or "mockstatus.journal" not in sys.modules:  # then there is nothing of ours to compare
        return None
    from mockstatus.pytest_comparison import explain

    return explain(left, right)
