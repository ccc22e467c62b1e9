"""When a text, the values of a name and a body fit, with every kind of value a user may write; and the wrappers."""

import enum
import functools
import operator
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from unittest import mock
from uuid import UUID

import dirty_equals
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockstatus import InvalidRoute, Router, exactly, partial
from mockstatus.matchers import content_fits, json_fits, text_fits, values_fit
from tests.helpers import API, BODY_SENDERS, deterministic, fits, make_request


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class IsShort:
    """An object whose ``==`` decides."""

    def __eq__(self, other):
        return isinstance(other, str) and len(other) < 4

    __hash__ = None


# --- one text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a", "a"),
        ("", ""),
        (Colour.RED, "red"),
        (1, "1"),
        (-7, "-7"),
        (10**30, "1" + "0" * 30),
        (Level.LOW, "1"),
        (True, "true"),
        (True, "True"),
        (False, "false"),
        (False, "False"),
        (1.5, "1.5"),
        (1.0, "1.0"),
        (1.0, "1"),
        (1e-7, "1e-07"),
        (1e16, "1e+16"),
        (-0.5, "-0.5"),
        (float("inf"), "inf"),
        (b"abc", "abc"),
        (Decimal("1.10"), "1.10"),
        (Fraction(1, 3), "1/3"),
        (UUID(int=7), str(UUID(int=7))),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-22 00:00:00+00:00"),
        (PurePosixPath("/a/b"), "/a/b"),
        (re.compile("b"), "abc"),
        (re.compile("^a.c$"), "abc"),
        (re.compile(b"b"), "abc"),
        (str, "abc"),
        (int, "7"),
        (int, "-7"),
        (float, "7"),
        (float, "7.5"),
        (float, "1e3"),
        (bool, "true"),
        (bool, "False"),
        (mock.ANY, "abc"),
        (mock.ANY, ""),
        (pytest.approx(1.0), "1.0000000001"),
        (pytest.approx(1000), "1000"),
        (dirty_equals.IsStr, "abc"),
        (dirty_equals.IsStr(regex="a.c"), "abc"),
        (dirty_equals.IsInt, "7"),
        (dirty_equals.IsInt(gt=6), "7"),
        (dirty_equals.IsPositiveFloat, "7.5"),
        (dirty_equals.IsUUID, str(UUID(int=7, version=4))),
        (dirty_equals.IsOneOf("a", "b"), "b"),
        (~dirty_equals.IsStr(regex="z"), "abc"),
        (IsShort(), "abc"),
    ],
)
def test_a_text_fits(expected, actual):
    assert text_fits(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a", "A"),
        ("a", "a "),
        ("a", ""),
        ("", "a"),
        (1, "01"),
        (1, "1.0"),
        (1, "true"),
        (True, "1"),
        (True, "TRUE"),
        (False, ""),
        (False, "0"),
        (1.5, "1.50"),
        (b"abc", "b'abc'"),
        (Decimal("1.10"), "1.1"),
        (re.compile("^b"), "abc"),
        (re.compile("B"), "abc"),
        (int, "7.0"),
        (int, "abc"),
        (int, ""),
        (int, "true"),
        (int, "1_000"),  # a number to Python, and to no server
        (float, "1_000.5"),
        (float, "abc"),
        (bool, "1"),
        (bool, "yes"),
        (pytest.approx(1.0), "1.1"),
        (pytest.approx(1000), "1_000"),
        (pytest.approx(1.0), "abc"),
        (dirty_equals.IsInt, "abc"),
        (dirty_equals.IsInt(gt=6), "6"),
        (dirty_equals.IsStr(regex="z"), "abc"),
        (~dirty_equals.IsStr, "abc"),
        (IsShort(), "abcd"),
    ],
)
def test_a_text_does_not_fit(expected, actual):
    assert not text_fits(expected, actual)


class Checker:
    def method(self, value):
        return value == "abc"

    def __call__(self, value):
        return value == "abc"

    @staticmethod
    def static(value):
        return value == "abc"

    @classmethod
    def for_class(cls, value):
        return value == "abc"


PREDICATES = {  # also those whose type has an == of its own, as that of methods has
    "a lambda": lambda value: value == "abc",
    "a bound method": Checker().method,
    "a static method": Checker.static,
    "a class method": Checker.for_class,
    "an object with __call__": Checker(),
    "a partial": functools.partial(operator.eq, "abc"),
    "a cached function": functools.lru_cache(lambda value: value == "abc"),
    "a method of a built-in type": re.compile("^abc$").match,
    "a slot of a built-in type": {"abc"}.__contains__,
    "a mock": mock.Mock(side_effect=lambda value: value == "abc"),
}
every_predicate = pytest.mark.parametrize("predicate", PREDICATES.values(), ids=PREDICATES)


