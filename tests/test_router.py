"""The router: how it is made, its verbs, which route wins, and going back: reset, clear, verify, and leaving."""

import re
from datetime import UTC, datetime

import httpx
import pytest

import mockstatus

API = "https://api.example.com"
URL = API + "/jobs"
VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "query", "trace")


@pytest.fixture
def router():
    return mockstatus.Router()


@pytest.fixture
def client(router):
    return client_of(router)


def client_of(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))


def statuses(client, count, url=URL):
    return [client.get(url).status_code for _ in range(count)]


# --- how it is made ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"base_url": "/api"}, mockstatus.InvalidRoute, "/api"),
        ({"base_url": "api.example.com"}, mockstatus.InvalidRoute, "api.example.com"),
        ({"base_url": "ftp://example.com"}, mockstatus.InvalidRoute, "ftp"),
        ({"base_url": API + "?a=1"}, mockstatus.InvalidRoute, "query"),
        ({"base_url": 5}, mockstatus.InvalidRoute, "5"),
        ({"hosts": "mock.local"}, mockstatus.InvalidSetting, "hosts='mock.local'"),
        ({"hosts": ["example.com"]}, mockstatus.InvalidSetting, "mock.local, free.mockerapi.com, httpbin.org"),
        ({"hosts": None}, mockstatus.InvalidSetting, "hosts=None"),
        ({"hosts": [["mock.local"]]}, mockstatus.InvalidSetting, "hosts="),
        ({"history": -1}, mockstatus.InvalidSetting, "history=-1"),
        ({"now": datetime(2026, 11, 22)}, mockstatus.InvalidSetting, "time zone"),
    ],
    ids=str,
)
def test_an_argument_that_makes_no_sense_is_refused_at_once(arguments, error, said):
    with pytest.raises(error, match=re.escape(said)):
        mockstatus.Router(**arguments)


def test_relative_urls_are_appended_to_the_base_url():
    router = mockstatus.Router(API + "/v1/")
    client = client_of(router)
    router.get("/jobs").respond(201)
    router.get("users").respond(202)
    router.get(API + "/v2/jobs").respond(203)

    assert client.get(API + "/v1/jobs").status_code == 201
    assert client.get(API + "/v1/users").status_code == 202
    assert client.get(API + "/v2/jobs").status_code == 203


def test_a_relative_url_without_a_base_url_is_refused_with_what_to_write(router):
    with pytest.raises(mockstatus.InvalidRoute) as caught:
        router.get("/jobs")

    for word in ("'/jobs'", "https://", "base_url="):
        assert word in str(caught.value)
    assert router.routes == ()


def test_a_router_shows_how_much_there_is_of_it():
    router = mockstatus.Router(API)
    router.get("/jobs")
    client = client_of(router)
    client.get(URL)
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.post(URL)

    assert repr(router) == f"<Router base_url='{API}' with 1 routes, 1 calls, 1 unmatched>"


# --- verbs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_makes_a_route_for_its_method_alone(router, client, verb):
    route = getattr(router, verb)(URL).respond(204)
    router.any(URL).limit(len(VERBS) - 1).respond(404)

    # the newer one is used up by the other methods, and the older one left for its own
    for method in VERBS:
        if method != verb:
            assert client.request(method.upper(), URL).status_code == 404
    assert client.request(verb.upper(), URL).status_code == 204
    assert route.call_count == 1


def test_any_fits_every_method_and_without_a_url_everything(router, client):
    router.any().respond(404)
    router.any(URL).respond(202)

    assert {client.request(verb.upper(), URL).status_code for verb in VERBS} == {202}
    assert {client.request(verb.upper(), "http://other:8080/x?y=1").status_code for verb in VERBS} == {404}


def test_route_takes_any_method_in_any_case(router, client):
    router.route("purge", URL).respond(204)

    assert client.request("PURGE", URL).status_code == 204


@pytest.mark.parametrize("method", [None, 5, "GE T", "GET\r\n", "Ä", b"GET"])
def test_a_method_that_is_none_is_refused_with_what_was_received(router, method):
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(repr(method))):
        router.route(method, URL)


@pytest.mark.parametrize("method", ["CONNECT", "connect"])
def test_connect_is_refused_with_the_reason(router, method):
    with pytest.raises(mockstatus.InvalidRoute, match="CONNECT is not answered"):
        router.route(method, URL)


# --- which route wins -------------------------------------------------------------------------------------------------


def test_the_newest_route_that_fits_wins(router, client):
    router.get(URL).respond(201)
    router.get(URL + "/{id}").respond(202)
    router.get(re.compile("jobs")).respond(203)
    assert statuses(client, 1) == [203]

    router.get(URL).respond(204)

    assert statuses(client, 1) == [204]
    assert statuses(client, 1, URL + "/7") == [203]


def test_routes_come_before_the_virtual_hosts(router, client):
    router.any().respond(418)

    assert statuses(client, 1, "https://mock.local/202") == [418]


def test_the_routes_are_listed_oldest_first(router):
    made = [router.get(f"{URL}/{number}") for number in range(3)]

    assert list(router.routes) == made


# --- verify and what is unmatched -------------------------------------------------------------------------------------


def miss(client, method="GET", url=URL):
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        client.request(method, url)
    return caught.value


def test_a_miss_is_remembered_until_it_is_accepted(router, client):
    first, second = miss(client), miss(client, "POST")

    assert list(router.unmatched) == [first, second]
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        router.verify()
    assert caught.value is first

    router.unmatched.clear()
    router.verify()


