"""The pieces come one by one; an answer that breaks off is told."""

import pytest

import mockstatus
from examples.streaming import URL, write

HELLO = ({"text": "Hel"}, {"text": "lo"})


def test_the_pieces_are_read(mock_router):
    mock_router.post(URL).respond(mockstatus.sse(*HELLO, "[DONE]"))

    assert list(write("Hi")) == ["Hel", "lo"]


@pytest.mark.parametrize("trouble", ["connection_reset", "truncated_body", "stalled_body"])
def test_an_answer_that_breaks_off_is_told_after_its_pieces(mock_router, trouble):
    mock_router.post(URL).respond(mockstatus.sse(*HELLO, trouble))
    seen = []

    with pytest.raises(RuntimeError, match="broke off"):
        seen.extend(write("Hi"))

    assert seen == ["Hel", "lo"]


def test_a_pause_that_is_too_long_is_told(mock_router):
    mock_router.post(URL).respond(mockstatus.sse(*HELLO, every=60))

    with pytest.raises(RuntimeError, match="broke off"):
        list(write("Hi"))
