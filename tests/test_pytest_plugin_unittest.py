"""The marker mock_router on unittest.TestCase: the router as an attribute, and what fails a test."""

from __future__ import annotations

import pytest

HEAD = """
import unittest
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


def test_a_test_case_has_the_router_as_an_attribute_in_setup_test_and_teardown(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(base_url="https://api.example.com")
class JobTests(unittest.TestCase):
    def setUp(self):
        self.mock_router.get("/me").respond(401)
        self.addCleanup(status, "https://api.example.com/me")

    def tearDown(self):
        assert status("https://api.example.com/me") == 401

    def test_first(self):
        assert status("https://api.example.com/me") == 401

    def test_second(self):
        self.assertEqual(len(self.mock_router.calls), 0)

class PlainTests(unittest.TestCase):
    def test_it(self):
        assert visibility.visible() is None and not hasattr(self, "mock_router")
"""
    )

    result.assert_outcomes(passed=3)


TEST_CASES = {
    "a swallowed miss": ("swallow()", {"failed": 1}, ["E *UnmatchedRequest: no route fits GET *"]),
    "an unmet expectation": (
        "self.mock_router.get('https://a.test/').expect()",
        {"failed": 1},
        ["E *UnmetExpectation: GET https://a.test/*"],
    ),
    "a failure": (
        "swallow(); self.assertEqual(1, 2)",
        {"failed": 1},
        ["E *AssertionError: 1 != 2", "E *mockstatus, besides: no route fits GET *"],
    ),
    "an error": ("swallow(); raise KeyError('own')", {"failed": 1}, ["E *KeyError: 'own'", "E *besides: no route *"]),
    "a skip": ("swallow(); self.skipTest('why not')", {"skipped": 1}, ["SKIPPED * why not"]),
    "a swallowed miss in a clean-up": ("self.addCleanup(swallow)", {"failed": 1}, ["E *UnmatchedRequest: no route *"]),
}


@pytest.mark.parametrize(("body", "outcome", "lines"), TEST_CASES.values(), ids=TEST_CASES)
def test_a_test_case_fails_for_what_it_left_and_keeps_its_own_failure(run_inside, body, outcome, lines):
    result = run_inside(
        f"{HEAD}\n@pytest.mark.mock_router\nclass ItTests(unittest.TestCase):\n    def test_it(self):\n        {body}\n",
        "-rs",
    )

    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(lines)


def test_an_expected_failure_of_a_test_case_stays_one(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router
class ItTests(unittest.TestCase):
    @unittest.expectedFailure
    def test_fails(self):
        swallow()
        self.fail("known")

    @unittest.expectedFailure
    def test_passes(self): pass
"""
    )

    result.assert_outcomes(xfailed=1, failed=1)
