"""The fixture mock_router: when it is on, and whom a miss or an unmet expectation fails."""

from __future__ import annotations

import pytest

from mockstatus import visibility

# What the files below begin with. swallow() makes a call that nothing answers, and goes on, as code under test may.
HEAD = """
import httpx
import pytest
import mockstatus

def swallow(url="https://api.example.com/nope"):
    try:
        httpx.get(url)
    except AssertionError:
        return None

"""


def test_mock_router_is_an_activated_router(run_inside):
    result = run_inside(
        HEAD
        + """
def test_it(mock_router):
    assert isinstance(mock_router, mockstatus.Router)
    route = mock_router.get("https://api.example.com/jobs").respond(202)
    assert httpx.get("https://api.example.com/jobs").status_code == 202
    assert httpx.get("https://mock.local/404").status_code == 404
    assert route.call_count == 1
"""
    )

    result.assert_outcomes(passed=1)


def test_each_test_and_each_parameter_has_a_router_of_its_own(run_inside):
    result = run_inside(
        HEAD
        + """
seen = []

@pytest.mark.parametrize("status", [200, 202, 503])
def test_it(mock_router, status):
    assert not mock_router.routes and not mock_router.calls
    mock_router.get("https://api.example.com/").respond(status)
    assert httpx.get("https://api.example.com/").status_code == status
    seen.append(mock_router)

def test_after():
    assert len(set(map(id, seen))) == 3
"""
    )

    result.assert_outcomes(passed=4)


def test_nothing_is_left_on_after_a_test_however_it_ended(run_inside):
    result = run_inside(
        HEAD
        + """
from mockstatus import visibility
import socket

connect = socket.socket.connect
send = httpx.HTTPTransport.handle_request

@pytest.fixture
def broken(mock_router):
    raise RuntimeError("in setup")

@pytest.fixture
def breaking(mock_router):
    yield
    raise RuntimeError("in teardown")

def test_passes(mock_router): pass
def test_fails(mock_router): assert 0
def test_misses(mock_router): swallow()
def test_skips(mock_router): pytest.skip("why not")
def test_in_setup(broken): pass
def test_in_teardown(breaking): pass

def test_after():
    assert visibility.visible() is None
    assert socket.socket.connect is connect
    assert httpx.HTTPTransport.handle_request is send
"""
    )

    result.assert_outcomes(passed=3, failed=2, skipped=1, errors=2)
    assert visibility.visible() is None


def test_the_router_is_not_kept_after_its_test(run_inside):
    result = run_inside(
        HEAD
        + """
import gc
import weakref
from mockstatus import visibility

kept = []

def test_it(mock_router):
    kept.append(weakref.ref(mock_router))
    assert httpx.get("https://mock.local/202").status_code == 202

def test_after():
    assert visibility.visible() is None
    gc.collect()
    assert kept[0]() is None
"""
    )

    result.assert_outcomes(passed=2)


# --- what fails -------------------------------------------------------------------------------------------------------

FAILURES = {
    "a miss that was swallowed": ("swallow()", "*UnmatchedRequest: no route fits GET https://api.example.com/nope*"),
    "a miss that was not": ("httpx.get('https://api.example.com/nope')", "*UnmatchedRequest: no route fits GET*"),
    "an expectation that was not met": (
        "mock_router.get('https://api.example.com/me').expect(2)",
        "*UnmetExpectation: GET https://api.example.com/me*expected twice, got no call",
    ),
    "an expectation that was exceeded": (
        "mock_router.get('https://mock.local/200').expect(0); httpx.get('https://mock.local/200')",
        "*UnmetExpectation: GET https://mock.local/200*expected never, got one call",
    ),
    "a blocked connection that was swallowed": (
        "import socket\n    with socket.socket() as one, pytest.raises(AssertionError): one.connect(('192.0.2.1', 80))",
        "*BlockedConnection: *192.0.2.1:80*",
    ),
    "a miss that was expected and not accepted": (
        "with pytest.raises(mockstatus.UnmatchedRequest): httpx.get('https://api.example.com/nope')",
        "*UnmatchedRequest: no route fits GET https://api.example.com/nope*",
    ),
    "a miss in another thread": (
        "import threading\n    thread = threading.Thread(target=swallow)\n    thread.start(); thread.join()",
        "*UnmatchedRequest: no route fits GET https://api.example.com/nope*",
    ),
}


@pytest.mark.parametrize(("body", "line"), FAILURES.values(), ids=FAILURES)
def test_it_is_the_test_that_fails_and_nothing_else(run_inside, body, line):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    {body}\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *{line}"])


