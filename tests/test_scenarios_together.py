"""Jobs, gates and resources beside routes and each other: a table of combinations, in whatever order they are written."""

import itertools
import random
import re
import threading
from collections import Counter
from datetime import UTC, datetime

import httpx
import pytest
import requests

import mockstatus
from tests.helpers import API

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
JOBS = f"{API}/v1/jobs"
KEY = {"Authorization": "Bearer t"}


def client_of(router, **options):
    return httpx.Client(
        transport=mockstatus.adapters.httpx.Transport(router), timeout=options.pop("timeout", None), **options
    )


# --- in whatever order ------------------------------------------------------------------------------------------------


def write_job(router):
    router.job("/jobs", polls=1, result={"rows": 7})


def write_list(router):
    router.get("/jobs").respond(200, json=["all"])


def write_protection(router):
    router.protect("/jobs", bearer="t")


def write_limit(router):
    router.rate_limit("/jobs/{id}", limit=3, per=60)


def write_resource(router):
    router.resource("/file", b"0123456789", etag="v1")


def write_outage(router):
    router.any("/other").fail("connection_refused")


WRITERS = (write_job, write_list, write_protection, write_limit, write_resource, write_outage)


@pytest.mark.parametrize("base", [f"{API}/v1", None], ids=["base_url", "absolute"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(6)))[::37])
def test_the_order_in_which_they_are_written_makes_no_difference(order, base):
    """Twenty of the 720 orders; every one of them gives the same answers to the same requests."""
    router = mockstatus.Router(f"{API}/v1", now=NOW)
    for place in order:
        WRITERS[place](router)
    if base is None:
        router = written_absolutely(order)
    client = client_of(router, base_url=f"{API}/v1")

    assert client.post("/jobs").status_code == 401
    assert client.get("/jobs").status_code == 401
    assert client.get("/jobs", headers=KEY).json() == ["all"]
    assert client.put("/jobs", headers=KEY).status_code == 405
    place = httpx.URL(f"{API}/v1/jobs").join(client.post("/jobs", headers=KEY).headers["Location"])
    assert [client.get(place).status_code for _ in range(5)] == [202, 200, 200, 429, 429]
    router.clock.advance(60)
    assert client.delete(place).status_code == 204
    assert client.get("/file", headers={"If-None-Match": '"v1"'}).status_code == 304
    with pytest.raises(httpx.ConnectError):
        client.get("/other")


def written_absolutely(order):
    """The same with whole URLs and no base_url."""
    router = mockstatus.Router(now=NOW)

    class Absolute:
        def __getattr__(self, name):
            method = getattr(router, name)
            return lambda url, *args, **options: method(f"{API}/v1{url}", *args, **options)

    for place in order:
        WRITERS[place](Absolute())
    return router


# --- a job with what a route can have ---------------------------------------------------------------------------------


@pytest.fixture
def router():
    return mockstatus.Router(f"{API}/v1", now=NOW)


@pytest.fixture
def client(router):
    return client_of(router, base_url=f"{API}/v1")


def polls_of(client, count, place="/jobs/job-1"):
    return [client.get(place).status_code for _ in range(count)]


def test_a_flaky_job_advances_only_by_the_polls_that_it_answers_itself(router, client):
    job = router.job("/jobs", polls=3)
    job.get_route.flaky(0.5, 503, seed=1)
    client.post("/jobs")

    seen = polls_of(client, 40)

    assert 10 < seen.count(503) < 30
    assert [status for status in seen if status != 503][:5] == [202, 202, 202, 200, 200]


@pytest.mark.parametrize(("rate", "seen"), [(0, [202, 202, 202, 200]), (1, [503, 503, 503, 503])])
def test_flaky_is_never_at_0_and_always_at_1(router, client, rate, seen):
    job = router.job("/jobs", polls=3)
    job.get_route.flaky(rate, 503)
    client.post("/jobs")

    assert polls_of(client, 4) == seen


def test_a_submission_may_be_flaky_too(router, client):
    job = router.job("/jobs", polls=0)
    job.post_route.flaky(1, "read_timeout")

    with pytest.raises(httpx.ReadTimeout):
        client_of(router, base_url=f"{API}/v1", timeout=1).post("/jobs")
    assert job.states == {}


def test_a_newer_route_with_a_limit_interrupts_a_job_for_a_while(router, client):
    router.job("/jobs", polls=1)
    router.get("/jobs/{id}").respond(502, delay=3).limit(2)
    client.post("/jobs")

    assert polls_of(client, 5) == [502, 502, 202, 200, 200]
    assert router.clock.elapsed == 6


