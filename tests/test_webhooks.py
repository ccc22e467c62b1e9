"""What is sent when a job has ended: where to, when, how often, and what is known of it afterwards."""

import asyncio
import json
import threading
from datetime import UTC, datetime

import httpx
import pytest
import requests
import trio

import mockstatus
from tests.helpers import API
from tests.switching import Server, closed_port

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
JOBS = f"{API}/jobs"
HOOK = "https://hooks.example.com/done"
DONE = {"status": "done", "task_id": "job-1", "result": {"rows": 7}}
RESULT = {"rows": 7}


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API, timeout=None)


def begin(client):
    return client.post("/jobs").headers["Location"]


def statuses(client, place, count):
    return [client.get(place).status_code for _ in range(count)]


def eventually(condition):
    """Wait for what another thread does."""
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen within 10 seconds")


# --- to a function ----------------------------------------------------------------------------------------------------


def test_a_function_is_told_once_before_the_answer_that_completes_the_job(router, client):
    told = []
    job = router.job(JOBS, polls=2, result=RESULT, webhook=told.append)
    place = begin(client)

    seen = []
    for _ in range(5):
        seen.append((client.get(place).status_code, len(told)))

    assert seen == [(202, 0), (202, 0), (200, 1), (200, 1), (200, 1)]
    assert told == [DONE]
    assert [(one.id, one.body, one.status, one.error) for one in job.deliveries] == [("job-1", DONE, None, None)]


@pytest.mark.parametrize("ask", ["GET", "HEAD"])
@pytest.mark.parametrize("below", ["", "/result"])
def test_whatever_answer_is_the_first_word_of_the_end_completes_the_job(router, client, ask, below):
    told = []
    router.job(JOBS, polls=0, webhook=told.append)
    place = begin(client)

    client.request(ask, place + below)
    client.get(place)

    assert len(told) == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"fails_with": 500}, {"status": "failed", "task_id": "job-1"}),
        ({"redirect": True}, {"status": "done", "task_id": "job-1", "result": {"status": "success"}}),
        ({"body": lambda state: {"job": state.id, "state": state.status}}, {"job": "job-1", "state": "done"}),
    ],
)
def test_what_is_sent_says_how_the_job_ended(router, client, arguments, expected):
    told = []
    router.job(JOBS, polls=0, webhook=told.append, **arguments)

    client.get(begin(client))

    assert told == [expected]


def test_a_job_that_never_ends_is_not_told_of(router, client):
    told = []
    router.job(JOBS, polls=3, expires=60, webhook=told.append)
    cancelled, expired, _ = begin(client), begin(client), begin(client)
    client.delete(cancelled)
    client.get(cancelled)
    router.clock.advance(60)
    client.get(expired)

    assert told == []


def test_an_exception_of_the_function_reaches_the_caller_and_stands_with_the_deliveries(router, client):
    def webhook(body):
        raise KeyError("broken")

    job = router.job(JOBS, polls=0, webhook=webhook)
    place = begin(client)

    with pytest.raises(KeyError, match="broken") as caught:
        client.get(place)

    assert "raised by the webhook of job-1" in caught.value.__notes__
    assert job.deliveries[0].error is caught.value
    assert client.get(place).status_code == 200
    assert len(job.deliveries) == 1


def test_a_function_that_turns_out_to_be_a_coroutine_function_is_refused_in_the_call(router, client):
    async def wait():
        """What is made by a function that is none."""

    router.job(JOBS, polls=0, webhook=lambda body: wait())

    with pytest.raises(mockstatus.InvalidRoute, match="coroutine"):
        client.get(begin(client))


# --- to a URL that a route answers ------------------------------------------------------------------------------------


def test_a_url_is_answered_by_the_routes_of_the_router(router, client):
    hook = router.post(HOOK, json={"task_id": "job-1", "status": "done", "result": RESULT}).respond(204).expect(1)
    job = router.job(JOBS, polls=1, result=RESULT, webhook=HOOK)

    statuses(client, begin(client), 4)

    router.verify()
    request = hook.calls.last.request
    assert (request.method, request.url, request.json()) == ("POST", HOOK, DONE)
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.content))
    assert request.headers["Host"] == "hooks.example.com"
    assert [(one.id, one.to, one.body, one.status) for one in job.deliveries] == [("job-1", HOOK, DONE, 204)]