@pytest.mark.parametrize(
    "body",
    [
        "swallow(); mock_router.unmatched.clear()",
        "with pytest.raises(mockstatus.UnmatchedRequest): swallow() or httpx.get('https://a.test/')\n"
        "    assert len(mock_router.unmatched) == 2\n    mock_router.unmatched.clear()",
        "mock_router.get('https://api.example.com/nope').respond(200); swallow()",
        "mock_router.get('https://mock.local/200').expect(); httpx.get('https://mock.local/200')",
        "mock_router.get('https://mock.local/200').expect(); mock_router.clear()",
    ],
)
def test_what_was_accepted_answered_or_met_fails_nothing(run_inside, body):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    {body}\n")

    result.assert_outcomes(passed=1)


def test_a_swallowed_miss_says_where_it_was_and_how_it_is_accepted(run_inside):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    swallow()\n")

    result.stdout.fnmatch_lines(
        ["*httpx.get(url)*", "*UnmatchedRequest*", "E *The test went on*mock_router.unmatched.clear() accepts it*"]
    )


def test_a_miss_that_ends_the_test_is_told_once_and_as_it_is(run_inside):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    httpx.get('https://api.example.com/nope')\n")

    result.stdout.no_fnmatch_line("*besides*")
    result.stdout.no_fnmatch_line("*went on*")


def test_the_other_misses_and_unmet_expectations_are_notes_of_the_first_miss(run_inside):
    result = run_inside(
        HEAD
        + """
def test_it(mock_router):
    mock_router.get("https://api.example.com/me").expect()
    swallow(), swallow(), swallow("https://api.example.com/other")
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines_random(
        [
            "E *UnmatchedRequest: no route fits GET https://api.example.com/nope",
            "E *and 1 more like it",
            "E *also: no route fits GET https://api.example.com/other",
            "E *unmet expectation: GET https://api.example.com/me*",
        ]
    )


# --- a test that fails by itself --------------------------------------------------------------------------------------

OWN_FAILURES = {
    "assert": ("assert 1 == 2", ["E *assert 1 == 2", "E *mockstatus, besides: no route fits GET *"]),
    "exception": ("raise KeyError('own')", ["E *KeyError: 'own'", "E *mockstatus, besides: no route fits GET *"]),
    "pytest.fail": ("pytest.fail('own')", ["E *Failed: own", "E *mockstatus, besides: no route fits GET *"]),
    "pytest.fail without traceback": (
        "pytest.fail('own', pytrace=False)",
        ["own", "*Captured mockstatus call*", "mockstatus, besides: no route fits GET *"],
    ),
}


@pytest.mark.parametrize(("body", "lines"), OWN_FAILURES.values(), ids=OWN_FAILURES)
def test_a_tests_own_failure_stays_and_the_miss_is_told_besides(run_inside, body, lines):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    swallow()\n    {body}\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(lines)


def test_a_tests_own_failure_stays_and_unmet_expectations_are_told_besides(run_inside):
    result = run_inside(
        f"{HEAD}\ndef test_it(mock_router):\n    mock_router.get('https://a.test/').expect()\n    assert 1 == 2\n"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *assert 1 == 2", "E *mockstatus, besides: GET https://a.test/*expected at least once*"]
    )


@pytest.mark.parametrize(
    "body",
    [
        "raise LookupError('own') from error",
        "raise LookupError('own')",
        "kept = ExceptionGroup('own', [ExceptionGroup('inner', [error])])\n    raise kept",
    ],
    ids=["cause", "context", "group"],
)
def test_an_error_that_came_of_the_miss_does_not_tell_it_again(run_inside, body):
    result = run_inside(
        HEAD
        + f"""
def test_it(mock_router):
    try:
        httpx.get("https://api.example.com/nope")
    except AssertionError as error:
        {body}
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*besides*")


OUTCOMES = {
    "skip in the body": ("", "pytest.skip('why not')", {"skipped": 1}),
    "skip by a marker": ("@pytest.mark.skip(reason='why not')", "pass", {"skipped": 1}),
    "xfail in the body": ("", "pytest.xfail('known')", {"xfailed": 1}),
    "xfail by a marker, of a miss": ("@pytest.mark.xfail(strict=True)", "pass", {"xfailed": 1}),
    "xfail of this error": ("@pytest.mark.xfail(raises=mockstatus.UnmatchedRequest)", "pass", {"xfailed": 1}),
    "xfail of another error": ("@pytest.mark.xfail(raises=KeyError)", "pass", {"failed": 1}),
    "strict xfail that passes": (
        "@pytest.mark.xfail(strict=True)",
        "mock_router.unmatched.clear()",
        {"failed": 1},
    ),
    "xfail that passes": ("@pytest.mark.xfail", "mock_router.unmatched.clear()", {"xpassed": 1}),
}


@pytest.mark.parametrize(("marker", "body", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_skips_and_xfails_are_what_they_are_without_us(run_inside, marker, body, outcome):
    result = run_inside(f"{HEAD}\n{marker}\ndef test_it(mock_router):\n    swallow()\n    {body}\n", "-rs")

    result.assert_outcomes(**outcome)
    if outcome == {"skipped": 1}:
        result.stdout.fnmatch_lines(["SKIPPED * why not"])
        result.stdout.no_fnmatch_line("*besides*")
