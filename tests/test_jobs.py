"""The asynchronous job on a user's own URLs: from the 202 over its polls to the end, and what can be asked of it."""

import re
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from tests.helpers import API, deterministic
from tests.switching import DOORS

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
JOBS = f"{API}/jobs"


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    return client_of(router)


def client_of(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API, timeout=None)


def begin(client, url="/jobs", **sent):
    """Where a new job is asked about."""
    response = client.post(url, **sent)
    assert response.status_code == 202
    return response.headers["Location"]


def statuses(client, url, count):
    return [client.get(url).status_code for _ in range(count)]


def notes(router):
    return [call.note for call in router.calls]


# --- the way of a job -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_every_client_polls_a_job_to_its_end(door):
    """202 to the POST, 202 for each of the polls, then 200, whichever client asks."""
    with mockstatus.activate() as router:
        router.job(JOBS, polls=2, result={"rows": 7})
        call = DOORS[door]

        accepted = call(JOBS, "POST")
        seen = [call(f"{JOBS}/job-1") for _ in range(4)]

    assert accepted == (202, '{"status": "accepted", "task_id": "job-1"}')
    assert [one.status for one in seen] == [202, 202, 200, 200]
    assert seen[0].text == accepted.text
    assert seen[2].text == seen[3].text == '{"rows": 7}'


def test_the_post_says_where_to_ask_and_who_the_job_is(router, client):
    router.job(JOBS)

    response = client.post("/jobs", json={"size": 3})

    assert response.headers["Location"] == f"{JOBS}/job-1"
    assert "Retry-After" not in response.headers
    assert response.json() == {"status": "accepted", "task_id": "job-1"}
    assert {name.lower() for name in response.headers} == {"content-type", "date", "location", "content-length"}


@pytest.mark.parametrize("polls", [0, 1, 3, 17])
def test_a_job_says_202_exactly_as_often_as_it_was_told(router, client, polls):
    router.job(JOBS, polls=polls)

    assert statuses(client, begin(client), polls + 3) == [202] * polls + [200] * 3


def test_three_polls_are_what_is_not_said(router, client):
    router.job(JOBS)

    assert statuses(client, begin(client), 5) == [202, 202, 202, 200, 200]


def test_a_result_that_is_not_given_is_the_documented_200(router, client):
    router.job(JOBS, polls=0)

    assert client.get(begin(client)).json() == client.get("https://mock.local/200").json()


@pytest.mark.parametrize("result", [None, 0, "", [], {"a": [1, {"b": None}]}, "é"])
def test_a_result_is_any_json(router, client, result):
    router.job(JOBS, polls=0, result=result)

    response = client.get(begin(client))

    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == result


def test_a_result_may_be_a_reply(router, client):
    router.job(JOBS, polls=0, result=mockstatus.reply(200, text="a,b\n1,2\n", headers={"Content-Type": "text/csv"}))

    response = client.get(begin(client))

    assert (response.text, response.headers["Content-Type"]) == ("a,b\n1,2\n", "text/csv")


def test_several_jobs_go_their_own_ways(router, client):
    job = router.job(JOBS, polls=2)
    first, second = begin(client), begin(client)

    assert statuses(client, first, 2) == [202, 202]
    assert statuses(client, second, 1) == [202]
    assert statuses(client, first, 1) == [200]
    assert statuses(client, second, 2) == [202, 200]
    assert {name: state.status for name, state in job.states.items()} == {"job-1": "done", "job-2": "done"}


# --- retry_after ------------------------------------------------------------------------------------------------------


def test_retry_after_is_sent_with_every_202_and_nothing_else(router, client):
    router.job(JOBS, polls=1, retry_after=7)

    accepted = client.post("/jobs")
    pending, done = (client.get(accepted.headers["Location"]) for _ in range(2))

    assert [one.headers.get("Retry-After") for one in (accepted, pending, done)] == ["7", "7", None]


def test_a_poll_before_retry_after_is_over_is_listed_with_how_much_too_early(router, client):
    job = router.job(JOBS, polls=9, retry_after=2)
    place = begin(client)

    for wait in (2, 0.5, 1.5, 2, 5):
        router.clock.advance(wait)
        client.get(place)

    assert [(one.id, one.at, one.early_by) for one in job.early_polls] == [("job-1", 2.5, 1.5), ("job-1", 4.0, 0.5)]
    assert job.early_polls[0].request.url == place


