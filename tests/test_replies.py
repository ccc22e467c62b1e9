"""Replies as they are defined and as they are sent: bodies, header fields, cookies, framing, versions, delays, HEAD."""

import itertools
import json
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
import pytest

import mockstatus
from mockstatus import exactly, reply

URL = "https://api.example.com/jobs"
NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
DATE = ("Date", "Sun, 22 Nov 2026 10:15:30 GMT")


def exchange(method="GET", **arguments):
    """What a route with such an answer sends, as the journal keeps it, and what httpx makes of it."""
    router = mockstatus.Router(now=NOW)
    router.any(URL).respond(**arguments)
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router)) as client:
        seen = client.request(method, URL)
    return router.calls.last.response, seen


def sent(**arguments):
    return exchange(**arguments)[0]


def items(**arguments):
    return sent(**arguments).headers.multi_items()


# --- the body ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "kind", "content"),
    [
        ({"json": {"a": [1, None]}}, "application/json", b'{"a": [1, null]}'),
        ({"json": None}, "application/json", b"null"),
        ({"json": []}, "application/json", b"[]"),
        ({"json": "x"}, "application/json", b'"x"'),
        ({"text": "na\xefve"}, "text/plain; charset=utf-8", b"na\xc3\xafve"),
        ({"html": "<p>\u20ac"}, "text/html; charset=utf-8", b"<p>\xe2\x82\xac"),
        ({"content": b"\x00\xff"}, None, b"\x00\xff"),
        ({"content": "na\xefve"}, None, b"na\xc3\xafve"),
        ({"content": bytearray(b"ab")}, None, b"ab"),
        pytest.param({"content": memoryview(b"ab")}, None, b"ab", id="memoryview"),
        ({"content": b""}, None, b""),
        ({"text": ""}, "text/plain; charset=utf-8", b""),
    ],
    ids=str,
)
def test_a_body_is_sent_with_its_type_and_its_length_in_bytes(arguments, kind, content):
    response, seen = exchange(**arguments)

    assert response.content == content == seen.content
    assert response.headers.get("Content-Type") == kind
    assert response.headers["Content-Length"] == str(len(content))


def test_the_length_of_json_is_counted_in_bytes_not_in_characters():
    response, seen = exchange(json={"naïve": "é 🎉"})

    assert int(response.headers["Content-Length"]) == len(response.content)
    assert seen.json() == json.loads(response.content) == {"naïve": "é 🎉"}


def test_a_value_that_changes_later_does_not_change_the_reply():
    value = {"done": False}
    made = reply(200, json=value)

    value["done"] = True

    assert sent(status=made).json() == {"done": False}


def test_a_status_can_be_a_member_of_an_enumeration():
    assert sent(status=HTTPStatus.CONFLICT).reason == "Conflict"
    assert sent(status=httpx.codes.CONFLICT).reason == "Conflict"
    assert type(reply(HTTPStatus.CONFLICT).status) is int


def test_200_is_the_reply_that_is_meant_without_a_status():
    assert reply().status == 200
    assert repr(reply()) == "<Reply 200 OK>"
    assert repr(reply(299)) == "<Reply 299>"


def test_a_finished_reply_can_be_given_in_the_place_of_a_status():
    made = reply(202, json={"task_id": "t-1"})

    assert sent(status=made).json() == {"task_id": "t-1"}


def test_the_catalogue_makes_the_same_reply():
    assert items(status=mockstatus.catalog[503].reply()) == items(status=503)


# --- header fields ----------------------------------------------------------------------------------------------------


def test_a_given_field_takes_the_place_of_the_documented_one():
    assert items(status=503, headers={"retry-after": 5, "content-type": "text/json"}) == [
        ("content-type", "text/json"),
        DATE,
        ("retry-after", "5"),
        ("Content-Length", "52"),
    ]


def test_a_new_field_stands_before_the_length():
    assert items(headers={"X-Id": "7"}) == [
        ("Content-Type", "application/json"),
        DATE,
        ("X-Id", "7"),
        ("Content-Length", "21"),
    ]


def test_a_list_of_pairs_keeps_case_order_and_repeats():
    given = [("b", "1"), ("A", "2"), ("B", "3"), ("Set-Cookie", "x=1"), ("set-cookie", "y=2")]

    response, seen = exchange(status=204, headers=given)

    assert response.headers.multi_items() == [DATE, *given]
    assert dict(seen.cookies) == {"x": "1", "y": "2"}


