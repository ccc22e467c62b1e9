"""Who sees which activation: the whole process, or one context with the tasks and threads it was given to."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import anyio.from_thread
import anyio.to_thread
import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import mockstatus
from tests.switching import ACCEPTED, API, CLIENTS, DOORS, REAL, Server, nothing_left, status


@pytest.fixture
def context():
    """An activation of this context alone, with a route that answers 401."""
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)
        yield router


def in_a_thread(function, *arguments):
    """The result of a function that is called in a new thread, which has an empty context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result(timeout=10)


async def ask(url=API):
    async with httpx.AsyncClient(verify=False) as client:
        return (await client.get(url)).status_code


# --- the whole process ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_an_activation_of_the_process_is_seen_in_every_thread(call):
    with mockstatus.activate() as router:
        assert in_a_thread(call, ACCEPTED).status == 202
        assert len(router.calls) == 1


async def test_an_activation_of_the_process_is_seen_by_tasks_from_before():
    entered, asked = asyncio.Event(), asyncio.Event()

    async def work():
        await entered.wait()
        seen = await ask(ACCEPTED)
        asked.set()
        return seen

    task = asyncio.create_task(work())
    with mockstatus.activate():
        entered.set()
        await asked.wait()

    assert await task == 202


# --- one context: who sees it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_an_activation_of_a_context_is_seen_in_it_by_every_client(context, call):
    assert call(API).status == 401


async def test_tasks_started_from_it_see_it_also_those_that_go_on_in_other_tasks():
    async def deep(levels):
        return await (asyncio.create_task(deep(levels - 1)) if levels else ask())

    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)

        assert await asyncio.create_task(deep(3)) == 401
        assert await asyncio.gather(ask(), ask()) == [401, 401]


async def test_tasks_started_before_do_not_see_it():
    entered = asyncio.Event()

    async def work():
        await entered.wait()
        with pytest.raises(mockstatus.UnmatchedRequest, match="carry"):
            await ask()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)
        entered.set()
        await task
        assert len(router.calls) == 0


async def test_threads_of_asyncio_to_thread_see_it():
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)

        assert await asyncio.to_thread(status, API) == 401


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_and_threads_of_anyio_see_it_and_what_they_call_back(context, backend):
    seen = []

    async def note():
        seen.append(await ask())

    def in_thread():
        seen.append(status(API))
        anyio.from_thread.run(note)

    async def main():
        async with anyio.create_task_group() as group:
            group.start_soon(note)
        await anyio.to_thread.run_sync(in_thread)

    anyio.run(main, backend=backend)

    assert seen == [401] * 3


def test_nurseries_and_threads_of_trio_see_it(context):
    seen = []

    async def note():
        seen.append(await ask())

    async def main():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(note)
        seen.append(await trio.to_thread.run_sync(status, API))

    trio.run(main)

    assert seen == [401] * 2


def test_a_copied_context_sees_it(context):
    assert contextvars.copy_context().run(status, API) == 401
    assert in_a_thread(contextvars.copy_context().run, status, API) == 401


def test_a_context_that_was_copied_before_does_not_see_it():
    before = contextvars.copy_context()
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)
        with pytest.raises(mockstatus.UnmatchedRequest, match="carry"):
            before.run(status, API)
        assert len(router.calls) == 0


def test_a_copied_context_that_outlives_it_sees_it_no_more():
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)
        copied = contextvars.copy_context()

    with Server() as server:
        assert copied.run(CLIENTS["httpx"], server.url) == REAL


async def test_entering_in_a_task_does_not_reach_the_task_that_waits_for_it():
    entered, done = asyncio.Event(), asyncio.Event()

    async def work():
        with mockstatus.activate(scope="context", network="allow") as router:
            router.get(ACCEPTED).respond(401)
            entered.set()
            await done.wait()

    task = asyncio.create_task(work())
    await entered.wait()
    with mockstatus.activate(scope="context"):
        seen = await ask(ACCEPTED)
    done.set()
    await task

    assert seen == 202