def test_waits_that_add_up_to_retry_after_are_long_enough(router, client):
    """Twenty waits of 0.1 are 2 seconds, though the sum of the floats is a little less."""
    job = router.job(JOBS, polls=9, retry_after=2)
    place = begin(client)

    for _ in range(20):
        router.clock.advance(0.1)
    client.get(place)

    assert router.clock.elapsed < 2 or router.clock.elapsed == pytest.approx(2)
    assert job.early_polls == []


def test_nobody_is_too_early_after_an_answer_that_asked_for_no_wait(router, client):
    job = router.job(JOBS, polls=1, retry_after=5)
    place = begin(client)
    router.clock.advance(5)
    client.get(place)
    router.clock.advance(5)

    statuses(client, place, 3)

    assert job.early_polls == []


def test_each_job_is_waited_for_on_its_own(router, client):
    job = router.job(JOBS, polls=9, retry_after=3)
    first = begin(client)
    router.clock.advance(3)
    second = begin(client)

    client.get(first)
    client.get(second)

    assert [one.id for one in job.early_polls] == ["job-2"]


def test_a_client_that_sleeps_as_it_is_told_is_never_early():
    """In virtual time the sleep of the code under test moves the clock of the job."""
    import time

    with mockstatus.activate(time="virtual") as router:
        job = router.job(JOBS, polls=5, retry_after=30)
        response = httpx.post(JOBS)
        place = response.headers["Location"]
        while response.status_code == 202:
            time.sleep(int(response.headers["Retry-After"]))
            response = httpx.get(place)

        assert response.status_code == 200
        assert job.early_polls == []
        assert router.clock.elapsed == pytest.approx(180, abs=1)


# --- duration ---------------------------------------------------------------------------------------------------------


def test_with_duration_the_clock_decides_and_not_the_number_of_polls(router, client):
    job = router.job(JOBS, duration=10)
    place = begin(client)

    assert statuses(client, place, 20) == [202] * 20
    router.clock.advance(9.99)
    assert client.get(place).status_code == 202
    router.clock.advance(0.01)
    assert client.get(place).status_code == 200
    assert job.states["job-1"].polls_left is None


def test_jobs_of_a_duration_begin_when_they_are_begun(router, client):
    router.job(JOBS, duration=10)
    first = begin(client)
    router.clock.advance(6)
    second = begin(client)
    router.clock.advance(4)

    assert [client.get(place).status_code for place in (first, second)] == [200, 202]


def test_tenths_of_a_second_add_up_to_a_duration(router, client):
    router.job(JOBS, duration=1)
    place = begin(client)
    seen = []

    for _ in range(11):
        seen.append(client.get(place).status_code)
        router.clock.advance(0.1)

    assert seen == [202] * 10 + [200]


def test_progress_goes_from_0_to_1(router, client):
    by_polls, by_time = router.job(JOBS, polls=3), router.job(f"{API}/slow", duration=8)
    place = begin(client)
    begin(client, "/slow")
    seen = [by_polls.states["job-1"].progress]
    for _ in range(4):
        client.get(place)
        seen.append(by_polls.states["job-1"].progress)
    timed = []
    for _ in range(4):
        timed.append(by_time.states["job-1"].progress)
        router.clock.advance(4)

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 1)
    assert all(0 < one < 1 for one in seen[1:3])
    assert timed == [0, 0.5, 1, 1]


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_with_redirect_the_end_is_a_303_to_the_result(router, client):
    router.job(JOBS, polls=1, redirect=True, result={"rows": 7})
    place = begin(client)

    seen = [client.get(place) for _ in range(3)]
    followed = client.get(place, follow_redirects=True)

    assert [one.status_code for one in seen] == [202, 303, 303]
    assert seen[1].headers["Location"] == f"{place}/result"
    assert followed.json() == {"rows": 7}
    assert str(followed.url) == f"{place}/result"


@pytest.mark.parametrize("door", DOORS)
def test_every_client_follows_the_303_as_it_follows_any(door):
    with mockstatus.activate() as router:
        router.job(JOBS, polls=0, redirect=True, result={"rows": 7})
        DOORS[door](JOBS, "POST")

        seen = DOORS[door](f"{JOBS}/job-1")

    assert seen.status == (303 if door.startswith("httpx") else 200)