@pytest.mark.parametrize("name", ["Date", "content-type", "RETRY-AFTER"])
def test_none_leaves_a_documented_field_out(name):
    assert name.lower() not in [given.lower() for given, _ in items(status=503, headers={name: None})]


def test_none_leaves_out_the_length_and_the_end_is_the_close():
    response, seen = exchange(text="hello", headers={"Content-Length": None})

    assert "Content-Length" not in response.headers
    assert "Transfer-Encoding" not in response.headers
    assert seen.text == "hello"


def test_a_date_that_is_given_is_the_date():
    assert items(status=204, headers={"date": "Mon, 01 Jan 2024 00:00:00 GMT"}) == [
        ("date", "Mon, 01 Jan 2024 00:00:00 GMT")
    ]


def test_numbers_and_bytes_are_written_as_text_and_outer_spaces_do_not_count():
    headers = [("A", 5), ("B", 1.5), (b"C", b"caf\xe9"), ("D", " \tx \t"), ("E", "")]

    assert items(status=204, headers=headers) == [
        DATE,
        ("A", "5"),
        ("B", "1.5"),
        ("C", "café"),
        ("D", "x"),
        ("E", ""),
    ]


@pytest.mark.parametrize("form", [list, dict])
def test_exactly_sends_these_and_nothing_else(form):
    pairs = [("X-One", "1"), ("Content-Length", "5")]

    response, seen = exchange(text="hello", headers=exactly(form(pairs)))

    assert response.headers.multi_items() == pairs
    assert seen.headers.multi_items() == [("x-one", "1"), ("content-length", "5")]
    assert seen.text == "hello"


def test_exactly_nothing_is_no_field_at_all():
    response, seen = exchange(text="hello", headers=exactly([]))

    assert response.headers.multi_items() == []
    assert seen.text == "hello"


def test_no_validator_of_another_body_is_sent_with_a_given_one():
    documented, own = sent(status=226), sent(status=226, text="mine")

    assert {"ETag", "IM"} <= set(dict(documented.headers.multi_items()))
    assert not {"ETag", "IM"} & set(dict(own.headers.multi_items()))


@pytest.mark.parametrize(
    ("code", "name"), [(401, "WWW-Authenticate"), (405, "Allow"), (426, "Upgrade"), (503, "Retry-After")]
)
def test_what_a_status_cannot_go_without_stays_with_a_given_body(code, name):
    assert name in sent(status=code, json={"mine": True}).headers


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": "hello"},
        {"content": b"hello", "headers": {"Content-Type": "video/mp4"}},
        {"stream": [b"hel", b"lo"]},
    ],
    ids=str,
)
def test_a_206_with_a_given_body_says_which_bytes_they_are(arguments):
    assert sent(status=206, **arguments).headers["Content-Range"] == "bytes 0-4/5"


def test_a_content_range_that_is_given_is_the_one():
    response = sent(status=206, text="hello", headers={"Content-Range": "bytes 5-9/100"})

    assert response.headers.get_list("Content-Range") == ["bytes 5-9/100"]


# --- cookies ----------------------------------------------------------------------------------------------------------


def test_each_cookie_is_a_field_of_its_own_and_reaches_the_jar():
    response, seen = exchange(cookies={"session": "8f2a", "theme": "dark"})

    assert response.headers.get_list("Set-Cookie") == ["session=8f2a; Path=/", "theme=dark; Path=/"]
    assert dict(seen.cookies) == {"session": "8f2a", "theme": "dark"}


def test_cookies_stand_beside_those_among_the_headers():
    response = sent(cookies={"a": "1"}, headers=[("Set-Cookie", "b=2; HttpOnly")])

    assert response.headers.get_list("Set-Cookie") == ["b=2; HttpOnly", "a=1; Path=/"]


# --- status line ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["Fine", "", "I'm here", "Schön"])
def test_a_reason_phrase_is_sent_as_it_is_given(reason):
    assert sent(status=404, reason=reason).reason == reason


def test_http_1_0_is_what_the_client_sees():
    response, seen = exchange(http_version="HTTP/1.0", text="old")

    assert response.http_version == "HTTP/1.0"
    assert seen.http_version == "HTTP/1.0"
    assert seen.text == "old"


