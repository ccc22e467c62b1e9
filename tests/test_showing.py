"""Values as an error shows them: cut, masked, and two of them side by side."""

import re

import pytest
from dirty_equals import IsPositive
from hypothesis import given
from hypothesis import strategies as st

from mockstatus.matchers import MISSING, Partial, json_fits
from mockstatus.showing import (
    count_json_differences,
    cut,
    json_differences,
    place_of_difference,
    show,
    show_body,
    show_cookie,
    show_header,
    text_difference,
)
from tests.helpers import deterministic

# --- one value --------------------------------------------------------------------------------------------------------


def longer_than_five(text):
    return len(text) > 5


SHOWN = {
    "text": ("a", "'a'"),
    "a number": (1.5, "1.5"),
    "nothing": (MISSING, "nothing"),
    "a pattern": (re.compile("^a"), "something like /^a/"),
    "a type": (int, "any int"),
    "a function": (longer_than_five, "what longer_than_five accepts"),
    "what compares itself": (IsPositive(), "IsPositive()"),
    "a mapping": ({"a": 1}, "{'a': 1}"),
}


@pytest.mark.parametrize(("value", "text"), SHOWN.values(), ids=SHOWN)
def test_a_value_is_shown_by_what_it_stands_for(value, text):
    assert show(value) == text


def test_a_long_value_is_cut_and_its_length_told():
    assert show("a" * 500) == "'" + "a" * 199 + "… (502 characters)"
    assert cut("abcdef", 3) == "abc… (6 characters)"
    assert cut("abc", 3) == "abc"


SECRETS = ["sesame", b"sesame", ["Bearer sesame"], re.compile("sesame"), ("a", "sesame")]


@pytest.mark.parametrize("value", SECRETS, ids=repr)
def test_a_matcher_of_a_secret_is_masked_whatever_it_is(value):
    assert "sesame" not in show_header("Authorization", value)
    assert "sesame" not in show_cookie(value)
    assert "sesame" in show_header("Accept", value)


def test_an_object_that_compares_itself_with_a_secret_is_masked():
    from dirty_equals import IsOneOf

    assert show_header("Authorization", IsOneOf("sesame")) == "IsOneOf(***)"


def test_what_is_no_secret_about_one_is_shown():
    assert show_header("Authorization", None) == "None"
    assert show_header("Authorization", MISSING) == "nothing"
    assert show_header("Authorization", str) == "any str"
    assert show_header("Authorization", longer_than_five) == "what longer_than_five accepts"


# --- JSON -------------------------------------------------------------------------------------------------------------

DIFFERENCES = {
    "nested": (
        {"items": [{"price": 1}, {"price": 2}, {"price": 3}]},
        {"items": [{"price": 1}, {"price": 2}, {"price": 4}]},
        ["$.items[2].price: expected 3, received 4"],
    ),
    "a key that is missing": ({"a": 1, "b": 2}, {"a": 1}, ["$.b: expected 2, received nothing"]),
    "a key too many": ({"a": 1}, {"a": 1, "b c": 2}, ["$['b c']: expected nothing, received 2"]),
    "an item too many": ([1], [1, 2], ["$[1]: expected nothing, received 2"]),
    "an item that is missing": ([1, 2], [1], ["$[1]: expected 2, received nothing"]),
    "true is not 1": ({"a": True}, {"a": 1}, ["$.a: expected True, received 1"]),
    "1 is 1.0": ({"a": 1}, {"a": 1.0}, []),
    "another kind": ({"a": 1}, [1], ["$: expected {'a': 1}, received [1]"]),
    "a key that is a number": ({1: "a"}, {"1": "b"}, ["$['1']: expected 'a', received 'b'"]),
    "a key that is true": ({True: "a"}, {"true": "b"}, ["$.true: expected 'a', received 'b'"]),
    "a pattern": ({"a": re.compile("x")}, {"a": "y"}, ["$.a: expected something like /x/, received 'y'"]),
    "part of an object": (Partial({"a": 1}), {"a": 2, "b": 3}, ["$.a: expected 1, received 2"]),
    "part of an object inside": ({"a": Partial({"b": 1})}, {"a": {"b": 2, "c": 3}}, ["$.a.b: expected 1, received 2"]),
    "an item among others": (
        Partial([{"id": 2, "n": 5}]),
        [{"id": 1, "n": 1}, {"id": 2, "n": 6}],
        ["$[1].n: expected 5, received 6"],
    ),
    "items in another order": (
        Partial([2, 1]),
        [1, 2],
        ["$: expected 1 among its items in this order, received [1, 2]"],
    ),
    "null": ({"a": None}, {}, ["$.a: expected None, received nothing"]),
}