def test_the_result_is_not_there_before_the_job_is_done(router, client):
    router.job(JOBS, polls=1, redirect=True)
    place = begin(client)

    assert client.get(f"{place}/result").status_code == 404
    client.get(place)
    assert client.get(f"{place}/result").status_code == 200


@pytest.mark.parametrize("status", [400, 409, 422, 500, 503])
def test_a_job_that_fails_says_so_with_the_status_it_was_given(router, client, status):
    job = router.job(JOBS, polls=2, fails_with=status)
    place = begin(client)

    assert statuses(client, place, 4) == [202, 202, status, status]
    assert client.get(f"{place}/result").status_code == status
    assert job.states["job-1"].status == "failed"


def test_a_failure_may_be_a_reply(router, client):
    router.job(JOBS, polls=0, fails_with=mockstatus.reply(200, json={"error": "out of disk"}))

    response = client.get(begin(client))

    assert (response.status_code, response.json()) == (200, {"error": "out of disk"})


def test_a_job_that_has_expired_is_gone(router, client):
    job = router.job(JOBS, polls=1, expires=60)
    place = begin(client)
    statuses(client, place, 2)

    router.clock.advance(59.9)
    assert client.get(place).status_code == 200
    router.clock.advance(0.1)

    assert [client.request(method, place).status_code for method in ("GET", "HEAD", "DELETE")] == [410, 410, 410]
    assert client.get(f"{place}/result").status_code == 410
    assert job.states["job-1"].status == "expired"
    assert begin(client) == f"{JOBS}/job-2"


@pytest.mark.parametrize("polled", [0, 1, 3])
def test_a_job_can_be_cancelled_once(router, client, polled):
    job = router.job(JOBS, polls=2)
    place = begin(client)
    statuses(client, place, polled)

    assert client.delete(place).status_code == 204
    assert client.delete(place).status_code == 410
    assert statuses(client, place, 3) == [410, 410, 410]
    assert client.get(f"{place}/result").status_code == 410
    assert job.states["job-1"].status == "cancelled"


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_an_unknown_id_is_a_404(router, client, method):
    router.job(JOBS)
    begin(client)

    assert client.request(method, "/jobs/job-2").status_code == 404
    assert router.calls.last.note == "job job-2: unknown"


# --- methods ----------------------------------------------------------------------------------------------------------


def test_head_says_what_get_would_and_brings_nothing_on(router, client):
    router.job(JOBS, polls=1, retry_after=3)
    place = begin(client)

    heads = [client.head(place) for _ in range(5)]
    get = client.get(place)

    assert [one.status_code for one in heads] == [202] * 5
    assert all(one.content == b"" for one in heads)
    assert dict(heads[0].headers) == dict(get.headers)
    assert client.head(place).status_code == 200
    assert client.get(place).status_code == 200


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/jobs", {"POST"}), ("/jobs/job-1", {"GET", "HEAD", "DELETE"}), ("/jobs/job-1/result", {"GET", "HEAD"})],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "BREW"])
def test_a_method_that_means_nothing_is_a_405_that_says_which_do(router, client, path, allowed, method):
    router.job(JOBS, polls=0)
    begin(client)

    response = client.request(method, path)

    if method in allowed:
        assert response.status_code in (200, 202, 204)
    else:
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == allowed


def test_a_405_changes_nothing(router, client):
    router.job(JOBS, polls=2)
    place = begin(client)

    client.put(place)
    client.patch(place)

    assert statuses(client, place, 3) == [202, 202, 200]


def test_routes_of_ones_own_stand_beside_a_job_whenever_they_are_written(router, client):
    """The 405 is for what no other route of the router fits."""
    router.get(JOBS).respond(200, json=["before"])
    router.job(JOBS)
    router.put(f"{JOBS}/{{id}}").respond(200, json=["after"])

    assert client.get("/jobs").json() == ["before"]
    assert client.put("/jobs/7").json() == ["after"]
    assert client.patch("/jobs/7").status_code == 405