def test_a_delayed_result_passes_on_the_clock_and_meets_the_timeout_of_the_client(router, client):
    router.job("/jobs", polls=0, result=mockstatus.reply(200, json=7, delay=5))
    client.post("/jobs")

    assert client.get("/jobs/job-1").json() == 7
    assert router.clock.elapsed == 5
    with pytest.raises(httpx.ReadTimeout):
        client_of(router, base_url=f"{API}/v1", timeout=1).get("/jobs/job-1")


@pytest.mark.parametrize(("expected", "polled", "fine"), [(3, 3, True), (3, 2, False), (3, 4, False)])
def test_the_calls_of_a_job_can_be_expected(router, client, expected, polled, fine):
    job = router.job("/jobs", polls=2)
    job.post_route.expect(1)
    job.get_route.expect(expected)
    client.post("/jobs")
    polls_of(client, polled)

    if fine:
        router.verify()
    else:
        with pytest.raises(mockstatus.UnmetExpectation, match=f"expected 3 times, got {polled} calls"):
            router.verify()


def test_expect_all_wants_a_job_begun_and_nothing_more_of_it():
    router = mockstatus.Router(API, expect_all=True)
    router.job("/jobs")
    router.resource("/file", b"")
    router.rate_limit("/never", limit=1, per=1)
    client = client_of(router, base_url=API)

    with pytest.raises(mockstatus.UnmetExpectation, match="2 routes") as caught:
        router.verify()
    assert "POST https://api.example.com/jobs" in str(caught.value)
    client.post("/jobs")
    client.get("/file")

    router.verify()


def test_polls_that_a_gate_refuses_do_not_bring_a_job_on(router, client):
    job = router.job("/jobs", polls=2, retry_after=1)
    router.rate_limit("/jobs/{id}", limit=1, per=10)
    client.post("/jobs")

    seen = []
    for _ in range(3):
        router.clock.advance(5)
        seen += polls_of(client, 2)

    assert seen == [202, 429, 202, 429, 429, 429]
    assert job.states["job-1"].polls == 2
    assert job.get_route.call_count == 2


def test_a_protected_job_with_a_webhook_and_a_limit_goes_its_whole_way(router, client):
    """Everything at once, and each still does what it does alone."""
    hook = router.post("/hook").expect(1)
    router.rate_limit("/jobs/{id}", limit=10, per=60)
    job = router.job("/jobs", polls=2, retry_after=5, redirect=True, result=[1], webhook="/hook")
    router.protect("/jobs/{id}", digest=("ann", "secret"))
    router.resource("/file", b"0123456789")
    auth = httpx.DigestAuth("ann", "secret")
    place = client.post("/jobs").headers["Location"]
    seen = []
    for _ in range(3):
        router.clock.advance(5)
        seen.append(client.get(httpx.URL(API).join(place), auth=auth, follow_redirects=True))

    assert [one.status_code for one in seen] == [202, 202, 200]
    assert seen[-1].json() == [1]
    assert hook.calls.last.request.json()["task_id"] == "job-1"
    assert job.early_polls == []
    assert [one.status for one in job.deliveries] == [200]
    router.verify()


# --- nested activations -----------------------------------------------------------------------------------------------


def test_an_inner_job_hides_the_outer_one_of_the_same_url():
    with mockstatus.activate(base_url=API) as outer:
        outer.job("/jobs", polls=0, result="outer", ids=["7", "8"])
        requests.post(f"{API}/jobs")
        with mockstatus.activate(base_url=API) as inner:
            inner.job("/jobs", polls=0, result="inner", ids=["7"])
            assert requests.get(f"{API}/jobs/7").status_code == 404
            requests.post(f"{API}/jobs")
            assert requests.get(f"{API}/jobs/7").json() == "inner"
        assert requests.get(f"{API}/jobs/7").json() == "outer"


def test_a_job_of_an_outer_activation_is_polled_through_an_inner_one():
    with mockstatus.activate() as outer:
        job = outer.job(JOBS, polls=1)
        requests.post(JOBS)
        with mockstatus.activate() as inner:
            inner.get(f"{API}/elsewhere")
            assert requests.get(f"{JOBS}/job-1").status_code == 202
            assert len(inner.calls) == 0
        assert requests.get(f"{JOBS}/job-1").status_code == 200
        assert len(job.calls) == 3


def test_an_outer_gate_guards_an_inner_job_and_resource():
    with mockstatus.activate() as outer:
        outer.protect(bearer="t")
        with mockstatus.activate() as inner:
            inner.job(JOBS, polls=0)
            inner.resource(f"{API}/file", b"x")
            assert requests.post(JOBS).status_code == 401
            assert requests.post(JOBS, headers=KEY).status_code == 202
            assert requests.get(f"{API}/file").status_code == 401
            assert requests.get(f"{API}/file", headers=KEY).content == b"x"