def test_a_relative_url_is_appended_to_the_base_url():
    router = mockstatus.Router(f"{API}/v1", now=NOW)
    hook = router.post("/hook")
    job = router.job("/jobs", polls=0, webhook="/hook?from=jobs")
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=f"{API}/v1") as client:
        client.get("/jobs/" + client.post("/jobs").json()["task_id"])

    assert hook.calls.last.request.url == job.deliveries[0].to == f"{API}/v1/hook?from=jobs"


def test_the_delivery_stands_in_the_journal_before_the_answer(router, client):
    router.post(HOOK)
    router.job(JOBS, polls=0, webhook=HOOK)
    place = begin(client)
    order = []
    router.post(HOOK).respond_with(lambda request: order.append("delivered") or 200)

    client.get(place)
    order.append("answered")

    assert order == ["delivered", "answered"]
    assert [call.request.url for call in router.calls] == [JOBS, place, HOOK]


def test_a_fault_of_the_receiver_is_noted_and_does_not_hurt_the_poller(router, client):
    router.post(HOOK).fail("connection_refused")
    job = router.job(JOBS, polls=0, webhook=HOOK)

    assert client.get(begin(client)).status_code == 200
    assert [(one.status, one.error) for one in job.deliveries] == [(None, "connection_refused")]


def test_an_exception_of_the_users_route_reaches_the_caller(router, client):
    router.post(HOOK).respond_with(lambda request: 1 / 0)
    job = router.job(JOBS, polls=0, webhook=HOOK)

    with pytest.raises(ZeroDivisionError):
        client.get(begin(client))

    assert isinstance(job.deliveries[0].error, ZeroDivisionError)


def test_a_url_that_nothing_fits_fails_the_test_and_not_the_poller():
    with pytest.raises(mockstatus.UnmatchedRequest, match="hooks.example.com"), mockstatus.activate() as router:
        job = router.job(JOBS, polls=0, webhook=HOOK)
        requests.post(JOBS)
        assert requests.get(f"{JOBS}/job-1").status_code == 200
        assert isinstance(job.deliveries[0].error, mockstatus.UnmatchedRequest)


def test_the_routes_of_outer_activations_receive_too():
    with mockstatus.activate() as outer:
        hook = outer.post(HOOK)
        with mockstatus.activate() as inner:
            inner.job(JOBS, polls=0, webhook=HOOK)
            requests.post(JOBS)
            requests.get(f"{JOBS}/job-1")

    assert hook.called


def test_a_gate_refuses_a_delivery_as_any_request(router, client):
    router.post(HOOK)
    router.protect(HOOK, bearer="secret")
    job = router.job(JOBS, polls=0, webhook=HOOK)

    client.get(begin(client))

    assert job.deliveries[0].status == 401


# --- over the network -------------------------------------------------------------------------------------------------


def poll_httpx():
    place = httpx.post(JOBS, verify=False).headers["Location"]
    return [httpx.get(place, verify=False).status_code for _ in range(3)]


def poll_requests():
    place = requests.post(JOBS).headers["Location"]
    return [requests.get(place).status_code for _ in range(3)]


async def poll_asyncio():
    async with httpx.AsyncClient(verify=False) as client:
        place = (await client.post(JOBS)).headers["Location"]
        return [(await client.get(place)).status_code for _ in range(3)]


POLLERS = {
    "httpx": poll_httpx,
    "requests": poll_requests,
    "asyncio": lambda: asyncio.run(poll_asyncio()),
    "trio": lambda: trio.run(poll_asyncio),
}


@pytest.mark.parametrize("network", ["allow", "localhost", ["127.0.0.1"]])
@pytest.mark.parametrize("poller", POLLERS)
def test_a_local_application_really_receives_the_completion(poller, network):
    with Server() as server, mockstatus.activate(network=network) as router:
        job = router.job(JOBS, polls=1, result=RESULT, webhook=f"{server.url}/hook?x=1")

        assert POLLERS[poller]() == [202, 200, 200]

    assert [(one.method, one.target, json.loads(one.body)) for one in server.received] == [("POST", "/hook?x=1", DONE)]
    assert [(one.to, one.status, one.error) for one in job.deliveries] == [(f"{server.url}/hook?x=1", 200, None)]


