"""Rate limits, and what all gates have in common: they come first, the oldest first, and can only refuse."""

import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from tests.helpers import API, deterministic
from tests.switching import DOORS, REAL, Server

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
ITEMS = f"{API}/items"


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API, timeout=None)


def statuses(client, count, url="/items", **sent):
    return [client.get(url, **sent).status_code for _ in range(count)]


# --- a limit ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_every_client_is_refused_beyond_the_limit(door):
    """With POST, because urllib3 waits for Retry-After and repeats a GET by itself."""
    with mockstatus.activate(mockstatus.Router(now=NOW)) as router:
        route = router.post(ITEMS)
        router.rate_limit(ITEMS, limit=2, per=60)

        seen = [DOORS[door](ITEMS, "POST").status for _ in range(4)]

    assert seen == [200, 200, 429, 429]
    assert route.call_count == 2


def test_a_refusal_says_how_long_to_wait_and_what_the_limit_is(router, client):
    router.get(ITEMS)
    router.rate_limit(ITEMS, limit=2, per=60)
    router.clock.advance(15.5)

    *passed, refused = [client.get("/items") for _ in range(3)]

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "45"
    assert refused.headers["RateLimit"] == '"default";r=0;t=45'
    assert refused.headers["RateLimit-Policy"] == '"default";q=2;w=60'
    assert not [name for name in refused.headers if name.startswith("x-")]
    assert refused.json() == client.get("https://mock.local/429").json()
    assert not [name for one in passed for name in one.headers if "ratelimit" in name]


def test_the_older_three_fields_are_sent_on_request(router, client):
    router.rate_limit(ITEMS, limit=1, per=30, x_headers=True)
    router.get(ITEMS)

    refused = [client.get("/items") for _ in range(2)][1]

    assert {name: value for name, value in refused.headers.items() if name.startswith("x-")} == {
        "x-ratelimit-limit": "1",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "30",
    }


def test_a_window_is_fixed_by_the_clock(router, client):
    """Not by the first request: it ends when it ends, and the next begins with the full number."""
    router.get(ITEMS)
    router.rate_limit(ITEMS, limit=3, per=10)

    router.clock.advance(9)
    late = statuses(client, 4)
    router.clock.advance(1)
    soon = statuses(client, 4)
    router.clock.advance(9.5)
    still = statuses(client, 1)
    router.clock.advance(20.5)
    later = statuses(client, 4)

    assert late == soon == later == [200, 200, 200, 429]
    assert still == [429]


@pytest.mark.parametrize(
    ("per", "at"), [(60, 0), (60, 59.9), (1, 0.25), (0.5, 0.1), (7.3, 3), (0.1, 0.05), (3600, 1799.2)]
)
def test_who_waits_as_long_as_told_is_let_through(router, client, per, at):
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=1, per=per)
    router.clock.advance(at)

    refused = [client.get("/items") for _ in range(2)][1]
    router.clock.advance(int(refused.headers["Retry-After"]))

    assert client.get("/items").status_code == 200
    assert limiter.violations == []


def test_small_waits_add_up(router, client):
    """A thousand waits of 0.01 are 10 seconds, whatever the sum of the floats is."""
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=1, per=10)
    statuses(client, 2)
    for _ in range(1000):
        router.clock.advance(0.01)

    assert client.get("/items").status_code == 200
    assert limiter.violations == []


@pytest.mark.parametrize("client_name", ["urllib3", "requests"])
def test_the_retries_of_a_client_wait_as_told(client_name):
    """urllib3's Retry reads Retry-After: its sleep moves the clock, and it comes through without a violation."""
    retry = urllib3.Retry(total=3, status_forcelist=[429], backoff_factor=0)
    with mockstatus.activate() as router:
        router.get(ITEMS)
        limiter = router.rate_limit(ITEMS, limit=1, per=60)
        if client_name == "urllib3":
            seen = [urllib3.PoolManager(retries=retry).request("GET", ITEMS).status for _ in range(3)]
        else:
            with requests.Session() as session:
                session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retry))
                seen = [session.get(ITEMS).status_code for _ in range(3)]

        assert seen == [200, 200, 200]
        assert [call.response.status for call in router.calls] == [200, 429, 200, 429, 200]
        assert limiter.violations == []
        assert router.clock.elapsed == pytest.approx(120, abs=2)


# --- who did not wait -------------------------------------------------------------------------------------------------


def test_who_comes_back_too_soon_is_listed_with_how_much(router, client):
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=1, per=10)

    statuses(client, 2)
    router.clock.advance(4)
    client.get("/items?again=1")
    router.clock.advance(5)
    client.get("/items")
    router.clock.advance(1)
    client.get("/items")

    assert [(one.at, one.early_by) for one in limiter.violations] == [(4.0, 6.0), (9.0, 1.0)]
    assert limiter.violations[0].request.url == f"{ITEMS}?again=1"