# --- other people's APIs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "url", "status_url", "location"),
    [
        (None, JOBS, None, f"{JOBS}/7"),
        (None, f"{JOBS}/", None, f"{JOBS}/7"),
        (None, f"{JOBS}?dry=1", None, f"{JOBS}/7"),
        (None, JOBS, "https://status.example.com/v2/operations/{id}", "https://status.example.com/v2/operations/7"),
        (None, JOBS, f"{API}/operations/{{id}}?api-version=3", f"{API}/operations/7?api-version=3"),
        (None, JOBS, f"{API}/status?job={{id}}", f"{API}/status?job=7"),
        (None, JOBS, f"{API}/status?api=2&job={{id}}", f"{API}/status?api=2&job=7"),
        (None, JOBS, f"{API}/jobs?id={{id}}", f"{API}/jobs?id=7"),
        (None, JOBS, f"{API}/a b/é/{{id}}", f"{API}/a%20b/%C3%A9/7"),
        (None, JOBS, f"{API}/models/{{id}}:state", f"{API}/models/7:state"),
        (None, "https://*.example.com/jobs", None, "/jobs/7"),
        (API, "/jobs", None, "/jobs/7"),
        (API, "jobs", "status/{id}", "/status/7"),
        (f"{API}/v1/", "/jobs", None, "/v1/jobs/7"),
        (f"{API}/v1", "/jobs", "/operations/{id}", "/v1/operations/7"),
        (f"{API}/v1", "/jobs", f"{API}/operations/{{id}}", f"{API}/operations/7"),
    ],
)
def test_a_job_fits_other_peoples_urls(base_url, url, status_url, location):
    """The Location is where the job is asked about, cancelled, and below which its result is."""
    router = mockstatus.Router(base_url, now=NOW)
    router.job(url, status_url=status_url, ids=["7"], polls=1, redirect=True, result={"rows": 7})
    client = client_of(router)
    to = "/v1/jobs" if base_url and "v1" in base_url else "/jobs?dry=1" if "dry" in url else "/jobs"
    to += "/" if url.endswith("/") else ""

    accepted = client.post(to)
    place = accepted.url.join(accepted.headers["Location"])

    assert accepted.headers["Location"] == location
    assert statuses(client, place, 2) == [202, 303]
    assert client.get(place, follow_redirects=True).json() == {"rows": 7}
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 410


def test_what_stands_in_the_url_of_the_post_stands_in_that_of_the_job(router, client):
    router.job(f"{API}/users/{{user}}/jobs", polls=1)
    router.job(f"{API}/files/{{path:path}}", status_url=f"{API}/status/{{path}}/{{id}}", polls=1)

    mine = begin(client, "/users/j%C3%BCrg%2Fa/jobs")
    deep = begin(client, "/files/a/b%20c")

    assert mine == f"{API}/users/j%C3%BCrg%2Fa/jobs/job-1"
    assert deep == f"{API}/status/a%2Fb%20c/job-1"
    assert statuses(client, mine, 2) == statuses(client, deep, 2) == [202, 200]


def test_the_job_of_one_user_is_none_of_another(router, client):
    router.job(f"{API}/users/{{user}}/jobs", polls=1)
    place = begin(client, "/users/ann/jobs")

    assert client.get("/users/bob/jobs/job-1").status_code == 404
    assert statuses(client, place, 2) == [202, 200]


@pytest.mark.parametrize("ids", [["a", "b"], iter(["a", "b"]), (text for text in "ab")])
def test_ids_are_what_they_are_given_as(router, client, ids):
    router.job(JOBS, ids=ids)

    assert [begin(client) for _ in range(2)] == [f"{JOBS}/a", f"{JOBS}/b"]
    with pytest.raises(mockstatus.InvalidRoute, match="run out"):
        client.post("/jobs")


@pytest.mark.parametrize("identity", ["a/b", "a b", "é", "100%", "a?b#c", 7])
def test_an_id_may_be_any_text(router, client, identity):
    router.job(JOBS, ids=[identity], polls=1)
    accepted = client.post("/jobs")

    assert accepted.json()["task_id"] == str(identity)
    assert statuses(client, accepted.headers["Location"], 2) == [202, 200]


