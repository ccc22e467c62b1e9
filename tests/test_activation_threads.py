"""Entering and leaving from several threads and tasks, and the threads that ran before an activation was entered."""

from __future__ import annotations

import asyncio
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest
import trio
import urllib3

import mockstatus
from tests.switching import ACCEPTED, API, CLIENTS, connect, nothing_left, status

THREADS = 8


@pytest.fixture
def worker():
    """A thread that runs before anything is entered."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result(timeout=10)
        yield pool


def run_in(pool, function, *arguments):
    return pool.submit(function, *arguments).result(timeout=10)


def in_threads(function):
    """The results of a function that runs in several new threads at once, called with its number."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, range(THREADS), timeout=20))


# --- one object, many threads and tasks -------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["process", "context"])
def test_one_object_is_entered_by_several_threads_at_once_each_with_a_router_of_its_own(scope):
    activation = mockstatus.activate(scope=scope)
    barrier = threading.Barrier(THREADS, timeout=10)

    def work(number):
        with activation as router:
            router.get(f"{API}/{number}").respond(500 + number)
            barrier.wait()
            seen = status(f"{API}/{number}")
            barrier.wait()
            return seen, len(router.calls)

    assert in_threads(work) == [(500 + number, 1) for number in range(THREADS)]


def test_each_thread_leaves_its_own_entry_of_one_object():
    activation = mockstatus.activate(scope="context")
    all_entered = threading.Barrier(THREADS, timeout=10)
    turns = [threading.Event() for _ in range(THREADS + 1)]
    turns[0].set()

    def work(number):
        try:
            with activation as router:
                router.get(API).respond(500 + number)
                all_entered.wait()
                assert turns[number].wait(10)
                return status(API)
        finally:
            turns[number + 1].set()

    assert in_threads(work) == [500 + number for number in range(THREADS)]


def test_an_entry_may_be_left_in_another_thread():
    activation = mockstatus.activate()
    activation.start().get(API).respond(401)

    in_another = threading.Thread(target=activation.stop)
    in_another.start()
    in_another.join()

    with mockstatus.activate() as router:
        with pytest.raises(mockstatus.UnmatchedRequest):
            status(API)
        router.unmatched.clear()


def test_an_entry_of_a_context_that_was_left_in_another_thread_is_seen_no_more():
    activation = mockstatus.activate(scope="context")
    activation.start().get(API).respond(401)

    in_another = threading.Thread(target=activation.stop)
    in_another.start()
    in_another.join()

    with mockstatus.activate(scope="context") as router:
        with pytest.raises(mockstatus.UnmatchedRequest):
            status(API)
        router.unmatched.clear()


async def interleave(activation, *, task_group):
    """Two tasks enter one object, the one that entered first leaves first; what each sees while both or one is in."""
    seen = {}
    both_in, first_out = anyio.Event(), anyio.Event()

    async def first():
        with activation as router:
            router.get(API).respond(401)
            await both_in.wait()
            seen["first"] = await ask()
        first_out.set()

    async def second():
        with activation as router:
            router.get(API).respond(403)
            both_in.set()
            await first_out.wait()
            seen["second"] = await ask()

    async def ask():
        async with httpx.AsyncClient(verify=False) as client:
            return (await client.get(API)).status_code

    async with task_group() as group:
        group.start_soon(first)
        await anyio.lowlevel.checkpoint()
        group.start_soon(second)
    return seen


async def test_each_asyncio_task_leaves_its_own_entry_of_one_object():
    seen = await interleave(mockstatus.activate(scope="context"), task_group=anyio.create_task_group)

    assert seen == {"first": 401, "second": 403}


def test_each_trio_task_leaves_its_own_entry_of_one_object():
    async def main():
        return await interleave(mockstatus.activate(scope="context"), task_group=trio.open_nursery)

    assert trio.run(main) == {"first": 401, "second": 403}


async def test_an_entry_may_be_left_in_another_task():
    activation = mockstatus.activate(scope="context")

    async def enter():
        activation.start().get(API).respond(401)

    async def leave():
        activation.stop()

    await asyncio.create_task(enter())
    await asyncio.create_task(leave())
    with mockstatus.activate(scope="context") as router:
        with pytest.raises(mockstatus.UnmatchedRequest):
            status(API)
        router.unmatched.clear()


