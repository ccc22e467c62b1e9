"""What a route asks of query, headers and cookies, the user's own functions, and all of it at once."""

import re
from unittest import mock

import pytest

from mockstatus import InvalidRoute, Router, exactly, partial
from tests.helpers import (
    API,
    BODY_SENDERS,
    fits,
    fits_among_many,
    from_httpx,
    from_requests,
    make_request,
)

both_clients = pytest.mark.parametrize("send", BODY_SENDERS.values(), ids=BODY_SENDERS)

# --- query parameters -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "query", "fit"),
    [
        ({}, "", True),
        ({}, "a=1", True),
        ({"a": "1"}, "a=1", True),
        ({"a": "1"}, "b=2&a=1", True),
        ({"a": "1"}, "", False),
        ({"a": "1"}, "A=1", False),
        ({"a": "1"}, "a=2&a=1", True),
        ({"a": ["1", "2"]}, "a=1&b=0&a=2", True),
        ({"a": ["1", "2"]}, "a=2&a=1", False),
        ({"a": None}, "", True),
        ({"a": None}, "b=1", True),
        ({"a": None}, "a", False),
        ({"a": None, "b": 1}, "b=1", True),
        ({"a": ""}, "a", True),
        ({"a": ""}, "a=", True),
        ({"a b": "c d"}, "a+b=c%20d", True),
        ({"a": "1+1"}, "a=1%2B1", True),
        ({"a": "1+1"}, "a=1+1", False),
        ({"a": "é"}, "a=%C3%A9", True),
        ({"a": re.compile(r"^\d+$")}, "a=x&a=42", True),
        ({"a": lambda value: value.islower()}, "a=x", True),
        ({"a": mock.ANY}, "a=", True),
        ({"a": mock.ANY}, "", False),
        ({1: 2}, "1=2", True),
    ],
)
def test_params_are_at_least_these(asked, query, fit):
    assert fits(make_request(url=f"{API}/?{query}"), params=asked) is fit


@pytest.mark.parametrize(
    ("asked", "query", "fit"),
    [
        ({}, "", True),
        ({}, "a=1", False),
        ({"a": 1, "b": 2}, "b=2&a=1", True),
        ({"a": 1}, "a=1&b=2", False),
        ({"a": 1}, "a=1&a=1", False),
        ({"a": [1, 2]}, "a=1&a=2", True),
        ({"a": [1, 2]}, "a=2&a=1", False),
        ({"a": mock.ANY}, "a=1", True),
        ({"a": mock.ANY}, "a=1&a=2", False),
        ({"a": None, "b": 1}, "b=1", True),
        ({"a": None}, "b=1", False),
        ([("a", 1), ("b", 2)], "a=1&b=2", True),
        ([("a", 1), ("b", 2)], "b=2&a=1", False),
        ([("a", 1), ("a", 2)], "a=1&a=2", True),
        ([("a", 1), ("b", 2), ("a", 3)], "a=1&b=2&a=3", True),
        ([("a", 1)], "a=1&b=2", False),
        ([], "", True),
        ([], "a=1", False),
    ],
)
def test_params_that_are_exactly_these_allow_no_others(asked, query, fit):
    assert fits(make_request(url=f"{API}/?{query}"), params=exactly(asked)) is fit


# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "pairs", "fit"),
    [
        ({"x-id": "7"}, [("X-ID", "7")], True),
        ({"X-ID": "7"}, [("x-id", "7"), ("Other", "8")], True),
        ({"X-ID": 7}, [("X-Id", "7")], True),
        ({"X-ID": "7"}, [], False),
        ({"X-ID": "a"}, [("X-ID", "A")], False),
        ({"X-ID": None}, [], True),
        ({"X-ID": None}, [("x-id", "")], False),
        ({"Accept": "a"}, [("Accept", "b"), ("accept", "a")], True),
        ({"Accept": "b, a"}, [("Accept", "b"), ("accept", "a")], True),
        ({"Accept": ["b", "a"]}, [("Accept", "b"), ("accept", "a")], True),
        ({"Accept": ["a", "b"]}, [("Accept", "b"), ("accept", "a")], False),
        ({"Accept": "a"}, [("Accept", "b, a")], False),
        ({"Accept": re.compile(r"\ba\b")}, [("Accept", "b, a")], True),
        ({"X": b"caf\xe9"}, [("X", "café")], True),
        ({"X": str}, [("X", "")], True),
    ],
)
def test_headers_are_at_least_these_whatever_their_case(asked, pairs, fit):
    assert fits(make_request(headers=pairs), headers=asked) is fit
    assert fits_among_many(make_request(headers=pairs), headers=asked) is fit


@both_clients
def test_headers_that_the_client_adds_itself_can_be_asked_for(send):
    request = send("POST", API, json={"a": 1}, headers={"X-Trace": "7"})

    assert fits(request, headers={"content-type": "application/json", "content-length": str, "x-trace": 7})


