"""The clock of a router: running, frozen by ``now=``, and standing; and the dates it writes."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import formatdate, parsedate_to_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from mockstatus.clock import Clock, http_date
from tests.helpers import deterministic

MOMENT = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


def pass_real_time(seconds=0.01):
    """Wait until the machine's clock has moved."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0)


# --- running ----------------------------------------------------------------------------------------------------------


def test_a_running_clock_says_the_real_time_in_utc():
    before = datetime.now(UTC)
    now = Clock().now
    after = datetime.now(UTC)

    assert now.tzinfo is UTC
    assert before - timedelta(milliseconds=1) <= now <= after + timedelta(milliseconds=1)


def test_a_running_clock_moves_with_real_time():
    clock = Clock()
    now, elapsed = clock.now, clock.elapsed

    pass_real_time()

    assert clock.now > now
    assert clock.elapsed >= elapsed + 0.01


def test_advance_puts_a_running_clock_ahead_of_real_time():
    clock = Clock()

    clock.advance(3600)

    assert 3600 <= clock.elapsed < 3660
    assert abs(clock.lead() - 3600) < 0.1
    assert timedelta(minutes=59) < clock.now - datetime.now(UTC) < timedelta(minutes=61)


# --- frozen -----------------------------------------------------------------------------------------------------------


def test_a_frozen_clock_stands_at_the_moment_it_was_given():
    clock = Clock(MOMENT)

    pass_real_time()

    assert clock.now == MOMENT
    assert clock.elapsed == 0


def test_advance_alone_moves_a_frozen_clock():
    clock = Clock(MOMENT)

    clock.advance(90.5)

    assert clock.now == MOMENT + timedelta(seconds=90.5)
    assert clock.elapsed == 90.5


def test_a_frozen_clock_turns_any_time_zone_into_utc():
    clock = Clock(MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30))))

    assert clock.now == MOMENT
    assert clock.now.utcoffset() == timedelta(0)


@deterministic
@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_frozen_clock_keeps_the_microseconds(moment):
    assert Clock(moment).now == moment


def test_a_frozen_clock_begins_again_at_its_moment_when_it_is_restarted():
    clock = Clock(MOMENT)
    clock.advance(10)

    clock.restart()

    assert clock.now == MOMENT
    assert clock.elapsed == 0


@pytest.mark.parametrize("now", [datetime(2026, 11, 22), "2026-11-22", 1_795_342_530, MOMENT.date()])
def test_a_moment_without_a_time_zone_is_refused(now):
    with pytest.raises(mockstatus.InvalidSetting, match=r"now="):
        mockstatus.Router(now=now)


def test_the_router_freezes_its_clock_and_the_dates_of_its_answers():
    router = mockstatus.Router(now=MOMENT)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), timeout=None)

    first = client.get("https://mock.local/200")
    client.get("https://mock.local/delay/90")
    later = client.get("https://mock.local/200")

    assert first.headers["Date"] == "Sun, 22 Nov 2026 10:15:30 GMT"
    assert later.headers["Date"] == "Sun, 22 Nov 2026 10:17:00 GMT"
    assert "2026-11-22T10:17:00" in repr(router.clock)


# --- standing ---------------------------------------------------------------------------------------------------------


def test_a_standing_clock_moves_by_advance_alone():
    clock = Clock()
    clock.advance(5)
    clock.stand()
    now, elapsed = clock.now, clock.elapsed

    pass_real_time()

    assert (clock.now, clock.elapsed) == (now, elapsed)
    clock.advance(60)
    assert clock.now == now + timedelta(seconds=60)
    assert clock.elapsed == pytest.approx(elapsed + 60)


def test_a_clock_that_stood_runs_on_from_where_it_stands():
    clock = Clock()
    clock.stand()
    clock.advance(60)
    now, elapsed = clock.now, clock.elapsed

    clock.run()
    pass_real_time()

    assert timedelta(0) < clock.now - now < timedelta(seconds=10)
    assert 0 < clock.elapsed - elapsed < 10


def test_standing_twice_is_standing_once():
    clock = Clock()
    clock.stand()
    now = clock.now

    clock.stand()

    assert clock.now == now


def test_a_frozen_clock_stays_frozen_whoever_lets_it_run():
    clock = Clock(MOMENT)

    clock.stand()
    clock.run()
    pass_real_time()

    assert clock.now == MOMENT


# --- advance ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-1, -0.001, float("inf"), float("nan"), "1", None])
def test_a_clock_moves_forward_by_a_finite_number_of_seconds_only(seconds):
    clock = Clock(MOMENT)

    with pytest.raises(mockstatus.InvalidSetting, match="advance"):
        clock.advance(seconds)
    assert clock.elapsed == 0


def test_no_step_is_lost_when_many_threads_advance_at_once():
    clock = Clock(MOMENT)

    def advance():
        for _ in range(500):
            clock.advance(1)

    threads = [threading.Thread(target=advance) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock.elapsed == 32 * 500
    assert clock.now == MOMENT + timedelta(seconds=32 * 500)


# --- dates ------------------------------------------------------------------------------------------------------------


def test_an_http_date_is_an_imf_fixdate():
    assert http_date(MOMENT.timestamp()) == "Sun, 22 Nov 2026 10:15:30 GMT"


@deterministic
@given(st.integers(0, 253_402_300_799))
def test_an_http_date_is_what_the_standard_library_writes(second):
    assert http_date(second) == formatdate(second, usegmt=True)


@deterministic
@given(st.floats(0, 4e9))
def test_an_http_date_is_the_second_that_has_begun(timestamp):
    assert parsedate_to_datetime(http_date(timestamp)).timestamp() == int(timestamp)
