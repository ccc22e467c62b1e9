"""Sequences, limits and expectations are exact however many threads and tasks call at once."""

import asyncio
import sys
import threading
from collections import Counter

import httpx
import pytest
import requests
import trio

import mockstatus
from mockstatus import reply

URL = "https://api.example.com/jobs"
CALLS = 1000
THREADS = 32


def in_threads(call, count=CALLS):
    """The results of so many calls of 32 threads that begin at the same moment and take turns as often as can be."""
    together = threading.Barrier(THREADS)
    results = []

    def work(share):
        together.wait()
        for _ in range(share):
            results.append(call())

    shares = [count // THREADS + (number < count % THREADS) for number in range(THREADS)]
    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    return results


def numbered(router, count=CALLS):
    """A route that answers with 0, 1, 2 … in turn."""
    route = router.get(URL).respond(200, text="0")
    for number in range(1, count):
        route.then(200, text=str(number))
    return route


EACH_ONCE = Counter(map(str, range(CALLS)))


def outcome_of(call, *errors):
    """A status, or the name of the error that was raised."""
    try:
        return call().status_code
    except errors as error:
        return type(error).__name__


# --- sequences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", [httpx, requests])
def test_threads_that_share_a_sequence_get_each_reply_once(library):
    with mockstatus.activate() as router:
        route = numbered(router)
        client = library.Client() if library is httpx else library.Session()

        texts = in_threads(lambda: client.get(URL).text)

        assert Counter(texts) == EACH_ONCE
        assert route.call_count == CALLS
        assert Counter(call.response.text for call in router.calls) == EACH_ONCE
        assert client.get(URL).text == str(CALLS - 1)


async def test_tasks_that_share_a_sequence_get_each_reply_once():
    async with mockstatus.activate() as router, httpx.AsyncClient() as client:
        route = numbered(router)

        responses = await asyncio.gather(*(client.get(URL) for _ in range(CALLS)))

        assert Counter(response.text for response in responses) == EACH_ONCE
        assert route.call_count == CALLS


def test_trio_tasks_that_share_a_sequence_get_each_reply_once():
    texts = []

    async def main():
        router = mockstatus.Router()
        numbered(router)
        transport = mockstatus.adapters.httpx.AsyncTransport(router)
        async with httpx.AsyncClient(transport=transport) as client, trio.open_nursery() as nursery:

            async def call():
                texts.append((await client.get(URL)).text)

            for _ in range(CALLS):
                nursery.start_soon(call)

    trio.run(main)

    assert Counter(texts) == EACH_ONCE


async def test_tasks_whose_answers_are_awaited_claim_in_the_order_they_ask():
    async with mockstatus.activate() as router, httpx.AsyncClient() as client:

        def slowly(number):
            async def answer(request):
                await asyncio.sleep(0)
                return reply(200, text=str(number))

            return answer

        route = router.get(URL).respond_with(slowly(0))
        for number in range(1, 200):
            route.then_with(slowly(number))

        responses = await asyncio.gather(*(client.get(URL) for _ in range(200)))

    assert Counter(response.text for response in responses) == Counter(map(str, range(200)))


def test_times_are_exact_in_threads():
    router = mockstatus.Router()
    router.get(URL).respond(202, times=300).then(429, times=200).then(200)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    assert Counter(in_threads(lambda: client.get(URL).status_code)) == {202: 300, 429: 200, 200: 500}


def test_faults_and_functions_in_a_sequence_are_exact_in_threads():
    router = mockstatus.Router()
    route = router.get(URL).fail("connection_refused", times=100).then_with(lambda request: 201, times=100)
    route.then_fail(KeyError, times=100).then(200)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    seen = in_threads(lambda: outcome_of(lambda: client.get(URL), httpx.ConnectError, KeyError), 500)

    assert Counter(seen) == {"ConnectError": 100, 201: 100, "KeyError": 100, 200: 200}
    assert route.call_count == 500


# --- limits and expectations ------------------------------------------------------------------------------------------


def test_a_limit_is_exact_in_threads():
    router = mockstatus.Router()
    older = router.get(URL).respond(200)
    limited = router.get(URL).respond(503).limit(333)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    seen = in_threads(lambda: client.get(URL).status_code)

    assert Counter(seen) == {503: 333, 200: 667}
    assert (limited.call_count, older.call_count) == (333, 667)


def test_many_limited_routes_are_each_used_up_exactly_in_threads():
    router = mockstatus.Router()
    routes = [router.get(URL).respond(200, text=str(number)).limit(1) for number in range(CALLS)]
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    texts = in_threads(lambda: client.get(URL).text)

    assert Counter(texts) == EACH_ONCE
    assert {route.call_count for route in routes} == {1}
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.get(URL)


async def test_a_limit_is_exact_in_tasks():
    async with mockstatus.activate() as router, httpx.AsyncClient() as client:
        router.get(URL).respond(200)
        router.get(URL).respond(503).limit(333)

        responses = await asyncio.gather(*(client.get(URL) for _ in range(CALLS)))

    assert Counter(response.status_code for response in responses) == {503: 333, 200: 667}


def test_an_expectation_counts_every_call_of_every_thread():
    router = mockstatus.Router(history=10)
    route = router.get(URL).expect(CALLS)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    in_threads(lambda: client.get(URL))

    router.verify()
    assert route.call_count == CALLS
    assert len(router.calls) == 10
    assert router.calls.dropped == CALLS - 10


def test_only_the_own_answers_of_a_flaky_route_advance_its_sequence_in_threads():
    router = mockstatus.Router()
    numbered(router).flaky(0.5, 503)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    seen = Counter(response.text for response in in_threads(lambda: client.get(URL)) if response.status_code == 200)

    assert 400 < len(seen) < 600
    assert seen == Counter(map(str, range(len(seen))))


def test_misses_are_all_remembered_in_threads():
    router = mockstatus.Router()
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    seen = in_threads(lambda: outcome_of(lambda: client.get(URL), mockstatus.UnmatchedRequest), 320)

    assert seen == ["UnmatchedRequest"] * 320
    assert len(router.unmatched) == 320


def test_routes_may_be_made_while_others_are_called():
    router = mockstatus.Router()
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))
    numbers = iter(range(CALLS))
    lock = threading.Lock()

    def make_and_call():
        with lock:
            number = next(numbers)
        router.get(f"{URL}/{number}").respond(200, text=str(number))
        return client.get(f"{URL}/{number}").text == str(number)

    assert in_threads(make_and_call) == [True] * CALLS
    assert len(router.routes) == CALLS