# --- where nothing is visible -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_while_a_context_blocks_a_client_called_where_nothing_is_visible_is_told_of_carry(context, call):
    with pytest.raises(mockstatus.UnmatchedRequest, match=r"mockstatus\.carry") as raised:
        in_a_thread(call, ACCEPTED)

    assert f"GET {ACCEPTED}" in str(raised.value)
    assert len(context.calls) == 0


def test_while_a_context_allows_the_network_a_client_called_where_nothing_is_visible_really_calls():
    with Server() as server, mockstatus.activate(scope="context", network="allow") as router:
        router.get(server.url).respond(401)

        assert {in_a_thread(call, server.url) for call in DOORS.values()} == {REAL}
        assert len(router.calls) == 0


def test_when_the_last_blocking_context_is_left_the_others_really_call_again():
    with Server() as server, ThreadPoolExecutor(1) as elsewhere:
        with mockstatus.activate(scope="context"):
            with pytest.raises(mockstatus.UnmatchedRequest):
                elsewhere.submit(status, server.url).result(timeout=10)
        assert elsewhere.submit(CLIENTS["httpx"], server.url).result(timeout=10) == REAL


def test_an_activation_of_the_process_answers_where_that_of_a_context_is_not_visible():
    with mockstatus.activate() as everywhere, mockstatus.activate(scope="context") as router:
        everywhere.get(API).respond(403)
        router.get(API).respond(401)

        assert (status(API), in_a_thread(status, API)) == (401, 403)


def test_in_a_context_the_later_of_both_kinds_is_the_inner_one():
    with mockstatus.activate(scope="context") as router, mockstatus.activate(scope="process") as everywhere:
        router.get(API).respond(401)
        everywhere.get(API).respond(403)

        assert (status(API), in_a_thread(status, API)) == (403, 403)


# --- many at once -----------------------------------------------------------------------------------------------------


def call_everything():
    """What each of the four synchronous clients gets for one URL."""
    with httpx.Client(verify=False) as one, httpx2.Client(verify=False) as two, requests.Session() as three:
        with urllib3.PoolManager() as four:
            return [
                one.get(API).text,
                two.get(API).text,
                three.get(API).text,
                four.request("GET", API, retries=False).data.decode(),
            ]


def test_32_threads_never_see_each_others_routes():
    together = threading.Barrier(32, timeout=20)

    def work(number):
        with mockstatus.activate(scope="context") as router:
            router.get(API).respond(200, text=str(number))
            router.get(f"{API}/only/{number}").respond(200)
            seen = set()
            for _ in range(3):
                together.wait()
                seen.update(call_everything())
            together.wait()
            with pytest.raises(mockstatus.UnmatchedRequest):
                requests.get(f"{API}/only/{(number + 1) % 32}")
            router.unmatched.clear()
            together.wait()
            return seen, len(router.calls)

    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(work, range(32), timeout=60))

    assert results == [({str(number)}, 12) for number in range(32)]


@pytest.mark.parametrize("client", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_200_tasks_never_see_each_others_routes(backend, client):
    results = {}

    async def work(number, session):
        async with mockstatus.activate(scope="context") as router:
            router.get(API).respond(200, text=str(number))
            router.get(f"{API}/only/{number}").respond(200)
            seen = {(await session.get(API)).text for _ in range(3)}
            await anyio.lowlevel.checkpoint()
            with pytest.raises(mockstatus.UnmatchedRequest):
                await session.get(f"{API}/only/{(number + 1) % 200}")
            router.unmatched.clear()
            results[number] = (seen, len(router.calls))

    async def main():
        async with client.AsyncClient(verify=False) as session, anyio.create_task_group() as group:
            for number in range(200):
                group.start_soon(work, number, session)

    anyio.run(main, backend=backend)

    assert results == {number: ({str(number)}, 3) for number in range(200)}


async def test_200_tasks_that_enter_one_object_never_see_each_others_routes():
    activation = mockstatus.activate(scope="context", base_url=API)

    async def work(number, session):
        async with activation as router:
            router.get("/me").respond(200, text=str(number))
            return (await session.get(f"{API}/me")).text

    async with httpx.AsyncClient(verify=False) as session:
        seen = await asyncio.gather(*(work(number, session) for number in range(200)))

    assert seen == [str(number) for number in range(200)]
