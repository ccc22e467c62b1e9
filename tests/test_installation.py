"""What is in place while an activation is open, and that nothing is when the last one has ended, however it ended."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from time import sleep

import httpx
import httpx2
import pytest
import trio
import urllib3

import mockstatus
from tests.switching import (
    ACCEPTED, API, CLIENTS, DOORS, REAL, Server, attributes, changes, load_everything, nothing_left, ours, python,
    status,
)  # fmt: skip


@pytest.fixture
def before():
    """What stands where, once every module is loaded that a call needs."""
    load_everything()
    return attributes()


@pytest.fixture
def server():
    with Server() as server:
        yield server


# --- while one is open ------------------------------------------------------------------------------------------------


def test_while_one_is_open_clients_sockets_and_imports_are_hooked(before):
    """If this fails, the other tests of this module look at the wrong places."""
    with mockstatus.activate():
        hooked = ours()

    owners = {name.rpartition(".")[0] for name in hooked}
    assert owners >= {
        "httpx.HTTPTransport", "httpx.AsyncHTTPTransport", "httpx2.HTTPTransport", "httpx2.AsyncHTTPTransport",
        "urllib3.connection.HTTPConnection", "urllib3.connectionpool.HTTPConnectionPool",
        "requests.adapters.HTTPAdapter",
        "socket", "socket.socket", "sys.meta_path",
    }  # fmt: skip


@pytest.mark.parametrize("name", CLIENTS)
def test_only_the_clients_that_are_named_are_hooked(name):
    with mockstatus.activate(clients=[name]):
        packages = {hooked.partition(".")[0] for hooked in ours()}

    beneath = {"urllib3"} if name == "requests" else set()
    assert packages - beneath == {name, "socket", "sys"}


def test_a_second_one_hooks_nothing_twice(before):
    with mockstatus.activate():
        once = attributes()
        with mockstatus.activate(), mockstatus.activate(scope="context"):
            assert changes(once) == []
        assert changes(once) == []


# --- how it can end ---------------------------------------------------------------------------------------------------


def normally():
    with mockstatus.activate():
        status(ACCEPTED)


def by_hand():
    activation = mockstatus.activate()
    activation.start()
    activation.stop()


def by_an_exception():
    with contextlib.suppress(LookupError), mockstatus.activate():
        raise LookupError


def by_an_interrupt():
    with contextlib.suppress(KeyboardInterrupt), mockstatus.activate():
        raise KeyboardInterrupt


def by_an_interrupt_within_every_call():
    def interrupt(request):
        raise KeyboardInterrupt

    for call in DOORS.values():
        with contextlib.suppress(KeyboardInterrupt), mockstatus.activate() as router:
            router.any().respond_with(interrupt)
            call(API)


def by_a_miss():
    with contextlib.suppress(mockstatus.UnmatchedRequest), mockstatus.activate():
        status(API)


def by_an_unmet_expectation():
    with contextlib.suppress(mockstatus.UnmetExpectation), mockstatus.activate() as router:
        router.get(API).expect()


def by_closing_a_generator():
    @mockstatus.activate
    def generate():
        yield status(ACCEPTED)

    generator = generate()
    next(generator)
    generator.close()


def by_dropping_a_generator():
    @mockstatus.activate
    def generate():
        yield status(ACCEPTED)

    next(generate())


def by_cancellation():
    async def forever():
        async with mockstatus.activate():
            await asyncio.Event().wait()

    async def main():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await forever()

    asyncio.run(main())


def by_cancellation_in_trio():
    async def main():
        with trio.move_on_after(0):
            async with mockstatus.activate():
                await trio.sleep_forever()

    trio.run(main)


def out_of_order():
    activations = [mockstatus.activate(scope=scope) for scope in ("process", "context", "process")]
    for activation in activations:
        activation.start()
    for activation in activations:
        activation.stop()


def in_another_thread():
    activation = mockstatus.activate(scope="context")
    activation.start()
    thread = threading.Thread(target=activation.stop)
    thread.start()
    thread.join()


def by_several_threads():
    activation = mockstatus.activate()
    barrier = threading.Barrier(8, timeout=10)

    def work():
        for _ in range(20):
            barrier.wait()
            with activation:
                status(ACCEPTED)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def with_faults():
    with mockstatus.activate() as router:
        route = router.any().fail("connection_refused").then_fail("read_timeout").then_fail("connection_reset")
        for call in DOORS.values():
            route.fail("connection_refused").then_fail("connection_reset")
            for _ in range(2):
                with contextlib.suppress(httpx.HTTPError, httpx2.HTTPError, OSError, urllib3.exceptions.HTTPError):
                    call(API)


def with_what_is_let_through():
    with Server() as server, mockstatus.activate(network="allow"):
        for call in DOORS.values():
            call(server.url)


def in_virtual_time():
    with mockstatus.activate(time="virtual") as router:
        time.sleep(60)
        sleep(60)
        assert router.clock.elapsed >= 120


def in_virtual_time_of_asyncio_by_an_exception():
    async def main():
        async with mockstatus.activate(time="virtual"):
            await asyncio.sleep(60)
            raise LookupError

    with contextlib.suppress(LookupError):
        asyncio.run(main())


def in_virtual_time_of_trio_by_cancellation():
    async def main():
        with trio.move_on_after(60):
            async with mockstatus.activate(time="virtual"):
                await trio.sleep(120)

    trio.run(main)


def in_virtual_time_out_of_order():
    real, virtual = mockstatus.activate(time="real"), mockstatus.activate(time="virtual")
    for activation in (virtual, real):
        activation.start()
    for activation in (virtual, real):
        activation.stop()


ENDINGS = [
    normally, by_hand, by_an_exception, by_an_interrupt, by_an_interrupt_within_every_call, by_a_miss,
    by_an_unmet_expectation, by_closing_a_generator, by_dropping_a_generator, by_cancellation, by_cancellation_in_trio,
    out_of_order, in_another_thread, by_several_threads, with_faults, with_what_is_let_through,
    in_virtual_time, in_virtual_time_of_asyncio_by_an_exception, in_virtual_time_of_trio_by_cancellation,
    in_virtual_time_out_of_order,
]  # fmt: skip


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_every_attribute_is_again_what_it_was(before, server, end):
    end()

    assert changes(before) == []
    assert sleep is time.sleep
    assert {call(server.url) for call in DOORS.values()} == {REAL}


def test_the_first_activation_of_a_process_leaves_every_attribute_as_it_was():
    told = python("""
        from tests.switching import ACCEPTED, DOORS, attributes, changes, mockstatus, ours

        before = attributes()
        with mockstatus.activate():
            statuses = {call(ACCEPTED).status for call in DOORS.values()}
        print(statuses, changes(before), sorted(ours()))
        """)

    assert told == "{202} [] []"
