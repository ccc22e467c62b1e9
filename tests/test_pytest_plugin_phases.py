"""The fixture mock_router among other fixtures: what sees it, and what a miss outside of the test's body fails."""

from __future__ import annotations

import pytest

HEAD = """
import httpx
import pytest
import mockstatus

def swallow(url="https://api.example.com/nope"):
    try:
        httpx.get(url)
    except AssertionError:
        return None

def status():
    return httpx.get("https://mock.local/202").status_code

"""


def test_setup_and_teardown_of_a_fixture_that_uses_it_are_answered(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture
def client(mock_router):
    mock_router.get("https://api.example.com/login").respond(200, json={"token": "t"})
    logout = mock_router.delete("https://api.example.com/login").respond(204)
    with httpx.Client(base_url="https://api.example.com") as client:
        client.get("/login").raise_for_status()
        yield client
        assert client.delete("/login").status_code == 204
    assert logout.call_count == 1

def test_it(client, mock_router):
    mock_router.get("https://api.example.com/me").respond(200)
    assert client.get("/me").status_code == 200
    assert len(mock_router.calls) == 2
"""
    )

    result.assert_outcomes(passed=1)


def test_a_fixture_of_the_same_name_can_build_on_it(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture
def mock_router(mock_router):
    mock_router.get("https://api.example.com/me").respond(401)
    return mock_router

def test_named(mock_router):
    assert httpx.get("https://api.example.com/me").status_code == 401

@pytest.mark.mock_router
def test_marked():
    assert httpx.get("https://api.example.com/me").status_code == 401
"""
    )

    result.assert_outcomes(passed=2)


def test_a_test_that_asks_for_it_in_its_body_is_verified_too(run_inside):
    result = run_inside(
        HEAD
        + """
def test_met(request):
    request.getfixturevalue("mock_router")
    assert status() == 202

def test_missed(request):
    request.getfixturevalue("mock_router")
    swallow()
"""
    )

    result.assert_outcomes(passed=1, failed=1)


def test_a_fixture_of_a_wider_scope_is_outside_of_it(run_inside):
    result = run_inside(
        HEAD
        + """
from mockstatus import visibility

@pytest.fixture(scope="class")
def seen():
    return visibility.visible()

class TestIt:
    def test_first(self, mock_router, seen):
        assert seen is None and status() == 202
    def test_second(self, seen, mock_router):
        assert seen is None and status() == 202
"""
    )

    result.assert_outcomes(passed=2)