def test_threads_enter_and_leave_while_others_call():
    """Every call is answered by its own thread's route, however often the rest of the process changes."""

    def work(number):
        seen = set()
        for _ in range(20):
            with mockstatus.activate(scope="context") as router, urllib3.PoolManager() as pool:
                router.get(API).respond(500 + number)
                seen.add(pool.request("GET", API, retries=False).status)
        return seen

    assert in_threads(work) == [{500 + number} for number in range(THREADS)]


# --- threads that ran before ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", CLIENTS.values(), ids=CLIENTS)
def test_a_thread_that_ran_before_is_answered_like_everyone(worker, call):
    with mockstatus.activate():
        assert run_in(worker, call, ACCEPTED).status == 202


def test_a_miss_of_a_thread_that_ran_before_is_raised_into_the_call_and_only_warns_at_exit(worker):
    with pytest.warns(mockstatus.MockStatusWarning, match=rf"GET {API}/missed") as warned:
        with mockstatus.activate() as router:
            with pytest.raises(mockstatus.UnmatchedRequest):
                run_in(worker, status, f"{API}/missed")
            assert list(router.unmatched) == []

    assert len(warned) == 1
    assert warned[0].filename == __file__


def test_a_blocked_connection_of_a_thread_that_ran_before_only_warns_at_exit(worker):
    with pytest.warns(mockstatus.MockStatusWarning, match=r"203\.0\.113\.5:80"):
        with mockstatus.activate():
            with pytest.raises(mockstatus.BlockedConnection):
                run_in(worker, connect, "203.0.113.5")


def test_a_miss_of_a_thread_that_was_started_inside_is_raised_at_exit():
    with pytest.raises(mockstatus.UnmatchedRequest, match=rf"GET {API}"):
        with mockstatus.activate(), ThreadPoolExecutor(1) as pool:
            with pytest.raises(mockstatus.UnmatchedRequest):
                run_in(pool, status, API)


def test_a_miss_of_the_thread_that_entered_is_raised_at_exit_however_many_others_there_are(worker):
    with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate():
        with pytest.raises(mockstatus.UnmatchedRequest):
            status(API)


def leave_with(worker, error=None):
    """Leave a block with a miss of a thread that ran before, where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with mockstatus.activate():
            with pytest.raises(mockstatus.UnmatchedRequest):
                run_in(worker, status, f"{API}/late")
            if error is not None:
                raise error


def test_where_warnings_are_errors_the_warning_is_raised_at_exit(worker):
    with pytest.raises(mockstatus.MockStatusWarning, match=f"GET {API}/late"):
        leave_with(worker)


def test_where_warnings_are_errors_the_warning_does_not_take_the_place_of_an_exception_that_is_leaving(worker):
    error = ValueError("the test's own")

    with pytest.raises(ValueError, match="own") as caught:
        leave_with(worker, error)

    assert caught.value is error


def test_where_warnings_are_errors_the_warning_does_not_take_the_place_of_a_miss(worker):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}/own"), mockstatus.activate():
            for ask in (lambda: run_in(worker, status, f"{API}/late"), lambda: status(f"{API}/own")):
                with pytest.raises(mockstatus.UnmatchedRequest):
                    ask()


def test_a_thread_that_ran_before_the_inner_block_but_not_before_the_outer_one_only_warns_for_the_inner_one():
    with mockstatus.activate() as outer, ThreadPoolExecutor(1) as pool:
        run_in(pool, int)
        with pytest.warns(mockstatus.MockStatusWarning, match=f"GET {API}"), mockstatus.activate() as inner:
            with pytest.raises(mockstatus.UnmatchedRequest):
                run_in(pool, status, API)
        assert list(inner.unmatched) == list(outer.unmatched) == []


async def test_a_helper_thread_of_the_event_loop_from_before_works_for_the_block_that_gives_it_work():
    await asyncio.to_thread(int)

    with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}"), mockstatus.activate():
        with pytest.raises(mockstatus.UnmatchedRequest):
            await asyncio.to_thread(status, API)


def test_a_task_in_an_event_loop_that_ran_before_only_warns_whoever_started_it():
    async def ask():
        async with httpx.AsyncClient(verify=False) as client:
            await client.get(API)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with pytest.warns(mockstatus.MockStatusWarning, match=f"GET {API}"), mockstatus.activate():
            with pytest.raises(mockstatus.UnmatchedRequest):
                asyncio.run_coroutine_threadsafe(ask(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
