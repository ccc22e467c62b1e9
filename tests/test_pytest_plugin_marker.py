"""The marker mock_router: what it sets, which one wins, and what is refused."""

from __future__ import annotations

import pytest

HEAD = """
import datetime
import httpx
import pytest
import mockstatus
from mockstatus import visibility

def status(url="https://mock.local/202"):
    return httpx.get(url).status_code

def swallow():
    try:
        httpx.get("https://api.example.com/nope")
    except AssertionError:
        return None

"""

# An argument, and what is then true in a test.
ARGUMENTS = {
    "base_url": (
        "base_url='https://api.example.com/v1'",
        "mock_router.get('/x').respond(202); assert status(V1) == 202",
    ),
    "network": ("network=['localhost']", "assert visibility.visible().network.allows('127.0.0.1', 80)"),
    "scope": ("scope='context'", "assert visibility.scope_here() == 'context' and status() == 202"),
    "time": ("time='real'", "assert visibility.visible().time == 'real'"),
    "clients": ("clients=['requests']", "assert visibility.visible().clients == {'requests'}"),
    "router": ("router=SHARED", "assert mock_router is SHARED and status('https://api.example.com/shared') == 401"),
    "hosts": ("hosts=()", "pytest.raises(AssertionError, status); mock_router.unmatched.clear()"),
    "history": ("history=1", "status(); status(); assert len(mock_router.calls) == 1"),
    "expect_all": ("expect_all=True", "mock_router.get('https://mock.local/202'); status()"),
    "now": ("now=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)", "assert mock_router.clock.now.year == 2026"),
}


