"""The fixture and the marker in tests that are coroutines, and scope="context" in tests of every kind."""

from __future__ import annotations

import pytest

HEAD = """
import asyncio
import unittest
import anyio
import httpx
import hypothesis
import pytest
import threading
import mockstatus
from hypothesis import strategies
from mockstatus import visibility

async def status(url="https://mock.local/202"):
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).status_code

async def swallow():
    try:
        await status("https://api.example.com/nope")
    except AssertionError:
        return None

"""

ASYNCIO = """
import pytest_asyncio
fixture = pytest_asyncio.fixture
wide = pytest_asyncio.fixture(scope="module", loop_scope="{}", autouse=True)
"""
ANYIO = """
fixture = pytest.fixture
wide = pytest.fixture(scope="module", autouse=True)
pytestmark = pytest.mark.anyio

@pytest.fixture(scope="module")
def anyio_backend():
    return "{}"
"""
# Who runs coroutines: the ini lines, and what stands at the beginning of the test file.
RUNNERS = {
    "asyncio auto": ("asyncio_mode = auto", ASYNCIO.format("module")),
    "asyncio strict": ("asyncio_mode = strict", ASYNCIO.format("module") + "pytestmark = pytest.mark.asyncio\n"),
    "asyncio, one loop": (
        "asyncio_mode = auto\nasyncio_default_test_loop_scope = session",
        ASYNCIO.format("session") + "fixture = pytest_asyncio.fixture(loop_scope='session')\n",
    ),
    "anyio on asyncio": ("", ANYIO.format("asyncio")),
    "anyio on trio": ("", ANYIO.format("trio")),
}

# A fixture of a wider scope that is a coroutine has its runner make a context before any activation is entered.
EARLY = """
@wide
async def early():
    await anyio.sleep(0)
    yield
    await anyio.sleep(0)
"""


SCOPES = [("process", False), ("context", False), ("context", True)]


@pytest.fixture(params=RUNNERS.values(), ids=RUNNERS)
def run_async(request, run_inside):
    """Run a file of coroutine tests under each runner."""
    ini, head = request.param

    def run(source, *, early=False):
        return run_inside(HEAD + head + (EARLY if early else "") + source, ini=f"{ini}\n")

    return run


@pytest.mark.parametrize(("scope", "early"), SCOPES)
def test_the_body_of_a_coroutine_test_is_answered_and_verified(run_async, scope, early):
    result = run_async(
        f"""
SCOPE = pytest.mark.mock_router(scope="{scope}")

@SCOPE
async def test_marked():
    assert await status() == 202
    assert len(visibility.visible().entries) == 1

@SCOPE
async def test_fixture(mock_router):
    mock_router.get("https://api.example.com/me").respond(401)
    assert await status("https://api.example.com/me") == 401

@SCOPE
async def test_missed():
    await swallow()

@SCOPE
async def test_unmet(mock_router):
    mock_router.get("https://api.example.com/me").expect()

@SCOPE
async def test_own_failure(mock_router):
    await swallow()
    assert 1 == 2

async def test_nothing_is_left():
    assert visibility.visible() is None
""",
        early=early,
    )

    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines_random(
        [
            "FAILED *::test_missed* - *UnmatchedRequest:*",
            "FAILED *::test_unmet* - *UnmetExpectation:*",
            "FAILED *::test_own_failure* - assert 1 == 2",
            "E *mockstatus, besides: no route fits GET *",
        ]
    )


@pytest.mark.parametrize(("scope", "early"), SCOPES)
def test_fixtures_that_are_coroutines_see_it_in_setup_and_teardown(run_async, scope, early):
    result = run_async(
        f"""
@fixture
async def token(mock_router):
    assert await status() == 202
    return "t"

@fixture
async def session(mock_router, token):
    assert await status() == 202
    yield token
    assert await status() == 202
    ended.append(len(mock_router.calls))

ended = []

@pytest.mark.mock_router(scope="{scope}")
class TestIt:
    @fixture
    async def named(self, session):
        self.name = session
        yield await status()
        assert self.name == session and await status() == 202

    async def test_it(self, named):
        assert (self.name, named) == ("t", 202)

async def test_after():
    assert ended == [5]
""",
        early=early,
    )

    result.assert_outcomes(passed=2)


def test_virtual_time_holds_in_coroutine_tests(run_async):
    # anyio runs trio as the guest of a loop of its own, which has its timers in another thread
    result = run_async(
        """
@pytest.mark.mock_router(time="virtual")
async def test_it(mock_router):
    await anyio.sleep(2)
    assert mock_router.clock.elapsed >= 2
"""
    )

    result.assert_outcomes(passed=1)