def test_an_application_in_the_same_event_loop_receives_it():
    """The delivery is made beside the loop, which has to answer it."""

    async def main():
        received = []

        async def serve(reader, writer):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            received.append(json.loads(await reader.readexactly(length)))
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, httpx.AsyncClient(verify=False) as client:
            with mockstatus.activate(network="localhost") as router:
                job = router.job(JOBS, polls=0, result=RESULT, webhook=f"http://localhost:{port}/hook")
                place = (await client.post(JOBS)).headers["Location"]
                assert (await client.get(place)).status_code == 200
                assert received == [DONE]
                assert job.deliveries[0].status == 201

    asyncio.run(main())


def test_a_receiver_that_is_not_there_is_noted_with_the_error_of_the_network():
    with closed_port() as port, mockstatus.activate(network="localhost") as router:
        job = router.job(JOBS, polls=0, webhook=f"http://127.0.0.1:{port}/")
        requests.post(JOBS)

        assert requests.get(f"{JOBS}/job-1").status_code == 200

    assert isinstance(job.deliveries[0].error, ConnectionRefusedError)


def test_a_blocked_network_is_a_miss():
    with (
        Server() as server,
        pytest.raises(mockstatus.UnmatchedRequest, match="127.0.0.1"),
        mockstatus.activate() as router,
    ):
        router.job(JOBS, polls=0, webhook=server.url)
        requests.post(JOBS)
        requests.get(f"{JOBS}/job-1")

    assert server.received == []


# --- by the clock -----------------------------------------------------------------------------------------------------


def test_with_duration_the_completion_is_sent_when_the_clock_passes_its_time(router, client):
    told = []
    job = router.job(JOBS, duration=10, result=RESULT, webhook=told.append)
    place = begin(client)

    router.clock.advance(9)
    assert told == []
    router.clock.advance(1)
    assert told == [DONE]
    statuses(client, place, 3)
    router.clock.advance(100)

    assert told == [DONE]
    assert len(job.deliveries) == 1


def test_a_poll_that_comes_first_sends_it_and_the_clock_does_not_again(router, client):
    """Ten waits of 0.1 are a little less than the 1 that the clock waits for."""
    told = []
    router.job(JOBS, duration=1, webhook=told.append)
    place = begin(client)
    for _ in range(10):
        router.clock.advance(0.1)

    assert client.get(place).status_code == 200
    assert len(told) == 1
    router.clock.advance(1)

    assert len(told) == 1


def test_several_are_sent_in_the_order_of_their_times(router, client):
    told = []
    router.job(f"{API}/slow", duration=9, ids=["slow"], webhook=lambda body: told.append((body["task_id"], "slow")))
    router.job(f"{API}/quick", duration=2, ids=["quick"], webhook=lambda body: told.append((body["task_id"], "quick")))
    client.post("/slow")
    client.post("/quick")

    router.clock.advance(20)

    assert told == [("quick", "quick"), ("slow", "slow")]


def test_a_cancelled_or_forgotten_job_is_not_told_of_by_the_clock(router, client):
    told = []
    router.job(JOBS, duration=10, webhook=told.append)
    client.delete(begin(client))
    router.clock.advance(10)
    begin(client)
    router.reset()
    router.clock.advance(10)
    begin(client)
    router.clear()
    router.clock.advance(10)

    assert told == []


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_a_wait_of_the_client_passes_the_time_too(mode):
    told = []
    with mockstatus.activate(time=mode) as router:
        router.job(JOBS, duration=10, result=RESULT, webhook=told.append)
        requests.post(JOBS)
        requests.get("https://mock.local/delay/10")

        assert told == [DONE]


def test_sleeping_in_virtual_time_passes_it():
    import time

    with mockstatus.activate(time="virtual") as router:
        hook = router.post(HOOK)
        router.job(JOBS, duration=3600, webhook=HOOK)
        requests.post(JOBS)
        time.sleep(3599)
        assert not hook.called
        time.sleep(1)
        assert hook.call_count == 1


