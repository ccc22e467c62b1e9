"""How a wait inside a call is spent: not at all, really, or in virtual time."""

from __future__ import annotations

import asyncio
import time

import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import mockstatus
from mockstatus.clock import Clock
from mockstatus.waiting import InstantWaiter, SleepingWaiter, check_time, in_event_loop, in_trio, make_waiter

URL = "https://api.example.com/slow"


def now():
    """The machine's time, in seconds."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def async_get(module, run):
    async def get():
        async with module.AsyncClient(timeout=60) as client:
            return (await client.get(URL)).status_code

    return lambda: run(get)


CALLS = {
    "httpx": lambda: httpx.get(URL, timeout=60).status_code,
    "httpx2": lambda: httpx2.get(URL, timeout=60).status_code,
    "requests": lambda: requests.get(URL, timeout=60).status_code,
    "urllib3": lambda: urllib3.request("GET", URL, timeout=60).status,
    "httpx on asyncio": async_get(httpx, lambda function: asyncio.run(function())),
    "httpx2 on asyncio": async_get(httpx2, lambda function: asyncio.run(function())),
    "httpx on trio": async_get(httpx, trio.run),
    "httpx2 on trio": async_get(httpx2, trio.run),
}


@pytest.fixture(params=CALLS.values(), ids=CALLS)
def call(request):
    return request.param


def test_instant_waits_for_nothing_and_moves_the_clock(call):
    with mockstatus.activate(time="instant") as router:
        router.get(URL).respond(200, delay=50)
        began = now()
        assert call() == 200
        assert now() - began < 20
        assert 50 <= router.clock.elapsed < 70


def test_real_really_waits(call):
    with mockstatus.activate(time="real") as router:
        router.get(URL).respond(200, delay=0.05)
        began = now()
        assert call() == 200
        assert now() - began >= 0.05
        assert router.clock.elapsed >= 0.05


def test_virtual_sleeps_on_the_clock(call):
    with mockstatus.activate(time="virtual") as router:
        router.get(URL).respond(200, delay=50)
        assert call() == 200
        assert router.clock.elapsed == pytest.approx(50)


def test_instant_leaves_the_sleep_of_the_code_under_test_alone():
    with mockstatus.activate(time="instant"):
        began = now()
        time.sleep(0.03)
        assert now() - began >= 0.03


async def test_real_never_blocks_the_event_loop():
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    with mockstatus.activate(time="real") as router:
        router.get(URL).respond(200, delay=0.1)
        ticking = asyncio.create_task(tick())
        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(client.get(URL) for _ in range(5)))
        ticking.cancel()

    assert ticks >= 5


async def test_a_wait_lets_other_tasks_run():
    order = []

    async def other():
        order.append("other")

    task = asyncio.create_task(other())
    await InstantWaiter([Clock()]).await_(5)
    order.append("waiter")
    await task

    assert order == ["other", "waiter"]


def test_an_instant_wait_moves_every_clock():
    clocks = [Clock(), Clock()]

    make_waiter("instant", clocks).wait(5)

    assert all(clock.elapsed >= 5 for clock in clocks)


@pytest.mark.parametrize("mode", ["real", "virtual"])
def test_a_waiter_of_the_other_modes_sleeps(mode):
    assert isinstance(make_waiter(mode, []), SleepingWaiter)


@pytest.mark.parametrize("mode", ["", "now", None, True, 1])
def test_a_mode_that_is_none_is_refused_with_those_there_are(mode):
    with pytest.raises(mockstatus.InvalidSetting, match="instant, real, virtual"):
        check_time(mode)


def test_whose_event_loop_it_is_is_known():
    async def look():
        return in_trio(), in_event_loop()

    assert (in_trio(), in_event_loop()) == (False, False)
    assert asyncio.run(look()) == (False, True)
    assert trio.run(look) == (True, True)
