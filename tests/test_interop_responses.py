"""Documented statuses, faults and the status host inside responses: what callers of requests see there."""

from __future__ import annotations

import re

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter
from responses import matchers
from urllib3.util import Retry

import mockstatus
from mockstatus.interop.responses import as_callback, as_response, mount
from tests.interop_expected import BEYOND, CODES, INTERIM, METHODS, expected, without_date

URL = "https://api.example.com/jobs"


@pytest.fixture
def rsps():
    """A mock of responses."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        yield rsps


def seen(response):
    return without_date(response.raw.headers.iteritems()), response.content


def ask(method, url, **options):
    return requests.request(method, url, allow_redirects=False, **options)


@pytest.mark.parametrize("method", METHODS)
def test_a_response_is_the_documented_one_of_every_code(rsps, method):
    """With HEAD, 204, 205 and 304 without a body, and the Allow of a 405 without the method."""
    for code in CODES:
        rsps.add(as_response(method, f"{URL}/{code}", code))
    answers = {code: ask(method, f"{URL}/{code}") for code in CODES}
    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in CODES}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code, method) for code in CODES}
    assert {code: answer.reason for code, answer in answers.items()} == {c: mockstatus.catalog[c].phrase for c in CODES}


@pytest.mark.parametrize("method", METHODS)
def test_a_callback_is_the_documented_response_of_every_code(rsps, method):
    """Without the text/plain that responses gives a callback's answer that has no Content-Type."""
    for code in CODES:
        rsps.add_callback(method, f"{URL}/{code}", as_callback(code))
    answers = {code: ask(method, f"{URL}/{code}") for code in CODES}
    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in CODES}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code, method) for code in CODES}


@pytest.mark.parametrize("code", [*INTERIM, *BEYOND])
def test_a_reply_of_the_catalogue_is_what_requests_makes_of_it(rsps, code):
    """It skips a 100, and takes other interim responses for the whole answer, as on a wire."""
    rsps.add(as_response("GET", URL, mockstatus.catalog[code].reply()))
    assert ask("GET", URL).status_code == (200 if code == 100 else code)


def test_repeated_fields_arrive_and_the_jar_is_filled(rsps):
    """Two cookies are two fields, in a response and in a callback."""
    reply = mockstatus.reply(200, json=1, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    rsps.add(as_response("GET", URL, reply))
    rsps.add_callback("POST", URL, as_callback(reply))
    for method in ("GET", "POST"):
        with requests.Session() as session:
            response = session.request(method, URL)
            assert response.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
            assert dict(session.cookies) == {"a": "1", "b": "2"}
            assert dict(response.cookies) == {"a": "1", "b": "2"}


def test_a_compressed_body_is_decoded_once(rsps):
    """By the response that the caller reads."""
    reply = mockstatus.reply(200, json={"n": 1}, headers={"Content-Encoding": "gzip"})
    rsps.add(as_response("GET", URL, reply))
    rsps.add_callback("POST", URL, as_callback(reply))
    assert requests.get(URL).json() == requests.post(URL).json() == {"n": 1}


def test_what_is_added_twice_answers_twice(rsps):
    """responses copies it, and removes what it used while another fits."""
    response = as_response("GET", URL, 503)
    rsps.add(response)
    rsps.add(response)
    rsps.add(as_response("GET", URL, 200))
    assert [requests.get(URL).status_code for _ in range(4)] == [503, 503, 200, 200]


def test_matchers_of_responses_decide(rsps):
    """A query, here."""
    rsps.add(as_response("GET", URL, 404))
    rsps.add(as_response("GET", URL, 200, match=[matchers.query_param_matcher({"q": "1"})]))
    assert requests.get(URL, params={"q": "2"}).status_code == 404


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("connect_timeout", requests.ConnectTimeout),
        ("connection_refused", requests.ConnectionError),
        ("dns_failure", requests.ConnectionError),
        ("tls_failure", requests.exceptions.SSLError),
        ("read_timeout", requests.ReadTimeout),
        ("connection_reset", requests.ConnectionError),
        ("empty_response", requests.ConnectionError),
        ("malformed_response", requests.ConnectionError),
        ("truncated_body", requests.exceptions.ChunkedEncodingError),
        ("malformed_chunk", requests.exceptions.ChunkedEncodingError),
        ("stalled_body", requests.ConnectionError),
        ("bad_encoding", requests.exceptions.ContentDecodingError),
    ],
)
@pytest.mark.parametrize("add", ["response", "callback"])
def test_a_fault_is_the_exception_of_requests(rsps, add, fault, kind):
    """Of every name that requests can have, while sending and while reading."""
    if add == "response":
        rsps.add(as_response("GET", URL, fault))
        rsps.add(as_response("GET", URL, 201))
    else:
        rsps.add_callback("GET", URL, as_callback(fault, 201))
    with pytest.raises(kind) as caught:
        requests.get(URL, timeout=3)
    assert type(caught.value) is kind
    assert requests.get(URL).status_code == 201
    assert len(rsps.calls) == 2


