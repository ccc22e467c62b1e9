"""Which routes are named when nothing fits, in which order, with what; and what finding them costs and must not do."""

from __future__ import annotations

import re
import time

import pytest

import mockstatus
from mockstatus import Router, partial
from mockstatus.closeness import closest_routes, compare
from mockstatus.diagnosis import unmatched
from mockstatus.dispatch import make_view
from tests.helpers import API, make_request

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def router():
    return Router(API)


def miss(router: Router, method: str = "GET", path: str = "/", **options) -> mockstatus.UnmatchedRequest:
    """The error of a request that nothing fits."""
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        make_view(router, "block", "instant").offer(make_request(method, API + path, **options))
    return caught.value


def named(router: Router, request) -> list[str]:
    """The routes that are named, best first."""
    return [near.route.description for near in closest_routes(request, router.routes[::-1])]


# --- which are close --------------------------------------------------------------------------------------------------

RANKS = {
    "another body is closer than another host": (
        lambda router: (router.post("https://b.example.com/x", json={"a": 1}), router.post("/x", json={"a": 2})),
        make_request("POST", API + "/x", headers=JSON, content='{"a": 1}'),
    ),
    "ten headers that differ are closer than another host": (
        lambda router: (
            router.get("https://b.example.com/x"),
            router.get("/x", headers={f"X-{number}": "1" for number in range(10)}),
        ),
        make_request("GET", API + "/x"),
    ),
    "a slash is closer than another word": (
        lambda router: (router.get("/userz"), router.get("/users/")),
        make_request("GET", API + "/users"),
    ),
    "another method is closer than another path": (
        lambda router: (router.get("/orders"), router.post("/users")),
        make_request("GET", API + "/users"),
    ),
    "a header that differs is closer than another method": (
        lambda router: (router.post("/users"), router.get("/users", headers={"X": "1"})),
        make_request("GET", API + "/users"),
    ),
    "one field of JSON that differs is closer than three": (
        lambda router: (
            router.post("/x", json={"a": 9, "b": 9, "c": 9}),
            router.post("/x", json={"a": 1, "b": 2, "c": 9}),
        ),
        make_request("POST", API + "/x", content='{"a": 1, "b": 2, "c": 3}'),
    ),
    "one parameter that differs is closer than two": (
        lambda router: (router.get("/x", params={"a": 2, "b": 2}), router.get("/x", params={"a": 1, "b": 2})),
        make_request("GET", API + "/x?a=1&b=1"),
    ),
    "a template of the same shape is closer than a longer path": (
        lambda router: (router.get("/users/{id}/orders/{order}"), router.get("/users/{id}/order")),
        make_request("GET", API + "/users/7/orders"),
    ),
    "another port of the same host is closer than another host": (
        lambda router: (router.get("https://b.example.com/x"), router.get("https://api.example.com:8443/x")),
        make_request("GET", API + "/x"),
    ),
    "of two alike, the newer": (
        lambda router: (router.get("/x", params={"a": 1}), router.get("/x", params={"a": 2})),
        make_request("GET", API + "/x?a=3"),
    ),
}


@pytest.mark.parametrize(("define", "request_"), RANKS.values(), ids=RANKS)
def test_the_closest_route_is_named_first(router, define, request_):
    """Each situation defines the farther route first, and the closest last."""
    routes = define(router)

    assert named(router, request_)[0] == routes[-1].description


@pytest.mark.parametrize(("define", "request_"), RANKS.values(), ids=RANKS)
def test_it_does_not_matter_in_which_order_they_are_defined(define, request_):
    """Except for two that are equally far."""
    router = Router(API)
    routes = define(router)
    closest = closest_routes(request_, list(routes))

    assert [near.cost for near in closest] == sorted(near.cost for near in closest)
    if closest[0].cost != closest[1].cost:
        assert closest[0].route is routes[-1]


def test_three_are_named(router):
    """More would hide the one that was meant."""
    for number in range(10):
        router.get(f"/{number}")

    assert len(named(router, make_request("GET", API + "/x"))) == 3
    assert "The closest of 10 routes:" in str(miss(router, path="/x"))


def test_every_field_that_differs_is_named_and_no_other(router):
    """Method, scheme, host, port, path, and everything that is asked for besides."""
    route = router.post(
        "http://b.example.com:8080/y",
        params={"a": 1, "b": 2},
        headers={"X-A": "1", "X-B": "2"},
        cookies={"c": "1", "d": "2"},
        json={"size": 3},
    )
    request = make_request(
        "PUT", API + "/x?a=1&b=3", headers={"X-A": "1", "X-B": "3", "Cookie": "c=1; d=3"}, content='{"size": 4}'
    )

    fields = [difference.field for difference in compare(request, route).differences]

    assert fields == ["method", "scheme", "host", "path", "params['b']", "headers['x-b']", "cookies['d']", "json"]


def test_routes_of_enclosing_activations_are_named_as_well():
    """They are asked too."""
    outer, inner = Router(API), Router(API)
    outer.get("/users/")
    inner.get("/something/else/altogether")

    error = unmatched(make_request("GET", API + "/users"), [inner, outer])

    assert "1. GET https://api.example.com/users/ " in str(error)


def test_the_error_has_the_request(router):
    """As a value."""
    assert miss(router, "POST", "/x", content="abc").request.content == b"abc"


# --- among very many --------------------------------------------------------------------------------------------------

