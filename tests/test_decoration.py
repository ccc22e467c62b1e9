"""An activation as the decorator of functions of every kind: the router handed over, and hidden from the signature."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from unittest import mock

import httpx
import pytest
import trio

import mockstatus
from tests.switching import ACCEPTED, API, nothing_left, status

FORMS = {
    "bare": mockstatus.activate,
    "parentheses": mockstatus.activate(),
    "arguments": mockstatus.activate(base_url=API, scope="context"),
}
forms = pytest.mark.parametrize("decorate", FORMS.values(), ids=FORMS)


def is_open():
    """Whether any activation is open."""
    return httpx.HTTPTransport.handle_request.__globals__["__name__"].startswith("mockstatus")


async def ask(url):
    async with httpx.AsyncClient(verify=False) as client:
        return (await client.get(url)).status_code


# --- functions of every kind ------------------------------------------------------------------------------------------


@forms
def test_a_function_runs_in_an_activation(decorate):
    @decorate
    def function():
        return status(ACCEPTED)

    assert function() == 202
    assert not is_open()


@forms
async def test_a_coroutine_function_runs_in_an_activation_and_stays_one(decorate):
    @decorate
    async def function():
        await asyncio.sleep(0)
        return await ask(ACCEPTED)

    assert inspect.iscoroutinefunction(function)
    assert await function() == 202
    assert not is_open()


@forms
def test_a_coroutine_function_runs_in_an_activation_under_trio(decorate):
    @decorate
    async def function():
        await trio.lowlevel.checkpoint()
        return await ask(ACCEPTED)

    assert trio.run(function) == 202


@forms
def test_a_generator_function_is_in_an_activation_until_it_ends_and_stays_one(decorate):
    @decorate
    def function():
        yield status(ACCEPTED)
        yield status(ACCEPTED)

    generator = function()

    assert inspect.isgeneratorfunction(function)
    assert not is_open()
    assert list(generator) == [202, 202]
    assert not is_open()


@forms
async def test_an_asynchronous_generator_function_is_in_an_activation_until_it_ends_and_stays_one(decorate):
    @decorate
    async def function():
        yield await ask(ACCEPTED)
        yield await ask(ACCEPTED)

    assert inspect.isasyncgenfunction(function)
    assert [value async for value in function()] == [202, 202]
    assert not is_open()


def test_a_coroutine_that_is_never_awaited_opens_nothing():
    @mockstatus.activate
    async def function():
        """Do nothing."""

    coroutine = function()

    assert not is_open()
    coroutine.close()


def test_a_generator_passes_on_what_is_sent_and_thrown_and_what_it_returns():
    @mockstatus.activate
    def function():
        received = yield 1
        try:
            yield received
        except ValueError as error:
            return f"caught {error}"

    generator = function()

    assert next(generator) == 1
    assert generator.send("sent") == "sent"
    with pytest.raises(StopIteration) as stopped:
        generator.throw(ValueError("thrown"))
    assert stopped.value.value == "caught thrown"
    assert not is_open()


async def test_an_asynchronous_generator_passes_on_what_is_sent_and_thrown():
    @mockstatus.activate
    async def function():
        received = yield 1
        try:
            yield received
        except ValueError as error:
            yield f"caught {error}"

    generator = function()

    assert await anext(generator) == 1
    assert await generator.asend("sent") == "sent"
    assert await generator.athrow(ValueError("thrown")) == "caught thrown"
    with pytest.raises(StopAsyncIteration):
        await anext(generator)
    assert not is_open()


async def test_generators_that_are_closed_half_way_clean_up_inside_and_then_leave():
    left = []

    @mockstatus.activate
    def function():
        try:
            yield
        finally:
            left.append(is_open())

    @mockstatus.activate
    async def async_function():
        try:
            yield
        finally:
            left.append(is_open())

    generator, async_generator = function(), async_function()
    next(generator)
    await anext(async_generator)
    generator.close()
    await async_generator.aclose()

    assert left == [True, True]
    assert not is_open()


def test_a_context_manager_made_of_a_decorated_generator_is_in_an_activation():
    @contextlib.contextmanager
    @mockstatus.activate
    def manager(mock_router):
        mock_router.get(API).respond(401)
        yield mock_router

    with manager() as router:
        assert status(API) == 401
        assert len(router.calls) == 1


def test_a_lambda_and_a_partial_run_in_an_activation():
    assert mockstatus.activate(lambda: status(ACCEPTED))() == 202
    assert mockstatus.activate(functools.partial(status, ACCEPTED))() == 202


@pytest.mark.parametrize("decorate", [mockstatus.activate, mockstatus.activate()], ids=["bare", "parentheses"])
def test_static_methods_and_class_methods_run_in_an_activation_whichever_decorator_is_outside(decorate):
    class Jobs:
        @decorate
        @staticmethod
        def outside_static(mock_router):
            return status(ACCEPTED), len(mock_router.calls)

        @staticmethod
        @decorate
        def inside_static(mock_router):
            return status(ACCEPTED), len(mock_router.calls)

        @decorate
        @classmethod
        def outside_class(cls, mock_router):
            return status(ACCEPTED), len(mock_router.calls)

        @classmethod
        @decorate
        def inside_class(cls, mock_router):
            return status(ACCEPTED), len(mock_router.calls)

    jobs = Jobs()
    calls = [jobs.outside_static, jobs.inside_static, jobs.outside_class, jobs.inside_class, Jobs.outside_class]

    assert [call() for call in calls] == [(202, 1)] * 5


@pytest.mark.parametrize("target", [5, "text", None])
def test_something_that_cannot_be_called_is_refused(target):
    with pytest.raises(mockstatus.MockStatusError, match=repr(target)):
        mockstatus.activate()(target)


# --- each call --------------------------------------------------------------------------------------------------------


def test_each_call_has_a_router_of_its_own():
    @mockstatus.activate
    def function(mock_router):
        mock_router.get(API)
        return mock_router, len(mock_router.routes)

    (first, first_routes), (second, second_routes) = function(), function()

    assert first is not second
    assert (first_routes, second_routes) == (1, 1)


def test_a_function_may_call_itself():
    @mockstatus.activate
    def function(depth, mock_router):
        mock_router.get(f"{API}/{depth}").respond(500 + depth)
        return status(f"{API}/3") if depth == 0 else function(depth - 1)

    assert function(3) == 503
    assert not is_open()


async def test_calls_of_a_coroutine_function_that_run_at_once_each_have_their_own():
    @mockstatus.activate(scope="context")
    async def function(number, mock_router):
        mock_router.get(API).respond(500 + number)
        await asyncio.sleep(0)
        return await ask(API), len(mock_router.calls)

    assert await asyncio.gather(*map(function, range(20))) == [(500 + number, 1) for number in range(20)]


def test_arguments_results_and_exceptions_pass():
    @mockstatus.activate
    def function(one, /, two, *rest, three=3, **more):
        if three is None:
            raise LookupError(one)
        return one, two, rest, three, more

    assert function(1, 2, 9, three=4, five=5) == (1, 2, (9,), 4, {"five": 5})
    with pytest.raises(LookupError, match="7"):
        function(7, 2, three=None)


def test_a_miss_is_raised_at_the_end_of_a_call():
    @mockstatus.activate
    def function():
        with contextlib.suppress(mockstatus.UnmatchedRequest):
            status(API)

    with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}"):
        function()


def test_an_exception_that_leaves_a_call_gets_a_note_of_the_miss():
    @mockstatus.activate
    def function():
        with contextlib.suppress(mockstatus.UnmatchedRequest):
            status(API)
        raise LookupError("own")

    with pytest.raises(LookupError, match="own") as left:
        function()

    assert f"GET {API}" in left.value.__notes__[0]


def test_a_router_that_was_passed_in_is_restored_after_each_call():
    router = mockstatus.Router(base_url=API)
    router.get("/me").respond(401).then(403)

    @mockstatus.activate(router)
    def function(mock_router):
        mock_router.get("/added")
        return mock_router is router, status(f"{API}/me"), len(mock_router.routes)

    assert (function(), function()) == ((True, 401, 2), (True, 401, 2))


# --- the parameter ----------------------------------------------------------------------------------------------------


def test_the_parameter_is_handed_over_and_hidden_from_the_signature():
    @mockstatus.activate
    def function(tmp_path, mock_router, *, flag=True):
        """Say what it was given."""
        return tmp_path, mock_router, flag

    assert str(inspect.signature(function)) == "(tmp_path, *, flag=True)"
    assert (function.__name__, function.__doc__) == ("function", "Say what it was given.")
    path, router, flag = function(tmp_path="somewhere", flag=False)
    assert (path, flag) == ("somewhere", False)
    assert isinstance(router, mockstatus.Router)


def test_a_function_without_the_parameter_keeps_its_signature():
    @mockstatus.activate
    def function(tmp_path, *, flag=True):
        """Do nothing."""

    assert str(inspect.signature(function)) == "(tmp_path, *, flag=True)"


@pytest.mark.parametrize("keywords", [False, True], ids=["by-position", "by-name"])
def test_the_arguments_around_the_parameter_are_those_of_the_signature_that_is_shown(keywords):
    @mockstatus.activate
    def function(mock_router, one, two):
        return isinstance(mock_router, mockstatus.Router), one, two

    assert str(inspect.signature(function)) == "(one, two)"
    assert (function(one=1, two=2) if keywords else function(1, 2)) == (True, 1, 2)


def test_the_parameter_may_be_keyword_only_and_may_have_a_default():
    @mockstatus.activate
    def keyword_only(*, mock_router):
        return mock_router

    @mockstatus.activate
    def with_default(mock_router=None):
        return mock_router

    assert isinstance(keyword_only(), mockstatus.Router)
    assert isinstance(with_default(), mockstatus.Router)


async def test_every_kind_of_function_has_the_parameter_handed_over():
    @mockstatus.activate
    async def coroutine(mock_router):
        return mock_router

    @mockstatus.activate
    def generator(mock_router):
        yield mock_router

    @mockstatus.activate
    async def async_generator(mock_router):
        yield mock_router

    routers = [await coroutine(), next(generator()), await anext(async_generator())]
    assert [type(router) for router in routers] == [mockstatus.Router] * 3


def test_of_two_decorators_the_inner_one_hands_over_its_router_and_both_answer():
    @mockstatus.activate(base_url="https://outer.example.com")
    @mockstatus.activate(base_url="https://inner.example.com")
    def function(mock_router):
        mock_router.get("/me").respond(401)
        return mock_router.base_url, status("https://inner.example.com/me")

    assert function() == ("https://inner.example.com", 401)
    assert not is_open()


def test_it_stands_with_the_decorators_of_the_standard_library():
    @mockstatus.activate
    @mock.patch("httpx.get")
    def function(get, mock_router):
        return get is httpx.get, isinstance(mock_router, mockstatus.Router)

    assert function() == (True, True)
