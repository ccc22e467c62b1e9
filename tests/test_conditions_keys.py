"""How a request differs from what a route asks, and by which keys an index may find the route."""

import re
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from mockstatus import exactly, partial
from mockstatus.conditions import make_conditions, request_keys
from mockstatus.matchers import MISSING, UNSET
from tests.helpers import API, deterministic, make_request

NOTHING_ASKED = {
    **dict.fromkeys(("params", "headers", "cookies", "form", "files", "where")),
    "json": UNSET,
    "content": UNSET,
}


def conditions(query=None, **asked):
    """The conditions of a route that asks for this."""
    return make_conditions(query, **{**NOTHING_ASKED, **asked})


def differences(request, **asked):
    """Every difference of a request from what a route asks, as (field, expected, received)."""
    return [tuple(found) for condition in conditions(**asked) for found in condition.differences(request)]


# --- how a request differs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"params": {"a": 2}}, [("params['a']", 2, "1")]),
        ({"params": {"c": 2}}, [("params['c']", 2, MISSING)]),
        ({"params": {"a": None}}, [("params['a']", MISSING, "1")]),
        ({"params": {"b": ["3", "2"]}}, [("params['b']", ["3", "2"], ["2", "3"])]),
        ({"params": exactly({"a": 1})}, [("params['b']", MISSING, ["2", "3"])]),
        ({"params": exactly({"a": 2, "b": [2, 3]})}, [("params['a']", 2, "1")]),
        ({"params": exactly([("a", 1)])}, [("params", [("a", 1)], [("a", "1"), ("b", "2"), ("b", "3")])]),
        ({"headers": {"X-ID": "8"}}, [("headers['x-id']", "8", "7")]),
        ({"json": {"b": 3}}, [("json", {"b": 3}, {"b": 2})]),
        ({"content": b"x"}, [("content", b"x", b'{"b":2}')]),
        ({"params": {"a": 1}, "headers": {"x-id": 7}, "json": {"b": 2}}, []),
        (
            {"params": {"a": 2, "c": 1}, "json": {"b": 3}},
            [("params['a']", 2, "1"), ("params['c']", 1, MISSING), ("json", {"b": 3}, {"b": 2})],
        ),
    ],
)
def test_every_field_that_differs_is_named_with_what_was_expected_and_received(asked, found):
    request = make_request("POST", f"{API}/?a=1&b=2&b=3", headers={"X-ID": "7"}, content=b'{"b":2}')

    assert differences(request, **asked) == found


def test_a_where_that_disagrees_says_its_reason():
    def is_admin(request):
        return "no admin"

    ((field, expected, received),) = differences(make_request(), where=is_admin)

    assert field == "where"
    assert "is_admin" in expected
    assert received.answer == "no admin"


def test_a_body_that_is_no_json_is_received_as_its_bytes():
    ((field, expected, received),) = differences(make_request("POST", content=b"{"), json={"a": 1})

    assert (field, expected, received.content) == ("json", {"a": 1}, b"{")


# --- conditions and the index -----------------------------------------------------------------------------------------

texts = st.sampled_from(["", "1", "a", "a, b", "true"])
values = st.one_of(
    texts, st.none(), st.booleans(), st.integers(0, 1), st.just(1.0), st.lists(texts, max_size=2), st.just(mock.ANY)
)
mappings = st.dictionaries(st.sampled_from("aAb"), values, max_size=2)
maybe_exactly = (
    mappings | mappings.map(exactly) | st.lists(st.tuples(st.sampled_from("aAb"), texts), max_size=2).map(exactly)
)
asked_of = st.one_of(
    *(maybe_exactly.map(lambda asked, field=field: {field: asked}) for field in ("params", "cookies", "form")),
    mappings.map(lambda asked: {"headers": asked}),
    st.sampled_from([{"a": 1}, {"a": True}, [1.0], None, "a", partial({"a": 1}), {"a": int}]).map(
        lambda asked: {"json": asked}
    ),
    st.sampled_from([b"", "a=1", bytearray(b'{"a": 1}'), re.compile("a")]).map(lambda asked: {"content": asked}),
)
pairs_sent = st.lists(st.tuples(st.sampled_from("aAb"), texts), max_size=3)
bodies = st.sampled_from([b"", b"a=1", b"a=1&b=", b'{"a": 1.0}', b'{"a": true}', b"[1]", b"null", b'"a"', b"\xff"])


@deterministic
@given(
    asked_of, pairs_sent, pairs_sent, bodies, st.sampled_from(["application/json", "application/x-www-form-urlencoded"])
)
def test_a_request_that_fits_a_condition_has_every_key_that_the_condition_is_filed_under(
    asked, query, headers, body, kind
):
    """Else a route would be found while there are few others, and no longer when there are many."""
    url = f"{API}/?" + "&".join(f"{name}={value.replace(' ', '+')}" for name, value in query)
    cookie = "; ".join(f"{name}={value}" for name, value in query)
    request = make_request("POST", url, headers=[("Content-Type", kind), ("Cookie", cookie), *headers], content=body)

    (condition,) = conditions(**asked)
    keys = condition.index_keys()

    assert condition.fits(request) is not bool(condition.differences(request))
    if condition.fits(request):
        had = set(request_keys(request, {key[0] for choice in keys for key in choice}))
        assert all(had & set(choice) for choice in keys)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"params": {"a": 1}}, True),
        ({"params": {"a": [1, 2]}}, True),
        ({"headers": {"a": "x"}}, True),
        ({"cookies": {"a": "x"}}, True),
        ({"form": {"a": "x"}}, True),
        ({"json": {"a": [1, None]}}, True),
        ({"content": b"x"}, True),
        ({"params": {"a": mock.ANY}}, False),
        ({"params": {"a": None}}, False),
        ({"json": {"a": int}}, False),
        ({"json": partial({"a": re.compile("x")})}, False),
        ({"where": lambda request: True}, False),
        ({"files": {"f": b""}}, False),
    ],
)
def test_a_condition_names_keys_where_it_can(asked, found):
    (condition,) = conditions(**asked)

    assert bool(condition.index_keys()) is found


def test_a_route_shows_what_it_asks():
    route = mockstatus.Router().post(f"{API}/x?q=1", headers={"X": 1}, json={"a": 1}, form=exactly({"b": 2}))

    assert "headers={'x': 1} form=exactly({'b': 2}) json={'a': 1}" in repr(route)
    assert "params" not in repr(route)
