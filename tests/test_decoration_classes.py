"""An activation as the decorator of plain test classes, as pytest collects them."""

from __future__ import annotations

import pytest

import mockstatus
from tests.inner_pytest import loaded, run
from tests.switching import nothing_left


def test_every_test_method_of_a_class_is_in_an_activation_with_a_router_of_its_own(run):
    result = run("""
@mockstatus.activate(base_url=API)
class TestJobs:
    attribute = 5
    routers = []

    def helper(self):
        return status(f"{API}/me")

    def test_attribute_and_parameter(self, mock_router, tmp_path):
        assert self.mock_router is mock_router
        mock_router.get("/me").respond(401)
        assert self.helper() == 401
        self.routers.append(mock_router)

    def test_only_the_attribute(self):
        self.mock_router.get("/me").respond(403)
        assert (self.helper(), len(self.mock_router.calls)) == (403, 1)
        self.routers.append(self.mock_router)

    async def test_coroutine(self, mock_router):
        mock_router.get("/me").respond(404)
        assert await ask(f"{API}/me") == 404

    @pytest.mark.parametrize("code", [401, 403])
    def test_parametrized(self, code, mock_router):
        mock_router.get("/me").respond(code)
        assert self.helper() == code

    @staticmethod
    def test_static(mock_router):
        assert (status(), len(mock_router.calls)) == (202, 1)

    @classmethod
    def test_class(cls, mock_router):
        assert (status(), len(mock_router.calls)) == (202, 1)

def test_outside():
    assert len(set(map(id, TestJobs.routers))) == 2
    assert "mockstatus" not in httpx.HTTPTransport.handle_request.__globals__["__name__"]
""")

    result.assert_outcomes(passed=8)


def test_setup_method_and_teardown_method_are_in_the_activation_of_their_test(run):
    result = run("""
seen = []

@mockstatus.activate(base_url=API)
class TestWithMethod:
    def setup_method(self, method):
        seen.append((method.__name__, status()))
        self.mock_router.get("/me").respond(401)

    def teardown_method(self, method):
        seen.append((method.__name__, status(), len(self.mock_router.calls)))

    def test_a(self, mock_router):
        assert self.mock_router is mock_router
        assert status(f"{API}/me") == 401

    def test_b(self):
        assert len(self.mock_router.calls) == 1

@mockstatus.activate
class TestWithoutMethod:
    def setup_method(self):
        self.mock_router.get(API).respond(401)

    def test(self):
        assert status(API) == 401

@mockstatus.activate
class TestTeardownAlone:
    def test(self):
        self.mock_router.get(API).respond(401)

    def teardown_method(self):
        seen.append(("alone", status(API), len(self.mock_router.calls)))

@mockstatus.activate
class TestAsync:
    def setup_method(self):
        self.mock_router.get(API).respond(401)

    async def test(self):
        assert await ask(API) == 401

def test_outside():
    assert seen == [
        ("test_a", 202), ("test_a", 202, 3), ("test_b", 202), ("test_b", 202, 2), ("alone", 401, 1),
    ]
    assert "mockstatus" not in httpx.HTTPTransport.handle_request.__globals__["__name__"]
""")

    result.assert_outcomes(passed=6)


MISSES = {
    "no setup": "",
    "setup": "    def setup_method(self):\n        pass\n",
    "both": "    def setup_method(self):\n        pass\n    def teardown_method(self):\n        pass\n",
    "teardown": "    def teardown_method(self):\n        pass\n",
}


@pytest.mark.parametrize("methods", MISSES.values(), ids=MISSES)
def test_a_swallowed_miss_fails_the_method_and_is_no_error_besides(run, methods):
    result = run(f"""
@mockstatus.activate
class TestJobs:
{methods}
    def test_miss(self):
        swallow()

    def test_fine(self):
        assert status() == 202
""")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*UnmatchedRequest*GET https://api.example.com*"])


