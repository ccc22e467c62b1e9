"""An activation as the decorator of unittest's test cases, run by unittest's own runner."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import unittest

import httpx
import pytest

import mockstatus
from tests.switching import ACCEPTED, API, ROOT, nothing_left, status


def run(case):
    """What unittest's runner makes of all tests of a case."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return unittest.TextTestRunner(stream=io.StringIO()).run(suite)


def outcomes(result):
    """How many ran, and the names of those that failed, broke, and were skipped."""
    named = [[test.id().rpartition(".")[2] for test, _ in found] for found in (result.failures, result.errors)]
    return result.testsRun, *named, len(result.skipped)


def text(result):
    return "\n".join(told for _, told in [*result.failures, *result.errors])


def swallow(url):
    """Call as code that swallows every exception."""
    with contextlib.suppress(Exception):
        httpx.get(url, verify=False)


# --- where the activation begins and ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "decorate",
    [mockstatus.activate, mockstatus.activate(), mockstatus.activate(scope="context")],
    ids=["bare", "parentheses", "context"],
)
def test_set_up_test_tear_down_and_clean_ups_are_in_the_activation(decorate):
    seen = []

    def note(where):
        seen.append((where, status(ACCEPTED)))

    @decorate
    class Case(unittest.TestCase):
        def setUp(self):
            note("setUp")
            self.addCleanup(note, "clean-up")

        def test(self):
            note("test")

        def tearDown(self):
            note("tearDown")

    assert outcomes(run(Case)) == (1, [], [], 0)
    assert seen == [(where, 202) for where in ("setUp", "test", "tearDown", "clean-up")]


@pytest.mark.parametrize("scope", ["process", "context"])
def test_an_asynchronous_case_is_in_the_activation_with_all_it_does(scope):
    seen = []

    async def note(where):
        async with httpx.AsyncClient(verify=False) as client:
            seen.append((where, (await client.get(ACCEPTED)).status_code))

    @mockstatus.activate(scope=scope)
    class Case(unittest.IsolatedAsyncioTestCase):
        def setUp(self):
            seen.append(("setUp", status(ACCEPTED)))

        async def asyncSetUp(self):
            await note("asyncSetUp")
            self.addAsyncCleanup(note, "clean-up")

        async def test(self):
            await note("test")
            self.mock_router.get(API).respond(401)
            assert status(API) == 401

        async def asyncTearDown(self):
            await note("asyncTearDown")

    result = run(Case)

    assert outcomes(result) == (1, [], [], 0), text(result)
    assert seen == [(where, 202) for where in ("setUp", "asyncSetUp", "test", "asyncTearDown", "clean-up")]


def test_each_test_has_a_router_of_its_own_on_the_case():
    routers = []

    @mockstatus.activate(base_url=API)
    class Case(unittest.TestCase):
        def setUp(self):
            self.mock_router.get("/me").respond(401)

        def test_first(self):
            routers.append(self.mock_router)
            self.assertEqual(status(f"{API}/me"), 401)

        test_second = test_first

    assert outcomes(run(Case)) == (2, [], [], 0)
    assert len(set(map(id, routers))) == 2
    assert [(router.base_url, len(router.calls)) for router in routers] == [(API, 1)] * 2


def test_the_class_is_the_same_and_still_one_of_unittest():
    class Case(unittest.TestCase):
        """Say what it is for."""

        def test(self):
            """Do nothing."""

    decorated = mockstatus.activate(Case)

    assert decorated is Case
    assert (Case.__name__, Case.__doc__) == ("Case", "Say what it is for.")
    assert unittest.defaultTestLoader.getTestCaseNames(Case) == ["test"]


