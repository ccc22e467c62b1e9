"""Tests of the streaming program: server-sent events, slow ones, and ones that break off."""

import httpx
import pytest
from streaming import URL, ask, words

import mockstatus


@pytest.fixture
def router():
    with mockstatus.activate() as router:
        yield router


@pytest.fixture
def client():
    with httpx.Client(timeout=5) as client:
        yield client


def test_the_pieces_come_as_they_are_written(router, client):
    router.post(URL, json=mockstatus.partial({"stream": True})).respond(
        mockstatus.sse({"text": "Good "}, {"text": "day"}, "[DONE]", every=2)
    )
    assert list(words(client, "Hello?")) == ["Good ", "day"]
    assert router.clock.elapsed >= 6  # two seconds before each of three events


def test_an_answer_that_breaks_off_is_asked_for_again(router, client):
    route = router.post(URL).respond(mockstatus.sse({"text": "Goo"}, "connection_reset"))
    route.then(mockstatus.sse({"text": "Good "}, {"text": "day"}, "[DONE]"))
    assert ask(client, "Hello?") == "Good day"
    assert route.call_count == 2


def test_an_answer_that_stalls_is_a_timeout(router, client):
    router.post(URL).respond(mockstatus.sse({"text": "Goo"}, "stalled_body"))
    heard = []
    with pytest.raises(httpx.ReadTimeout):
        heard.extend(words(client, "Hello?"))
    assert heard == ["Goo"]


def test_a_model_that_is_overloaded_says_so(router, client):
    router.post(URL).respond(529)
    with pytest.raises(httpx.HTTPStatusError, match="529"):
        ask(client, "Hello?")
