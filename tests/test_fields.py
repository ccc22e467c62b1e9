"""Named values that may repeat: headers, queries and cookies, held against what the clients' own types do."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockstatus.fields import Cookies, Fields, Headers, Query, parse_cookies
from tests.helpers import API, BODY_SENDERS, deterministic, make_request

REPEATED = [("Accept", "a"), ("X-One", "1"), ("accept", "b")]

# --- any fields -------------------------------------------------------------------------------------------------------


def test_fields_are_a_mapping_to_the_first_value_of_each_name():
    fields = Fields([("a", "1"), ("b", "2"), ("a", "3")])

    assert fields["a"] == "1"
    assert dict(fields) == {"a": "1", "b": "2"}
    assert (list(fields), len(fields)) == (["a", "b"], 2)
    assert fields.get("c") is None


def test_fields_keep_every_repeat_in_the_order_it_came():
    fields = Fields([("a", "1"), ("b", "2"), ("a", "3")])

    assert fields.get_list("a") == ["1", "3"]
    assert fields.get_list("c") == []
    assert fields.multi_items() == [("a", "1"), ("b", "2"), ("a", "3")]


def test_what_fields_hand_out_is_a_copy():
    fields = Fields([("a", "1")])

    fields.get_list("a").append("2")
    fields.multi_items().clear()

    assert fields.multi_items() == [("a", "1")]
    assert fields.get_list("a") == ["1"]


def test_a_name_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        Fields([("a", "1")])["b"]


def test_only_text_can_be_in_fields():
    fields = Fields([("1", "1")])

    assert "1" in fields
    assert 1 not in fields
    assert None not in fields


def test_the_names_of_plain_fields_have_case():
    fields = Fields([("A", "1"), ("a", "2")])

    assert (fields["A"], fields["a"], len(fields)) == ("1", "2", 2)


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        ({"a": "1", "b": "2"}, True),
        ({"b": "2", "a": "1"}, True),
        ({"a": "1"}, False),
        ({"a": "1", "b": "2", "c": "3"}, False),
        ([("a", "1"), ("b", "2"), ("a", "3")], True),
        ([("b", "2"), ("a", "1"), ("a", "3")], False),
        ((("a", "1"), ("b", "2"), ("a", "3")), True),
        (Fields([("b", "2"), ("a", "1"), ("a", "3")]), True),
        (Fields([("a", "3"), ("b", "2"), ("a", "1")]), False),
        (Fields([("a", "1"), ("b", "2")]), False),
        ("a=1", False),
        (None, False),
    ],
)
def test_fields_equal_a_mapping_of_first_values_a_list_of_pairs_and_fields_with_the_same_values(other, equal):
    fields = Fields([("a", "1"), ("b", "2"), ("a", "3")])

    assert (fields == other) is equal
    assert (fields != other) is not equal


@pytest.mark.parametrize("kind", [Fields, Headers, Query, Cookies])
def test_fields_cannot_be_hashed_because_they_equal_dicts(kind):
    with pytest.raises(TypeError, match="unhashable"):
        hash(kind())


@pytest.mark.parametrize("kind", [Fields, Headers, Query, Cookies])
def test_fields_show_every_pair(kind):
    assert repr(kind([("a", "1"), ("a", "2")])) == f"{kind.__name__}([('a', '1'), ('a', '2')])"


@pytest.mark.parametrize("kind", [Fields, Headers, Query, Cookies])
def test_fields_cannot_be_changed(kind):
    fields = kind([("a", "1")])

    with pytest.raises(TypeError):
        fields["a"] = "2"
    with pytest.raises(TypeError):
        del fields["a"]


# --- headers ----------------------------------------------------------------------------------------------------------


def test_header_names_ignore_case():
    headers = Headers([("X-Request-ID", "7")])

    assert headers["x-request-id"] == headers["X-REQUEST-ID"] == "7"
    assert "x-Request-Id" in headers
    assert headers.get_list("x-request-id") == ["7"]
    assert headers == {"x-request-id": "7"}
    assert headers == Headers([("X-REQUEST-ID", "7")])


def test_repeated_header_lines_are_one_value_joined_by_commas():
    headers = Headers(REPEATED)

    assert headers["accept"] == "a, b"
    assert headers == {"accept": "a, b", "x-one": "1"}


def test_header_names_are_listed_once_as_first_spelled():
    headers = Headers(REPEATED)

    assert list(headers) == ["Accept", "X-One"]
    assert headers.multi_items() == REPEATED


header_pairs = st.lists(
    st.tuples(st.sampled_from(["A", "a", "B-c", "b-C", "D"]), st.sampled_from(["", "1", "x, y", "z"])), max_size=6
)


@deterministic
@given(header_pairs)
def test_headers_read_as_those_of_httpx_do(pairs):
    ours, theirs = Headers(pairs), httpx.Headers(pairs)

    assert [name.lower() for name in ours] == list(theirs)
    assert len(ours) == len(set(theirs))  # httpx counts repeats, but lists names once
    for name in ("a", "B-C", "d", "e"):
        assert ours.get(name) == theirs.get(name)
        assert ours.get_list(name) == theirs.get_list(name)
        assert (name in ours) is (name in theirs)


# --- queries ----------------------------------------------------------------------------------------------------------


def test_a_query_equals_its_text_and_its_values():
    query = make_request(url=f"{API}/?b=x%20y&a=1").query

    assert query == "b=x%20y&a=1"
    assert str(query) == "b=x%20y&a=1"
    assert query == {"a": "1", "b": "x y"}
    assert query != "b=x+y&a=1"
    assert query["b"] == "x y"


def test_a_request_without_a_query_has_an_empty_one():
    query = make_request(url=f"{API}/").query

    assert query == ""
    assert query == {}
    assert not query


# --- cookies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "pairs"),
    [
        ([], []),
        ([""], []),
        (["a=1"], [("a", "1")]),
        (["a=1; b=2"], [("a", "1"), ("b", "2")]),
        (["a=1;b=2"], [("a", "1"), ("b", "2")]),
        (["a=1; ; b=2;"], [("a", "1"), ("b", "2")]),
        (["a=1", "b=2"], [("a", "1"), ("b", "2")]),
        (["a=1; a=2"], [("a", "1"), ("a", "2")]),
        (["a=b=c=="], [("a", "b=c==")]),
        (["a="], [("a", "")]),
        (["flag"], [("", "flag")]),
        (['a="x y"'], [("a", '"x y"')]),
        (["a=x,y"], [("a", "x,y")]),
        (["A=1; a=2"], [("A", "1"), ("a", "2")]),
        (["a=%20"], [("a", "%20")]),
    ],
)
def test_cookies_are_read_as_browsers_and_servers_read_them(lines, pairs):
    assert parse_cookies(lines).multi_items() == pairs


@pytest.mark.parametrize("client", BODY_SENDERS)
def test_cookies_that_a_client_sends_are_read_back(client):
    sent = {"session": "8f2a==", "theme": "dark", "empty": ""}

    request = BODY_SENDERS[client]("GET", API, cookies=sent)

    assert request.cookies == sent


def test_a_request_with_several_cookie_lines_has_all_their_cookies():
    request = make_request(headers=[("Cookie", "a=1; b=2"), ("cookie", "c=3")])

    assert request.cookies == {"a": "1", "b": "2", "c": "3"}


def test_a_request_without_a_cookie_line_has_no_cookies():
    assert make_request().cookies == {}