def test_a_subclass_is_in_an_activation_too_and_a_base_class_is_left_alone():
    class Base(unittest.TestCase):
        def test_inherited(self):
            self.assertTrue(hasattr(self, "mock_router"))

    @mockstatus.activate
    class Case(Base):
        """Has the inherited test."""

    class Sub(Case):
        def test_own(self):
            self.assertEqual(status(ACCEPTED), 202)

    assert outcomes(run(Case)) == (1, [], [], 0)
    assert outcomes(run(Sub)) == (2, [], [], 0)
    assert outcomes(run(Base)) == (1, ["test_inherited"], [], 0)


def test_a_decorated_subclass_of_a_decorated_class_sees_both():
    @mockstatus.activate(base_url="https://outer.example.com")
    class Base(unittest.TestCase):
        def test(self):
            self.mock_router.get(API).respond(401)
            self.assertEqual(status(API), 401)

    @mockstatus.activate(network="allow")
    class Case(Base):
        """Has the inherited test."""

    assert outcomes(run(Case)) == (1, [], [], 0)


def test_the_settings_of_a_decorated_subclass_come_before_those_of_its_base():
    @mockstatus.activate(base_url="https://base.example.com")
    class Base(unittest.TestCase):
        def test(self):
            self.mock_router.get("/me").respond(401)
            self.assertEqual(status(f"{API}/me"), 401)

    @mockstatus.activate(base_url=API)
    class Case(Base):
        """Has the inherited test."""

    class Derived(Case):
        """Is no other."""

    assert outcomes(run(Case)) == (1, [], [], 0)
    assert outcomes(run(Derived)) == (1, [], [], 0)


def test_the_methods_of_a_test_are_its_own_again_afterwards():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def setUp(self):
            self.kept = sorted(vars(self))

        def test(self):
            """Do nothing."""

    case = Case("test")
    before = set(vars(case))
    case.run(unittest.TestResult())

    assert set(vars(case)) - before <= {"kept", "mock_router"}


def test_a_swallowed_miss_is_a_failure_that_may_be_expected():
    @mockstatus.activate
    class Case(unittest.TestCase):
        @unittest.expectedFailure
        def test(self):
            swallow(API)

    result = run(Case)

    assert outcomes(result) == (1, [], [], 0)
    assert len(result.expectedFailures) == 1


def test_an_error_of_set_up_tells_the_miss_beside_it():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def setUp(self):
            swallow(API)
            raise ValueError("wrong")

        def test(self):
            """Not reached."""

    result = run(Case)

    assert outcomes(result) == (1, [], ["test"], 0)
    assert f"GET {API}" in text(result)


def test_sub_tests_share_the_router_of_their_test():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            self.mock_router.get(API).respond(401).then(403)
            for expected in (401, 403):
                with self.subTest(expected=expected):
                    self.assertEqual(status(API), expected)

    assert outcomes(run(Case)) == (1, [], [], 0)


def test_a_test_that_is_debugged_is_in_an_activation_too():
    """As ``TestSuite.debug`` and debuggers run it: without a result, exceptions as they are."""

    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            self.assertEqual(status(ACCEPTED), 202)

    Case("test").debug()


# --- what was missed --------------------------------------------------------------------------------------------------


def test_a_swallowed_miss_fails_its_test_and_the_runner_goes_on():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test_a_miss(self):
            swallow(API)

        def test_b_fine(self):
            self.assertEqual(status(ACCEPTED), 202)

    result = run(Case)

    assert outcomes(result) == (2, ["test_a_miss"], [], 0)
    assert f"GET {API}" in text(result)


@pytest.mark.parametrize("where", ["setUp", "tearDown", "clean-up"])
def test_a_miss_of_set_up_tear_down_or_a_clean_up_fails_the_test(where):
    @mockstatus.activate
    class Case(unittest.TestCase):
        def setUp(self):
            if where == "setUp":
                swallow(API)
            if where == "clean-up":
                self.addCleanup(swallow, API)

        def test(self):
            """Do nothing."""

        def tearDown(self):
            if where == "tearDown":
                swallow(API)

    assert outcomes(run(Case)) == (1, ["test"], [], 0)