# --- cookies ----------------------------------------------------------------------------------------------------------


@both_clients
@pytest.mark.parametrize(
    ("asked", "fit"),
    [
        ({"a": "1"}, True),
        ({"a": 1, "b": True}, True),
        ({"A": "1"}, False),
        ({"a": "2"}, False),
        ({"c": None}, True),
        ({"a": None}, False),
        (exactly({"a": 1, "b": mock.ANY}), True),
        (exactly({"a": 1}), False),
        (exactly({"b": "true", "a": "1", "c": None}), True),
    ],
)
def test_cookies_fit_or_not(send, asked, fit):
    assert fits(send("GET", API, cookies={"a": "1", "b": "true"}), cookies=asked) is fit


def test_cookies_of_one_name_are_repeats_in_order():
    request = make_request(headers={"Cookie": "a=1; b=2; a=3"})

    assert fits(request, cookies={"a": ["1", "3"]})
    assert not fits(request, cookies={"a": ["3", "1"]})
    assert fits(request, cookies=exactly([("a", 1), ("b", 2), ("a", 3)]))
    assert not fits(request, cookies=exactly({"a": 1, "b": 2}))


# --- the user's own functions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "fit"), [(True, True), (False, False), ("why not", False), ("", False), (None, False), (1, True)]
)
def test_where_agrees_with_true_and_says_no_with_false_or_a_text(answer, fit):
    assert fits(make_request(), where=lambda request: answer) is fit


def test_where_is_given_the_request_with_its_path_params():
    request = make_request("POST", f"{API}/users/7", content="{}")
    seen = []

    fits(request, f"{API}/users/{{id}}", where=lambda given: seen.append((given, given.path_params["id"])))

    assert seen == [(request, "7")]


@pytest.mark.parametrize("value", ["text", 5, {"a": 1}])
def test_where_that_is_no_function_is_refused(value):
    with pytest.raises(InvalidRoute, match="where.*lambda request"):
        Router().get(API, where=value)


class Unequal:
    def __eq__(self, other):
        raise OSError("a bug of the user")

    __hash__ = None


def fail(*_):
    raise OSError("a bug of the user")


@pytest.mark.parametrize(
    "asked",
    [
        {"where": fail},
        {"params": {"a": fail}},
        {"params": exactly([("a", fail)])},
        {"headers": {"x": fail}},
        {"cookies": {"c": Unequal()}},
        {"json": [{"a": fail}]},
        {"json": partial([{"a": Unequal()}])},
        {"form": {"a": fail}},
        {"files": {"f": fail}},
        {"files": {"f": ("1.txt", Unequal())}},
        {"content": fail},
        {"content": Unequal()},
    ],
    ids=lambda asked: "-".join(asked),
)
def test_an_exception_of_the_users_function_reaches_the_caller_with_a_note_naming_the_route(asked):
    form = {"data": {"a": "1"}, "files": {"f": ("1.txt", b"")}}
    body = {"json": [{"a": 1}]} if "json" in asked else form
    request = from_httpx("POST", f"{API}/?a=1", headers={"X": "1", "Cookie": "c=1"}, **body)

    with pytest.raises(OSError, match="a bug of the user") as caught:
        fits(request, f"{API}/", **asked)

    assert any(f"ANY {API}/" in note for note in caught.value.__notes__)


def test_a_value_error_of_the_users_function_is_not_taken_for_a_body_that_cannot_be_read():
    request = from_requests("POST", API, json={"a": "x"})

    with pytest.raises(ValueError, match="invalid literal"):
        fits(request, json={"a": lambda value: int(value) > 1})


# --- several at once --------------------------------------------------------------------------------------------------


def test_all_that_is_asked_has_to_fit():
    request = from_httpx("POST", f"{API}/?a=1", headers={"X": "1"}, json={"b": 2})
    asked = {"params": {"a": 1}, "headers": {"x": 1}, "json": {"b": 2}, "where": lambda request: True}

    assert fits(request, **asked)
    for field, wrong in {
        "params": {"a": 2},
        "headers": {"x": 2},
        "json": {"b": 3},
        "where": lambda request: False,
    }.items():
        assert not fits(request, **{**asked, field: wrong})


def test_where_is_asked_only_about_requests_that_fit_in_all_else():
    """So that it may read what the other conditions ask for, without looking whether it is there."""
    asked = {"json": partial({"kind": str}), "where": lambda request: request.json()["kind"] == "job"}

    assert fits(from_httpx("POST", API, json={"kind": "job"}), **asked)
    assert not fits(from_httpx("POST", API, json=["job"]), **asked)
    assert not fits(from_httpx("POST", API, content=b"no json"), **asked)


def test_a_query_in_the_url_and_params_beside_it_are_refused():
    with pytest.raises(InvalidRoute, match="params"):
        Router().get(f"{API}/?a=1", params={"b": 2})
