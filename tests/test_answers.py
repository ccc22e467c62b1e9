"""Answers that are not one reply: functions of the request, and the share of the calls that gets something else."""

import asyncio
import functools
import re
from collections import Counter

import httpx
import pytest
import trio

import mockstatus
from mockstatus import reply

URL = "https://api.example.com/users/{id}"
USER = "https://api.example.com/users/7"


def client_of(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))


def async_client_of(router):
    return httpx.AsyncClient(transport=mockstatus.adapters.httpx.AsyncTransport(router))


def answering(function):
    """A router whose one route answers with a function, and a client of it."""
    router = mockstatus.Router()
    router.any(URL).respond_with(function)
    return router, client_of(router)


def route():
    return mockstatus.Router().get(URL)


# --- respond_with -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "status", "content"),
    [
        (202, 202, b'{"status": "accepted", "task_id": "abc-123"}'),
        (reply(201, text="made"), 201, b"made"),
        (mockstatus.sse("a"), 200, b"data: a\n\n"),
        (httpx.codes.NOT_FOUND, 404, b'{"error": "not_found", "message": "Not Found"}'),
    ],
    ids=["status", "reply", "events", "enumeration"],
)
def test_a_function_returns_a_status_or_a_reply(result, status, content):
    _, client = answering(lambda request: result)

    response = client.get(USER)

    assert (response.status_code, response.content) == (status, content)


def test_a_function_returns_the_name_of_a_fault():
    router, client = answering(lambda request: "connection_refused")

    with pytest.raises(httpx.ConnectError):
        client.get(USER)
    assert router.calls.last.fault == "connection_refused"


def test_a_function_is_given_the_request_with_what_the_url_stood_for():
    router, client = answering(lambda request: reply(200, json={"id": request.path_params["id"], "sent": request.text}))

    response = client.put(USER, content=b"hello")

    assert response.json() == {"id": "7", "sent": "hello"}


@pytest.mark.parametrize(
    "result", [None, True, "nothing", "", b"read_timeout", 2.5, {"a": 1}, [200], httpx.Response(200), object]
)
def test_anything_else_is_refused_naming_the_function_and_what_it_returned(result):
    def wrong(request):
        return result

    router, client = answering(wrong)

    with pytest.raises(mockstatus.InvalidReply) as caught:
        client.get(USER)

    assert "wrong" in str(caught.value)
    assert repr(result) in str(caught.value)
    assert router.calls.last.fault is caught.value


@pytest.mark.parametrize("code", [99, 103, 600])
def test_a_status_that_is_none_is_refused_in_the_call(code):
    _, client = answering(lambda request: code)

    with pytest.raises(mockstatus.InvalidReply, match=str(code)):
        client.get(USER)


@pytest.mark.parametrize("kind", [ZeroDivisionError, AssertionError, KeyError, httpx.ReadTimeout, OSError])
def test_an_exception_reaches_the_caller_as_it_is_with_a_note_naming_the_route(kind):
    error = kind("mine")

    def breaking(request):
        raise error

    router, client = answering(breaking)

    with pytest.raises(kind) as caught:
        client.get(USER)

    assert caught.value is error
    (note,) = error.__notes__
    assert "GET https://api.example.com/users/7" in note
    assert f"ANY {URL}" in note
    assert "breaking" in note
    assert router.calls.last.fault is error
    assert router.unmatched == []


def test_a_function_may_be_anything_that_can_be_called():
    class Answering:
        def __call__(self, request):
            return 201

        def method(self, request):
            return 202

    one = Answering()
    functions = [one, one.method, functools.partial(lambda code, request: code, 203)]

    assert [answering(function)[1].get(USER).status_code for function in functions] == [201, 202, 203]


@pytest.mark.parametrize("function", [None, 202, "read_timeout", reply(200)])
def test_what_cannot_be_called_is_refused_with_what_to_write(function):
    with pytest.raises(mockstatus.InvalidRoute) as caught:
        route().respond_with(function)

    assert repr(function) in str(caught.value)
    assert "respond_with(lambda request: 202)" in str(caught.value)


def test_a_function_may_call_the_same_router_because_no_lock_is_held():
    router = mockstatus.Router()
    client = client_of(router)
    router.get("https://api.example.com/inner").respond(201)

    def outer(request):
        route.expect(1)
        router.get("https://api.example.com/made-meanwhile").respond(202)
        inner = client.get("https://api.example.com/inner").status_code
        meanwhile = client.get("https://api.example.com/made-meanwhile").status_code
        return reply(200, json=[inner, meanwhile, route.call_count, router.calls.last.request.path])

    route = router.get(USER).respond_with(outer)

    assert client.get(USER).json() == [201, 202, 1, "/made-meanwhile"]


def test_then_with_continues_a_sequence():
    router = mockstatus.Router()
    route = router.get(USER).respond(503).then_with(lambda request: 201, times=2).then(200)
    client = client_of(router)

    assert [client.get(USER).status_code for _ in range(5)] == [503, 201, 201, 200, 200]
    assert route.call_count == 5


# --- coroutine functions ----------------------------------------------------------------------------------------------


async def slowly(request):
    await asyncio.sleep(0)
    return reply(200, json={"id": request.path_params["id"]})


async def test_a_coroutine_function_is_awaited_under_an_asynchronous_client():
    router, _ = answering(slowly)

    async with async_client_of(router) as client:
        response = await client.get(USER)

    assert response.json() == {"id": "7"}
    assert router.calls.last.response.json() == {"id": "7"}


def test_a_coroutine_function_is_awaited_under_trio():
    async def slowly_in_trio(request):
        await trio.sleep(0)
        return 202

    router, _ = answering(slowly_in_trio)

    async def main():
        async with async_client_of(router) as client:
            return (await client.get(USER)).status_code

    assert trio.run(main) == 202