def test_a_swallowed_miss_fails_an_asynchronous_test():
    @mockstatus.activate
    class Case(unittest.IsolatedAsyncioTestCase):
        async def test(self):
            async with httpx.AsyncClient(verify=False) as client:
                with contextlib.suppress(mockstatus.UnmatchedRequest):
                    await client.get(API)

        async def test_fine(self):
            """Do nothing."""

    result = run(Case)

    assert outcomes(result) == (2, ["test"], [], 0)
    assert f"GET {API}" in text(result)


def test_a_miss_that_leaves_the_test_is_one_failure():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            status(API)

    assert outcomes(run(Case)) == (1, ["test"], [], 0)


def test_an_unmet_expectation_fails_its_test():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            self.mock_router.get(API).expect()

    result = run(Case)

    assert outcomes(result) == (1, ["test"], [], 0)
    assert "UnmetExpectation" in text(result)


def test_a_blocked_connection_fails_its_test():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            import socket

            with contextlib.suppress(Exception):
                socket.gethostbyname("api.example.com")

    result = run(Case)

    assert outcomes(result) == (1, ["test"], [], 0)
    assert "BlockedConnection" in text(result)


@pytest.mark.parametrize("error", [AssertionError("1 == 2"), ValueError("wrong")], ids=["failure", "error"])
def test_a_test_that_has_failed_already_is_reported_once_as_what_it_is(error):
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            swallow(API)
            raise error

    result = run(Case)
    found = result.failures if isinstance(error, AssertionError) else result.errors

    assert len(result.failures) + len(result.errors) == 1
    assert len(found) == 1
    assert str(error) in text(result)


def test_a_test_that_is_skipped_is_skipped():
    """How many ran is left out: Python 3.12.1 alone does not count what a decorator skips."""

    @mockstatus.activate
    class Case(unittest.TestCase):
        def test_inside(self):
            self.skipTest("not now")

        @unittest.skip("not now")
        def test_decorated(self):
            """Do nothing."""

    assert outcomes(run(Case))[1:] == ([], [], 2)


@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_a_class_that_is_skipped_is_skipped(above):
    class Case(unittest.TestCase):
        def test(self):
            raise AssertionError("not skipped")

    skip = unittest.skip("not now")
    decorated = mockstatus.activate(skip(Case)) if above else skip(mockstatus.activate(Case))

    assert outcomes(run(decorated))[1:] == ([], [], 1)


def test_a_test_that_is_expected_to_fail_may_fail():
    @mockstatus.activate
    class Case(unittest.TestCase):
        @unittest.expectedFailure
        def test(self):
            status(API)

    result = run(Case)

    assert outcomes(result) == (1, [], [], 0)
    assert len(result.expectedFailures) == 1


def test_an_error_of_set_up_leaves_nothing_behind():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def setUp(self):
            raise ValueError("wrong")

        def test(self):
            """Do nothing."""

    assert outcomes(run(Case)) == (1, [], ["test"], 0)


def test_an_interrupt_leaves_nothing_behind():
    @mockstatus.activate
    class Case(unittest.TestCase):
        def test(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Case)


def test_from_the_command_line_a_miss_is_a_failure_among_other_results(tmp_path):
    (tmp_path / "test_jobs.py").write_text(
        """
import contextlib, unittest, urllib3, mockstatus

@mockstatus.activate
class JobTests(unittest.TestCase):
    def test_a_miss(self):
        with contextlib.suppress(Exception):
            urllib3.request("GET", "https://api.example.com/jobs", retries=False)

    def test_b_accepted(self):
        self.assertEqual(urllib3.request("GET", "https://mock.local/202").status, 202)
""".lstrip()
    )

    done = subprocess.run(
        [sys.executable, "-m", "unittest"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "FAILED (failures=1)" in done.stderr
    assert "Ran 2 tests" in done.stderr
