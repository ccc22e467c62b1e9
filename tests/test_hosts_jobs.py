"""The asynchronous job of ``mock.local``: from the 202 over its polls to the end, and what can be asked of it."""

import json
import threading
from datetime import UTC, datetime

import httpx
import pytest

import mockstatus
from tests.switching import DOORS

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    return client_of(router)


def client_of(router):
    transport = mockstatus.adapters.httpx.Transport(router)
    return httpx.Client(transport=transport, base_url="https://mock.local", timeout=None)


def begin(client, query=""):
    """Where a new job is asked about."""
    response = client.post("/jobs" + query)
    assert response.status_code == 202
    return response.headers["Location"]


def statuses(client, path, count):
    return [client.get(path).status_code for _ in range(count)]


def test_a_job_is_accepted_with_its_id_and_the_place_to_ask(client):
    response = client.post("/jobs", json={"size": 3})
    body = response.json()

    assert response.status_code == 202
    assert list(body) == ["status", "task_id"]
    assert body["status"] == "accepted"
    assert response.headers["Location"] == f"/jobs/{body['task_id']}"
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", [202, 202, 202, 200, 200]),
        ("?polls=0", [200, 200, 200, 200, 200]),
        ("?polls=1", [202, 200, 200, 200, 200]),
        ("?polls=2&outcome=failed", [202, 202, 500, 500, 500]),
        ("?polls=1&outcome=expired", [202, 410, 410, 410, 410]),
        ("?polls=1&outcome=done", [202, 200, 200, 200, 200]),
        ("?polls=1&redirect=1", [202, 303, 303, 303, 303]),
        ("?polls=1&redirect=0", [202, 200, 200, 200, 200]),
    ],
)
def test_a_job_is_pending_for_so_many_polls_and_then_at_its_end(client, query, seen):
    assert statuses(client, begin(client, query), 5) == seen


@pytest.mark.parametrize("outcome", ["done", "failed", "expired"])
def test_the_journal_calls_the_end_of_a_job_by_its_name(outcome):
    with mockstatus.activate() as router:
        place = httpx.post(f"https://mock.local/jobs?polls=0&outcome={outcome}").headers["Location"]
        httpx.get(f"https://mock.local{place}")

        assert router.calls.last.note.endswith(f": {outcome}")


def test_a_job_that_redirects_has_its_result_where_it_points(client):
    place = begin(client, "?polls=0&redirect=1")

    response = client.get(place, follow_redirects=True)

    assert response.status_code == 200
    assert [seen.status_code for seen in response.history] == [303]
    assert str(response.url) == f"https://mock.local{place}/result"


def test_retry_after_is_sent_while_a_job_is_pending(client):
    place = begin(client, "?polls=1&retry_after=7")

    pending, done = client.get(place), client.get(place)

    assert client.post("/jobs?retry_after=7").headers["Retry-After"] == "7"
    assert pending.headers["Retry-After"] == "7"
    assert "Retry-After" not in done.headers


def test_a_job_can_be_cancelled(client):
    place = begin(client)

    assert client.delete(place).is_success
    assert 200 not in statuses(client, place, 5)


def test_each_job_goes_its_own_way(client):
    first, second = begin(client, "?polls=1"), begin(client, "?polls=2")

    assert first != second
    assert statuses(client, first, 2) == [202, 200]
    assert statuses(client, second, 3) == [202, 202, 200]


def test_a_job_belongs_to_its_router(client):
    place = begin(client)

    assert client_of(mockstatus.Router()).get(place).status_code == 404


def test_reset_forgets_the_jobs_of_the_host(router, client):
    place = begin(client)

    router.reset()

    assert client.get(place).status_code == 404


def test_leaving_an_activation_leaves_the_jobs_as_at_entry():
    router = mockstatus.Router()
    client = client_of(router)
    place = begin(client, "?polls=3")
    client.get(place)

    with mockstatus.activate(router):
        httpx.get("https://mock.local" + place)

    assert statuses(client, place, 3) == [202, 202, 200]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/jobs/nothing"), ("DELETE", "/jobs/nothing"), ("GET", "/jobs/nothing/result")]
)
def test_an_unknown_job_is_a_404(client, method, path):
    assert client.request(method, path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/jobs"), ("PUT", "/jobs"), ("POST", "/jobs/x"), ("PATCH", "/jobs/x"), ("PUT", "/jobs/x/result")],
)
def test_a_method_that_means_nothing_is_a_405_that_allows_others(client, method, path):
    response = client.request(method, path)

    assert response.status_code == 405
    assert method not in response.headers["Allow"].split(", ")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?polls=x", "polls"),
        ("?polls=-1", "polls"),
        ("?polls=", "polls"),
        ("?polls=%C2%B2", "polls"),
        ("?outcome=perhaps", "outcome"),
        ("?redirect=maybe", "redirect"),
        ("?retry_after=soon", "retry_after"),
        ("?delay=-1", "delay"),
        ("?fault=nothing", "fault"),
    ],
)
def test_what_cannot_be_read_is_a_400_problem_that_names_the_parameter(client, query, parameter):
    response = client.post("/jobs" + query)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["parameter"] == parameter


