"""When a JSON value fits: equality as JSON has it, deep subsets, and values that compare themselves."""

import enum
import json
import re
from collections import OrderedDict
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from unittest import mock

import dirty_equals
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockstatus import InvalidRoute, Router, partial
from mockstatus.body_conditions import frozen_json
from mockstatus.matchers import json_fits
from tests.helpers import API, BODY_SENDERS, deterministic, fits, make_request


class Level(enum.IntEnum):
    LOW = 1


class Colour(enum.StrEnum):
    RED = "red"


# --- equality ---------------------------------------------------------------------------------------------------------

EQUAL = [
    (None, None),
    (1, 1.0),
    (0, -0.0),
    (1e2, 100),
    (10**20, 1e20),
    ("a", "a"),
    ("é", "\u00e9"),
    ([], []),
    ({}, {}),
    ([1, "a", None, True], [1.0, "a", None, True]),
    ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
    ({"a": {"b": {"c": False}}}, {"a": {"b": {"c": False}}}),
]
UNEQUAL = [
    (True, 1),
    (False, 0),
    (True, 1.0),
    (True, "true"),
    (None, False),
    (None, 0),
    (None, ""),
    (None, {}),
    (1, "1"),
    ("a", "A"),
    ("é", "e\u0301"),
    ([], {}),
    ([], None),
    ([1], [True]),
    ([0], [False]),
    ([1, 2], [2, 1]),
    ([1], [1, 1]),
    ([1, None], [1]),
    ({"a": 1}, {"a": True}),
    ({"a": 1}, {"A": 1}),
    ({"a": None}, {}),
    ({"a": 1}, {"a": 1, "b": None}),
    ({"a": 1}, [["a", 1]]),
    (2**53 + 1, float(2**53)),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_json_values_fit_each_other(one, other):
    assert json_fits(one, other)
    assert json_fits(other, one)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal_json_values_do_not_fit_each_other(one, other):
    assert not json_fits(one, other)
    assert not json_fits(other, one)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([0.0, 1.0, 0.5, -1.0])
    | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def are_equal(one, other):
    """JSON equality, by the definition in RFC 8259's terms: the same kind of value, and equal."""
    kinds = (bool, (int, float), str, type(None), list, dict)
    kind = next(kind for kind in kinds if isinstance(one, kind))
    if not isinstance(other, kind) or isinstance(one, bool) != isinstance(other, bool):
        return False
    if kind is list:
        return len(one) == len(other) and all(are_equal(*pair) for pair in zip(one, other, strict=True))
    if kind is dict:
        return one.keys() == other.keys() and all(are_equal(one[key], other[key]) for key in one)
    return one == other


@deterministic
@given(json_values, json_values)
def test_json_values_fit_if_and_only_if_they_are_equal(one, other):
    assert json_fits(one, other) is are_equal(one, other)


@deterministic
@given(json_values)
def test_a_json_value_fits_itself_after_a_journey_as_text(value):
    assert json_fits(value, json.loads(json.dumps(value)))


@deterministic
@given(json_values, json_values)
@example([1], [True])
@example({"a": 0}, {"a": False})
@example({"a": 1, "b": 2}, {"b": 2.0, "a": 1.0})
def test_the_form_by_which_an_index_finds_json_is_equal_if_and_only_if_the_values_are(one, other):
    assert (frozen_json(one) == frozen_json(other)) is are_equal(one, other)
    if are_equal(one, other):
        assert hash(frozen_json(one)) == hash(frozen_json(other))


@pytest.mark.parametrize(
    "value", [re.compile("a"), int, mock.ANY, partial({}), {"a": [mock.ANY]}, [{"a": str}], {1, 2}]
)
def test_what_only_a_comparison_can_tell_is_in_no_index(value):
    assert frozen_json(value) is None


# --- values as Python writes them -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ((1, 2), [1, 2]),
        (OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Level.LOW, 1),
        (Colour.RED, "red"),
        (Decimal("1.5"), 1.5),
        ({1: "a"}, {"1": "a"}),
        ({1.5: "a"}, {"1.5": "a"}),
        ({None: 1}, {"null": 1}),
        ({True: 1}, {"true": 1}),
        ({Colour.RED: 1}, {"red": 1}),
        ({Level.LOW: 1}, {"1": 1}),  # as json.dumps writes these keys, not as repr does
        ({float("inf"): 1}, {"Infinity": 1}),
    ],
)
def test_python_values_fit_what_they_are_written_as(expected, actual):
    assert json_fits(expected, actual)