# --- framing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"text": "hello"}, {"Content-Length": "5"}),
        ({"text": "hello", "framing": "length"}, {"Content-Length": "5"}),
        ({"text": "hello", "framing": "chunked"}, {"Transfer-Encoding": "chunked"}),
        ({"text": "hello", "framing": "close"}, {"Connection": "close"}),
        ({"text": "hello", "framing": "close", "http_version": "HTTP/1.0"}, {}),
        ({"stream": [b"hel", b"lo"]}, {"Transfer-Encoding": "chunked"}),
        ({"stream": [b"hel", b"lo"], "framing": "length"}, {"Content-Length": "5"}),
        pytest.param(
            {"stream": lambda: iter([b"hel", b"lo"]), "headers": {"Content-Length": 5}},
            {"Content-Length": "5"},
            id="function and length",
        ),
        ({"stream": [b"hello"], "framing": "close"}, {"Connection": "close"}),
        ({"stream": [b"hello"], "http_version": "HTTP/1.0"}, {}),
    ],
    ids=str,
)
def test_one_field_says_how_the_end_is_found(arguments, expected):
    response, seen = exchange(**arguments)
    framing = {"Content-Length", "Transfer-Encoding", "Connection"}

    assert {name: value for name, value in response.headers.multi_items() if name in framing} == expected
    assert seen.content == b"hello"


# --- HEAD -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"json": {"a": 1}},
        {"text": "hello", "framing": "chunked"},
        {"status": 404},
        {"stream": [b"hello"]},
        {"stream": [b"hello"], "framing": "length"},
        {"content": b"hello", "headers": exactly([("Content-Length", "5")])},
    ],
    ids=repr,
)
def test_a_head_answer_has_the_fields_of_get_and_no_content(arguments):
    get, _ = exchange("GET", **arguments)
    head, seen = exchange("HEAD", **arguments)

    assert head.headers.multi_items() == get.headers.multi_items()
    assert head.content == seen.content == b""


def test_a_head_answer_does_not_begin_a_stream():
    opened = itertools.count()

    def stream():
        next(opened)
        yield b"hello"

    exchange("HEAD", stream=stream)

    assert next(opened) == 0


def test_a_head_route_may_say_the_length_of_what_it_does_not_send():
    _, seen = exchange("HEAD", headers={"Content-Length": 1_000_000})

    assert seen.headers["Content-Length"] == "1000000"


def test_a_length_that_only_a_head_answer_can_have_is_refused_in_the_call():
    with pytest.raises(mockstatus.InvalidReply, match="GET and no content of that length"):
        exchange("GET", headers={"Content-Length": 1_000_000})


# --- delay and interim ------------------------------------------------------------------------------------------------


def test_a_delay_moves_the_clock_and_not_the_time_of_the_test():
    router = mockstatus.Router(now=NOW)
    router.get(URL).respond(200, delay=3)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), timeout=5)

    client.get(URL)

    assert router.clock.elapsed == 3
    assert router.calls.last.at == 0


def test_a_delay_beyond_the_read_timeout_is_that_clients_read_timeout():
    router = mockstatus.Router()
    router.get(URL).respond(200, delay=5)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), timeout=1)

    with pytest.raises(httpx.ReadTimeout):
        client.get(URL)


@pytest.mark.parametrize("interim", [[103], [100, 103], [(103, {"Link": "</a.css>; rel=preload"})], [199]])
def test_interim_responses_come_first_and_the_final_one_is_what_httpx_returns(interim):
    response, seen = exchange(status=202, interim=interim)

    assert response.status == seen.status_code == 202
    assert seen.json() == {"status": "accepted", "task_id": "abc-123"}


# --- one reply, many answers ------------------------------------------------------------------------------------------


def test_a_reply_answers_any_number_of_routes_and_calls_alike():
    made = reply(200, stream=[b"a", b"b"], headers={"X-Id": "1"})
    router = mockstatus.Router()
    router.get(URL).respond(made)
    router.post(URL).respond(503).then(made)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))

    seen = [client.get(URL), client.get(URL), client.post(URL), client.post(URL), client.post(URL)]

    assert [response.status_code for response in seen] == [200, 200, 503, 200, 200]
    assert [response.content for response in seen if response.status_code == 200] == [b"ab"] * 4


@pytest.mark.parametrize("code", [0, 99, 600, 999])
def test_a_lenient_reply_may_have_any_number_as_its_status(code):
    assert reply(code, lenient=True).status == code
