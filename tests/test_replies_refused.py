"""Replies no conforming server could send: refused where they are defined, with the rule; ``lenient`` sends them."""

import math
import re

import pytest

import mockstatus
from mockstatus import exactly, reply

TWO_LENGTHS = [("Content-Length", "2"), ("content-length", "3")]

# What is asked for, and the rule that the error quotes.
IMPOSSIBLE = {
    "status 99": ({"status": 99}, "RFC 9110, Section 15"),
    "status 0": ({"status": 0}, "RFC 9110, Section 15"),
    "status 600": ({"status": 600}, "RFC 9110, Section 15"),
    "status 999": ({"status": 999}, "RFC 9110, Section 15"),
    "status 100 alone": ({"status": 100}, "RFC 9110, Section 15.2"),
    "status 103 alone": ({"status": 103}, "RFC 9110, Section 15.2"),
    "text with 204": ({"status": 204, "text": "x"}, "RFC 9110, Section 15.3.5"),
    "stream with 204": ({"status": 204, "stream": [b"x"]}, "RFC 9110, Section 15.3.5"),
    "json with 205": ({"status": 205, "json": {}}, "RFC 9110, Section 15.3.6"),
    "content with 304": ({"status": 304, "content": b"x"}, "RFC 9110, Section 15.4.5"),
    "html with 304": ({"status": 304, "html": "<p>"}, "RFC 9110, Section 15.4.5"),
    "CR in a value": ({"headers": {"A": "x\ry"}}, "RFC 9110, Section 5.5"),
    "LF in a value": ({"headers": {"A": "x\ny"}}, "RFC 9110, Section 5.5"),
    "CRLF in a value": ({"headers": [("A", "x\r\nB: y")]}, "RFC 9110, Section 5.5"),
    "NUL in a value": ({"headers": {"A": "x\0y"}}, "RFC 9110, Section 5.5"),
    "DEL in a value": ({"headers": {"A": "x\x7fy"}}, "RFC 9110, Section 5.5"),
    "a value beyond Latin-1": ({"headers": {"A": "5 €"}}, "RFC 9110, Section 5.5"),
    "CRLF among exactly these": ({"headers": exactly([("A", "x\r\ny")])}, "RFC 9110, Section 5.5"),
    "a space in a name": ({"headers": {"A B": "x"}}, "RFC 9110, Section 5.1"),
    "a colon in a name": ({"headers": {"A:": "x"}}, "RFC 9110, Section 5.1"),
    "a line break in a name": ({"headers": {"A\r\nB": "x"}}, "RFC 9110, Section 5.1"),
    "an empty name": ({"headers": {"": "x"}}, "RFC 9110, Section 5.1"),
    "a name beyond ASCII": ({"headers": {"É": "x"}}, "RFC 9110, Section 5.1"),
    "two lengths": ({"content": b"xx", "headers": TWO_LENGTHS}, "RFC 9112, Section 6.3"),
    "a length in words": ({"headers": {"Content-Length": "ten"}}, "RFC 9110, Section 8.6"),
    "a negative length": ({"headers": {"Content-Length": -1}}, "RFC 9110, Section 8.6"),
    "a broken length": ({"headers": {"Content-Length": 1.5}}, "RFC 9110, Section 8.6"),
    "too short a length": ({"text": "abc", "headers": {"Content-Length": 2}}, "RFC 9110, Section 8.6"),
    "too long a length": ({"text": "abc", "headers": {"Content-Length": 4}}, "RFC 9110, Section 8.6"),
    "another length than the list": ({"stream": [b"abc"], "headers": {"Content-Length": 4}}, "RFC 9110, Section 8.6"),
    "length and coding": (
        {"headers": {"Content-Length": 21, "Transfer-Encoding": "chunked"}},
        "RFC 9112, Section 6.2",
    ),
    "a coding that is not chunked": ({"headers": {"Transfer-Encoding": "gzip, chunked"}}, "RFC 9112, Section 6.1"),
    "length on 204": ({"status": 204, "headers": {"Content-Length": 0}}, "RFC 9110, Section 8.6"),
    "coding on 204": ({"status": 204, "headers": {"Transfer-Encoding": "chunked"}}, "RFC 9112, Section 6.1"),
    "chunks in HTTP/1.0": ({"http_version": "HTTP/1.0", "framing": "chunked"}, "RFC 9112, Section 6.1"),
    "two lines of reason": ({"reason": "All\r\nWell"}, "RFC 9112, Section 4"),
    "a reason beyond Latin-1": ({"reason": "五百"}, "RFC 9112, Section 4"),
    "a space in a cookie's name": ({"cookies": {"a b": "c"}}, "RFC 6265, Section 4.1.1"),
    "a semicolon in a cookie": ({"cookies": {"a": "b; HttpOnly"}}, "RFC 6265, Section 4.1.1"),
    "an interim final": ({"interim": [200]}, "RFC 9110, Section 15.2"),
    "a line break in an interim": ({"interim": [(103, {"Link": "a\r\nb"})]}, "RFC 9110, Section 5.5"),
    "two lengths among exactly these": ({"content": b"xx", "headers": exactly(TWO_LENGTHS)}, "RFC 9112, Section 6.3"),
    "a wrong length among exactly these": (
        {"text": "abc", "headers": exactly([("Content-Length", "2")])},
        "RFC 9110, Section 8.6",
    ),
    "length on 204 among exactly these": (
        {"status": 204, "headers": exactly([("Content-Length", "0")])},
        "RFC 9110, Section 8.6",
    ),
    "a coding in HTTP/1.0": (
        {"http_version": "HTTP/1.0", "headers": {"Transfer-Encoding": "chunked"}},
        "RFC 9112, Section 6.1",
    ),
    "chunks with a length": (
        {"text": "abc", "framing": "chunked", "headers": {"Content-Length": 3}},
        "RFC 9112, Section 6.2",
    ),
    "length on an interim": ({"interim": [(103, {"Content-Length": "0"})]}, "RFC 9110, Section 8.6"),
}
impossible = pytest.mark.parametrize(("arguments", "rule"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)


@impossible
def test_what_no_conforming_server_sends_is_refused_with_the_rule(arguments, rule):
    with pytest.raises(mockstatus.InvalidReply, match=re.escape(rule)):
        reply(**arguments)


@impossible
def test_a_route_refuses_it_when_it_is_defined_and_stays_as_it_was(arguments, rule):
    route = mockstatus.Router().get("https://api.example.com/").respond(201)

    with pytest.raises(mockstatus.InvalidReply, match=re.escape(rule)):
        route.respond(**arguments)
    with pytest.raises(mockstatus.InvalidReply, match=re.escape(rule)):
        route.then(**arguments)

    assert route.answers == "201"


@impossible
def test_lenient_lets_it_through(arguments, rule):
    made = reply(**arguments, lenient=True)

    assert made.status == arguments.get("status", 200)


@pytest.mark.parametrize(
    ("arguments", "received", "advice"),
    [
        ({"status": 103}, "103", "respond(200, interim=[103])"),
        ({"status": 600}, "600", "mockstatus.reply(600, lenient=True)"),
        ({"status": 204, "text": "x"}, "204", "mockstatus.reply(204, …, lenient=True)"),
        ({"headers": {"A": "x\ny"}}, "'x\\ny'", "header A"),
        ({"headers": TWO_LENGTHS, "content": b"xx"}, "2 and 3", "Content-Length"),
        ({"cookies": {"a": "b; HttpOnly"}}, "'b; HttpOnly'", "Set-Cookie"),
        ({"http_version": "HTTP/1.0", "framing": "chunked"}, "chunked", "'close'"),
    ],
)
def test_a_refusal_shows_what_was_received_and_what_to_write_instead(arguments, received, advice):
    with pytest.raises(mockstatus.InvalidReply) as caught:
        reply(**arguments)

    assert received in str(caught.value)
    assert advice in str(caught.value)


# --- what has no meaning, lenient or not ------------------------------------------------------------------------------

MEANINGLESS = {
    "status that is true": ({"status": True}, "True"),
    "status in text": ({"status": "202"}, "'202'"),
    "broken status": ({"status": 202.5}, "202.5"),
    "no status": ({"status": None}, "None"),
    "two bodies": ({"json": {}, "text": "x"}, "json= and text="),
    "null and another body": ({"json": None, "html": "x"}, "html= and json="),
    "body and style": ({"text": "x", "style": "problem"}, "text="),
    "unknown style": ({"style": "xml"}, "'xml'"),
    "unwritable json": ({"json": {1, 2}}, "{1, 2}"),
    "json that is not a number": ({"json": math.nan}, "nan"),
    "text in bytes": ({"text": b"x"}, "b'x'"),
    "html in bytes": ({"html": b"x"}, "b'x'"),
    "content that is a number": ({"content": 5}, "5"),
    "content that is a mapping": ({"content": {"a": 1}}, "{'a': 1}"),
    "stream that is a number": ({"stream": 5}, "5"),
    "stream of numbers": ({"stream": [1]}, "1"),
    "headers in text": ({"headers": "A: b"}, "'A: b'"),
    "headers that are a set": ({"headers": {("A", "b")}}, "{('A', 'b')}"),
    "header that is no pair": ({"headers": ["A: b"]}, "'A: b'"),
    "header name that is a number": ({"headers": {1: "b"}}, "1"),
    "header that is true": ({"headers": {"A": True}}, "True"),
    "header that is a list": ({"headers": {"A": ["b"]}}, "['b']"),
    "reason that is a number": ({"reason": 5}, "5"),
    "HTTP/2": ({"http_version": "HTTP/2"}, "'HTTP/2'"),
    "unknown framing": ({"framing": "fixed"}, "'fixed'"),
    "length of nobody knows what": ({"stream": lambda: [b"x"], "framing": "length"}, "length"),
    "cookies besides exactly these": ({"cookies": {"a": "b"}, "headers": exactly([])}, "Set-Cookie"),
    "interim in text": ({"interim": ["103"]}, "'103'"),
    "interim that is true": ({"interim": [True]}, "True"),
    "interim outside a list": ({"interim": 103}, "103"),
    "negative delay": ({"delay": -1}, "-1"),
    "endless delay": ({"delay": math.inf}, "inf"),
    "delay that is not a number": ({"delay": math.nan}, "nan"),
    "delay that is true": ({"delay": True}, "True"),
    "delay in text": ({"delay": "1"}, "'1'"),
    "delay that is false": ({"delay": False}, "False"),
    "delay that is None": ({"delay": None}, "None"),
    "delay in empty text": ({"delay": ""}, "''"),
    "interim that is None": ({"interim": None}, "None"),
    "interim in empty text": ({"interim": ""}, "''"),
    "no version": ({"http_version": None}, "None"),
    "no bytes of text": ({"text": b""}, "b''"),
    "status in no text": ({"status": ""}, "''"),
}


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(("arguments", "received"), MEANINGLESS.values(), ids=MEANINGLESS)
def test_what_means_nothing_is_refused_with_what_was_received(arguments, received, lenient):
    with pytest.raises(mockstatus.InvalidReply, match=re.escape(received)):
        reply(**arguments, lenient=lenient)


@pytest.mark.parametrize(
    "arguments",
    [
        {"json": {}},
        {"text": "x"},
        {"headers": {"A": "b"}},
        {"interim": [103]},
        {"delay": 1},
        {"style": "text"},
        {"reason": "Fine"},
        {"http_version": "HTTP/1.0"},
        {"framing": "close"},
        {"cookies": {"a": "b"}},
    ],
    ids=lambda arguments: next(iter(arguments)),
)
def test_a_finished_reply_takes_no_further_arguments(arguments):
    route = mockstatus.Router().get("https://api.example.com/")

    with pytest.raises(mockstatus.InvalidReply, match=r"mockstatus\.reply\(…\)"):
        route.respond(reply(202), **arguments)


# --- what is allowed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"status": 204, "content": b""},
        {"status": 304, "headers": {"Content-Length": 21}},
        {"status": 205, "headers": {"Content-Length": 0}},
        {"content": b"xx", "headers": [("Content-Length", "2"), ("Content-Length", "2")]},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"headers": {"A": "caf\xe9\tx"}},
        {"headers": {"A": ""}},
        {"reason": ""},
        {"reason": "Sch\xf6n"},
        {"interim": [100, 103, 199]},
        {"delay": 0},
        {"status": 299},
        {"status": 599},
    ],
    ids=str,
)
def test_what_is_unusual_and_legal_needs_no_leniency(arguments):
    assert reply(**arguments).status == arguments.get("status", 200)