@every_predicate
def test_every_kind_of_function_is_a_predicate_of_a_text(predicate):
    assert text_fits(predicate, "abc")
    assert not text_fits(predicate, "abd")


@every_predicate
def test_every_kind_of_function_is_a_predicate_of_a_json_value(predicate):
    assert json_fits({"a": [predicate]}, {"a": ["abc"]})
    assert not json_fits({"a": [predicate]}, {"a": ["abd"]})


@pytest.mark.parametrize(
    "predicate", [lambda value: value == b"abc", {b"abc"}.__contains__, re.compile(b"^abc$").match, b"abc".__eq__]
)
def test_every_kind_of_function_is_a_predicate_of_a_body(predicate):
    assert content_fits(predicate, b"abc")
    assert not content_fits(predicate, b"abd")


def test_an_unbound_method_of_text_is_a_predicate():
    assert text_fits(str.isdigit, "7")
    assert not text_fits(str.isdigit, "a")


@deterministic
@given(st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(max_size=5)))
def test_a_plain_value_fits_the_text_that_python_writes_for_it(value):
    assert text_fits(value, str(value))


@pytest.mark.parametrize("client", BODY_SENDERS)
@pytest.mark.parametrize("value", [0, 1, -1, 10**20, True, False, 0.0, 1.0, 0.1, 1e16, 1e-7, 2.5e300, "", "a b"])
def test_a_value_fits_what_a_client_sends_when_it_is_given_the_same(client, value):
    send = BODY_SENDERS[client]

    assert fits(send("GET", API, params={"a": value}), params={"a": value})
    assert fits(send("POST", API, data={"a": value}), form={"a": value})


# --- the values of a name ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual", "fit"),
    [
        (None, [], True),
        (None, [""], False),
        (None, ["a"], False),
        ("a", [], False),
        ("a", ["a"], True),
        ("a", ["b", "a"], True),
        ("c", ["b", "a"], False),
        (["a"], ["a"], True),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a", "b"], True),
        (("a", "b"), ["a", "b"], True),
        (["a", "b"], ["b", "a"], False),
        (["a", "b"], ["a", "b", "c"], False),
        (["a", "a"], ["a"], False),
        ([], [], True),
        ([], ["a"], False),
        ([1, True, str], ["1", "true", "x"], True),
        ([mock.ANY, re.compile("b")], ["a", "abc"], True),
        (mock.ANY, [], False),
        (str, [], False),
        (lambda value: True, [], False),
        (dirty_equals.IsInt, ["a", "7"], True),
    ],
)
def test_the_values_of_a_name_fit_or_not(expected, actual, fit):
    assert values_fit(expected, actual) is fit


def test_a_predicate_is_asked_about_each_value_until_one_fits():
    asked = []

    assert values_fit(lambda value: asked.append(value) or value == "b", ["a", "b", "c"])
    assert asked == ["a", "b"]


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual", "fit"),
    [
        (b"abc", b"abc", True),
        (b"abc", b"abc\n", False),
        (b"", b"", True),
        (b"", b"a", False),
        (bytearray(b"abc"), b"abc", True),
        (memoryview(b"abc"), b"abc", True),
        ("abc", b"abc", True),
        ("é", "é".encode(), True),
        ("é", "é".encode("latin-1"), False),
        (re.compile("b"), b"abc", True),
        (re.compile("é"), "café".encode(), True),
        (re.compile(b"\xff"), b"a\xffb", True),
        (re.compile("a.b"), b"a\xffb", True),
        (re.compile("x"), b"abc", False),
        (bytes, b"abc", True),
        (mock.ANY, b"", True),
        (dirty_equals.IsBytes, b"abc", True),
        (dirty_equals.IsStr, b"abc", False),
        (dirty_equals.HasLen(3), b"abc", True),
        (dirty_equals.HasLen(4), b"abc", False),
        (len, b"", False),
        (len, b"a", True),
    ],
)
def test_a_body_fits_or_not(expected, actual, fit):
    assert content_fits(expected, actual) is fit


# --- wrappers ---------------------------------------------------------------------------------------------------------