def test_the_first_miss_tells_in_its_notes_of_all_else_that_is_wrong(router, client):
    router.delete(URL).expect(2)
    first = miss(client)
    miss(client)
    miss(client)
    miss(client, "POST")

    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        router.verify()

    notes = "\n".join(caught.value.__notes__)
    assert caught.value is first
    assert "2 more like it" in notes
    assert f"POST {URL}" in notes
    assert "DELETE" in notes
    assert "expected twice, got no call" in notes


def test_verifying_twice_says_it_twice_and_notes_it_once(router, client):
    first = miss(client)
    miss(client, "POST")

    for _ in range(2):
        with pytest.raises(mockstatus.UnmatchedRequest):
            router.verify()

    assert len(first.__notes__) == len(set(first.__notes__))


def test_an_unmet_expectation_names_every_route_wanted_and_got(router, client):
    router.get(URL).expect(2)
    router.post(URL).expect()
    router.put(URL).expect(0)
    client.get(URL)

    with pytest.raises(mockstatus.UnmetExpectation) as caught:
        router.verify()

    text = str(caught.value)
    assert "2 routes" in text
    assert re.search(rf"GET {re.escape(URL)}.*expected twice, got one call", text)
    assert re.search(rf"POST {re.escape(URL)}.*expected at least once, got no call", text)
    assert "PUT" not in text


def test_expect_all_makes_once_or_more_the_rule():
    router = mockstatus.Router(expect_all=True)
    router.get(URL)
    router.post(URL).expect(0)
    with pytest.raises(mockstatus.UnmetExpectation, match="GET"):
        router.verify()

    client_of(router).get(URL)

    router.verify()


# --- reset and clear --------------------------------------------------------------------------------------------------


def test_reset_forgets_calls_and_misses_and_rewinds_all_that_moves(router, client):
    sequence = router.get(URL).respond(503).then(200)
    limited = router.get(URL + "/limited").limit(1)
    chance = router.get(URL + "/chance").flaky(0.5, 503)
    virtual = "https://mock.local/status/200,503"

    def everything():
        return (
            statuses(client, 3),
            statuses(client, 1, URL + "/limited"),
            statuses(client, 20, URL + "/chance"),
            statuses(client, 20, virtual),
        )

    first = everything()
    miss(client, url=URL + "/limited")
    router.reset()

    assert len(router.calls) == router.calls.dropped == sequence.call_count == limited.call_count == 0
    assert chance.call_count == 0
    assert list(router.unmatched) == []
    assert len(router.routes) == 3
    assert everything() == first


def test_reset_leaves_answers_limits_and_expectations_as_they_were_defined(router, client):
    route = router.get(URL).respond(503, times=2).then(200).limit(3).expect(3)

    router.reset()

    with pytest.raises(mockstatus.UnmetExpectation):
        router.verify()
    assert statuses(client, 3) == [503, 503, 200]
    assert route.answers == "503 x2, then 200, limit 3"
    router.verify()


def test_clear_forgets_routes_as_well(router, client):
    router.get(URL).expect(5)
    client.get(URL)
    miss(client, "POST")

    router.clear()

    assert router.routes == ()
    assert len(router.calls) == 0
    router.verify()
    miss(client)


def test_a_cleared_router_takes_new_routes(router, client):
    router.get(URL).respond(201)
    router.clear()

    router.get(URL).respond(202)

    assert statuses(client, 1) == [202]


# --- leaving an activation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        lambda router: router.get(URL).respond(404),
        lambda router: router.reset(),
        lambda router: router.clear(),
        lambda router: (router.clear(), router.get(URL).respond(404)),
        lambda router: (router.clear(), router.get(URL).respond(404), router.get(URL).respond(404)),
        lambda router: router.routes[0].respond(404).limit(1).expect(7),
        lambda router: router.routes[0].flaky(1, 404),
    ],
    ids=["add", "reset", "clear", "clear and add one", "clear and add two", "change", "chance"],
)
def test_a_router_stands_as_at_entry_whatever_was_done_to_it(inside):
    router = mockstatus.Router()
    route = router.get(URL).respond(201).then(202).then(203).then(200)
    client = client_of(router)
    assert statuses(client, 1) == [201]

    activation = mockstatus.activate(router)
    activation.start()
    inside(router)
    httpx.get("https://mock.local/200")
    try:
        activation.stop()
    except mockstatus.UnmetExpectation:
        pass  # of the one that was changed

    assert router.routes == (route,)
    assert statuses(client, 4) == [202, 203, 200, 200]


def test_the_calls_inside_leave_the_sequence_where_it_stood():
    router = mockstatus.Router()
    router.get(URL).respond(201).then(202).then(203)
    limited = router.get(URL + "/limited").limit(2)
    client = client_of(router)
    statuses(client, 1)

    for _ in range(2):
        with mockstatus.activate(router):
            assert [httpx.get(URL).status_code for _ in range(3)] == [202, 203, 203]
            assert [httpx.get(URL + "/limited").status_code for _ in range(2)] == [200, 200]

        assert limited.call_count == 2  # readable until the next entry

    assert statuses(client, 2) == [202, 203]


def test_the_seeded_choices_of_the_virtual_hosts_stand_as_at_entry():
    path = "https://mock.local/status/200-208?seed=4"
    expected = statuses(client_of(mockstatus.Router()), 20, path)
    router = mockstatus.Router()
    client = client_of(router)

    first = statuses(client, 10, path)
    with mockstatus.activate(router):
        inside = [httpx.get(path).status_code for _ in range(5)]
    after = statuses(client, 10, path)

    assert first + inside == expected[:15]
    assert first + after == expected


def test_the_clock_begins_at_each_entry():
    router = mockstatus.Router(now=datetime(2026, 11, 22, tzinfo=UTC))
    for _ in range(2):
        with mockstatus.activate(router):
            httpx.get("https://mock.local/delay/3", timeout=None)
            assert router.clock.elapsed == 3
