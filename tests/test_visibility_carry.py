"""``carry``: a function sees, in whatever thread it is called, what was visible where it was made."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import trio

import mockstatus
from tests.switching import API, nothing_left, status


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


def test_a_carried_function_sees_it_in_any_thread(context):
    assert in_a_thread(mockstatus.carry(status), API) == 401


def test_a_carried_function_passes_arguments_results_and_exceptions_and_keeps_its_name(context):
    def function(one, *, two):
        """Say what it was given."""
        if two is None:
            raise LookupError(one)
        return one, two

    carried = mockstatus.carry(function)

    assert in_a_thread(lambda: carried(1, two=2)) == (1, 2)
    assert (carried.__name__, carried.__doc__) == ("function", "Say what it was given.")
    with pytest.raises(LookupError, match="7"):
        in_a_thread(lambda: carried(7, two=None))


def test_a_carried_coroutine_function_stays_one_and_sees_it_in_a_loop_of_another_thread(context):
    carried = mockstatus.carry(ask)

    assert asyncio.iscoroutinefunction(carried)
    assert in_a_thread(lambda: asyncio.run(carried())) == 401
    assert in_a_thread(trio.run, carried) == 401


async def test_a_carried_coroutine_function_sees_it_in_a_task_from_before():
    ready = asyncio.Queue()

    async def work():
        function = await ready.get()
        return await function()

    task = asyncio.create_task(work())
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)
        await ready.put(mockstatus.carry(ask))
        assert await task == 401


def test_a_carried_function_as_a_threads_target_and_a_callback(context):
    seen = []
    thread = threading.Thread(target=mockstatus.carry(lambda: seen.append(status(API))))
    thread.start()
    thread.join()
    timer = threading.Timer(0, mockstatus.carry(lambda: seen.append(status(API))))
    timer.start()
    timer.join()

    assert seen == [401, 401]


def test_carrying_changes_nothing_for_what_the_thread_does_otherwise(context):
    """Before, after, and after an exception, the thread sees what it saw."""

    def work(carried, failing):
        seen = [carried(API)]
        with pytest.raises(ZeroDivisionError):
            failing()
        with mockstatus.activate(scope="context") as own:
            own.get(API).respond(403)
            seen += [status(API), carried(API), status(API)]
        return seen

    assert in_a_thread(work, mockstatus.carry(status), mockstatus.carry(lambda: 1 / 0)) == [401, 403, 401, 403]


def test_only_activations_are_carried_nothing_else_of_the_context(context):
    variable = contextvars.ContextVar("variable", default="thread's own")
    variable.set("caller's")

    assert in_a_thread(mockstatus.carry(lambda: (variable.get(), status(API)))) == ("thread's own", 401)


def test_a_carried_function_sees_what_was_visible_where_it_was_made():
    with mockstatus.activate(scope="context") as first:
        first.get(API).respond(401)
        carried = mockstatus.carry(status)
        with mockstatus.activate(scope="context") as second:
            second.get(API).respond(403)

            assert (carried(API), status(API)) == (401, 403)


def test_a_function_that_was_carried_where_nothing_is_visible_sees_nothing():
    carried = mockstatus.carry(status)
    with mockstatus.activate(scope="context") as router:
        router.get(API).respond(401)
        with pytest.raises(mockstatus.UnmatchedRequest, match="carry"):
            carried(API)
