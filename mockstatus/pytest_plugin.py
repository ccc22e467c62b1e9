"""The pytest plugin: the fixture, the marker, the ini options. Knows pytest; must not import a client.

pytest loads it in every run, so the rest of mockstatus is imported where it is first needed.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from itertools import groupby
from operator import itemgetter
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import pytest

if TYPE_CHECKING:
    from mockstatus.activation import Activation, Opened
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
    problems = {problem for item in _first_with_their_marks(items) for problem in _problems(item)}
    if problems:
        raise pytest.UsageError("\n".join(sorted(problems)))


def _first_with_their_marks(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """One item for each set of marks: those of a module or class, or of a parametrized test, are the same objects."""
    found: dict[tuple[int, ...], pytest.Item] = {}
    for item in items:
        marks = tuple(map(id, item.iter_markers(MARKER)))
        if marks:
            found.setdefault(marks, item)
    return list(found.values())


def _problems(item: pytest.Item) -> list[str]:
    """What is wrong with the markers of a test, and where."""
    found = []
    for node, mark in _marks(item):
        problem = _problem(mark)
        if problem is not None:
            found.append(f"{node.nodeid}: @pytest.mark.mock_router {problem}")
    if not found:
        problem = _refusal(_settings(item))
        if problem is not None:
            found.append(f"{item.nodeid}: the mock_router markers together: {problem}")
    return found


def _problem(mark: pytest.Mark) -> str | None:
    """What is wrong with one marker by itself."""
    known = sorted({*_parameters("activation", "Activation"), *_parameters("router", "Router")})
    if mark.args:
        return f"takes named arguments only, not {mark.args[0]!r}: name it, as one of {', '.join(known)}"
    for name in mark.kwargs:
        if name not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f" (did you mean {nearest[0]}=?)" if nearest else ""
            return f"has no argument {name}={hint}: they are {', '.join(known)}"
    return _refusal(mark.kwargs)


def _refusal(settings: Mapping[str, Any]) -> str | None:
    """What the activation with these settings would say against them."""
    from mockstatus.errors import MockStatusError

    try:
        _make(settings)
    except MockStatusError as error:
        return str(error)
    return None


def _parameters(module: str, name: str) -> Mapping[str, inspect.Parameter]:
    """The parameters of a class of mockstatus."""
    from importlib import import_module

    return inspect.signature(getattr(import_module(f"mockstatus.{module}"), name)).parameters


def _settings(item: pytest.Item) -> dict[str, Any]:
    """The arguments of a test's markers, the closest one's for each."""
    found: dict[str, Any] = {}
    for _, mark in _marks(item):
        found = {**mark.kwargs, **found}
    return found


def _marks(item: pytest.Item) -> list[tuple[Any, pytest.Mark]]:
    """The markers of a test with the nodes that have them, closest first.

    pytest has those of a base class before those of the class itself; they are farther away.
    """
    by_node = groupby(item.iter_markers_with_node(MARKER), key=itemgetter(0))
    return [pair for _, pairs in by_node for pair in sorted(pairs, key=_inheritance)]


def _inheritance(pair: tuple[Any, pytest.Mark]) -> int:
    """How far up its bases a class has a mark from; before 0 for one that no class has."""
    node, mark = pair
    for distance, cls in enumerate(getattr(getattr(node, "obj", None), "__mro__", ())):
        marks = vars(cls).get("pytestmark", ())
        marks = marks if isinstance(marks, (list, tuple)) else [marks]
        if any(getattr(one, "mark", one) is mark for one in marks):
            return distance
    return -1


def _make(settings: Mapping[str, Any]) -> Activation:
    """The activation with the settings of markers. Raises MockStatusError for those that make no sense."""
    from mockstatus.activation import Activation
    from mockstatus.errors import InvalidSetting
    from mockstatus.router import Router
    from mockstatus.visibility import defaults

    of_router = {name: settings[name] for name in _parameters("router", "Router") if name in settings}
    router = settings.get("router")
    if router is None:
        router = Router(**{"expect_all": defaults.expect_all, **of_router})
    elif of_router:
        raise InvalidSetting(f"{'=, '.join(of_router)}= with router={router!r}, which has settings of its own")
    return Activation(
        router, None, settings.get("network"), settings.get("scope"), settings.get("time"), settings.get("clients")
    )


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
    item = request.node
    problems = _problems(item)
    if problems:  # a worker of xdist, or a marker that was added since the collection
        pytest.fail("\n".join(problems), pytrace=False)
    opened = _make(_settings(item)).open()
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
            _show_to_body(opened.entry, item, patches)
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
    if opened is None or opened.entry.scope != "context" or not _is_asynchronous(function):
        return (yield)
    if isinstance(function, MethodType) and isinstance(request.instance, type(function.__self__)):
        function = function.__func__.__get__(
            request.instance
        )  # as pytest does with methods, which are of another instance
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(fixturedef, "func", _showing(opened.entry, function))
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
    fields, journal = sys.modules.get("mockstatus.fields"), sys.modules.get("mockstatus.journal")
    if op != "==" or fields is None or journal is None:  # then there is nothing of ours to compare
        return None
    if not any(isinstance(side, (fields.Fields, journal.Calls)) for side in (left, right)):
        return None
    on_left, on_right = Counter(_lines(left, right)), Counter(_lines(right, left))
    lines = [f"only left:  {line}" for line in (on_left - on_right).elements()]
    lines += [f"only right: {line}" for line in (on_right - on_left).elements()]
    return [f"{_cut(left)} == {_cut(right)}", *(lines or ["the same on both sides, in another order or spelling"])]


def _lines(value: object, other: object) -> list[str]:
    """A line for each item of a side of a comparison; for each name and value, where both sides have names."""
    from mockstatus.fields import Fields, Headers

    if not (isinstance(value, (Mapping, str)) and isinstance(other, (Mapping, str))):
        items = value.multi_items() if isinstance(value, Fields) else value
        return [repr(item) for item in items] if isinstance(items, Sequence) else [repr(items)]
    pairs: Iterable[tuple[Any, object]]
    if isinstance(value, str):
        from mockstatus.urls import parse_query

        pairs = parse_query(value)
    elif isinstance(value, Fields) and isinstance(other, (Fields, str)):
        pairs = value.multi_items()
    else:  # a mapping has one value for each name
        pairs = value.items()
    ignore_case = isinstance(value, Headers) or isinstance(other, Headers)
    return [f"{str(name).lower() if ignore_case else name}: {item!r}" for name, item in pairs]


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 70 else f"{text[:67]}..."