def test_real_time_passes_it():
    """Nobody polls and nobody moves the clock: it is sent when the time has really passed."""
    with Server() as server, mockstatus.activate(network="localhost", time="real") as router:
        job = router.job(JOBS, duration=0.05, result=RESULT, webhook=server.url)
        begun = router.clock.elapsed
        requests.post(JOBS)
        eventually(lambda: job.deliveries)

        assert router.clock.elapsed - begun >= 0.05
        assert [one.status for one in job.deliveries] == [200]
    assert [json.loads(one.body) for one in server.received] == [DONE]


def test_nothing_is_sent_after_the_activation():
    told = []
    with mockstatus.activate() as router:
        router.job(JOBS, duration=0.02, webhook=told.append)
        requests.post(JOBS)

    threading.Event().wait(0.1)

    assert told == []


@pytest.fixture
def earlier():
    """A router that was entered before, with a job of 10 seconds that is 4 seconds old; what its webhook was told."""
    router, told = mockstatus.Router(), []
    with mockstatus.activate(router):
        router.clock.advance(100)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))
    job = router.job(JOBS, duration=10, webhook=told.append)
    client.post(JOBS)
    router.clock.advance(4)
    return router, job, told


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_a_job_that_was_under_way_at_entry_is_as_old_as_it_was_and_told_of_at_its_time(earlier, mode):
    router, job, told = earlier

    with mockstatus.activate(router, time=mode):
        assert job.states["job-1"].age == pytest.approx(4, abs=0.5)
        router.clock.advance(5)
        assert told == []
        router.clock.advance(2)
        assert len(told) == len(job.deliveries) == 1


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_it_stands_as_at_entry_when_the_activation_is_left(earlier, mode):
    """With as much of its time to come as there was then."""
    router, job, told = earlier

    with mockstatus.activate(router, time=mode):
        router.clock.advance(20)
        assert len(told) == 1
    assert (job.states["job-1"].status, job.deliveries) == ("accepted", [])
    assert job.states["job-1"].age == pytest.approx(4, abs=0.5)
    router.clock.advance(5)
    assert len(told) == 1
    router.clock.advance(2)
    assert len(told) == 2


def test_an_activation_that_begins_and_ends_leaves_a_job_its_real_time():
    told = []
    router = mockstatus.Router()
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))
    router.job(JOBS, duration=0.2, webhook=told.append)
    client.post(JOBS)

    for mode in ("instant", "virtual", "real"):
        with mockstatus.activate(router, time=mode):
            """Nothing is called."""

    eventually(lambda: told)


def test_virtual_time_that_ends_within_an_activation_leaves_a_job_its_real_time():
    told = []
    with mockstatus.activate() as router:
        with mockstatus.activate(router, time="virtual"):
            router.job(JOBS, duration=0.05, webhook=told.append)
            requests.post(JOBS)
        eventually(lambda: told)


def test_time_that_passes_in_an_event_loop_sends_it_beside_the_loop():
    async def main():
        received = asyncio.Event()

        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            received.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, httpx.AsyncClient(verify=False) as client:
            with mockstatus.activate(network="localhost") as router:
                job = router.job(JOBS, duration=5, webhook=f"http://127.0.0.1:{port}/")
                await client.post(JOBS)
                router.clock.advance(5)
                await asyncio.wait_for(received.wait(), 10)
                while not job.deliveries:
                    await asyncio.sleep(0.01)
                assert [one.status for one in job.deliveries] == [200]

    asyncio.run(main())


# --- exactly once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [{"polls": 0}, {"duration": 10}], ids=["polls", "duration"])
def test_however_many_ask_at_once_each_job_is_told_of_once(arguments):
    told = []
    with mockstatus.activate() as router:
        job = router.job(JOBS, webhook=told.append, **arguments)
        places = [requests.post(JOBS).headers["Location"] for _ in range(20)]
        barrier = threading.Barrier(8)

        def ask():
            with requests.Session() as session:
                barrier.wait()
                router.clock.advance(10)
                for place in places:
                    assert session.get(place).status_code == 200

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(one["task_id"] for one in told) == sorted(place.rpartition("/")[2] for place in places)
    assert len(job.deliveries) == 20
