"""mockstatus and another mock at once: both answer, in both orders of entry and exit; afterwards all is as it was."""

from __future__ import annotations

from contextlib import contextmanager

import httpx
import pytest
import pytest_httpx
import requests
import requests_mock
import responses
import respx

import mockstatus
from tests.switching import REAL, Server, attributes, changes, load_everything, nothing_left  # noqa: F401

MINE = "https://mine.example/jobs"
OTHER = "https://other.example/jobs"
SAME = "https://same.example/jobs"

pytestmark = pytest.mark.httpx_mock(
    assert_all_responses_were_requested=False,
    can_send_already_matched_responses=True,
    should_mock=lambda request: request.url.host in ("other.example", "same.example"),
)


@contextmanager
def respx_in(using):
    with respx.mock(assert_all_called=False, using=using) as router:
        for url in (OTHER, SAME):
            router.get(url).respond(418)
        router.route(host="mine.example").pass_through()
        router.route(host="mock.local").pass_through()
        yield


@contextmanager
def responses_in():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        for url in (OTHER, SAME):
            rsps.add("GET", url, status=418)
        rsps.add_passthru(MINE)
        rsps.add_passthru("https://mock.local")
        yield


@contextmanager
def requests_mock_in():
    with requests_mock.Mocker(real_http=True) as mocker:
        for url in (OTHER, SAME):
            mocker.get(url, status_code=418)
        yield


@contextmanager
def pytest_httpx_in(request):
    with pytest.MonkeyPatch.context() as monkeypatch:
        fixture = contextmanager(pytest_httpx.httpx_mock._get_wrapped_function())
        with fixture(monkeypatch, request) as mock:
            for url in (OTHER, SAME):
                mock.add_response(url=url, status_code=418)
            yield


LIBRARIES = ("respx", "respx-using-httpx", "responses", "requests-mock", "pytest-httpx")


class Beside:
    """Another library, a client that it intercepts, and mockstatus, which lets that library's host through."""

    def __init__(self, name, request):
        self.enter_other = {
            "respx": lambda: respx_in("httpcore"),
            "respx-using-httpx": lambda: respx_in("httpx"),
            "responses": responses_in,
            "requests-mock": requests_mock_in,
            "pytest-httpx": lambda: pytest_httpx_in(request),
        }[name]
        self.is_httpx = "httpx" in name or name == "respx"
        self.router = mockstatus.Router()
        self.router.get(MINE).respond(202)
        self.router.get(f"{MINE}/slow").fail("read_timeout")
        self.router.get(SAME).respond(202)

    def enter_mine(self):
        return mockstatus.activate(self.router, network=["other.example"])

    def get(self, url):
        if self.is_httpx:
            return httpx.get(url, verify=False, timeout=3)
        return requests.get(url, timeout=3)

    def status(self, url):
        return self.get(url).status_code

    def timeout(self):
        return httpx.ReadTimeout if self.is_httpx else requests.ReadTimeout


@pytest.fixture(params=LIBRARIES)
def beside(request):
    return Beside(request.param, request)


@pytest.fixture
def before():
    """What stands where, once every module is loaded that a call needs."""
    load_everything()
    return attributes()


def as_it_was(beside, before):
    """The client really calls a server, and nothing is in the place of anything; after one more activation."""
    with Server() as server:
        response = beside.get(server.url)
    assert (response.status_code, response.text) == REAL
    with mockstatus.activate():
        assert beside.status("https://mock.local/204") == 204
    assert changes(before) == []


def both_answer(beside):
    assert [beside.status(url) for url in (MINE, OTHER, "https://mock.local/204", MINE, OTHER)] == [
        202,
        418,
        204,
        202,
        418,
    ]
    with pytest.raises(beside.timeout()) as caught:
        beside.get(f"{MINE}/slow")
    assert type(caught.value) is beside.timeout()


def test_the_other_first_and_mockstatus_inside(beside, before):
    """Both answer, a fault is the client's own exception; mockstatus leaves, then the other."""
    with beside.enter_other():
        with beside.enter_mine():
            both_answer(beside)
        assert beside.status(OTHER) == 418
    as_it_was(beside, before)


def test_mockstatus_first_and_the_other_inside(beside, before):
    """The same the other way round."""
    with beside.enter_mine():
        with beside.enter_other():
            both_answer(beside)
        assert beside.status(MINE) == 202
    as_it_was(beside, before)


def test_the_other_first_and_left_first(beside, before):
    """mockstatus goes on without it."""
    other, mine = beside.enter_other(), beside.enter_mine()
    other.__enter__()
    mine.__enter__()
    both_answer(beside)
    other.__exit__(None, None, None)
    assert [beside.status(MINE), beside.status("https://mock.local/204")] == [202, 204]
    mine.__exit__(None, None, None)
    as_it_was(beside, before)


def test_mockstatus_first_and_left_first(beside, before):
    """The other goes on without it."""
    mine, other = beside.enter_mine(), beside.enter_other()
    mine.__enter__()
    other.__enter__()
    both_answer(beside)
    mine.__exit__(None, None, None)
    assert beside.status(OTHER) == 418
    other.__exit__(None, None, None)
    as_it_was(beside, before)


def test_they_take_turns_many_times(beside, before):
    """Nothing piles up."""
    for turn in range(6):
        outer, inner = (beside.enter_other, beside.enter_mine)[:: 1 if turn % 2 else -1]
        with outer(), inner():
            assert [beside.status(url) for url in (MINE, OTHER)] == [202, 418]
    as_it_was(beside, before)


WHO_IS_FIRST = {  # with mockstatus outside, inside; as docs/beside-other-mocks.md says
    "respx": (202, 202),
    "respx-using-httpx": (418, 418),
    "responses": (418, 418),
    "requests-mock": (418, 418),
    "pytest-httpx": (418, 202),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_who_answers_first_is_as_documented(name, request):
    """Where both have a route for a URL."""
    beside = Beside(name, request)
    with beside.enter_mine(), beside.enter_other():
        outside = beside.status(SAME)
    with beside.enter_other(), beside.enter_mine():
        inside = beside.status(SAME)
    assert (outside, inside) == WHO_IS_FIRST[name]


@pytest.mark.parametrize("mine_inside", [True, False])
def test_what_neither_answers_is_an_error_and_not_sent(beside, mine_inside):
    """Whoever says so, the server is not reached."""
    with Server() as server:
        entries = (beside.enter_other, beside.enter_mine)[:: 1 if mine_inside else -1]
        with entries[0](), entries[1]():
            beside.router.unmatched.clear()
            with pytest.raises(Exception, match="(?i)match|mock|no response|no route fits") as caught:
                beside.get(f"http://localhost:{server.port}/")
            beside.router.unmatched.clear()
        assert isinstance(caught.value, (AssertionError, requests.ConnectionError, httpx.TimeoutException))
        assert server.received == []