def test_body_shapes_every_answer_about_a_job(router, client):
    def body(state):
        return {"id": state.id, "state": state.status.upper(), "left": state.polls_left, "output": state.result}

    router.job(JOBS, polls=1, body=body, result=[1, 2], ids=["7"], expires=60)
    accepted = client.post("/jobs")
    place = accepted.headers["Location"]
    answers = [accepted, *(client.get(place) for _ in range(2))]
    router.clock.advance(60)
    answers.append(client.get(place))

    assert [one.status_code for one in answers] == [202, 202, 200, 410]
    assert [one.json() for one in answers] == [
        {"id": "7", "state": "ACCEPTED", "left": 1, "output": None},
        {"id": "7", "state": "RUNNING", "left": 0, "output": None},
        {"id": "7", "state": "DONE", "left": 0, "output": [1, 2]},
        {"id": "7", "state": "EXPIRED", "left": 0, "output": None},
    ]


def test_body_shapes_a_failure_and_a_cancelled_job(router, client):
    router.job(JOBS, polls=0, fails_with=503, body=lambda state: [state.status])
    router.job(f"{API}/others", body=lambda state: [state.status])
    failed, cancelled = begin(client), begin(client, "/others")
    client.delete(cancelled)

    assert [client.get(place).json() for place in (failed, cancelled)] == [["failed"], ["cancelled"]]


def test_an_exception_of_body_reaches_the_caller(router, client):
    router.job(JOBS, body=lambda state: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        client.post("/jobs")


def test_the_state_that_body_sees_knows_its_age(router, client):
    ages = []
    router.job(JOBS, body=lambda state: ages.append(state.age))
    place = begin(client)
    router.clock.advance(4)
    client.get(place)

    assert ages == [0, 4]


# --- the journal ------------------------------------------------------------------------------------------------------


def test_each_state_of_a_job_is_in_the_journal(router, client):
    job = router.job(JOBS, polls=2, ids=["7"], expires=60)
    place = begin(client)
    statuses(client, place, 3)
    client.delete(place)
    client.get(place)
    router.clock.advance(60)
    client.get(place)

    assert notes(router) == [
        "job 7: accepted",
        "job 7: running, 1 polls left",
        "job 7: running, 0 polls left",
        "job 7: done",
        "job 7: cancelled",
        "job 7: cancelled",
        "job 7: expired",
    ]
    assert [call.note for call in job.calls] == notes(router)
    assert [call.at for call in job.calls] == [0] * 6 + [60]


def test_a_failed_job_is_in_the_journal_as_one(router, client):
    router.job(JOBS, polls=0, fails_with=500)
    client.get(begin(client))

    assert notes(router)[-1] == "job job-1: failed"


def test_the_calls_of_a_job_are_those_of_its_routes(router, client):
    job = router.job(JOBS)
    place = begin(client)
    client.get(place)
    client.get("https://mock.local/202")
    client.patch(place)

    assert [call.request.method for call in job.calls] == ["POST", "GET", "PATCH"]
    assert job.post_route.call_count == job.get_route.call_count == 1
    assert job.delete_route.call_count == 0


# --- going back -------------------------------------------------------------------------------------------------------


def test_reset_forgets_the_jobs_and_what_they_did(router, client):
    job = router.job(JOBS, polls=1, retry_after=9, webhook=lambda body: None)
    place = begin(client)
    statuses(client, place, 2)
    assert job.early_polls
    assert job.deliveries

    router.reset()

    assert (job.states, job.early_polls, job.deliveries, job.calls) == ({}, [], [], [])
    assert client.get(place).status_code == 404
    assert begin(client) == f"{JOBS}/job-2"


def test_leaving_an_activation_leaves_jobs_as_at_entry():
    router = mockstatus.Router()
    job = router.job(JOBS, polls=3)
    client = client_of(router)
    place = begin(client)
    client.get(place)

    with mockstatus.activate(router):
        httpx.get(place)
        httpx.post(JOBS)
        router.job(f"{API}/other")
        assert len(job.states) == 2

    assert list(job.states) == ["job-1"]
    assert statuses(client, place, 3) == [202, 202, 200]
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.post(f"{API}/other")


def test_jobs_of_one_router_are_none_of_another():
    one, two = mockstatus.Router(), mockstatus.Router()
    for router in (one, two):
        router.job(JOBS)
    place = begin(client_of(one))

    assert client_of(two).get(place).status_code == 404


# --- wrong arguments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        *({"polls": value} for value in (-1, 1.5, True, "3", None)),
        *({"duration": value} for value in (-1, float("inf"), float("nan"), "1", True)),
        *({"expires": value} for value in (-1, float("inf"), "1")),
        *({"retry_after": value} for value in (-1, 0.5, True, "soon", datetime.now(UTC))),
        *({"fails_with": value} for value in (200, 399, 600, True, "500")),
        *({"body": value} for value in ({}, "x", 1)),
        *({"ids": value} for value in ("abc", 7, 1.5)),
        *({"webhook": value} for value in ("ftp://example.com", "/relative", 7, "")),
        *({"result": value} for value in (object(), {1, 2}, float("nan"), timedelta(1))),
        *({"status_url": value} for value in ("/jobs", f"{JOBS}/{{job}}", f"{JOBS}?id=x{{id}}", 7, "/jobs/{id}")),
        {"status_url": f"{JOBS}?a={{id}}&b={{id}}"},
        {"status_url": f"{JOBS}?a=1&a={{id}}"},
    ],
)
def test_what_cannot_mean_anything_is_refused_with_the_value(router, arguments):
    ((name, value),) = arguments.items()

    with pytest.raises((mockstatus.InvalidRoute, mockstatus.InvalidReply), match=re.escape(repr(value)[:20])) as caught:
        router.job(JOBS, **arguments)

    assert not router.calls
    assert str(caught.value)


