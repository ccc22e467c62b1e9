"""A router that is passed in stands afterwards as it stood at entry; its calls stay readable until the next one."""

from __future__ import annotations

import contextlib
import threading

import httpx
import pytest

import mockstatus
from tests.switching import ACCEPTED, API, nothing_left, status


@pytest.fixture
def router():
    return mockstatus.Router(base_url=API)


def answers(router, *paths):
    """The statuses that a router gives inside an activation of its own."""
    with mockstatus.activate(router):
        return [status(f"{API}{path}") for path in paths]


def is_missed(router, path):
    with mockstatus.activate(router):
        with pytest.raises(mockstatus.UnmatchedRequest):
            status(f"{API}{path}")
        router.unmatched.clear()
    return True


# --- what is gone, and what stands as before --------------------------------------------------------------------------


def test_routes_added_since_entry_are_gone(router):
    router.get("/kept").respond(401)
    with mockstatus.activate(router):
        router.get("/added").respond(403)
        router.get("/kept").respond(404)
        assert (status(f"{API}/added"), status(f"{API}/kept")) == (403, 404)

    assert len(router.routes) == 1
    assert answers(router, "/kept") == [401]
    assert is_missed(router, "/added")


@pytest.mark.parametrize(
    "change",
    [
        lambda route: route.respond(418),
        lambda route: route.then(418),
        lambda route: route.fail("connection_refused"),
        lambda route: route.then_fail("connection_refused"),
        lambda route: route.respond_with(lambda request: 418),
        lambda route: route.pass_through(),
        lambda route: route.limit(1),
        lambda route: route.expect(7),
        lambda route: route.flaky(1, 418),
    ],
    ids=["respond", "then", "fail", "then_fail", "respond_with", "pass_through", "limit", "expect", "flaky"],
)
def test_a_route_that_is_redefined_inside_stands_as_before(router, change):
    route = router.get("/me").respond(401).then(403)
    before = repr(route)
    with mockstatus.activate(router):
        change(route)
        router.clear()  # nor does forgetting it do any harm

    assert repr(route) == before
    assert answers(router, "/me", "/me", "/me") == [401, 403, 403]


def test_a_sequence_begins_where_it_stood_at_entry(router):
    router.get("/me").respond(401).then(403).then(404)

    assert answers(router, "/me", "/me") == [401, 403]
    assert answers(router, "/me", "/me", "/me") == [401, 403, 404]


def test_a_sequence_that_was_half_way_at_entry_is_half_way_again(router):
    """The first answer is taken through a transport that needs no activation."""
    router.get("/me").respond(401).then(403).then(404)
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router)) as client:
        assert client.get(f"{API}/me").status_code == 401

    assert answers(router, "/me", "/me") == [403, 404]
    assert answers(router, "/me", "/me") == [403, 404]


def test_a_limit_counts_from_where_it_stood_at_entry(router):
    router.get("/me").respond(401)
    router.get("/me").respond(403).limit(2)

    assert answers(router, "/me", "/me", "/me") == [403, 403, 401]
    assert answers(router, "/me", "/me", "/me") == [403, 403, 401]


def test_a_route_that_was_used_up_at_entry_is_used_up_again(router):
    router.get("/me").respond(401)
    used_up = router.get("/me").respond(403).limit(1)
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router)) as client:
        assert client.get(f"{API}/me").status_code == 403
    with mockstatus.activate(router):
        used_up.limit(5)
        assert status(f"{API}/me") == 403

    assert answers(router, "/me") == [401]


def test_a_seeded_choice_goes_on_from_where_it_stood_at_entry(router):
    router.get("/me").respond(200).flaky(0.5, 503, seed=7)

    first = answers(router, *["/me"] * 20)

    assert set(first) == {200, 503}
    assert answers(router, *["/me"] * 20) == first


def test_a_sequence_of_the_virtual_host_goes_on_from_where_it_stood_at_entry():
    router = mockstatus.Router()
    url = "https://mock.local/status/200-599?seed=7"

    def draw(count):
        with mockstatus.activate(router):
            return [status(url) for _ in range(count)]

    whole = draw(6)
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router)) as client:
        assert [client.get(url).status_code for _ in range(2)] == whole[:2]

    assert draw(4) == whole[2:]
    assert draw(4) == whole[2:]


def test_an_expectation_is_checked_for_each_entry_alone(router):
    router.get("/me").respond(401).expect(1)

    assert answers(router, "/me") == [401]
    with pytest.raises(mockstatus.UnmetExpectation, match="expected once, got no call"), mockstatus.activate(router):
        pass
    assert answers(router, "/me") == [401]