@pytest.mark.parametrize("methods", MISSES.values(), ids=MISSES)
def test_a_method_that_fails_is_reported_once_with_the_miss_beside_it(run, methods):
    result = run(f"""
@mockstatus.activate
class TestJobs:
{methods}
    def test_fails(self):
        swallow()
        assert 1 == 2
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*", "*GET https://api.example.com*"])


def test_misses_of_setup_and_teardown_are_reported(run):
    result = run("""
@mockstatus.activate
class TestSetup:
    def setup_method(self):
        swallow()

    def test(self):
        pass

@mockstatus.activate
class TestTeardown:
    def setup_method(self):
        pass

    def teardown_method(self):
        swallow()

    def test(self):
        pass
""")

    result.assert_outcomes(failed=1, passed=1, errors=1)


def test_a_setup_or_teardown_that_breaks_leaves_nothing_behind(run):
    result = run("""
@mockstatus.activate
class TestSetup:
    def setup_method(self):
        raise LookupError

    def test(self):
        pass

@mockstatus.activate
class TestTeardown:
    def setup_method(self):
        pass

    def teardown_method(self):
        raise LookupError

    def test(self):
        pass

def test_outside():
    assert "mockstatus" not in httpx.HTTPTransport.handle_request.__globals__["__name__"]
""")

    result.assert_outcomes(errors=2, passed=2)


def test_classes_may_be_derived_from_one_another_whichever_is_decorated(run):
    source = """
class Base:
    def setup_method(self):
        self.opened = getattr(self, "mock_router", None)

    def test_inherited(self):
        assert (self.opened is not None) is hasattr(self, "mock_router")

class TestUndecorated(Base):
    def test_own(self):
        assert not hasattr(self, "mock_router")

@mockstatus.activate
class TestDecorated(Base):
    def test_own(self):
        assert (status(), self.opened) == (202, self.mock_router)

class TestDerived(TestDecorated):
    def setup_method(self):
        super().setup_method()
        self.mock_router.get(API).respond(401)

    def test_more(self, mock_router=None):
        assert status(API) == 401

@mockstatus.activate(base_url=API)
class TestDecoratedAgain(TestDecorated):
    def test_more(self):
        assert (status(), self.opened) == (202, self.mock_router)

def test_outside():
    assert "mockstatus" not in httpx.HTTPTransport.handle_request.__globals__["__name__"]
"""

    result = run(source, in_a_process_of_its_own=True)  # an activation that stays open would be everybody's

    result.assert_outcomes(passed=11)


@pytest.mark.parametrize("decorate", [mockstatus.activate, mockstatus.activate()], ids=["bare", "parentheses"])
def test_a_class_without_tests_is_refused(decorate):
    class Jobs:
        def run(self):
            """Do nothing."""

    with pytest.raises(mockstatus.MockStatusError, match="Jobs"):
        decorate(Jobs)


def test_the_settings_of_a_decorated_subclass_come_before_those_of_its_base(run):
    result = run("""
@mockstatus.activate(base_url="https://base.example.com", network="allow")
class TestBase:
    expected = "https://base.example.com"

    def setup_method(self):
        self.mock_router.get("/me").respond(401)

    def test_base_url(self, mock_router):
        assert mock_router is self.mock_router
        assert mock_router.base_url == self.expected
        assert status(f"{self.expected}/me") == 401

@mockstatus.activate(base_url=API)
class TestDerived(TestBase):
    expected = API
""")

    result.assert_outcomes(passed=2)


def test_a_coroutine_test_sees_what_its_setup_method_has_opened_for_one_context(run):
    result = run("""
@mockstatus.activate(scope="context")
class TestAsync:
    def setup_method(self):
        self.mock_router.get(API).respond(401)

    async def test(self, mock_router):
        assert await ask(API) == 401
        assert len(mock_router.calls) == 1
""")

    result.assert_outcomes(passed=1)