async def test_a_plain_function_serves_an_asynchronous_client_too():
    router, _ = answering(lambda request: 202)

    async with async_client_of(router) as client:
        assert (await client.get(USER)).status_code == 202


async def test_the_exception_of_a_coroutine_function_reaches_the_caller_with_a_note():
    async def breaking(request):
        raise ZeroDivisionError("mine")

    router, _ = answering(breaking)

    async with async_client_of(router) as client:
        with pytest.raises(ZeroDivisionError, match="mine") as caught:
            await client.get(USER)

    (note,) = caught.value.__notes__
    assert URL in note
    assert router.calls.last.fault is caught.value


async def test_what_a_coroutine_function_returns_is_checked():
    async def wrong(request):
        return None

    router, _ = answering(wrong)

    async with async_client_of(router) as client:
        with pytest.raises(mockstatus.InvalidReply, match="wrong returned None"):
            await client.get(USER)


def test_a_coroutine_function_is_refused_under_a_synchronous_client():
    router, client = answering(slowly)

    with pytest.raises(mockstatus.InvalidReply, match="slowly is a coroutine function, and httpx"):
        client.get(USER)
    assert isinstance(router.calls.last.fault, mockstatus.InvalidReply)


async def test_tasks_that_wait_in_their_answers_do_not_hold_each_other_up():
    together = asyncio.Barrier(50)

    async def waiting(request):
        await together.wait()
        return 200

    router, _ = answering(waiting)
    async with async_client_of(router) as client:
        responses = await asyncio.wait_for(asyncio.gather(*(client.get(USER) for _ in range(50))), 20)

    assert [response.status_code for response in responses] == [200] * 50


# --- flaky ------------------------------------------------------------------------------------------------------------


def outcomes(route_of, count):
    """What so many calls of a fresh route come to: statuses, or the names of the exceptions."""
    router = mockstatus.Router()
    route_of(router.get(USER))
    client = client_of(router)
    found = []
    for _ in range(count):
        try:
            found.append(client.get(USER).status_code)
        except httpx.HTTPError as error:
            found.append(type(error).__name__)
    return found


def test_a_share_of_0_is_never_and_a_share_of_1_always():
    assert outcomes(lambda route: route.flaky(0, 503), 300) == [200] * 300
    assert outcomes(lambda route: route.flaky(0.0, 503), 300) == [200] * 300
    assert outcomes(lambda route: route.flaky(1, 503), 300) == [503] * 300
    assert outcomes(lambda route: route.flaky(1.0, 503), 300) == [503] * 300


def test_about_that_share_of_the_calls_gets_something_else():
    counts = Counter(outcomes(lambda route: route.flaky(0.25, 503), 1000))

    assert set(counts) == {200, 503}
    assert 200 < counts[503] < 300


def test_every_choice_has_its_turn():
    counts = Counter(outcomes(lambda route: route.flaky(0.6, "read_timeout", 503, reply(429)), 600))

    assert set(counts) == {200, 429, 503, "ReadTimeout"}
    assert min(counts[429], counts[503], counts["ReadTimeout"]) > 80


def test_the_choice_is_the_same_in_every_run_and_another_with_another_seed():
    first, again, other = (
        outcomes(lambda route, seed=seed: route.flaky(0.5, 503, 429, seed=seed), 60) for seed in (7, 7, 8)
    )

    assert first == again != other


def test_seed_0_is_the_default():
    assert outcomes(lambda route: route.flaky(0.5, 503), 60) == outcomes(
        lambda route: route.flaky(0.5, 503, seed=0), 60
    )


def test_only_the_own_answers_advance_the_sequence():
    def flaky(route):
        route.respond(201).then(202).then(203).then(204).flaky(0.5, 503)

    own = [status for status in outcomes(flaky, 40) if status != 503]

    assert own == [201, 202, 203, *[204] * (len(own) - 3)]


def test_the_journal_says_which_way_it_fell_and_with_what_seed():
    router = mockstatus.Router()
    router.get(USER).flaky(0.5, 503, seed=7)
    client = client_of(router)

    seen = [client.get(USER).status_code for _ in range(20)]

    assert {200, 503} == set(seen)
    for call, status in zip(router.calls, seen, strict=True):
        assert "seed=7" in call.note
        assert ("own answer" in call.note) == (status == 200)
        assert ("503" in call.note) == (status == 503)


def test_reset_begins_the_choices_anew():
    router = mockstatus.Router()
    router.get(USER).flaky(0.5, 503)
    client = client_of(router)

    first = [client.get(USER).status_code for _ in range(30)]
    router.reset()

    assert [client.get(USER).status_code for _ in range(30)] == first


def test_a_share_counts_against_the_limit_and_in_the_journal():
    router = mockstatus.Router()
    route = router.get(USER).flaky(0.5, 503).limit(10)
    client = client_of(router)

    for _ in range(10):
        client.get(USER)

    assert route.call_count == 10
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.get(USER)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), "0.5", True, None])
def test_a_share_is_a_number_from_0_to_1(rate):
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(f"flaky({rate!r}")):
        route().flaky(rate, 503)


def test_a_share_of_nothing_is_refused_with_what_to_write():
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape('flaky(0.5, "read_timeout", 503)')):
        route().flaky(0.5)


@pytest.mark.parametrize("choice", ["nothing", None, 2.5, True, [503], int])
def test_a_choice_is_a_status_a_reply_a_fault_or_an_exception(choice):
    with pytest.raises(mockstatus.InvalidRoute):
        route().flaky(0.5, choice)


def test_a_choice_that_no_server_can_send_is_refused():
    with pytest.raises(mockstatus.InvalidReply, match="RFC 9110"):
        route().flaky(0.5, 99)