def test_what_was_refused_has_left_no_route(router, client):
    for arguments in ({"polls": -1}, {"status_url": f"{API}/{{rest:path}}/{{id}}"}, {"webhook": 7}, {"ids": "abc"}):
        with pytest.raises(mockstatus.InvalidRoute):
            router.job(JOBS, **arguments)

    assert router.routes == ()
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.post("/jobs")


@pytest.mark.parametrize("url", [None, 7, re.compile("jobs")])
def test_the_url_of_a_job_is_text(router, url):
    with pytest.raises(mockstatus.InvalidRoute, match="as text"):
        router.job(url)


async def _nothing(body):
    """A coroutine function."""


def test_a_webhook_that_nobody_would_await_is_refused(router):
    with pytest.raises(mockstatus.InvalidRoute, match="coroutine"):
        router.job(JOBS, webhook=_nothing)


# --- any history ------------------------------------------------------------------------------------------------------

steps = st.lists(st.sampled_from(["post", "get", "head", "delete", "wait", "result"]), max_size=30)


@deterministic
@given(polls=st.integers(0, 4), steps=steps, which=st.randoms(use_true_random=False))
def test_every_history_of_a_job_is_that_of_the_model(polls, steps, which):
    """Whatever is asked in whatever order: the status is what a few lines say it is."""
    router = mockstatus.Router(now=NOW)
    router.job(JOBS, polls=polls, expires=10, redirect=True)
    client = client_of(router)
    jobs = []  # place, polls so far, age, cancelled

    for step in steps:
        if step == "post":
            jobs.append([begin(client), 0, 0, False])
        elif step == "wait":
            router.clock.advance(3)
            for job in jobs:
                job[2] += 3
        elif jobs:
            job = which.choice(jobs)
            place, polled, age, cancelled = job
            url = f"{place}/result" if step == "result" else place
            method = "GET" if step == "result" else step.upper()
            done = polled >= polls
            gone = age >= 10 or cancelled
            expected = {
                "get": 410 if gone else 303 if done else 202,
                "head": 410 if gone else 303 if done else 202,
                "result": 410 if gone else 200 if done else 404,
                "delete": 410 if gone else 204,
            }[step]
            assert client.request(method, url).status_code == expected
            job[1] += step == "get" and not gone and not done
            job[3] = cancelled or step == "delete"


# --- threads ----------------------------------------------------------------------------------------------------------


def test_threads_that_poll_one_job_share_its_polls():
    with mockstatus.activate() as router:
        job = router.job(JOBS, polls=200)
        place = requests.post(JOBS).headers["Location"]
        seen = []

        def ask():
            with requests.Session() as session:
                seen.extend(session.get(place).status_code for _ in range(20))

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert (seen.count(202), seen.count(200)) == (200, 120)
    left = [int(found[1]) for call in job.calls if (found := re.search(r"(\d+) polls left", call.note))]
    assert sorted(left) == list(range(200))