def test_it_is_a_violation_not_to_wait_as_told_though_the_window_is_over(router, client):
    """Retry-After is in whole seconds: 1, though the window is over in a fifth of one."""
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=1, per=10)
    router.clock.advance(9.8)
    statuses(client, 2)
    router.clock.advance(0.5)

    assert client.get("/items").status_code == 200
    assert [one.early_by for one in limiter.violations] == [pytest.approx(0.5)]


def test_a_key_gives_everybody_a_limit_and_violations_of_their_own(router, client):
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=2, per=60, key=lambda request: request.headers.get("X-Api-Key", ""))

    ann = statuses(client, 3, headers={"X-Api-Key": "ann"})
    bob = statuses(client, 2, headers={"X-Api-Key": "bob"})
    nobody = statuses(client, 2)
    statuses(client, 1, headers={"X-Api-Key": "ann"})

    assert (ann, bob, nobody) == ([200, 200, 429], [200, 200], [200, 200])
    assert [one.request.headers["X-Api-Key"] for one in limiter.violations] == ["ann"]


def test_the_url_of_a_gate_is_read_as_that_of_a_route(router, client):
    router.any()
    router.rate_limit(f"{API}/users/{{user}}/items", limit=1, per=60)

    assert [
        client.get(url).status_code for url in ("/users/1/items", "/users/2/items", "/users", "/users/3/items")
    ] == [
        200,
        429,
        200,
        429,
    ]


def test_without_a_url_a_gate_is_before_everything(router, client):
    router.rate_limit(limit=2, per=60)
    router.get(ITEMS)

    assert client.get("/items").status_code == 200
    assert client.get("https://mock.local/204").status_code == 204
    assert client.get("https://anything.example.org/").status_code == 429


@pytest.mark.parametrize(
    "arguments",
    [
        *({"limit": value, "per": 60} for value in (0, -1, 1.5, True, "3", None)),
        *({"limit": 3, "per": value} for value in (0, -1, float("inf"), float("nan"), True, "60", None)),
    ],
)
def test_a_limit_that_is_none_is_refused(router, arguments):
    with pytest.raises(mockstatus.InvalidRoute, match="rate_limit"):
        router.rate_limit(ITEMS, **arguments)

    assert not router.gates


# --- gates ------------------------------------------------------------------------------------------------------------


def test_a_gate_comes_before_all_routes_whenever_they_are_written(router, client):
    router.get(ITEMS).respond(200)
    router.protect(ITEMS, bearer="t")
    router.get(ITEMS).respond(204)

    assert client.get("/items").status_code == 401
    assert client.get("/items", headers={"Authorization": "Bearer t"}).status_code == 204


@pytest.mark.parametrize("limit_first", [True, False])
def test_the_oldest_gate_is_asked_first(router, client, limit_first):
    """A limit before the credentials counts who has none; behind them it does not."""
    router.get(ITEMS)
    if limit_first:
        router.rate_limit(ITEMS, limit=2, per=60)
        router.protect(ITEMS, bearer="t")
    else:
        router.protect(ITEMS, bearer="t")
        router.rate_limit(ITEMS, limit=2, per=60)

    strangers = statuses(client, 3)
    known = statuses(client, 3, headers={"Authorization": "Bearer t"})

    assert strangers == ([401, 401, 429] if limit_first else [401, 401, 401])
    assert known == ([429, 429, 429] if limit_first else [200, 200, 429])


def test_a_gate_is_no_route_a_request_that_it_lets_through_may_be_a_miss(router, client):
    router.rate_limit(ITEMS, limit=5, per=60)

    with pytest.raises(mockstatus.UnmatchedRequest):
        client.get("/items")


def test_a_refusal_is_in_the_journal_of_the_gates_router_without_a_route(router, client):
    router.get(ITEMS)
    router.rate_limit(ITEMS, limit=1, per=60)
    statuses(client, 2)

    call = router.calls.last
    assert (call.response.status, call.route) == (429, None)
    assert call.note == "refused by rate_limit(limit=1, per=60)"


def test_a_gate_is_before_requests_that_are_let_through_to_the_network():
    with Server() as server, mockstatus.activate(network="localhost") as router:
        router.rate_limit(f"{server.url}/items", limit=1, per=60)
        seen = [DOORS["requests"](f"{server.url}/items") for _ in range(2)]

    assert seen[0] == REAL
    assert seen[1].status == 429
    assert len(server.received) == 1