def test_a_class_can_have_an_activation_of_its_own_around_those_of_its_tests(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture(scope="class")
def shared():
    with mockstatus.activate() as router:
        router.get("https://api.example.com/me").respond(200)
        router.get("https://api.example.com/you").respond(200)
        yield router

class TestIt:
    def test_inner_first(self, shared, mock_router):
        mock_router.get("https://api.example.com/me").respond(503)
        assert httpx.get("https://api.example.com/me").status_code == 503
        assert httpx.get("https://api.example.com/you").status_code == 200
        assert len(shared.calls) == 1
    def test_then_outer(self, shared, mock_router):
        assert httpx.get("https://api.example.com/me").status_code == 200
"""
    )

    result.assert_outcomes(passed=2)


def test_a_fixture_of_a_wider_scope_cannot_use_it(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture(scope="module")
def wide(mock_router): pass

def test_it(wide): pass
"""
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ScopeMismatch*mock_router*"])


def test_a_decorated_test_runs_inside_of_the_fixtures_activation(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture
def outer(mock_router):
    mock_router.get("https://api.example.com/me").respond(401)
    return mock_router

@mockstatus.activate
def test_it(outer, mock_router):
    assert mock_router is not outer
    assert httpx.get("https://api.example.com/me").status_code == 401
"""
    )

    result.assert_outcomes(passed=1)


def test_a_doctest_can_have_it(run_inside, pytester):
    pytester.makepyfile(
        documented='''
        """
        >>> import httpx
        >>> router = getfixture("mock_router")
        >>> httpx.get("https://mock.local/202").status_code
        202
        >>> route = router.get("https://api.example.com/").expect()
        """
        '''
    )

    result = run_inside("", "--doctest-modules")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UnmetExpectation: GET https://api.example.com/*"])


# --- misses outside of the body ---------------------------------------------------------------------------------------


def test_a_miss_that_a_fixture_swallowed_in_setup_fails_the_test(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture
def careless(mock_router):
    swallow()

def test_it(careless): pass
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UnmatchedRequest: no route fits GET https://api.example.com/nope*"])


SETUPS = {
    "the miss itself": ("httpx.get('https://api.example.com/nope')", "*UnmatchedRequest: no route*", False),
    "another error": ("swallow(); raise KeyError('own')", "*KeyError: 'own'", True),
    "skip": ("swallow(); pytest.skip('why not')", "", False),
    "another error and no miss": (
        "mock_router.get('https://a.test/').expect(); raise KeyError('own')",
        "*KeyError: 'own'",
        False,
    ),
}


@pytest.mark.parametrize(("body", "line", "besides"), SETUPS.values(), ids=SETUPS)
def test_a_setup_that_does_not_come_to_its_end_is_told_once(run_inside, body, line, besides):
    result = run_inside(
        f"{HEAD}\n@pytest.fixture\ndef broken(mock_router):\n    {body}\n\ndef test_it(broken): pass\n", "-rs"
    )

    result.assert_outcomes(**({"errors": 1} if line else {"skipped": 1}))
    result.stdout.fnmatch_lines([f"E *{line}"] if line else ["SKIPPED * why not"])
    assert ("besides: no route fits GET" in result.stdout.str()) is besides


TEARDOWNS = {
    "the miss itself": ("httpx.get('https://api.example.com/nope')", ["*UnmatchedRequest: no route fits GET *"]),
    "a swallowed miss": ("swallow()", ["*UnmatchedRequest: no route fits GET *"]),
    "another error": ("swallow(); raise KeyError('own')", ["*KeyError: 'own'", "*besides: no route fits GET *"]),
}


@pytest.mark.parametrize(("body", "lines"), TEARDOWNS.values(), ids=TEARDOWNS)
@pytest.mark.parametrize("test_fails", [False, True])
def test_a_miss_in_a_teardown_is_an_error_there_and_one_only(run_inside, body, lines, test_fails):
    result = run_inside(
        HEAD
        + f"""
@pytest.fixture
def ending(mock_router):
    yield
    {body}

def test_it(ending):
    {'swallow("https://api.example.com/first")' if test_fails else "pass"}
"""
    )

    result.assert_outcomes(errors=1, **({"failed": 1} if test_fails else {"passed": 1}))
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_it*", *lines])
    result.stdout.no_fnmatch_line("*ExceptionGroup*")


def test_two_errors_of_a_teardown_tell_the_miss_among_them_once(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.fixture
def first(mock_router):
    yield
    raise KeyError("own")

@pytest.fixture
def second(mock_router):
    yield
    httpx.get("https://api.example.com/nope")

def test_it(first, second): pass
"""
    )

    result.assert_outcomes(passed=1, errors=1)
    assert result.stdout.str().count("UnmatchedRequest: no route fits") == 1
    result.stdout.no_fnmatch_line("*besides*")


@pytest.mark.parametrize(
    "body",
    ["swallow()", "mock_router.get('https://a.test/').expect()", "swallow(); assert 0", "assert 0"],
)
def test_what_was_told_of_the_body_is_not_told_again_in_the_teardown(run_inside, body):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    {body}\n")

    result.assert_outcomes(failed=1)


def test_what_an_interrupted_run_had_on_is_off_afterwards(run_inside):
    result = run_inside(
        f"{HEAD}\ndef test_it(mock_router):\n    swallow()\n    pytest.exit('enough')\n\ndef test_not_run(): pass\n"
    )

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*Exit: enough*"])
    from mockstatus import visibility

    assert visibility.visible() is None