@pytest.mark.parametrize("key", [(1, 2), b"a", frozenset()])
def test_a_key_that_json_cannot_have_is_refused_where_the_route_is_defined(key):
    with pytest.raises(InvalidRoute, match="key"):
        Router().post(f"{API}/x", json={"a": [{key: 1}]})


# --- values that compare themselves -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual", "fit"),
    [
        (re.compile("b"), "abc", True),
        (re.compile("b"), "xyz", False),
        (re.compile("1"), 1, False),
        (re.compile("null"), None, False),
        (str, "a", True),
        (str, 1, False),
        (int, 1, True),
        (int, True, False),
        (int, "1", False),
        (float, 1.5, True),
        (float, 1, True),
        (float, True, False),
        (bool, True, True),
        (bool, 1, False),
        (list, [1], True),
        (dict, {"a": 1}, True),
        (dict, [1], False),
        (type(None), None, True),
        (object, None, True),
        (mock.ANY, None, True),
        (mock.ANY, True, True),
        (mock.ANY, {"a": [1]}, True),
        (pytest.approx(1.0), 1.0000000001, True),
        (pytest.approx(1.0), 1.1, False),
        (pytest.approx([1.0, 2.0]), [1.0000000001, 2], True),
        (pytest.approx({"a": 1.0}), {"a": 1.0000000001}, True),
        (pytest.approx({"a": 1.0}), {"b": 1.0}, False),
        (dirty_equals.IsInt, 1, True),
        (dirty_equals.IsInt, True, False),
        (dirty_equals.IsStr(max_length=2), "ab", True),
        (dirty_equals.IsDict(a=1), {"a": 1}, True),
        (dirty_equals.IsDict(a=1), {"a": 1, "b": 2}, False),
        (dirty_equals.IsPartialDict(a=1), {"a": 1, "b": 2}, True),
        (dirty_equals.IsPartialDict, {"a": 1}, True),
        (dirty_equals.IsPartialDict, [1], False),
        (dirty_equals.IsList(1, 2, check_order=False), [2, 1], True),
        (dirty_equals.Contains(2), [1, 2], True),
        (dirty_equals.IsOneOf(1, None), None, True),
        (dirty_equals.IsJson({"a": 1}), '{"a": 1}', True),
        (~dirty_equals.IsStr, 1, True),
        (lambda value: value > 1, 2, True),
        (lambda value: value > 1, 1, False),
    ],
)
def test_a_value_that_compares_itself_fits_or_not_at_the_top_and_anywhere_inside(expected, actual, fit):
    assert json_fits(expected, actual) is fit
    assert json_fits({"a": [expected]}, {"a": [actual]}) is fit
    assert json_fits(partial({"a": [expected]}), {"a": [actual], "b": 1}) is fit