def test_a_coroutine_fixture_of_a_plugin_keeps_its_own_object(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(scope="context")
class TestIt:
    async def test_it(self, from_plugin):
        assert from_plugin == "the plugin"
""",
        ini="asyncio_mode = auto\n",
        conftest="""
import pytest
class Plugin:
    name = "the plugin"

    @pytest.fixture
    async def from_plugin(self):
        return self.name

def pytest_configure(config):
    config.pluginmanager.register(Plugin())
""",
    )

    result.assert_outcomes(passed=1)


def test_tasks_and_threads_that_are_given_the_context_see_it_and_others_do_not(run_async):
    result = run_async(
        """
@pytest.mark.mock_router(scope="context")
async def test_it(mock_router):
    async with anyio.create_task_group() as group:
        group.start_soon(status)
        group.start_soon(status)
    answered = await anyio.to_thread.run_sync(httpx.get, "https://mock.local/202")
    assert answered.status_code == 202 and len(mock_router.calls) == 3

    refused = []
    def elsewhere():
        with pytest.raises(mockstatus.UnmatchedRequest, match="carry") as caught:
            httpx.get("https://mock.local/202")
        refused.append(caught.value)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    await anyio.to_thread.run_sync(thread.join)
    assert len(refused) == 1
""",
        early=True,
    )

    result.assert_outcomes(passed=1)


def test_an_activation_that_a_coroutine_fixture_opened_is_seen_besides(run_async):
    result = run_async(
        """
@fixture
async def outer():
    with mockstatus.activate(scope="context") as router:
        router.get("https://outer.test/").respond(201)
        yield router

@pytest.fixture
def inner(outer, mock_router):
    mock_router.get("https://inner.test/").respond(200)

async def test_it(inner, outer, mock_router):
    assert await status("https://outer.test/") == 201
    assert await status("https://inner.test/") == 200
    assert len(outer.calls) == len(mock_router.calls) == 1
"""
    )

    result.assert_outcomes(passed=1)


def test_a_property_based_coroutine_test_is_answered(run_async):
    result = run_async(
        """
@pytest.mark.mock_router(scope="context")
@hypothesis.settings(max_examples=5, database=None, deadline=None,
                     suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(code=strategies.sampled_from([200, 404]))
async def test_it(mock_router, code):
    assert await status(f"https://mock.local/{code}") == code
""",
        early=True,
    )

    result.assert_outcomes(passed=1)


def test_on_every_backend_of_anyio_the_marker_is_enough(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(scope="context")
@pytest.mark.anyio
async def test_it():
    assert await status() == 202
""",
        "-v",
    )

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines_random(["*test_it[[]asyncio*PASSED*", "*test_it[[]trio*PASSED*"])


# --- tests that are not coroutines ------------------------------------------------------------------------------------


def test_the_context_of_a_plain_test_is_its_own(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(scope="context")
class TestIt:
    @pytest.fixture(autouse=True)
    def around(self):
        assert httpx.get("https://mock.local/202").status_code == 202
        yield
        assert httpx.get("https://mock.local/202").status_code == 202

    def test_it(self, mock_router):
        seen = []
        def look(): seen.append(visibility.visible())
        for function in (look, mockstatus.carry(look)):
            thread = threading.Thread(target=function)
            thread.start()
            thread.join()
        assert mock_router not in seen[0].routers and mock_router in seen[1].routers
        assert asyncio.run(status()) == 202

    def test_missed(self):
        with pytest.raises(mockstatus.UnmatchedRequest):
            httpx.get("https://api.example.com/nope")

def test_after():
    assert visibility.visible() is None
"""
    )

    result.assert_outcomes(passed=2, failed=1)


@pytest.mark.parametrize("scope", ["process", "context"])
def test_an_isolated_asyncio_test_case_is_answered_in_setup_test_and_teardown(run_inside, scope):
    result = run_inside(
        HEAD
        + f"""
@pytest.mark.mock_router(scope="{scope}")
class ItTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        assert httpx.get("https://mock.local/202").status_code == 202

    async def asyncSetUp(self):
        assert await status() == 202

    async def asyncTearDown(self):
        assert await status() == 202
        assert len(self.mock_router.calls) >= 3

    async def test_coroutine(self):
        assert await status() == 202

    def test_function(self):
        assert httpx.get("https://mock.local/202").status_code == 202

    async def test_missed(self):
        await swallow()
"""
    )

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_missed - *UnmatchedRequest:*"])
