"""What is tried again, how often, and how long it would have taken."""

import pytest
import requests

from examples.retrying import make_session

URL = "https://api.example.com/orders"


def test_a_busy_server_is_asked_again_when_it_says(mock_router):
    route = mock_router.get(URL).respond(503, headers={"Retry-After": "20"}, times=2).then(200)

    assert make_session().get(URL, timeout=5).status_code == 200
    assert route.call_count == 3
    assert 40 <= mock_router.clock.elapsed < 45


def test_a_connection_that_is_reset_is_tried_again(mock_router):
    route = mock_router.get(URL).fail("connection_reset").then(200)

    assert make_session().get(URL, timeout=5).status_code == 200
    assert route.call_count == 2


def test_it_gives_up_after_three_times(mock_router):
    route = mock_router.get(URL).fail("connection_refused")

    with pytest.raises(requests.ConnectionError):
        make_session().get(URL, timeout=5)
    assert route.call_count == 4


def test_a_post_is_not_sent_twice(mock_router):
    route = mock_router.post(URL).respond(503)

    assert make_session().post(URL, timeout=5).status_code == 503
    assert route.call_count == 1