MISUSED = {
    "exactly of a text": (lambda: exactly("a=1"), "exactly"),
    "exactly of bytes": (lambda: exactly(b"a=1"), "exactly"),
    "exactly of a number": (lambda: exactly(5), "exactly"),
    "exactly of nothing": (lambda: exactly(None), "exactly"),
    "exactly of texts": (lambda: exactly(["ab", "cd"]), "pairs"),
    "exactly of short tuples": (lambda: exactly([("a",)]), "pairs"),
    "exactly of long tuples": (lambda: exactly([("a", 1, 2)]), "pairs"),
    "exactly of exactly": (lambda: exactly(exactly({})), "exactly"),
    "exactly of partial": (lambda: exactly(partial({})), "exactly"),
    "partial of a text": (lambda: partial("a"), "partial"),
    "partial of bytes": (lambda: partial(b"a"), "partial"),
    "partial of a number": (lambda: partial(5), "partial"),
    "partial of nothing": (lambda: partial(None), "partial"),
    "partial of a set": (lambda: partial({1, 2}), "partial"),
    "partial of partial": (lambda: partial(partial({})), "partial"),
    "partial of exactly": (lambda: partial(exactly({})), "partial"),
}


@pytest.mark.parametrize(("misuse", "says"), MISUSED.values(), ids=MISUSED)
def test_a_wrapper_of_what_it_cannot_wrap_is_refused(misuse, says):
    with pytest.raises(InvalidRoute, match=says):
        misuse()


MISPLACED = {
    "exactly around json": ({"json": exactly({"a": 1})}, "params, cookies, form or files"),
    "exactly inside json": ({"json": {"a": exactly({"b": 1})}}, r"json\['a'\]"),
    "exactly in a list inside json": ({"json": {"a": [1, exactly({})]}}, r"json\['a'\]\[1\]"),
    "exactly inside partial": ({"json": partial({"a": exactly({})})}, "exactly"),
    "exactly around headers": ({"headers": exactly({"A": "1"})}, "every client adds headers"),
    "exactly inside headers": ({"headers": {"A": exactly({})}}, r"headers\['A'\]"),
    "exactly inside params": ({"params": {"a": exactly({})}}, r"params\['a'\]"),
    "exactly inside exactly": ({"params": exactly({"a": exactly({})})}, r"params\['a'\]"),
    "exactly as content": ({"content": exactly({})}, "params, cookies, form or files"),
    "exactly as where": ({"where": exactly({})}, "where"),
    "partial around params": ({"params": partial({"a": 1})}, "exactly"),
    "partial around headers": ({"headers": partial({"a": 1})}, "mapping"),
    "partial around cookies": ({"cookies": partial({"a": 1})}, "exactly"),
    "partial around form": ({"form": partial({"a": 1})}, "exactly"),
    "partial around files": ({"files": partial({"a": b""})}, "exactly"),
    "partial inside params": ({"params": {"a": partial([1])}}, "json="),
    "partial inside exactly": ({"form": exactly({"a": partial([1])})}, "json="),
    "partial inside a list": ({"params": {"a": [partial([1])]}}, r"params\['a'\]\[0\]"),
    "partial inside a file": ({"files": {"f": ("a.txt", partial([1]))}}, r"files\['f'\]\[1\]"),
    "partial as content": ({"content": partial({})}, "json="),
}


@pytest.mark.parametrize(("asked", "says"), MISPLACED.values(), ids=MISPLACED)
def test_a_wrapper_where_it_means_nothing_is_refused_where_the_route_is_defined(asked, says):
    with pytest.raises(InvalidRoute, match=says):
        Router().post(f"{API}/x", **asked)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("params", dict),
        ("params", bytes),
        ("params", type(None)),
        ("headers", list),
        ("cookies", datetime),
        ("form", dict),
    ],
)
def test_a_type_that_no_text_can_have_is_refused_where_the_route_is_defined(field, kind):
    with pytest.raises(InvalidRoute, match="str, int, float and bool"):
        Router().post(f"{API}/x", **{field: {"a": kind}})


@pytest.mark.parametrize("field", ["params", "headers", "cookies", "form", "files"])
@pytest.mark.parametrize("value", ["a=1", b"a=1", 5, [("a", "1")], {"a"}, True])
def test_what_is_no_mapping_is_refused_with_what_to_give(field, value):
    with pytest.raises(InvalidRoute, match=f"{field}=.*mapping"):
        Router().post(f"{API}/x", **{field: value})


def test_wrappers_show_what_they_wrap():
    assert repr(exactly({"a": 1})) == "exactly({'a': 1})"
    assert repr(exactly([("a", 1), ("a", 2)])) == "exactly([('a', 1), ('a', 2)])"
    assert repr(partial({"a": [1]})) == "partial({'a': [1]})"


def test_a_wrapper_may_be_given_any_iterable_of_pairs():
    request = make_request(url=f"{API}/?a=1&b=2")

    assert fits(request, params=exactly({"a": 1, "b": 2}.items()))
    assert fits(request, params=exactly(pair for pair in [["a", "1"], ("b", str)]))
