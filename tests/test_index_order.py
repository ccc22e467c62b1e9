"""Which of several routes answers, and that none is lost: the newest that fits, whatever its kind."""

import re

import pytest

from mockstatus import Router
from tests.helpers import API, make_request


def get(url, **options):
    return make_request(url=url if url.startswith("http") else API + url, **options)


@pytest.mark.parametrize("count", [1, 40])
def test_the_newest_route_that_fits_answers_whatever_its_kind(count):
    kinds = [
        {"url": f"{API}/users/7"},
        {"url": f"{API}/users/{{id}}"},
        {"url": f"{API}/{{rest:path}}"},
        {"url": f"{API}/us{{rest}}/7"},
        {"url": "https://*.example.com/users/7"},
        {"url": "https://*.example.com/users/{id}"},
        {"url": re.compile("users/7")},
        {"url": None},
        {"url": f"{API}/users/7", "params": {"a": "1"}},
        {"url": f"{API}/users/7?a=1"},
    ]
    for newest in kinds:
        router = Router()
        for _ in range(count):
            for kind in kinds:
                router.any(**kind)
        expected = router.get(**newest)

        router.handle(get("/users/7?a=1"))

        assert router.calls.last.route is expected


def test_a_route_that_is_used_up_lets_the_next_older_one_answer():
    router = Router(API)
    for status in (201, 202, 203):
        router.get("/x").respond(status).limit(2)

    answers = [router.handle(get("/x")) for _ in range(7)]

    assert [answer and answer.status for answer in answers] == [203, 203, 202, 202, 201, 201, None]


@pytest.mark.parametrize("url", ["/x", "/{name}", re.compile("/x")])
def test_a_limit_that_is_raised_after_it_was_reached_lets_the_route_fit_again_in_its_old_place(url):
    router = Router(API)
    older, route = router.get("/x"), router.get(url).limit(1)
    newer = router.get("/x").limit(2)
    for _ in range(4):
        router.handle(get("/x"))

    route.limit(2)
    newer.limit(3)
    answered = [router.handle(get("/x")) and router.calls.last.route for _ in range(6)]

    assert answered.index(newer) < answered.index(route) < answered.index(older)


def add_others(router, count):
    """Add routes that fit no request of these tests."""
    for number in range(count):
        router.get("/x", params={"unlikely": number})


@pytest.mark.parametrize("others", [0, 5, 14, 15, 16, 40])
def test_a_used_up_route_is_found_again_however_many_were_added_since(others):
    """From some number of routes on they are filed by what they ask; one that was used up then is no exception."""
    router = Router(API)
    add_others(router, 10)
    route = router.get("/x").limit(1)
    assert router.handle(get("/x")) is not None
    assert router.handle(get("/x")) is None
    add_others(router, others)

    router.reset()

    assert router.handle(get("/x")) is not None
    assert router.calls.last.route is route


@pytest.mark.parametrize("others", [0, 40])
def test_a_deeply_nested_body_is_no_obstacle_to_the_routes_that_ask_for_other_json(others):
    """Of a depth that the JSON decoder itself reads."""
    nested = '{"a":' * 480 + "1" + "}" * 480
    router = Router(API)
    expected = router.post("/x")
    for number in range(others):
        router.post("/x", json={"number": number})

    router.handle(make_request("POST", f"{API}/x", content=nested))

    assert router.calls.last.route is expected


def test_a_route_is_asked_once_even_if_the_request_repeats_what_it_is_filed_under():
    asked_for = []
    router = Router(API)
    router.get("/x", params={"a": "1"}, where=asked_for.append)
    for number in range(40):
        router.get("/x", params={"b": number})

    router.handle(get("/x?" + "&".join(["a=1"] * 10)))

    assert len(asked_for) == 1


@pytest.mark.parametrize(
    ("define", "url"),
    [
        (lambda router, n: router.get("/x", params={"sort": "name", "id": n}), "/x?sort=name&id={}"),
        (lambda router, n: router.route("GET", re.compile(rf"^https://[^/]+/items/{n}/x$")), "/items/{}/x"),
        (lambda router, n: router.route("GET", re.compile(rf"/items/{n}/x/list")), "/items/{}/x/list"),
    ],
)
def test_no_route_is_filed_by_what_it_has_in_common_with_others(define, url):
    """Or it would be asked about every request."""
    router = Router(API)
    routes = [define(router, number) for number in range(1000, 1040)]

    for route, number in zip(routes, range(1000, 1040), strict=True):
        assert list(router._index.newest_first(get(url.format(number)))) == [route]


def test_a_walk_goes_on_to_the_older_routes_when_those_it_stands_on_are_taken_out():
    """As happens where another thread uses up a limit: in a router with many routes, from several chains at once."""
    router = Router(API)
    add_others(router, 40)
    routes = [router.get("/x", params={name: "1"} if number % 3 else None) for number, name in enumerate("abcabc")]
    request = get("/x?a=1&b=1&c=1")
    found = []

    for route in router._index.newest_first(request):
        found.append(route)
        route.limit(1)
        router.handle(request)

    assert found == routes[::-1]
    assert list(router._index.newest_first(request)) == []


def test_routes_of_one_router_are_found_again_after_all_are_forgotten():
    router = Router(API)
    for number in range(40):
        router.get("/x", params={"n": number})
    router.clear()

    assert router.handle(get("/x?n=1")) is None

    router.get("/x", params={"n": 1})

    assert router.handle(get("/x?n=1")) is not None


def test_a_spent_route_is_not_asked_any_more():
    asked = []
    router = Router(API)
    router.get("/x", where=lambda request: asked.append(request.method) or True).limit(1)

    answers = [router.handle(make_request(url=f"{API}/x")) for _ in range(3)]

    assert [answer is None for answer in answers] == [False, True, True]
    assert asked == ["GET"]
