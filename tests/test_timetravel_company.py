"""Virtual time together with what else changes the time: freezegun, time-machine, mocks; inside, outside, crosswise."""

from __future__ import annotations

import asyncio
import datetime
import time
from time import time as imported_time
from unittest import mock

import freezegun
import httpx
import pytest
import time_machine
import trio

import mockstatus

pytestmark = pytest.mark.timeout(30)

MOMENT = "2020-01-01T00:00:00+00:00"
SECONDS = datetime.datetime.fromisoformat(MOMENT).timestamp()
BEFORE = (time.sleep, time.time, time.monotonic, time.perf_counter)


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert (time.sleep, time.time, time.monotonic, time.perf_counter) == BEFORE
    assert imported_time is BEFORE[1]
    assert freezegun.api.real_time is BEFORE[1]


def freeze():
    return freezegun.freeze_time(MOMENT)


def travel():
    return time_machine.travel(MOMENT, tick=False)


BOTH = pytest.mark.parametrize("begin", [freeze, travel], ids=["freezegun", "time-machine"])


@BOTH
def test_inside_a_frozen_time_virtual_time_begins_there_and_goes_on(begin):
    with begin(), mockstatus.activate(time="virtual") as router:
        assert time.time() == imported_time() == SECONDS
        time.sleep(60)
        assert time.time() == imported_time() == SECONDS + 60
        assert router.clock.now.isoformat() == "2020-01-01T00:01:00+00:00"
        # under freezegun the date is of a class of freezegun's, and stands
        date = MOMENT if begin is freeze else "2020-01-01T00:01:00+00:00"
        assert datetime.datetime.now(datetime.UTC).isoformat() == date


@BOTH
def test_a_time_that_is_frozen_inside_virtual_time_stands(begin):
    with mockstatus.activate(time="virtual") as router:
        with begin():
            assert time.time() == imported_time() == SECONDS
            time.sleep(60)
            assert time.time() == imported_time() == SECONDS
            assert router.clock.elapsed == 60
        time.sleep(60)
        assert time.time() == imported_time() == router.clock.timestamp()


@BOTH
def test_event_loops_go_on_under_a_frozen_time(begin):
    with mockstatus.activate(time="virtual") as router, begin():
        asyncio.run(asyncio.sleep(60))
        assert router.clock.elapsed == pytest.approx(60)
        trio.run(trio.sleep, 60)
        assert router.clock.elapsed == pytest.approx(120)
    with begin(), mockstatus.activate(time="virtual") as router:
        asyncio.run(asyncio.sleep(60))
        trio.run(trio.sleep, 60)
        assert router.clock.elapsed == pytest.approx(120)


@BOTH
def test_they_may_end_crosswise(begin):
    activation, other = mockstatus.activate(time="virtual"), begin()
    activation.start()
    other.start()
    activation.stop()
    assert time.time() == SECONDS
    other.stop()
    assert (time.sleep, time.time, time.monotonic, time.perf_counter) == BEFORE

    other = begin()
    other.start()
    router = activation.start()
    other.stop()
    time.sleep(60)
    assert router.clock.elapsed == 60
    activation.stop()


@BOTH
def test_dates_of_answers_follow_the_frozen_time_in_the_other_modes(begin):
    for mode in ("instant", "real"):
        with begin(), mockstatus.activate(time=mode) as router:
            assert router.clock.now.isoformat() == MOMENT
            assert httpx.get("https://mock.local/202").headers["Date"] == "Wed, 01 Jan 2020 00:00:00 GMT"
        with mockstatus.activate(time=mode) as router, begin():
            assert httpx.get("https://mock.local/202").headers["Date"] == "Wed, 01 Jan 2020 00:00:00 GMT"


def test_a_tick_of_a_frozen_time_lets_the_router_s_time_pass():
    with freezegun.freeze_time(MOMENT) as frozen, mockstatus.activate() as router:
        router.job("https://api.example.com/jobs", duration=30)
        job = httpx.post("https://api.example.com/jobs").headers["Location"]
        assert httpx.get(job).status_code == 202
        frozen.tick(31)
        assert router.clock.elapsed == 31
        assert httpx.get(job).status_code == 200


def test_no_time_passes_when_time_is_frozen_or_let_go():
    router = mockstatus.Router()
    began = router.clock.elapsed

    with freezegun.freeze_time(MOMENT) as frozen:
        assert 0 <= router.clock.elapsed - began < 5
        frozen.tick(100)
        assert 100 <= router.clock.elapsed - began < 105

    assert 100 <= router.clock.elapsed - began < 105
    with freezegun.freeze_time("2040-01-01"):
        assert 100 <= router.clock.elapsed - began < 105


def test_a_mocked_sleep_inside_is_the_mock_s():
    with mockstatus.activate(time="virtual") as router:
        with mock.patch("time.sleep") as sleep:
            time.sleep(5)
        time.sleep(3)

    assert sleep.call_args_list == [mock.call(5)]
    assert router.clock.elapsed == pytest.approx(3, abs=1)


def test_a_mocked_sleep_outside_is_back_afterwards():
    with mock.patch("time.sleep") as sleep:
        with mockstatus.activate(time="virtual") as router:
            time.sleep(5)
            assert router.clock.elapsed == 5
        assert time.sleep is sleep
        time.sleep(3)

    assert sleep.call_args_list == [mock.call(3)]


def test_a_mock_that_was_made_before_calls_what_it_keeps():
    with mock.patch("time.sleep", wraps=time.sleep) as sleep:
        activation = mockstatus.activate(time="virtual")
        router = activation.start()
        time.sleep(5)
        assert router.clock.elapsed == 5
        activation.stop()
        assert time.sleep is sleep