def test_an_expectation_made_inside_is_forgotten(router):
    route = router.get("/me").respond(401)
    with contextlib.suppress(mockstatus.UnmetExpectation), mockstatus.activate(router):
        route.expect(5)

    assert answers(router) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_it_is_restored_when_an_exception_leaves(router, error):
    router.get("/me").respond(401).then(403)
    with pytest.raises(error), mockstatus.activate(router):
        router.get("/added")
        status(f"{API}/me")
        raise error

    assert len(router.routes) == 1
    assert answers(router, "/me") == [401]


def test_clearing_it_inside_is_undone(router):
    router.get("/me").respond(401)
    with mockstatus.activate(router):
        router.clear()
        assert router.routes == ()

    assert answers(router, "/me") == [401]


def test_clearing_it_inside_and_adding_as_many_routes_is_undone(router):
    router.get("/me").respond(401)
    with mockstatus.activate(router):
        router.clear()
        router.get("/added").respond(403)
        assert status(f"{API}/added") == 403

    assert answers(router, "/me") == [401]
    assert is_missed(router, "/added")


def test_resetting_it_inside_is_undone(router):
    router.get("/me").respond(401).then(403)
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router)) as client:
        client.get(f"{API}/me")
    with mockstatus.activate(router):
        router.reset()
        assert status(f"{API}/me") == 401

    assert answers(router, "/me") == [403]


# --- the journal ------------------------------------------------------------------------------------------------------


def test_its_calls_stay_readable_until_the_next_entry(router):
    route = router.get("/me").respond(401)
    with mockstatus.activate(router):
        status(f"{API}/me")

    assert (len(router.calls), route.call_count, route.called) == (1, 1, True)
    assert route.calls.last.response.status == 401
    with mockstatus.activate(router):
        assert (len(router.calls), route.call_count, route.called) == (0, 0, False)


def test_the_calls_of_a_route_that_is_gone_stay_readable(router):
    with mockstatus.activate(router):
        route = router.get("/added").respond(403)
        status(f"{API}/added")

    assert route.call_count == 1
    assert router.calls.last.route is route


def test_its_misses_are_forgotten_at_the_next_entry(router):
    with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate(router):
        status(f"{API}/missed")

    assert len(router.unmatched) == 1
    with mockstatus.activate(router):
        assert list(router.unmatched) == []


def test_its_clock_begins_anew_at_each_entry(router):
    with mockstatus.activate(router):
        router.clock.advance(3600)
        assert router.clock.elapsed >= 3600
    with mockstatus.activate(router):
        assert router.clock.elapsed < 3600


# --- several entries open ---------------------------------------------------------------------------------------------


def test_it_is_restored_when_its_last_open_entry_ends(router):
    route = router.get("/me").respond(401)
    activation = mockstatus.activate(router)
    with activation:
        router.get("/outer").respond(403)
        with activation:
            router.get("/inner").respond(404)
            route.respond(418)
        assert [status(f"{API}{path}") for path in ("/outer", "/inner", "/me")] == [403, 404, 418]
        assert len(router.calls) == 3

    assert len(router.routes) == 1
    assert answers(router, "/me") == [401]


def test_an_inner_entry_keeps_calls_and_sequences_going(router):
    router.get("/me").respond(401).then(403)
    with mockstatus.activate(router):
        assert status(f"{API}/me") == 401
        with mockstatus.activate(router):
            assert status(f"{API}/me") == 403
            assert len(router.calls) == 2


def test_two_entries_left_in_the_order_they_were_entered_restore_it_at_the_end(router):
    router.get("/me").respond(401)
    first, second = mockstatus.activate(router), mockstatus.activate(router)
    first.start()
    second.start()
    router.get("/added").respond(403)
    first.stop()
    still_there = status(f"{API}/added")
    second.stop()

    assert still_there == 403
    assert len(router.routes) == 1


def test_it_is_restored_when_the_last_of_several_threads_leaves(router):
    router.get("/me").respond(401)
    activation = mockstatus.activate(router, scope="context")
    barrier = threading.Barrier(4, timeout=10)
    seen = []

    def work(number):
        with activation:
            router.get(f"/{number}").respond(500 + number)
            barrier.wait()
            seen.append([status(f"{API}/{other}") for other in range(4)])
            barrier.wait()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [[500, 501, 502, 503]] * 4
    assert len(router.routes) == 1
    assert answers(router, "/me") == [401]


def test_one_router_in_two_nested_activations_is_asked_once(router):
    asked = []
    router.get(ACCEPTED, where=lambda request: asked.append(request) or "not this one")
    with mockstatus.activate(router), mockstatus.activate(router):
        assert status(ACCEPTED) == 202  # of the virtual host, as the route does not fit

    assert len(asked) == 1