def test_what_an_inner_activation_of_the_same_router_added_is_gone_with_the_last_entry():
    router = mockstatus.Router()
    with mockstatus.activate(router):
        with mockstatus.activate(router):
            router.job(JOBS, polls=0)
            router.protect(JOBS, bearer="t")
        assert requests.post(JOBS).status_code == 401
    assert router.gates == ()
    assert router.routes == ()


# --- many threads -----------------------------------------------------------------------------------------------------

THREADS, JOB_COUNT, POLLS = 64, 100, 6


@pytest.mark.parametrize("seed", [1, 2])
def test_64_threads_on_100_jobs_leave_consistent_histories(seed):
    """Each job goes through every state once, is told of once, and no caller sees it go back."""
    told = []
    with mockstatus.activate(mockstatus.Router(now=NOW, history=100_000)) as router:
        job = router.job(JOBS, polls=POLLS, redirect=True, webhook=told.append)
        router.rate_limit(JOBS, limit=JOB_COUNT, per=60)
        places, seen = [], [[] for _ in range(THREADS)]
        barrier = threading.Barrier(THREADS)

        def work(number):
            chance = random.Random(f"{seed} {number}")
            session = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))
            barrier.wait()
            while True:
                response = session.post(JOBS)
                if response.status_code == 429:
                    break
                places.append(response.headers["Location"])
                for _ in range(chance.randrange(4)):
                    place = chance.choice(places)
                    seen[number].append((place, session.get(place).status_code))
            for place in chance.sample(places, len(places)):
                seen[number].append((place, session.get(place).status_code))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for place in places:
            while httpx.get(place, verify=False).status_code != 303:
                pass

    assert sorted(places, key=_number) == [f"{JOBS}/job-{number}" for number in range(1, JOB_COUNT + 1)]
    left = Counter(
        found.groups() for call in job.calls if (found := re.search(r"job (\S+): running, (\d+)", call.note))
    )
    assert left == Counter(
        {(f"job-{number}", str(one)): 1 for number in range(1, JOB_COUNT + 1) for one in range(POLLS)}
    )
    assert Counter(one["task_id"] for one in told) == Counter(f"job-{number}" for number in range(1, JOB_COUNT + 1))
    assert len(job.deliveries) == JOB_COUNT
    for mine in seen:
        for place in set(places):
            statuses = [status for where, status in mine if where == place]
            assert statuses == sorted(statuses)


def _number(place):
    return int(place.rpartition("-")[2])


def test_a_job_whose_answer_takes_long_holds_up_no_other():
    """There is no lock around them all: while one is being shaped, others are begun, asked about and finished."""
    entered, released = threading.Event(), threading.Event()

    def body(state):
        if state.id == "slow" and state.status == "running":
            entered.set()
            assert released.wait(10)
        return state.status

    with mockstatus.activate() as router:
        router.job(JOBS, polls=1, ids=["slow", "quick", "last"], body=body)
        router.protect(f"{API}/me", bearer="t")
        requests.post(JOBS)
        requests.post(JOBS)
        waiting = threading.Thread(target=requests.get, args=(f"{JOBS}/slow",))
        waiting.start()
        assert entered.wait(10)

        assert [requests.get(f"{JOBS}/quick").json() for _ in range(2)] == ["running", "done"]
        assert requests.post(JOBS).status_code == 202
        assert requests.get(f"{JOBS}/slow").json() == "done"
        assert requests.get(f"{API}/me").status_code == 401

        released.set()
        waiting.join()


def test_the_key_of_a_limit_that_takes_long_holds_up_no_other():
    entered, released = threading.Event(), threading.Event()

    def key(request):
        if "slow" in request.query:
            entered.set()
            assert released.wait(10)
        return "everybody"

    with mockstatus.activate() as router:
        router.get(f"{API}/items")
        router.rate_limit(f"{API}/items", limit=9, per=60, key=key)
        waiting = threading.Thread(target=requests.get, args=(f"{API}/items?slow",))
        waiting.start()
        assert entered.wait(10)

        assert requests.get(f"{API}/items").status_code == 200

        released.set()
        waiting.join()


def test_what_a_job_refuses_inside_is_answered_by_a_route_around_it():
    """The 405 is for what no route of any activation fits."""
    with mockstatus.activate() as outer:
        outer.put(f"{API}/jobs").respond(204)
        seen = outer.patch(f"{API}/jobs/{{id}}", where=lambda request: request.path_params["id"] != "none")
        seen.respond(200, text="patched")
        with mockstatus.activate() as inner:
            inner.job(f"{API}/jobs")

            assert httpx.put(f"{API}/jobs").status_code == 204
            assert httpx.patch(f"{API}/jobs/7").text == "patched"
            assert httpx.patch(f"{API}/jobs/none").status_code == 405
            assert httpx.get(f"{API}/jobs").status_code == 405
            assert httpx.post(f"{API}/jobs").status_code == 202
