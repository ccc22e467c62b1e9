"""Tests of the retrying program: answers in a row, faults by name, pauses that nobody sleeps."""

import pytest
import requests
from retrying import URL, read_prices

import mockstatus

PRICES = {"tea": 3.5}


@pytest.fixture
def router():
    with mockstatus.activate(time="virtual") as router:
        yield router


@pytest.fixture
def session():
    with requests.Session() as session:
        yield session


def test_a_service_that_comes_back_is_read(router, session):
    route = (
        router.get(URL).respond(503, headers={"Retry-After": 30}).then_fail("connection_reset").then(200, json=PRICES)
    )
    assert read_prices(session) == PRICES
    assert route.call_count == 3
    assert router.clock.elapsed == 30 + 2


def test_a_slow_service_costs_its_timeouts(router, session):
    router.get(URL).fail("read_timeout", times=2).then(200, json=PRICES)
    assert read_prices(session) == PRICES
    assert router.clock.elapsed == 10 + 1 + 10 + 2


def test_a_service_that_stays_away_is_an_error_in_the_end(router, session):
    route = router.get(URL).respond(503, headers={"Retry-After": None})
    with pytest.raises(requests.HTTPError, match="503"):
        read_prices(session)
    assert route.call_count == 4


def test_a_mistake_of_ours_is_not_tried_again(router, session):
    route = router.get(URL).respond(404)
    with pytest.raises(requests.HTTPError, match="404"):
        read_prices(session)
    assert route.call_count == 1
