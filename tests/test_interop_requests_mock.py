"""Documented statuses, faults and the status host inside requests-mock."""

from __future__ import annotations

import pytest
import requests
import requests_mock

import mockstatus
from mockstatus.interop.requests_mock import as_response, mount
from tests.interop_expected import BEYOND, CODES, INTERIM, METHODS, expected, without_date

URL = "https://api.example.com/jobs"


@pytest.fixture
def mocker():
    """A mock of requests-mock."""
    with requests_mock.Mocker() as mocker:
        yield mocker


def seen(response):
    return without_date(response.raw.headers.iteritems()), response.content


def ask(method, url, **options):
    return requests.request(method, url, allow_redirects=False, **options)


@pytest.mark.parametrize("method", METHODS)
def test_a_response_is_the_documented_one_of_every_code(mocker, method):
    """With HEAD, 204, 205 and 304 without a body, and the Allow of a 405 without the method."""
    for code in CODES:
        mocker.register_uri(method, f"{URL}/{code}", **as_response(code))
    answers = {code: ask(method, f"{URL}/{code}") for code in CODES}
    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in CODES}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code, method) for code in CODES}
    assert {code: answer.reason for code, answer in answers.items()} == {c: mockstatus.catalog[c].phrase for c in CODES}


@pytest.mark.parametrize("code", [*INTERIM, *BEYOND])
def test_a_reply_of_the_catalogue_is_what_requests_makes_of_it(mocker, code):
    """It skips a 100, and takes other interim responses for the whole answer, as on a wire."""
    mocker.get(URL, **as_response(mockstatus.catalog[code].reply()))
    assert ask("GET", URL).status_code == (200 if code == 100 else code)


def test_repeated_fields_arrive_and_the_jar_is_filled(mocker):
    """Which a mock of requests-mock leaves empty otherwise."""
    reply = mockstatus.reply(200, json=1, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    mocker.get(URL, **as_response(reply))
    with requests.Session() as session:
        response = session.get(URL)
        assert response.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
        assert dict(session.cookies) == {"a": "1", "b": "2"}


def test_a_list_is_answers_in_a_row_of_which_the_last_repeats(mocker):
    """Faults among them are requests' exceptions."""
    mocker.get(URL, [as_response(503), as_response("read_timeout"), as_response(KeyError("mine")), as_response(200)])
    assert requests.get(URL).status_code == 503
    with pytest.raises(requests.ReadTimeout) as caught:
        requests.get(URL, timeout=3)
    assert caught.value.request.url == URL
    with pytest.raises(KeyError, match="mine"):
        requests.get(URL)
    assert [requests.get(URL).status_code for _ in range(2)] == [200, 200]
    assert mocker.call_count == 5


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("connect_timeout", requests.ConnectTimeout),
        ("connection_refused", requests.ConnectionError),
        ("tls_failure", requests.exceptions.SSLError),
        ("connection_reset", requests.ConnectionError),
        ("truncated_body", requests.exceptions.ChunkedEncodingError),
        ("stalled_body", requests.ConnectionError),
        ("bad_encoding", requests.exceptions.ContentDecodingError),
    ],
)
def test_a_fault_is_the_exception_of_requests(mocker, fault, kind):
    """While sending and while reading."""
    mocker.get(URL, **as_response(fault))
    with pytest.raises(kind) as caught:
        requests.get(URL, timeout=3)
    assert type(caught.value) is kind


def test_a_delay_counts_against_the_read_timeout(mocker):
    """And nobody sleeps."""
    mocker.get(URL, **as_response(mockstatus.reply(200, delay=5)))
    with pytest.raises(requests.ReadTimeout):
        requests.get(URL, timeout=(1, 2))
    assert requests.get(URL, timeout=9).status_code == 200


def test_a_pattern_and_a_body_that_was_sent_do_not_matter(mocker):
    """It answers whatever requests-mock found to fit."""
    mocker.post(requests_mock.ANY, **as_response(202))
    assert requests.post(URL, json={"size": 3}).json() == {"status": "accepted", "task_id": "abc-123"}
    assert mocker.last_request.json() == {"size": 3}


def test_an_adapter_that_is_mounted_takes_it():
    """The other way to use requests-mock."""
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", "mock://jobs.example/x", **as_response(404))
    adapter.register_uri("GET", "https://jobs.example/x", **as_response(404))
    mount(adapter)
    with requests.Session() as session:
        session.mount("https://", adapter)
        assert session.get("https://jobs.example/x").json() == {"error": "not_found", "message": "Not Found"}
        assert session.get("https://mock.local/202").status_code == 202


def test_the_whole_status_host_answers_inside_a_mock(mocker):
    """Codes, redirects, delays, faults, jobs and the echo; a newer matcher comes first."""
    mount(mocker)
    mocker.get("https://mock.local/409", **as_response(423))
    codes = [code for code in CODES if code not in (201, 409, *range(300, 309))]
    answers = {code: ask("GET", f"https://mock.local/{code}") for code in codes}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code) for code in codes}
    assert requests.get("http://mock.local:8080/redirect/2").json() == {"status": "success"}
    assert requests.post("https://mock.local/anything?a=1", json={"b": 2}).json()["json"] == {"b": 2}
    with pytest.raises(requests.ReadTimeout):
        requests.get("https://mock.local/delay/5", timeout=1)
    with pytest.raises(requests.ConnectionError):
        requests.get("https://mock.local/fault/connection_refused")
    assert requests.get("https://mock.local/409").status_code == 423
    assert requests.head("https://mock.local/202").content == b""


def test_what_a_public_service_does_not_document_is_no_match(mocker):
    """requests-mock says so in its own way."""
    mount(mocker, host="httpbin.org")
    assert requests.get("https://httpbin.org/status/418").status_code == 418
    with pytest.raises(requests_mock.NoMockAddress):
        requests.get("https://httpbin.org/uuid")


@pytest.mark.parametrize("wrong", [99, 600, 103, True, "read_timeot", None, 2.5])
def test_no_response_can_be_made_of_something_else(wrong):
    """Found where it is written."""
    with pytest.raises((mockstatus.InvalidReply, mockstatus.InvalidRoute)):
        as_response(wrong)


def test_only_a_mock_and_a_host_name_are_mounted(mocker):
    """Not a URL, and not the module."""
    with pytest.raises(mockstatus.InvalidRoute, match="host name"):
        mount(mocker, host="https://mock.local")
    with pytest.raises(mockstatus.InvalidRoute, match=r"requests_mock\.Mocker"):
        mount(object())