# --- deep subsets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual", "fit"),
    [
        ({}, {}, True),
        ({}, {"a": 1}, True),
        ({}, [], False),
        ({}, None, False),
        ([], [], True),
        ([], [1, 2], True),
        ([], {}, False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {"a": None, "b": 1}, True),
        ({"a": None}, {"b": 1}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, False),
        ({"a": []}, {"a": [1]}, True),
        ([1, 3], [1, 2, 3], True),
        ([3, 1], [1, 2, 3], False),
        ([1, 1], [1, 2], False),
        ([1, 1], [1, 2, 1], True),
        ([1], [True], False),
        ([{"a": 1}], [{"b": 1}, {"a": 1, "c": 2}], True),
        ([{}, {"a": 1}], [{"a": 1}, {"b": 1}], False),
        ([{"a": 1}, {"a": 1, "b": 2}], [{"a": 1, "b": 2}, {"a": 1, "b": 2}], True),
        ([[2]], [[1], [1, 2]], True),
        ({"items": [{"id": int}]}, {"items": [{"id": "x"}, {"id": 7, "n": 1}]}, True),
    ],
)
def test_a_deep_subset_fits_or_not(expected, actual, fit):
    assert json_fits(partial(expected), actual) is fit


def test_partial_inside_is_a_subset_there_and_equality_everywhere_else():
    expected = {"a": partial({"b": 1}), "c": [partial([2])]}

    assert json_fits(expected, {"a": {"b": 1, "x": 0}, "c": [[1, 2, 3]]})
    assert not json_fits(expected, {"a": {"b": 1}, "c": [[1, 2, 3]], "x": 0})
    assert not json_fits(expected, {"a": {"b": 1}, "c": [[1, 2, 3], []]})


def test_partial_inside_partial_changes_nothing():
    assert json_fits(partial({"a": partial({"b": 1})}), {"a": {"b": 1, "c": 2}, "d": 3})


def is_subset(expected, actual):
    """A deep subset by its definition, trying every choice of items."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            key in actual and is_subset(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(actual, list) and any(
            all(is_subset(*pair) for pair in zip(expected, chosen, strict=True))
            for chosen in combinations(actual, len(expected))
        )
    return are_equal(expected, actual)


@deterministic
@given(st.lists(json_values, max_size=4) | st.dictionaries(st.sampled_from("abc"), json_values), json_values)
def test_partial_fits_if_and_only_if_some_choice_of_parts_does(expected, actual):
    assert json_fits(partial(expected), actual) is is_subset(expected, actual)


@st.composite
def values_and_subsets(draw):
    """A JSON value with parts, and one from which some of them were taken."""

    def without_some(value):
        if isinstance(value, dict):
            return {key: without_some(inner) for key, inner in value.items() if draw(st.booleans())}
        if isinstance(value, list):
            return [without_some(inner) for inner in value if draw(st.booleans())]
        return value

    value = draw(st.dictionaries(st.sampled_from("abc"), json_values, min_size=1))
    return value, without_some(value)


@deterministic
@given(values_and_subsets())
def test_a_value_with_parts_taken_away_fits_as_partial(value_and_subset):
    value, subset = value_and_subset

    assert json_fits(partial(subset), value)


# --- of requests ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", BODY_SENDERS)
def test_json_that_a_client_sends_fits_what_it_was_given(client):
    value = {"text": "ü😀\n", "number": 1.5, "none": None, "list": [True, {}, []]}

    assert fits(BODY_SENDERS[client]("POST", API, json=value), json=value)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/vnd.api+json", ""])
def test_the_content_type_of_json_does_not_matter(content_type):
    assert fits(make_request("POST", headers={"Content-Type": content_type}, content='{"a": 1}'), json={"a": 1})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_is_read_in_every_encoding_of_unicode(encoding):
    assert fits(make_request("POST", content='{"a": "é"}'.encode(encoding)), json={"a": "é"})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"a=1", b"\xff\xfe\xff", b"[" * 100_000]
)  # the last is a RecursionError to json.loads
def test_a_body_that_is_no_json_fits_no_json_and_breaks_no_call(content):
    request = make_request("POST", content=content)

    assert not fits(request, json={"a": 1})
    assert not fits(request, json=mock.ANY)
    assert not fits(request, json=None)


def test_null_is_a_json_value():
    assert fits(make_request("POST", content="null"), json=None)
    assert not fits(make_request("POST", content="0"), json=None)