@pytest.mark.parametrize(("argument", "body"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_the_marker_takes_what_activate_and_router_take(run_inside, argument, body):
    result = run_inside(
        HEAD
        + f"""
V1 = "https://api.example.com/v1/x"
SHARED = mockstatus.Router()
SHARED.get("https://api.example.com/shared").respond(401)

@pytest.mark.mock_router({argument})
def test_it(mock_router):
    {body}
"""
    )

    result.assert_outcomes(passed=1)


def test_every_argument_is_covered_above_and_named_in_the_markers_help(run_inside):
    result = run_inside("", "--markers")

    help_text = next(line for line in result.outlines if "pytest.mark.mock_router(" in line)
    assert all(f"{name}=" in help_text for name in ARGUMENTS)


def test_expect_all_fails_a_test_that_left_a_route_uncalled(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(expect_all=True)
def test_it(mock_router):
    mock_router.get("https://api.example.com/me")
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *UnmetExpectation: GET https://api.example.com/me*expected at least once*"])


# --- which one wins ---------------------------------------------------------------------------------------------------


def test_the_closest_marker_wins_argument_by_argument(run_inside):
    result = run_inside(
        HEAD
        + """
pytestmark = pytest.mark.mock_router(base_url="https://module.test", time="real", history=3)

def seen(router):
    return router.base_url, visibility.visible().time, visibility.visible().network.text

def test_module(mock_router):
    assert seen(mock_router) == ("https://module.test", "real", "block")

@pytest.mark.mock_router(base_url="https://class.test", network="allow")
class TestClass:
    def test_class(self, mock_router):
        assert seen(mock_router) == ("https://class.test", "real", "allow")

    @pytest.mark.mock_router(time="instant")
    def test_function(self, mock_router):
        assert seen(mock_router) == ("https://class.test", "instant", "allow")

    @pytest.mark.mock_router(base_url=None)
    def test_none_is_an_argument_too(self, mock_router):
        assert seen(mock_router) == (None, "real", "allow")

    @pytest.mark.parametrize("mode", [pytest.param(1, marks=pytest.mark.mock_router(time="instant")), 2])
    def test_parameter(self, mock_router, mode):
        assert seen(mock_router) == ("https://class.test", {1: "instant", 2: "real"}[mode], "allow")
"""
    )

    result.assert_outcomes(passed=6)


def test_a_class_is_closer_than_its_bases(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(base_url="https://base.test", time="real")
class Base:
    def test_it(self, mock_router):
        assert (mock_router.base_url, visibility.visible().time) == (self.expected, "real")

class TestBase(Base):
    expected = "https://base.test"

@pytest.mark.mock_router(base_url="https://derived.test")
class TestDerived(Base):
    expected = "https://derived.test"

class TestListed(Base):
    pytestmark = pytest.mark.mock_router(base_url="https://listed.test")
    expected = "https://listed.test"
"""
    )

    result.assert_outcomes(passed=3)


def test_a_marker_that_is_added_while_collecting_counts(run_inside):
    result = run_inside(
        HEAD + "\ndef test_it():\n    assert status() == 202\n",
        conftest="""
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.mock_router)
""",
    )

    result.assert_outcomes(passed=1)


# --- enough by itself -------------------------------------------------------------------------------------------------


def test_the_marker_is_enough_without_the_fixture(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router
def test_answered():
    assert status() == 202

@pytest.mark.mock_router()
def test_verified():
    swallow()

def test_unmarked():
    assert visibility.visible() is None
"""
    )

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_verified - *"])


def test_the_marker_is_on_before_every_fixture_of_the_test_and_after_those_of_a_wider_scope(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture(autouse=True, scope="module")
def wide():
    assert visibility.visible() is None

@pytest.fixture(autouse=True)
def automatic():
    assert status() == 202
    yield
    assert status() == 202

@pytest.fixture
def named():
    assert status() == 202

@pytest.mark.mock_router
class TestIt:
    def setup_method(self):
        assert status() == 202

    def teardown_method(self):
        assert status() == 202

    def test_alone(self, named): pass
    def test_with_the_fixture(self, named, mock_router):
        assert len(mock_router.calls) == 3
"""
    )

    result.assert_outcomes(passed=2)


def test_a_fixture_of_the_users_own_by_that_name_does_not_switch_the_marker_off(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture
def mock_router():
    return "mine"

@pytest.mark.mock_router
def test_it(mock_router):
    assert mock_router == "mine"
    assert status() == 202
"""
    )

    result.assert_outcomes(passed=1)


# --- what is refused --------------------------------------------------------------------------------------------------

KNOWN = "base_url, clients, expect_all, history, hosts, network, now, router, scope, time"
REFUSED = {
    "an unknown argument": ("nework='allow'", f"has no argument nework= (did you mean network=?): they are {KNOWN}"),
    "a respx argument": ("assert_all_called=False", f"has no argument assert_all_called=*: they are {KNOWN}"),
    "nothing near": ("zzz=1", f"has no argument zzz=: they are {KNOWN}"),
    "positional": (
        "'https://api.example.com'",
        f"takes named arguments only, not 'https://api.example.com': name it, as one of {KNOWN}",
    ),
    "network": ("network='a b'", "network='a b' is no host pattern: *"),
    "scope": ("scope='thread'", "scope='thread': give one of process, context"),
    "time": ("time='slow'", "time='slow': give one of instant, real, virtual"),
    "clients": ("clients=['htpx']", "clients=*'htpx' is none of *"),
    "router": ("router=len", "activate(<built-in function len>): give a mockstatus.Router*"),
    "base_url": ("base_url='/jobs'", "'/jobs' is not an absolute URL: *"),
    "hosts": ("hosts=['example.com']", "hosts=*'example.com'*: give a list of any of mock.local*"),
    "history": ("history=-1", "history=-1: give the number of calls to keep*"),
    "now": ("now=datetime.datetime(2026, 1, 1)", "now=datetime.datetime(2026, 1, 1, 0, 0) has no time zone: *"),
    "settings of another router": (
        "router=mockstatus.Router(), history=1, hosts=()",
        "hosts=, history= with router=<Router *>, which has settings of its own",
    ),
}


@pytest.mark.parametrize(("arguments", "text"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_a_usage_error_before_anything_runs(run_inside, arguments, text):
    result = run_inside(
        f"{HEAD}\ndef test_other(): print('has run')\n\n@pytest.mark.mock_router({arguments})\ndef test_it(): pass\n",
        "-s",
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    pattern = f"ERROR: test_it.py::test_it: @pytest.mark.mock_router {text}"
    result.stderr.fnmatch_lines([pattern.replace("[", "[[]")])
    result.stdout.no_fnmatch_line("*has run*")


def test_all_wrong_markers_are_told_each_once_and_where_it_stands(run_inside):
    result = run_inside(
        HEAD
        + """
pytestmark = pytest.mark.mock_router(tme="real")

@pytest.mark.mock_router(scoop="context")
class TestIt:
    @pytest.mark.parametrize("number", range(3))
    def test_first(self, number): pass
    def test_second(self): pass

@pytest.mark.mock_router(time="never")
def test_third(): pass
"""
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = [line.removeprefix("ERROR: ").partition(": @")[0] for line in result.errlines if "mock_router" in line]
    assert told == ["test_it.py", "test_it.py::TestIt", "test_it.py::test_third"]


def test_markers_that_contradict_each_other_are_refused_together(run_inside):
    result = run_inside(
        HEAD
        + """
pytestmark = pytest.mark.mock_router(router=mockstatus.Router())

@pytest.mark.mock_router(base_url="https://api.example.com")
@pytest.mark.parametrize("number", range(3))
def test_it(number): pass

@pytest.mark.mock_router(base_url="https://api.example.com", router=None)
def test_of_its_own(): pass
"""
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len([line for line in result.errlines if "test_it.py::" in line]) == 1
    line = "ERROR: test_it.py::test_it[[]0]: the mock_router markers together: base_url= with router=*"
    result.stderr.fnmatch_lines([line])


def test_a_wrong_marker_that_nobody_runs_stops_nobody(run_inside):
    result = run_inside(
        f"{HEAD}\ndef test_other(): pass\n\n@pytest.mark.mock_router(nework='allow')\ndef test_it(): pass\n",
        "-k",
        "other",
    )

    result.assert_outcomes(passed=1, deselected=1)


def test_a_wrong_marker_that_is_added_later_is_an_error_of_the_tests_setup(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture(autouse=True)
def late(request):
    request.node.add_marker(pytest.mark.mock_router(nework="allow"))

def test_it(mock_router): pass
"""
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["test_it.py::test_it: @pytest.mark.mock_router has no argument nework= (did you mean *"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
