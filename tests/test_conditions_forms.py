"""What a route asks of the forms and files that a request sends, urlencoded or multipart."""

import re
from unittest import mock

import dirty_equals
import pytest

from mockstatus import InvalidRoute, Router, exactly
from tests.helpers import API, BODY_SENDERS, fits, from_httpx

both_clients = pytest.mark.parametrize("send", BODY_SENDERS.values(), ids=BODY_SENDERS)


@both_clients
@pytest.mark.parametrize(
    ("asked", "fit"),
    [
        ({"a": "1"}, True),
        ({"a": 1, "b": ["x", "y"], "c": None}, True),
        ({"b": "y"}, True),
        ({"b": ["y", "x"]}, False),
        ({"a": None}, False),
        ({"a": int}, True),
        (exactly({"a": 1, "b": ["x", "y"]}), True),
        (exactly({"a": 1, "b": "x"}), False),
        (exactly({"a": 1}), False),
        (exactly([("a", 1), ("b", "x"), ("b", "y")]), True),
        (exactly([("b", "x"), ("b", "y"), ("a", 1)]), False),
    ],
)
def test_a_form_fits_or_not_urlencoded_as_well_as_multipart(send, asked, fit):
    data = {"a": "1", "b": ["x", "y"]}

    assert fits(send("POST", API, data=data), form=asked) is fit
    assert fits(send("POST", API, data=data, files={"f": b"content"}), form=asked) is fit


def test_a_body_that_is_no_form_has_no_fields_and_no_files():
    request = from_httpx("POST", API, json={"a": "1"})

    assert not fits(request, form={"a": "1"})
    assert fits(request, form={"a": None}, files={"f": None})
    assert fits(request, form=exactly({}), files=exactly({}))


@both_clients
@pytest.mark.parametrize(
    ("asked", "fit"),
    [
        ({"f": b"one"}, True),
        ({"f": "one"}, True),
        ({"f": b"two"}, False),
        ({"f": re.compile("^o")}, True),
        ({"f": bytes}, True),
        ({"f": mock.ANY}, True),
        ({"f": dirty_equals.HasLen(3)}, True),
        ({"f": ("1.txt", b"one")}, True),
        ({"f": ("2.txt", b"one")}, False),
        ({"f": (re.compile(r"\.txt$"), None)}, True),
        ({"f": (None, b"one")}, True),
        ({"f": (str, bytes, "text/plain")}, True),
        ({"f": ("1.txt", b"one", "image/png")}, False),
        ({"f": lambda part: part.filename == "1.txt" and part.content == b"one"}, True),
        ({"f": lambda part: part.content_type == "image/png"}, False),
        ({"g": b"two"}, True),
        ({"g": b"three"}, True),
        ({"g": [b"two", b"three"]}, True),
        ({"g": [b"three", b"two"]}, False),
        ({"g": [("2.txt", b"two"), mock.ANY]}, True),
        ({"g": [b"two"]}, False),
        ({"h": None}, True),
        ({"f": None}, False),
        ({"h": mock.ANY}, False),
        (exactly({"f": b"one", "g": [mock.ANY, mock.ANY]}), True),
        (exactly({"f": b"one", "g": mock.ANY}), False),
        (exactly({"f": b"one"}), False),
        (exactly([("f", b"one"), ("g", b"two"), ("g", b"three")]), True),
    ],
)
def test_files_fit_or_not(send, asked, fit):
    files = [("f", ("1.txt", b"one", "text/plain")), ("g", ("2.txt", b"two")), ("g", ("3.txt", b"three"))]

    assert fits(send("POST", API, data={"field": "1"}, files=files), files=asked) is fit


@pytest.mark.parametrize("file", [("1.txt",), (), ("1.txt", b"", "text/plain", {}, 5)])
def test_a_file_that_is_no_name_content_and_type_is_refused_where_the_route_is_defined(file):
    with pytest.raises(InvalidRoute, match=r"files\['f'\]"):
        Router().post(API, files={"f": file})
