"""Who is asked, in which order: routes, innermost and newest first, then virtual hosts, then ``network``."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mockstatus
from mockstatus import Router, exactly, partial
from mockstatus.dispatch import View, make_view
from mockstatus.errors import InvalidSetting
from mockstatus.messages import PASS_THROUGH, Request
from mockstatus.policy import Policy
from tests.helpers import deterministic, make_request

# --- a naive list against the index -----------------------------------------------------------------------------------

# What each route asks for is written twice: as a user writes it, and as the plainest Python that says the same.
A, B = "https://api.example.com", "https://b.example.com"
URLS = {
    f"{A}/users/7": lambda url: url == f"{A}/users/7",
    f"{A}/users/8": lambda url: url == f"{A}/users/8",
    f"{A}/": lambda url: url == f"{A}/",
    f"{B}/users/7": lambda url: url == f"{B}/users/7",
    "https://mock.local/202": lambda url: url == "https://mock.local/202",
    f"{A}/users/{{id}}": lambda url: re.fullmatch(f"{A}/users/[^/]+", url),
    f"{A}/{{kind}}/7": lambda url: re.fullmatch(f"{A}/[^/]+/7", url),
    f"{A}/{{rest:path}}": lambda url: url.startswith(f"{A}/"),
    f"{A}/users/{{rest:path}}": lambda url: url.startswith(f"{A}/users/"),
    f"{A}/u{{x}}s/7": lambda url: re.fullmatch(f"{A}/u[^/]+s/7", url),
    "https://*.example.com/users/7": lambda url: re.fullmatch(r"https://[^/]+\.example\.com/users/7", url),
    "https://*/users/{id}": lambda url: re.fullmatch(r"https://[^/]+/users/[^/]+", url),
    "https://a*.example.com/users/8": lambda url: re.fullmatch(r"https://a[^/]+\.example\.com/users/8", url),
    re.compile(r"users/\d$"): lambda url: re.search(r"users/\d$", url),
    re.compile(r"users/7"): lambda url: "users/7" in url,
    re.compile(r"(?i)USERS"): lambda url: "users" in url.lower(),
    None: lambda url: True,
}
ASKED = {
    "nothing": ({}, lambda query, headers, body: True),
    "a=1": ({"params": {"a": 1}}, lambda query, headers, body: ("a", "1") in query),
    "no a": ({"params": {"a": None}}, lambda query, headers, body: all(name != "a" for name, _ in query)),
    "exactly a=1": ({"params": exactly({"a": "1"})}, lambda query, headers, body: query == [("a", "1")]),
    "a twice": (
        {"params": {"a": ["1", "2"]}},
        lambda query, headers, body: [value for name, value in query if name == "a"] == ["1", "2"],
    ),
    "x-a": ({"headers": {"x-a": "1"}}, lambda query, headers, body: headers.get("X-A") == "1"),
    "x-a like": ({"headers": {"X-A": re.compile("[12]")}}, lambda query, headers, body: headers["X-A"] in ("1", "2")),
    "json": ({"json": {"n": 1}}, lambda query, headers, body: body == b'{"n": 1}'),
    "partial json": ({"json": partial({"n": 1})}, lambda query, headers, body: b'"n": 1' in body),
    "content": ({"content": b"abc"}, lambda query, headers, body: body == b"abc"),
    "where": (
        {"where": lambda request: request.content != b""},
        lambda query, headers, body: body != b"",
    ),
}
REQUESTED = [
    f"{A}/users/7",
    f"{A}/users/8",
    f"{A}/users/7/8",
    f"{A}/",
    f"{A}/users/",
    f"{B}/users/7",
    "https://mock.local/202",
]
QUERIES = ["", "a=1", "a=2", "a=1&a=2", "b=1&a=1"]
BODIES = [b"", b'{"n": 1}', b'{"m": 2, "n": 1}', b"abc"]


class Naive(NamedTuple):
    """A route of the naive list."""

    place: tuple[int, int]  # router and number
    method: str
    url: object
    asked: str
    limit: int | None

    def fits(self, method: str, url: str, query: str, headers: dict[str, str], body: bytes) -> bool:
        pairs = [tuple(piece.split("=")) for piece in query.split("&") if piece]
        whole = f"{url}?{query}" if query and isinstance(self.url, re.Pattern) else url
        return (
            self.method in ("", method)
            and bool(URLS[self.url](whole))
            and bool(ASKED[self.asked][1](pairs, {"X-A": "", **headers}, body))
        )


ROUTES = st.tuples(
    st.sampled_from(["", "GET", "POST"]),
    st.sampled_from(list(URLS)),
    st.sampled_from(list(ASKED)),
    st.sampled_from([None, None, 1, 2]),
)
CALLS = st.tuples(
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(REQUESTED),
    st.sampled_from(QUERIES),
    st.sampled_from([{}, {"X-A": "1"}, {"X-A": "2"}]),
    st.sampled_from(BODIES),
)


@settings(deterministic, max_examples=200)
@given(
    nested=st.lists(st.lists(ROUTES, max_size=40), min_size=1, max_size=3),
    hosts=st.lists(st.booleans(), min_size=3, max_size=3),
    calls=st.lists(CALLS, min_size=1, max_size=12),
)
def test_a_request_is_answered_by_the_route_that_a_naive_list_says(nested, hosts, calls):
    """Innermost router first, newest route first, whatever their kinds; used-up routes fall through."""
    routers = [Router(hosts=("mock.local",) if hosts[number] else ()) for number in range(len(nested))]
    naive: list[Naive] = []
    for number, specs in enumerate(nested):
        for place, (method, url, asked, limit) in enumerate(specs):
            route = routers[number].route(method, url, **ASKED[asked][0])
            if limit:
                route.limit(limit)
            naive.append(Naive((number, place), method, url, asked, limit))
    naive.sort(key=lambda route: (route.place[0], -route.place[1]))
    used = dict.fromkeys([route.place for route in naive], 0)
    view = View(routers, Policy("block"), "instant")

    for method, url, query, headers, body in calls:
        wanted = next(
            (
                route.place
                for route in naive
                if route.fits(method, url, query, headers, body) and used[route.place] != route.limit
            ),
            None,
        )
        if wanted is not None:
            used[wanted] += 1
        elif url.startswith("https://mock.local") and any(hosts[: len(nested)]):
            wanted = "a virtual host"
        request = make_request(method, f"{url}?{query}" if query else url, headers=headers, content=body)

        assert answered_by(view, routers, request) == wanted


def answered_by(view: View, routers: list[Router], request: Request) -> object:
    """Which router and route answered a request; None where none did."""
    try:
        view.offer(request)
    except mockstatus.UnmatchedRequest:
        return None
    for number, router in enumerate(routers):
        for call in router.calls:
            if call.request is request:
                return "a virtual host" if call.route is None else (number, router.routes.index(call.route))
    raise AssertionError("the call stands in no journal")


# --- the order --------------------------------------------------------------------------------------------------------


@pytest.fixture
def router():
    return Router()


def offer(view: View, url: str = "https://mock.local/202"):
    return view.offer(make_request(url=url))


def test_a_route_comes_before_the_virtual_hosts(router):
    """Also one for everything, and one of an outer router."""
    outer = Router()
    outer.any().respond(418)

    assert offer(View([router, outer], Policy("block"), "instant")).status == 418


def test_the_virtual_hosts_come_before_the_network(router):
    """Which allows everything here."""
    assert offer(make_view(router, "allow", "instant")).status == 202
    assert offer(make_view(router, "allow", "instant"), "https://api.example.com/") is PASS_THROUGH


def test_the_virtual_hosts_of_an_outer_router_answer_where_the_inner_has_none(router):
    """And the call is in its journal."""
    inner = Router(hosts=())

    offer(View([inner, router], Policy("block"), "instant"))

    assert len(router.calls) == 1
    assert len(inner.calls) == 0


def test_a_router_that_is_entered_twice_is_asked_once(router):
    """A function of the user's is not called twice for one request."""
    asked = []
    router.get("https://api.example.com/", where=asked.append)
    view = View([router, router], Policy("block"), "instant")

    with pytest.raises(mockstatus.UnmatchedRequest):
        offer(view, "https://api.example.com/x")
    with pytest.raises(mockstatus.UnmatchedRequest):
        offer(view, "https://api.example.com/")

    assert len(asked) == 2  # once for the answer, once for the diagnosis


def test_a_miss_is_remembered_by_the_innermost_router(router):
    """Which is the one that the test looks at."""
    inner = Router()
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        offer(View([inner, router], Policy("block"), "instant"), "https://api.example.com/")

    assert inner.unmatched == [caught.value]
    assert router.unmatched == []


def test_what_is_no_router_is_refused():
    """With what to give instead."""
    with pytest.raises(InvalidSetting, match=r"give mockstatus\.Router\(\)"):
        make_view("router", "block", "instant")