def test_the_controls_hold_for_jobs_too(router, client):
    client.post("/jobs?delay=2")
    assert router.clock.elapsed == 2

    with pytest.raises(httpx.ConnectError):
        client.post("/jobs?fault=connection_refused")


@pytest.mark.parametrize(
    ("name", "value"),
    [("location", "/elsewhere"), ("retry_after", "Sun, 22 Nov 2026 10:17:30 GMT"), ("retry_after", "7")],
)
def test_the_fields_that_a_request_asks_for_are_sent(client, name, value):
    response = client.post("/jobs", params={name: value})

    assert response.headers.get(name.replace("_", "-")) == value


def test_the_index_lists_the_jobs(client):
    assert {"/jobs", "/jobs/{id}"} <= set(client.get("/").json()["endpoints"])


def test_the_journal_says_how_a_job_stood(router, client):
    place = begin(client)
    assert place.rpartition("/")[2] in router.calls.last.note

    client.get(place)

    assert place.rpartition("/")[2] in router.calls.last.note


# --- styles, activations, clients -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "kind"),
    [
        ("documented", "application/json"),
        ("envelope", "application/json"),
        ("problem", "application/problem+json"),
        ("text", "text/plain; charset=utf-8"),
        ("empty", None),
    ],
)
def test_style_shapes_what_is_said_of_a_job_and_leaves_where_it_is(client, style, kind):
    accepted = client.post(f"/jobs?polls=1&retry_after=4&style={style}")
    place = accepted.headers["Location"]

    for response in (accepted, client.get(f"{place}?style={style}"), client.get(f"{place}?style={style}")):
        assert response.headers.get("Content-Type") == kind
        assert bool(response.content) == (style != "empty")
    assert (accepted.status_code, accepted.headers["Retry-After"]) == (202, "4")
    assert client.get(place).status_code == 200
    assert client.put(f"{place}?style={style}").headers["Allow"] == "GET, HEAD, DELETE"


def test_accept_chooses_the_style_of_an_error_and_not_of_news(client):
    headers = {"Accept": "application/problem+json, */*;q=0.1"}
    place = begin(client, "?polls=0&outcome=failed")

    assert client.get("/jobs/nothing", headers=headers).headers["Content-Type"] == "application/problem+json"
    assert client.get(place, headers=headers).headers["Content-Type"] == "application/problem+json"
    assert client.post("/jobs", headers=headers).json()["status"] == "accepted"


def test_head_says_how_a_job_stands_and_brings_nothing_on(client):
    place = begin(client, "?polls=1")

    assert [client.head(place).status_code for _ in range(3)] == [202, 202, 202]
    assert statuses(client, place, 2) == [202, 200]
    assert client.head(f"{place}/result").status_code == 200


def test_the_result_is_there_once_the_job_is_done_and_gone_when_it_is_cancelled(client):
    place = begin(client, "?polls=1")

    seen = [client.get(f"{place}/result").status_code]
    for ask in (client.get, client.delete):
        ask(place)
        seen.append(client.get(f"{place}/result").status_code)

    assert seen == [404, 200, 410]
    assert client.delete(place).status_code == 410


@pytest.mark.parametrize("door", DOORS)
def test_every_client_polls_to_the_end(door):
    with mockstatus.activate():
        call = DOORS[door]
        task = json.loads(call("https://mock.local/jobs?polls=2", "POST").text)["task_id"]

        assert [call(f"https://mock.local/jobs/{task}").status for _ in range(4)] == [202, 202, 200, 200]


def test_the_jobs_of_one_activation_are_not_seen_by_another():
    with mockstatus.activate():
        place = "https://mock.local" + httpx.post("https://mock.local/jobs", verify=False).headers["Location"]
        with mockstatus.activate():
            assert httpx.get(place, verify=False).status_code == 404
            inner = httpx.post("https://mock.local/jobs?polls=0", verify=False).headers["Location"]
            assert httpx.get("https://mock.local" + inner, verify=False).status_code == 200
        assert httpx.get(place, verify=False).status_code == 202
    with mockstatus.activate():
        assert httpx.get(place, verify=False).status_code == 404


def test_threads_that_begin_jobs_get_one_each():
    router = mockstatus.Router()
    places = []

    def work():
        client = client_of(router)
        places.extend(begin(client, "?polls=1") for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(places)) == len(places) == 320
    assert {tuple(statuses(client_of(router), place, 2)) for place in places[::10]} == {(202, 200)}


def test_a_gate_may_stand_before_the_jobs_of_the_host(router, client):
    router.rate_limit("https://mock.local/jobs/{id}", limit=1, per=10)
    place = begin(client)

    assert statuses(client, place, 2) == [202, 429]
    router.clock.advance(10)
    assert statuses(client, place, 1) == [202]
