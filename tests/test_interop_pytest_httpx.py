"""Documented statuses, faults and the status host inside pytest-httpx."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pytest_httpx import IteratorStream

import mockstatus
from mockstatus.interop.pytest_httpx import as_callback, as_response, mount
from tests.interop_expected import BEYOND, CODES, INTERIM, METHODS, expected, without_date

URL = "https://api.example.com/jobs"


@pytest.fixture(scope="module")
def client():
    """One client for many calls."""
    with httpx.Client(timeout=3) as client:
        yield client


def seen(response):
    return without_date(response.headers.multi_items()), response.content


@pytest.mark.parametrize("method", METHODS)
def test_an_added_response_is_the_documented_one_of_every_code(httpx_mock, client, method):
    """With HEAD, 204, 205 and 304 without a body, and the Allow of a 405 without the method."""
    for code in CODES:
        httpx_mock.add_response(method=method, url=f"{URL}/{code}", **as_response(code))
    answers = {code: client.request(method, f"{URL}/{code}") for code in CODES}
    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in CODES}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code, method) for code in CODES}


@pytest.mark.parametrize("code", [code for code in [*INTERIM, *BEYOND] if code != 101])
def test_a_reply_of_the_catalogue_is_answered_where_a_number_cannot_be(httpx_mock, client, code):
    """An interim response comes before its 200; a number beyond 599 is sent as it is."""
    httpx_mock.add_response(**as_response(mockstatus.catalog[code].reply()))
    assert client.get(URL).status_code == (code if code > 599 else 200)


def test_one_response_answers_many_requests_each_anew(httpx_mock, client):
    """A HEAD among them has no body, and those after it have one again."""
    httpx_mock.add_response(is_reusable=True, **as_response(405))
    for method in ("GET", "HEAD", "POST", "GET"):
        assert seen(client.request(method, URL)) == expected(405, method)


def test_an_asynchronous_client_and_a_streaming_one_read_it_too(httpx_mock, client):
    """Whoever reads the body."""
    httpx_mock.add_response(is_reusable=True, **as_response(202))

    async def main():
        async with httpx.AsyncClient() as client:
            head = await client.head(URL)
            assert head.content == b""
            async with client.stream("GET", URL) as response:
                return b"".join([piece async for piece in response.aiter_raw()])

    assert asyncio.run(main()) == expected(202)[1]
    with client.stream("GET", URL) as response:
        assert b"".join(response.iter_raw()) == expected(202)[1]


def test_repeated_fields_and_the_version_arrive(httpx_mock, client):
    """Two cookies are two fields."""
    reply = mockstatus.reply(
        200, json=1, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], http_version="HTTP/1.0"
    )
    httpx_mock.add_response(**as_response(reply))
    response = client.get(URL)
    assert response.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
    assert response.http_version == "HTTP/1.0"


def test_a_delay_counts_against_the_read_timeout(httpx_mock, client):
    """And nobody sleeps."""
    httpx_mock.add_response(is_reusable=True, **as_response(mockstatus.reply(200, delay=5)))
    with pytest.raises(httpx.ReadTimeout):
        client.get(URL)
    assert client.get(URL, timeout=9).status_code == 200


def test_a_stream_is_opened_for_each_call(httpx_mock, client):
    """A list of pieces is read from its beginning."""
    httpx_mock.add_response(is_reusable=True, **as_response(mockstatus.reply(200, stream=[b"a", b"b"])))
    assert [client.get(URL).content for _ in range(2)] == [b"ab", b"ab"]


def test_a_callback_goes_through_its_answers_and_repeats_the_last(httpx_mock, client):
    """Faults among them are httpx's exceptions."""
    httpx_mock.add_callback(as_callback("read_timeout", 503, KeyError("mine"), 200), is_reusable=True)
    with pytest.raises(httpx.ReadTimeout) as caught:
        client.get(URL)
    assert caught.value.request.url == URL
    assert client.get(URL).status_code == 503
    with pytest.raises(KeyError, match="mine"):
        client.get(URL)
    assert [client.get(URL).status_code for _ in range(2)] == [200, 200]


def test_a_callback_breaks_a_stream_off(httpx_mock, client):
    """After what came before."""
    httpx_mock.add_callback(as_callback(mockstatus.sse({"n": 1}, "connection_reset")))
    pieces = []
    with client.stream("GET", URL) as response, pytest.raises(httpx.ReadError):
        pieces.extend(response.iter_text())
    assert pieces == ['data: {"n": 1}\n\n']


def test_the_whole_status_host_answers_and_need_not_be_called(httpx_mock, client):
    """Beside responses of one's own."""
    mount(httpx_mock)
    mount(httpx_mock, host="status.example")
    httpx_mock.add_response(url=URL, stream=IteratorStream([b"own"]))
    assert client.get(URL).content == b"own"
    answers = {code: client.get(f"https://mock.local/{code}") for code in (202, 404, 204)}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code) for code in answers}
    made = client.post("https://mock.local/jobs?polls=1")
    assert [client.get(f"https://mock.local{made.headers['Location']}").status_code for _ in range(2)] == [202, 200]
    with pytest.raises(httpx.ConnectError):
        client.get("https://mock.local/fault/connection_refused")


@pytest.mark.parametrize("wrong", [99, 600, 103, True, "202", None, 2.5, "read_timeout", ValueError])
def test_no_response_can_be_made_of_something_else(wrong):
    """Found where it is written."""
    with pytest.raises(mockstatus.InvalidReply):
        as_response(wrong)


@pytest.mark.parametrize("wrong", [[], [600], [None], ["read_timeot"]])
def test_no_callback_can_be_made_of_something_else(wrong):
    """Found where it is written."""
    with pytest.raises((mockstatus.InvalidReply, mockstatus.InvalidRoute)):
        as_callback(*wrong)


def test_only_the_fixture_and_a_host_name_are_mounted(httpx_mock):
    """Not a URL, and not the module."""
    with pytest.raises(mockstatus.InvalidRoute, match="host name"):
        mount(httpx_mock, host="https://mock.local")
    with pytest.raises(mockstatus.InvalidRoute, match="fixture"):
        mount(object())
