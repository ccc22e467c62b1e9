"""Entering and leaving an activation, by ``with`` and by hand, alone, nested and out of order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings

import aiohttp
import anyio
import httpx
import httpx2
import pytest
import trio
import urllib3

import mockstatus
from tests.switching import ACCEPTED, API, DOORS, REAL, Seen, Server, nothing_left, status

ERRORS = (httpx.HTTPError, httpx2.HTTPError, OSError, urllib3.exceptions.HTTPError, aiohttp.ClientError)
DOCUMENTED = Seen(202, '{"status": "accepted", "task_id": "abc-123"}')


# --- with and async with ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_inside_the_block_every_client_gets_the_documented_202(call):
    with mockstatus.activate():
        assert call(ACCEPTED) == DOCUMENTED


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_after_the_block_every_client_really_calls_again(call):
    with Server() as server:
        with mockstatus.activate() as router:
            router.get(server.url).respond(418)
            assert call(server.url).status == 418
        assert call(server.url) == REAL


def test_with_gives_a_router_whose_routes_answer():
    with mockstatus.activate() as router:
        router.get(f"{API}/me").respond(401)

        assert status(f"{API}/me") == 401
        assert router.calls.last.request.url == f"{API}/me"


async def test_async_with_gives_a_router_whose_routes_answer_under_asyncio():
    async with mockstatus.activate() as router, httpx.AsyncClient() as client:
        router.get(f"{API}/me").respond(401)

        assert (await client.get(f"{API}/me")).status_code == 401


def test_async_with_gives_a_router_whose_routes_answer_under_trio():
    async def main():
        async with mockstatus.activate() as router, httpx.AsyncClient() as client:
            router.get(f"{API}/me").respond(401)
            return (await client.get(f"{API}/me")).status_code

    assert trio.run(main) == 401


def test_base_url_is_that_of_the_new_router():
    with mockstatus.activate(base_url=API) as router:
        router.get("/me").respond(401)

        assert router.base_url == API
        assert status(f"{API}/me") == 401


def test_a_router_that_is_passed_in_is_the_one_that_answers():
    router = mockstatus.Router()
    router.get(f"{API}/me").respond(401)

    with mockstatus.activate(router) as given:
        assert given is router
        assert status(f"{API}/me") == 401


# --- how a block can end ----------------------------------------------------------------------------------------------

ENDINGS = [ValueError("wrong"), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), asyncio.CancelledError()]


@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
def test_an_exception_leaves_the_block_as_it_is(error):
    with pytest.raises(type(error)) as caught, mockstatus.activate():
        raise error

    assert caught.value is error
    assert not hasattr(error, "__notes__")


@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
def test_an_exception_in_the_midst_of_a_call_leaves_nothing_behind(error):
    """Raised by the function that answers, through everything the client does."""

    def answer(request):
        raise error

    for call in DOORS.values():
        with contextlib.suppress(BaseException), mockstatus.activate() as router:
            router.get(API).respond_with(answer)
            call(API)
    with mockstatus.activate():
        assert [call(ACCEPTED) for call in DOORS.values()] == [DOCUMENTED] * len(DOORS)


async def test_a_cancelled_task_leaves_nothing_behind():
    entered = asyncio.Event()

    async def work():
        async with mockstatus.activate():
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_cancelled_scope_of_trio_leaves_nothing_behind():
    async def main():
        with trio.CancelScope() as scope:
            async with mockstatus.activate():
                scope.cancel()
                await trio.sleep_forever()

    trio.run(main)


async def test_a_call_that_is_cancelled_leaves_nothing_behind():
    """``respond_with`` waits for ever, until the task group is cancelled."""
    asked = anyio.Event()

    async def never(request):
        asked.set()
        await anyio.sleep_forever()

    async with mockstatus.activate() as router, httpx.AsyncClient() as client:
        router.get(API).respond_with(never)
        async with anyio.create_task_group() as group:
            group.start_soon(client.get, API)
            await asked.wait()
            group.cancel_scope.cancel()

        assert (await client.get(ACCEPTED)).status_code == 202


@pytest.mark.usefixtures("quick_collections")
@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_unusual_answers_leave_nothing_that_warns_when_it_is_collected(call):
    """Neither sockets nor, which trio looks for, asynchronous generators that were not read to their end."""
    truncated = mockstatus.reply(200, text="abc")
    gc.collect()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with mockstatus.activate() as router:
            route = router.get(API).respond(426).then(200, stream=[b"a", b"b"]).then(200, interim=[103])
            route.then_fail("connection_reset").then_fail("truncated_body", reply=truncated, after=1)
            for _ in range(5):
                with contextlib.suppress(*ERRORS):
                    call(API)
        gc.collect()

    assert [str(warning.message) for warning in warned] == []


def test_a_generator_that_is_closed_half_way_leaves_nothing_behind():
    def steps():
        with mockstatus.activate():
            yield status(ACCEPTED)

    generator = steps()

    assert next(generator) == 202
    generator.close()


# --- start and stop ---------------------------------------------------------------------------------------------------


def test_start_and_stop_do_what_a_with_block_does():
    activation = mockstatus.activate(base_url=API)

    router = activation.start()
    try:
        router.get("/me").respond(401)
        assert status(f"{API}/me") == 401
    finally:
        activation.stop()


def test_stop_raises_what_was_missed():
    activation = mockstatus.activate()
    activation.start()
    with pytest.raises(mockstatus.UnmatchedRequest) as missed:
        httpx.get(API)

    with pytest.raises(mockstatus.UnmatchedRequest) as again:
        activation.stop()

    assert again.value is missed.value


def test_stop_without_start_is_refused():
    with pytest.raises(mockstatus.MockStatusError, match="start"):
        mockstatus.activate().stop()


def test_a_second_stop_is_refused_and_harms_nobody_else():
    activation = mockstatus.activate()
    activation.start()
    activation.stop()

    with mockstatus.activate():
        with pytest.raises(mockstatus.MockStatusError, match="start"):
            activation.stop()
        assert status(ACCEPTED) == 202


# --- many times, nested, in any order ---------------------------------------------------------------------------------


def test_each_entry_of_one_object_has_a_router_of_its_own():
    activation = mockstatus.activate()

    with activation as first:
        pass
    with activation as outer, activation as inner:
        assert len({id(first), id(outer), id(inner)}) == 3


def test_one_object_entered_inside_itself_asks_the_inner_router_first():
    activation = mockstatus.activate()

    with activation as outer:
        outer.get(API).respond(401)
        with activation as inner:
            inner.get(API).respond(403)
            assert status(API) == 403
        assert status(API) == 401


def test_fifty_entries_nested_are_all_seen_and_all_left():
    activation = mockstatus.activate()

    with contextlib.ExitStack() as stack:
        routers = [stack.enter_context(activation) for _ in range(50)]
        for number, router in enumerate(routers):
            router.get(f"{API}/{number}").respond(500 + number)
        assert [status(f"{API}/{number}") for number in range(50)] == [500 + number for number in range(50)]


@pytest.mark.parametrize("scope", ["process", "context"])
def test_activations_may_be_left_in_the_order_they_were_entered(scope):
    first, second = mockstatus.activate(scope=scope), mockstatus.activate(scope=scope)
    first.start().get(f"{API}/first").respond(401)
    second.start().get(f"{API}/second").respond(403)

    first.stop()
    try:
        assert status(f"{API}/second") == 403
        with pytest.raises(mockstatus.UnmatchedRequest):
            httpx.get(f"{API}/first")
    finally:
        with pytest.raises(mockstatus.UnmatchedRequest):
            second.stop()


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_whatever_the_order_of_leaving_those_still_open_answer(order):
    activations = [
        mockstatus.activate(scope="context"), mockstatus.activate(), mockstatus.activate(scope="context")
    ]  # fmt: skip
    for number, activation in enumerate(activations):
        activation.start().get(f"{API}/{number}").respond(500 + number)

    left = set()
    for leaving in order:
        open_ones = [number for number in range(3) if number not in left]
        assert [status(f"{API}/{number}") for number in open_ones] == [500 + number for number in open_ones]
        activations[leaving].stop()
        left.add(leaving)


def test_an_entry_that_fails_leaves_the_one_around_it_as_it_was():
    with mockstatus.activate() as router:
        router.get(API).respond(401)
        with pytest.raises(mockstatus.UnsupportedClient):
            mockstatus.activate(clients=["lynx"]).start()
        assert status(API) == 401


# --- the order in which routers are asked -----------------------------------------------------------------------------


def test_a_request_is_offered_to_the_inner_routes_and_then_to_the_outer_ones():
    with mockstatus.activate() as outer:
        outer.get(f"{API}/outer").respond(401)
        outer.get(f"{API}/both").respond(402)
        with mockstatus.activate() as inner:
            inner.get(f"{API}/both").respond(403)
            outer.get(f"{API}/both").respond(404)  # newer, and still further out

            assert (status(f"{API}/outer"), status(f"{API}/both")) == (401, 403)
            assert (len(outer.calls), len(inner.calls)) == (1, 1)


def test_routes_of_every_activation_come_before_the_virtual_hosts():
    with mockstatus.activate() as outer:
        outer.get(ACCEPTED).respond(409)
        with mockstatus.activate():
            assert status(ACCEPTED) == 409


def test_the_virtual_hosts_of_an_outer_router_are_there_inside_one_without():
    with mockstatus.activate() as outer, mockstatus.activate(mockstatus.Router(hosts=())) as inner:
        assert status(ACCEPTED) == 202
        assert (len(outer.calls), len(inner.calls)) == (1, 0)


def test_a_used_up_inner_route_falls_through_to_the_outer_one():
    with mockstatus.activate() as outer:
        outer.get(API).respond(401)
        with mockstatus.activate() as inner:
            inner.get(API).respond(403).limit(1)

            assert (status(API), status(API)) == (403, 401)