@pytest.mark.parametrize(("expected", "actual", "lines"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_json_is_compared_place_by_place(expected, actual, lines):
    assert json_differences(expected, actual) == lines
    assert count_json_differences(expected, actual, at_most=99) == len(lines)


def test_of_many_differences_the_first_eight_are_shown():
    lines = json_differences(list(range(20)), list(range(1, 21)))

    assert lines[:8] == [f"$[{n}]: expected {n}, received {n + 1}" for n in range(8)]
    assert lines[8:] == ["and 12 more differences"]


def test_differences_are_counted_no_further_than_asked():
    assert count_json_differences(list(range(20)), [], at_most=3) == 3


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c d"]), inner, max_size=3),
    max_leaves=6,
)


@deterministic
@given(expected=VALUES, actual=VALUES, partly=st.booleans())
def test_two_values_differ_somewhere_exactly_if_they_do_not_fit(expected, actual, partly):
    """What is shown and what decides never contradict each other."""
    wanted = Partial(expected) if partly and isinstance(expected, (dict, list)) else expected

    assert (json_differences(wanted, actual) == []) == json_fits(wanted, actual)


# --- text and bodies --------------------------------------------------------------------------------------------------


def test_texts_of_several_lines_are_compared_line_by_line():
    lines = text_difference("one\ntwo\nthree", "one\n2\nthree")

    assert lines[2:] == ["@@ -1,3 +1,3 @@", " one", "-two", "+2", " three"]


def test_texts_that_differ_in_nothing_but_the_line_break_at_the_end_are_shown_with_it():
    assert text_difference("one\ntwo\n", "one\ntwo") == ["expected 'one\\ntwo\\n'", "received 'one\\ntwo'"]


def test_short_texts_are_shown_whole():
    assert text_difference("abc", "abd") == ["expected 'abc'", "received 'abd'"]


def test_long_texts_are_shown_from_shortly_before_they_part():
    lines = text_difference("a" * 300 + "b", "a" * 300 + "c")

    assert lines == ["expected …'" + "a" * 40 + "b'", "received …'" + "a" * 40 + "c'"]


def test_contents_part_at_a_byte():
    assert place_of_difference(b"abc", b"abd") == "they part at byte 2, of 3 and 3"
    assert place_of_difference(b"abc", b"ab") == "they part at byte 2, of 3 and 2"


BODIES = {
    "none": (b"", "", ""),
    "JSON": (b'{"a": true}', "application/json", "{'a': True}"),
    "JSON by its looks": (b"[1]", "", "[1]"),
    "JSON that is none": (b"{", "application/json", "'{'"),
    "text": (b"a\nb", "text/plain", "'a\\nb'"),
    "bytes": (b"\xff\x00", "", "2 bytes, b'\\xff\\x00'"),
    "many bytes": (b"\xff" * 50, "", "50 bytes, b'" + "\\xff" * 40 + "'…"),
}


@pytest.mark.parametrize(("content", "kind", "text"), BODIES.values(), ids=BODIES)
def test_a_body_is_shown_in_one_line(content, kind, text):
    assert show_body(content, kind) == text