def test_gates_of_outer_activations_are_met_too_the_oldest_of_all_first():
    with mockstatus.activate() as outer:
        limiter = outer.rate_limit(ITEMS, limit=2, per=60)
        with mockstatus.activate() as inner:
            inner.get(ITEMS)
            inner.protect(ITEMS, bearer="t")
            seen = [requests.get(ITEMS).status_code for _ in range(3)]
            assert [call.response.status for call in inner.calls] == [401, 401]
            assert [call.response.status for call in outer.calls] == [429]
        outer.get(ITEMS)
        assert requests.get(ITEMS).status_code == 429

    assert seen == [401, 401, 429]
    assert len(limiter.violations) == 1


def test_a_gate_of_an_inner_activation_is_before_the_routes_of_the_outer():
    with mockstatus.activate() as outer:
        outer.get(ITEMS)
        with mockstatus.activate() as inner:
            inner.protect(ITEMS, bearer="t")
            assert requests.get(ITEMS).status_code == 401
        assert requests.get(ITEMS).status_code == 200


# --- going back -------------------------------------------------------------------------------------------------------


def test_reset_begins_limits_anew(router, client):
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=1, per=60)
    statuses(client, 3)

    router.reset()

    assert limiter.violations == []
    assert statuses(client, 2) == [200, 429]


def test_clear_forgets_gates(router, client):
    router.rate_limit(limit=1, per=60)
    router.clear()
    router.get(ITEMS)

    assert statuses(client, 3) == [200, 200, 200]


def test_leaving_an_activation_leaves_limits_as_at_entry():
    router = mockstatus.Router(now=NOW)
    router.get(ITEMS)
    limiter = router.rate_limit(ITEMS, limit=3, per=60)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API)
    statuses(client, 1)

    with mockstatus.activate(router):
        router.protect(ITEMS, bearer="t")
        seen = [httpx.get(ITEMS, headers={"Authorization": "Bearer t"}, verify=False).status_code for _ in range(4)]
        assert len(limiter.violations) == 1

    assert seen == [200, 200, 429, 429]
    assert limiter.violations == []
    assert statuses(client, 3) == [200, 200, 429]


# --- many at once, any history ----------------------------------------------------------------------------------------


def test_a_clock_that_begins_again_begins_a_new_window(router, client):
    """As it does at the entry of a router that was used before, and nobody is told to wait for the rest of an old one."""
    router.get(ITEMS).respond(200)
    limiter = router.rate_limit(ITEMS, limit=1, per=10)
    with mockstatus.activate(router):
        pass
    router.clock.advance(104)
    statuses = [client.get("/items").status_code for _ in range(2)]
    assert statuses == [200, 429]

    with mockstatus.activate(router):
        inside = [httpx.get(ITEMS) for _ in range(2)]
    after = client.get("/items")

    assert [response.status_code for response in inside] == [200, 429]
    assert inside[1].headers["Retry-After"] == "10"
    assert after.status_code == 200
    assert limiter.violations == []


def test_however_many_come_at_once_so_many_are_let_through():
    with mockstatus.activate(mockstatus.Router(now=NOW)) as router:
        route = router.get(ITEMS)
        router.rate_limit(ITEMS, limit=100, per=60, key=lambda request: request.query["who"])
        seen = []

        def ask(number):
            with requests.Session() as session:
                seen.extend((number % 2, session.get(f"{ITEMS}?who={number % 2}").status_code) for _ in range(30))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [seen.count((who, 200)) for who in (0, 1)] == [100, 100]
    assert [seen.count((who, 429)) for who in (0, 1)] == [140, 140]
    assert route.call_count == 200


@deterministic
@given(
    limit=st.integers(1, 4),
    per=st.sampled_from([1, 2.5, 10]),
    waits=st.lists(st.sampled_from([0, 0.1, 0.5, 1, 2.5, 7]), max_size=40),
)
def test_every_history_of_a_limit_is_that_of_the_model(limit, per, waits):
    """At most ``limit`` in a window, never fewer while somebody asks."""
    router = mockstatus.Router(now=NOW, hosts=())
    router.get(ITEMS)
    router.rate_limit(ITEMS, limit=limit, per=per)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))
    used, tenths = {}, 0

    for wait in waits:
        router.clock.advance(wait)
        tenths += round(wait * 10)
        window = tenths // round(per * 10)
        expected = 200 if used.get(window, 0) < limit else 429
        used[window] = used.get(window, 0) + 1
        assert client.get(ITEMS).status_code == expected


def test_code_that_reads_the_headers_gets_through_in_virtual_time():
    """The clock of the code under test is the one that the limit goes by."""
    with mockstatus.activate(time="virtual") as router:
        router.get(ITEMS)
        limiter = router.rate_limit(ITEMS, limit=5, per=60)
        answered = 0
        while answered < 20:
            response = requests.get(ITEMS)
            if response.status_code == 429:
                time.sleep(int(response.headers["Retry-After"]))
            else:
                answered += 1

        assert limiter.violations == []
        assert router.clock.elapsed == pytest.approx(180, abs=1)