def test_a_fault_that_requests_cannot_have_says_which_it_can(rsps):
    """It times no sending."""
    rsps.add(as_response("GET", URL, "write_timeout"))
    with pytest.raises(mockstatus.InvalidRoute, match="read_timeout"):
        requests.get(URL, timeout=1)


def test_a_delay_counts_against_the_read_timeout(rsps):
    """Which no delay of a callback of one's own does; and nobody sleeps."""
    rsps.add(as_response("GET", URL, mockstatus.reply(200, delay=5)))
    with pytest.raises(requests.ReadTimeout):
        requests.get(URL, timeout=(1, 2))
    assert requests.get(URL, timeout=9).status_code == 200


def test_a_callback_goes_through_its_answers_and_repeats_the_last(rsps):
    """Exceptions of one's own too."""
    rsps.add_callback("GET", URL, as_callback(503, KeyError("mine"), 204, 200))
    assert requests.get(URL).status_code == 503
    with pytest.raises(KeyError, match="mine"):
        requests.get(URL)
    assert [requests.get(URL).status_code for _ in range(3)] == [204, 200, 200]


def test_a_retry_of_the_adapter_sees_the_answers(rsps):
    """As far as responses runs one."""
    rsps.add_callback("GET", URL, as_callback(503, 503, 200))
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=0)))
        assert session.get(URL).status_code == 200
    assert len(rsps.calls) == 3


def test_the_default_mock_and_its_decorator_take_it():
    """As people write it."""

    @responses.activate
    def test():
        responses.add(as_response("GET", URL, 202))
        return requests.get(URL).json()

    assert test() == {"status": "accepted", "task_id": "abc-123"}


def test_the_whole_status_host_answers_inside_a_mock(rsps):
    """Codes, redirects, delays, faults, jobs and the echo; a response of one's own comes first."""
    mount(rsps)
    rsps.add(as_response("GET", URL, 418))
    rsps.add(as_response("GET", "https://mock.local/409", 423))
    codes = [code for code in CODES if code not in (201, 409, *range(300, 309))]
    answers = {code: ask("GET", f"https://mock.local/{code}") for code in codes}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code) for code in codes}
    assert requests.get("http://mock.local:8080/redirect/2").json() == {"status": "success"}
    assert requests.post("https://mock.local/anything?a=1", json={"b": 2}).json()["json"] == {"b": 2}
    with pytest.raises(requests.ReadTimeout):
        requests.get("https://mock.local/delay/5", timeout=1)
    with pytest.raises(requests.ConnectionError):
        requests.get("https://mock.local/fault/connection_refused")
    made = requests.post("https://mock.local/jobs?polls=1")
    assert [requests.get(f"https://mock.local{made.headers['Location']}").status_code for _ in range(2)] == [202, 200]
    assert [requests.get("https://mock.local/409").status_code for _ in range(2)] == [423, 423]
    assert requests.head("https://mock.local/202").content == b""
    assert requests.get(URL).status_code == 418


def test_what_a_public_service_does_not_document_is_no_answer(rsps):
    """It is an error of mockstatus that says so."""
    mount(rsps, host="httpbin.org")
    assert requests.get("https://httpbin.org/status/418").status_code == 418
    with pytest.raises(mockstatus.UnmatchedRequest, match="uuid"):
        requests.get("https://httpbin.org/uuid")


def test_a_host_need_not_be_called():
    """assert_all_requests_are_fired is about the responses."""
    with responses.RequestsMock() as rsps:
        host = mount(rsps, host="status.example")
        assert len(host.calls) == 0
    with pytest.raises(AssertionError, match="Not all requests"), responses.RequestsMock() as rsps:
        rsps.add(as_response("GET", URL, 200))


@pytest.mark.parametrize("wrong", [99, 600, 103, True, "read_timeot", None, 2.5])
def test_no_response_can_be_made_of_something_else(wrong):
    """Found where it is written."""
    with pytest.raises((mockstatus.InvalidReply, mockstatus.InvalidRoute)):
        as_response("GET", URL, wrong)
    with pytest.raises((mockstatus.InvalidReply, mockstatus.InvalidRoute)):
        as_callback(200, wrong)


@pytest.mark.parametrize(
    "arguments", [("GE T", URL), (None, URL), ("GET", "/jobs"), ("GET", None), ("GET", "https://")]
)
def test_a_response_has_a_method_and_an_absolute_url(arguments):
    """Or a pattern."""
    with pytest.raises(mockstatus.InvalidRoute):
        as_response(*arguments)
    assert as_response("get", re.compile("jobs")).method == "GET"


def test_only_a_mock_and_a_host_name_are_mounted(rsps):
    """Not a URL, and not the module."""
    with pytest.raises(mockstatus.InvalidRoute, match="host name"):
        mount(rsps, host="https://mock.local")
    with pytest.raises(mockstatus.InvalidRoute, match=r"responses\.mock"):
        mount(responses)
