"""A match and a new route take the same work however many routes there are, and nothing is read in vain."""

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import mockstatus
from mockstatus import Router, exactly, partial
from mockstatus.messages import Request, Timeouts
from mockstatus.routes import Route
from mockstatus.urls import target_uri
from tests.helpers import API, make_request

PACKAGE = str(Path(mockstatus.__file__).parent)
FEW, SOME, MANY = 10, 100, 5000


# --- measuring --------------------------------------------------------------------------------------------------------


def lines_run(function):
    """How many lines of the package a call runs: a measure of its work that is the same on every machine."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


# --- routes and requests ----------------------------------------------------------------------------------------------


def to(number, url="/x", **options):
    """A request, the number in all that may tell one from another."""
    url = url.format(number)
    return make_request("POST", url if "://" in url else API + url, **options)


def get(number):
    return to(number, f"/x?id={number}&page=1", headers={"X-Id": str(number), "Cookie": f"id={number}"}, content=b"{}")


def as_json(number):
    return to(number, content=json.dumps({"id": number, "kind": "job"}))


def as_form(number):
    return to(number, headers={"Content-Type": "application/x-www-form-urlencoded"}, content=f"id={number}&a=b")


MIXES = {
    # how one of many routes is defined, and a request that only this one of them fits
    "literal paths": (lambda router, n: router.post(f"/items/{n}/x"), lambda n: to(n, "/items/{}/x")),
    "literal hosts": (lambda router, n: router.post(f"https://h{n}.example/"), lambda n: to(n, "https://h{}.example/")),
    "templates": (lambda router, n: router.post(f"/items/{n}/{{part}}"), lambda n: to(n, "/items/{}/p")),
    "templates that differ at their end": (lambda router, n: router.post(f"/{{user}}/{n}"), lambda n: to(n, "/me/{}")),
    "rests of paths": (lambda router, n: router.post(f"/files{n}/{{rest:path}}"), lambda n: to(n, "/files{}/a/b")),
    "partly templated": (lambda router, n: router.post(f"/models/m{n}:{{verb}}"), lambda n: to(n, "/models/m{}:run")),
    "wildcard hosts": (
        lambda router, n: router.post(f"https://*.h{n}.example/"),
        lambda n: to(n, "https://a.h{}.example/"),
    ),
    "wildcards inside hosts": (
        lambda router, n: router.post(f"https://api-*.h{n}.example/"),
        lambda n: to(n, "https://api-1.h{}.example/"),
    ),
    "regular expressions": (
        lambda router, n: router.route("POST", re.compile(rf"/things/{n:05}/[a-z]+$")),
        lambda n: to(n, "/things/{:05}/abc"),
    ),
    "regular expressions that say how a URL begins": (
        lambda router, n: router.route("POST", re.compile(rf"^https://[^/]+/things/{n:05}/(png|jpg)")),
        lambda n: to(n, "/things/{:05}/png"),
    ),
    "regular expressions that say how a URL ends": (  # where a longer number would be found as well
        lambda router, n: router.route("POST", re.compile(rf"/things/{n:05}$")),
        lambda n: to(n, "/things/{:05}"),
    ),
    "regular expressions without a word of their own": (
        lambda router, n: router.route("POST", re.compile(rf"/things/a{n:05}\w")),
        lambda n: to(n, "/things/a{:05}b"),
    ),
    "regular expressions that only the parser can read": (
        lambda router, n: router.route("POST", re.compile(rf"/(?=t)(?:things/{n:05})/")),
        lambda n: to(n, "/things/{:05}/"),
    ),
    "queries in the URL": (lambda router, n: router.post(f"/x?id={n}&page=1"), get),
    "params": (lambda router, n: router.post("/x", params={"id": n}), get),
    "params beside the same for all": (lambda router, n: router.post("/x", params={"page": 1, "id": n}), get),
    "params that are exactly these": (lambda router, n: router.post("/x", params=exactly({"id": n, "page": str})), get),
    "params that are floats": (  # 7.0 may be sent as 7.0 and as 7
        lambda router, n: router.post("/x", params={"id": float(n)}),
        lambda n: to(n, f"/x?id={float(n)}"),
    ),
    "headers": (lambda router, n: router.post("/x", headers={"x-id": n}), get),
    "headers with commas": (  # which may also be two lines
        lambda router, n: router.post("/x", headers={"Accept": f"text/{n}, */*"}),
        lambda n: to(n, headers={"Accept": f"text/{n}, */*"}),
    ),
    "cookies": (lambda router, n: router.post("/x", cookies={"id": n}), get),
    "json": (lambda router, n: router.post("/x", json={"id": n, "kind": "job"}), as_json),
    "json as content": (lambda router, n: router.post("/x", content=json.dumps({"id": n, "kind": "job"})), as_json),
    "forms": (lambda router, n: router.post("/x", form={"id": n}), as_form),
    "partial json": (lambda router, n: router.post("/x", json=partial({"id": n})), as_json),
    "headers or json": (
        lambda router, n: router.post("/x", json={"id": n}) if n % 2 else router.post("/x", headers={"x-id": n}),
        lambda n: to(n, headers={"X-Id": str(n)}, content=json.dumps({"id": n})),
    ),
    "templates on one URL": (lambda router, n: router.post("/{name}", params={"id": n}), get),
    "everything": (lambda router, n: router.any(params={"id": n}), get),
    "regular expressions on one URL": (lambda router, n: router.route("POST", re.compile("/x"), params={"id": n}), get),
}
UNKNOWN = 10 * MANY  # a number that no route has


class Work(NamedTuple):
    """What is done in a router with a number of routes: lines run, and routes asked."""

    matches: tuple[int, ...]
    misses: int
    adding: int
    asked: int


def work(define, request_for, count):
    """What is done for matches, a miss and twenty more routes, all caches warm; and how many are asked for a match."""
    router = Router(API, hosts=(), history=100)
    routes = [define(router, number) for number in range(count)]
    asked = []

    def counting(route, request, fits=Route.fits):
        asked.append(route)
        return fits(route, request)

    matches = []
    for number in (0, FEW // 2, count - 2):
        for _ in range(2):
            lines = lines_run(lambda number=number: router.handle(request_for(number)))
        assert router.calls.last.route is routes[number]
        matches.append(lines)
    assert router.handle(request_for(UNKNOWN)) is None
    misses = lines_run(lambda: router.handle(request_for(UNKNOWN)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "fits", counting)
        router.handle(request_for(0))
    adding = lines_run(lambda: [define(router, number) for number in range(count, count + 20)])
    return Work(tuple(matches), misses, adding, len(asked))


# --- the cost of a match and of a route -------------------------------------------------------------------------------


@pytest.mark.parametrize(("define", "request_for"), MIXES.values(), ids=MIXES)
def test_the_work_of_a_match_of_a_miss_and_of_a_new_route_does_not_grow_with_the_number_of_routes(define, request_for):
    among_few, among_some, among_many = (work(define, request_for, count) for count in (FEW, SOME, MANY))

    assert among_few.asked <= FEW
    assert among_many.asked <= 4 * FEW
    assert max(among_many.matches) <= max(among_some.matches) * 1.5 + 50
    assert among_many.misses <= among_some.misses * 1.5 + 50
    assert among_many.adding <= among_some.adding * 1.2 + 100


def test_used_up_routes_cost_nothing_even_under_one_that_stays():
    def work_after(count):
        router = Router(API, hosts=(), history=100)
        router.get("/x")
        for _ in range(count):
            router.get("/x").limit(1)
        router.get("/x", where=lambda request: False)
        for _ in range(count):
            router.handle(make_request(url=f"{API}/x"))
        return lines_run(lambda: router.handle(make_request(url=f"{API}/x")))

    assert work_after(1000) <= work_after(100) * 1.2 + 20


def test_beginning_anew_does_not_take_ever_more_for_each_used_up_route():
    def work_of_a_reset(count):
        router = Router(API, hosts=(), history=100)
        for _ in range(count):
            router.get("/x").limit(1)
            router.handle(make_request(url=f"{API}/x"))
        return lines_run(router.reset)

    assert work_of_a_reset(1000) <= work_of_a_reset(100) * 11


# --- nothing is read before it is needed ------------------------------------------------------------------------------


def unread(*_):
    raise AssertionError("it was read, and no route needs it")


def test_headers_and_timeouts_are_not_read_for_routes_that_do_not_ask_for_them():
    router = Router(API)
    router.get("/x", params={"a": 1}, json={"b": 2}, content=b"{}")
    router.get("/{name}", params={"a": 1})
    request = Request("GET", target_uri("https", "api.example.com", 443, "/x?a=1"), unread, b"{}", "test", unread)

    assert router.handle(request) is not None


def test_headers_are_read_once_when_a_route_asks_for_them():
    read = []
    request = Request(
        "GET",
        target_uri("https", "api.example.com", 443, "/x"),
        lambda: read.append(1) or [("A", "1")],
        b"",
        "test",
        Timeouts(),
    )
    router = Router(API)
    for number in range(40):
        router.get("/x", headers={"a": number})

    assert router.handle(request) is not None
    assert read == [1]


class Undecodable(bytes):
    """A body that must not be decoded."""

    decode = startswith = unread


@pytest.mark.parametrize("others", [1, 40])
def test_the_body_is_not_parsed_for_routes_that_do_not_ask_for_it(others):
    router = Router(API)
    for number in range(others):
        router.post("/x", params={"a": number})
        router.post("/y", json={"a": number})
        router.post("/y", form={"a": number})
    request = Request(
        "POST", target_uri("https", "api.example.com", 443, "/x?a=0"), [], Undecodable(b"{}"), "test", Timeouts()
    )

    assert router.handle(request) is not None


def test_the_body_is_not_parsed_where_another_condition_already_says_no():
    router = Router(API)
    router.post("/x")
    router.post("/x", params={"a": 1}, json={"b": 1})
    request = Request(
        "POST", target_uri("https", "api.example.com", 443, "/x"), [], Undecodable(b"{}"), "test", Timeouts()
    )

    assert router.handle(request) is not None
