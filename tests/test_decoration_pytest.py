"""An activation as the decorator of test functions, fixtures and unittest's cases that pytest collects."""

from __future__ import annotations

from tests.inner_pytest import loaded, run
from tests.switching import nothing_left


# --- functions and fixtures -------------------------------------------------------------------------------------------


def test_test_functions_of_every_kind_have_the_router_handed_over(run):
    result = run("""
@mockstatus.activate
def test_function(mock_router, tmp_path):
    assert (status(), len(mock_router.calls), tmp_path.is_dir()) == (202, 1, True)

@mockstatus.activate(base_url=API)
async def test_coroutine(tmp_path, mock_router):
    mock_router.get("/me").respond(401)
    assert (await ask(f"{API}/me"), len(mock_router.calls)) == (401, 1)

@mockstatus.activate()
@pytest.mark.parametrize("code", [401, 403])
def test_parametrized(code, mock_router):
    mock_router.get(API).respond(code)
    assert status(API) == code

@pytest.mark.parametrize("code", [401, 403])
@mockstatus.activate
def test_parametrized_outside(mock_router, code):
    mock_router.get(API).respond(code)
    assert status(API) == code

@mockstatus.activate
def test_without_the_parameter():
    assert status() == 202

class TestMethods:
    @mockstatus.activate
    def test_method(self, mock_router, tmp_path):
        assert (status(), len(mock_router.calls)) == (202, 1)

    @staticmethod
    @mockstatus.activate
    def test_static(mock_router):
        assert (status(), len(mock_router.calls)) == (202, 1)
""")

    result.assert_outcomes(passed=9)


def test_fixtures_of_every_kind_are_in_an_activation_as_long_as_the_test(run):
    result = run("""
@pytest.fixture
@mockstatus.activate(base_url=API)
def api(mock_router, tmp_path):
    mock_router.get("/me").respond(401)
    yield mock_router
    assert status() == 202

@pytest_asyncio.fixture
@mockstatus.activate(base_url=API)
async def async_api(mock_router):
    mock_router.get("/me").respond(401)
    assert await ask(f"{API}/me") == 401
    yield mock_router
    assert await ask() == 202

@pytest.fixture(scope="module")
@mockstatus.activate
def shared(mock_router):
    mock_router.get(f"{API}/shared").respond(418)
    yield mock_router

def test_sync(api):
    assert (status(f"{API}/me"), len(api.calls)) == (401, 1)

def test_each_test_has_its_own(api):
    assert len(api.calls) == 0

async def test_async(async_api):
    assert (await ask(f"{API}/me"), len(async_api.calls)) == (401, 2)

async def test_sync_fixture_of_an_async_test(api):
    assert (await ask(f"{API}/me"), len(api.calls)) == (401, 1)

def test_both(api, shared):
    assert (status(f"{API}/me"), status(f"{API}/shared")) == (401, 418)
""")

    result.assert_outcomes(passed=5)


def test_a_swallowed_miss_fails_a_decorated_test_and_is_an_error_of_a_decorated_fixture(run):
    result = run("""
@pytest.fixture
@mockstatus.activate
def api(mock_router):
    yield mock_router

@mockstatus.activate
def test_function():
    swallow()

@mockstatus.activate
async def test_coroutine():
    swallow()

def test_fixture(api):
    swallow()
""")

    result.assert_outcomes(failed=2, passed=1, errors=1)
    result.stdout.fnmatch_lines(["*UnmatchedRequest*GET https://api.example.com*"])


def test_a_test_that_fails_is_reported_once_with_the_miss_beside_it(run):
    result = run("""
@mockstatus.activate
def test_function():
    swallow()
    assert 1 == 2
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*", "*GET https://api.example.com*"])


def test_unittests_cases_are_in_an_activation_under_pytest_too(run):
    result = run("""
import unittest

@mockstatus.activate(base_url=API)
class JobTests(unittest.TestCase):
    def setUp(self):
        self.mock_router.get("/me").respond(401)

    def test_fine(self):
        assert status(f"{API}/me") == 401

    def test_miss(self):
        swallow()

    def test_fails(self):
        swallow()
        assert 1 == 2

@mockstatus.activate
class AsyncJobTests(unittest.IsolatedAsyncioTestCase):
    async def test_fine(self):
        assert await ask() == 202

    async def test_miss(self):
        swallow()
""")

    result.assert_outcomes(passed=2, failed=3)