MANY = {
    "a slip in one segment": (lambda n: {"url": f"/items/{n}"}, "GET", "/itmes/4711", {}, "/items/4711"),
    "a slip in a word": (lambda n: {"url": f"/items-{n}-all"}, "GET", "/items-4711-al", {}, "/items-4711-all"),
    "a slash too many": (lambda n: {"url": f"/items/{n}"}, "GET", "/items/4711/", {}, "/items/4711"),
    "another case": (lambda n: {"url": f"/Items/{n}"}, "GET", "/items/4711", {}, "/Items/4711"),
    "another method": (lambda n: {"url": f"/items/{n}"}, "DELETE", "/items/4711", {}, "/items/4711"),
    "a template": (
        lambda n: {"url": f"/items{n}/{{id}}/view"},
        "GET",
        "/items4711/7/views",
        {},
        "/items4711/{id}/view",
    ),
    "an expression": (
        lambda n: {"url": re.compile(rf"https://api\.example\.com/items/{n}\?all$")},
        "GET",
        "/items/4711?al",
        {},
        r"/items/4711\?all$",
    ),
    "a host": (
        lambda n: {"url": f"https://h{n}.example.com/x"},
        "GET",
        "https://h4711.example.com/y",
        {},
        "//h4711.ex",
    ),
    "a query": (lambda n: {"url": "/items", "params": {"n": n, "m": 1}}, "GET", "/items?n=9711&m=2", {}, "'n': 9711"),
    "JSON": (
        lambda n: {"url": "/items", "json": {"n": n, "m": 1}},
        "GET",
        "/items",
        {"content": '{"n": 9711, "m": 2}'},
        "'n': 9711",
    ),
}


@pytest.mark.parametrize(("route", "method", "url", "options", "closest"), MANY.values(), ids=MANY)
def test_the_closest_of_ten_thousand_is_found(router, route, method, url, options, closest):
    """Though not every field of every route is compared."""
    for number in range(10_000):
        router.get(**route(number))
    request = make_request(method, url if "://" in url else API + url, **options)

    assert closest in named(router, request)[0]


def test_a_miss_among_ten_thousand_takes_at_most_twenty_milliseconds(router):
    """Of the processor's time, with the whole text; the best of a few, for others work on the machine too."""
    for number in range(10_000):
        router.get(f"/items/{number}", params={"page": number}, headers={"X": "1"})
    request = make_request("GET", API + "/itmes/4711?page=3")
    times = []
    for _ in range(7):
        before = time.thread_time()
        str(unmatched(request, [router]))
        times.append(time.thread_time() - before)

    assert min(times) < 0.020


# --- users' own functions ---------------------------------------------------------------------------------------------


def test_where_is_asked_with_the_path_params_of_its_own_route(router):
    """And the request has those of no route afterwards."""
    seen = []
    router.get("/users/{id}", where=lambda request: seen.append(dict(request.path_params)) or "not this one")
    router.get("/users/{name}", headers={"X": "1"})
    error = miss(router, path="/users/7")

    assert seen[-1] == {"id": "7"}
    assert "where: not this one" in str(error)


def test_where_is_not_asked_about_requests_to_another_url(router):
    """It may rely on what the rest of its route asks for."""
    router.get("/users/{id}", where=lambda request: 1 / 0)

    assert "ZeroDivisionError" not in str(miss(router, path="/user/7"))


def test_a_function_that_raises_in_the_search_does_not_hide_the_miss(router):
    """It was never asked on the way of the match: its route is for another URL."""

    def fails(value):
        raise KeyError(value)

    router.get("/a", json={"x": 2, "y": fails})
    router.get("/a", params={"q": fails})

    text = str(miss(router, "GET", "/b?q=1", content='{"x": 1, "y": 2}'))

    assert "params: raised KeyError('1')" in text
    assert "json: $.x: expected 2, received 1" in text
    assert "fails accepts, which raised KeyError(2) for 2" in text


def test_a_value_whose_repr_fails_does_not_hide_the_miss(router):
    """It is named."""

    class Broken:
        def __eq__(self, other):
            return False

        def __repr__(self):
            raise ValueError("no")

    router.get("/a", params={"q": Broken()})
    router.post("/a", json={"q": Broken()})

    assert "<Broken, whose repr raises ValueError>" in str(miss(router, path="/a?q=1"))
    assert "$.q: expected <Broken, whose repr raises ValueError>" in str(miss(router, "POST", "/a", content='{"q": 1}'))


def test_a_body_that_is_nested_very_deep_is_shown(router):
    """As far as it goes."""
    deep = "[" * 400 + "1" + "]" * 400
    router.post("/a", json=partial({"a": 1}))

    assert "received" in str(miss(router, "POST", "/a", content=deep))


def test_nothing_is_searched_on_the_way_of_a_match(router, monkeypatch):
    """The search for the closest is for misses."""
    monkeypatch.setattr("mockstatus.dispatch.unmatched", lambda *_: pytest.fail("searched"))
    router.get("/b")
    router.get("/a")

    make_view(router, "block", "instant").offer(make_request("GET", API + "/b"))


def test_a_search_changes_nothing(router):
    """Neither sequences nor counts, nor the request."""
    route = router.get("/a", params={"x": 1}).respond(201).then(202)
    request = make_request("GET", API + "/a")
    before = request.path_params

    unmatched(request, [router])

    assert request.path_params is before
    assert route.call_count == 0
    assert make_view(router, "block", "instant").offer(make_request("GET", API + "/a?x=1")).status == 201
