"""Sleepers wake in the order of their times, whatever they are, and the same way in every run."""

from __future__ import annotations

import asyncio
import random
import threading
import time

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

import mockstatus
from tests.helpers import deterministic

pytestmark = pytest.mark.timeout(120)

plans = st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=4), min_size=1, max_size=5)


def in_threads(sleepers):
    """Run functions in threads that begin together."""
    together = threading.Barrier(len(sleepers))
    failed = []

    def begin(sleeper):
        together.wait()
        try:
            sleeper()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=begin, args=(sleeper,)) for sleeper in sleepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def thread_sleeper(name, plan, log):
    def sleep():
        for number, tenths in enumerate(plan):
            time.sleep(tenths / 10)
            log.append((time.monotonic(), name, number))

    return sleep


def loop_sleeper(name, plan, log, run, async_sleep):
    async def main():
        for number, tenths in enumerate(plan):
            await async_sleep(tenths / 10)
            log.append((time.monotonic(), name, number))

    return lambda: run(main)


def asyncio_sleeper(name, plan, log):
    return loop_sleeper(name, plan, log, lambda main: asyncio.run(main()), asyncio.sleep)


def trio_sleeper(name, plan, log):
    return loop_sleeper(name, plan, log, trio.run, trio.sleep)


def expected(plans):
    """When each sleeper wakes, in tenths of a second."""
    return {(name, number): sum(plan[: number + 1]) for name, plan in enumerate(plans) for number in range(len(plan))}


def check(log, began, elapsed, plans):
    """Each woke at its time, in order."""
    due = expected(plans)
    assert len(log) == len(due)
    times = [told for told, _, _ in log]
    assert times == sorted(times)
    for told, name, number in log:
        assert told - began == pytest.approx(due[name, number] / 10, abs=1e-6)
    assert elapsed == pytest.approx(max(due.values()) / 10, abs=1e-6)


@settings(deterministic, max_examples=20)
@given(plans)
def test_threads_wake_in_the_order_of_their_times(plans):
    log = []
    with mockstatus.activate(time="virtual") as router:
        began = time.monotonic()
        in_threads([thread_sleeper(name, plan, log) for name, plan in enumerate(plans)])
        elapsed = router.clock.elapsed

    check(log, began, elapsed, plans)


@settings(deterministic, max_examples=20)
@given(plans)
def test_tasks_of_one_event_loop_wake_in_the_order_of_their_times(plans):
    log = []

    async def nap(name, plan, sleep):
        for number, tenths in enumerate(plan):
            await sleep(tenths / 10)
            log.append((time.monotonic(), name, number))

    async def in_asyncio():
        await asyncio.gather(*(nap(name, plan, asyncio.sleep) for name, plan in enumerate(plans)))

    async def in_trio():
        async with trio.open_nursery() as nursery:
            for name, plan in enumerate(plans):
                nursery.start_soon(nap, name, plan, trio.sleep)

    for run in (lambda: asyncio.run(in_asyncio()), lambda: trio.run(in_trio)):
        log.clear()
        with mockstatus.activate(time="virtual") as router:
            began = time.monotonic()
            run()
            elapsed = router.clock.elapsed
        check(log, began, elapsed, plans)


@settings(deterministic, max_examples=20)
@given(plans)
def test_threads_and_event_loops_wake_in_the_order_of_their_times(plans):
    kinds = [thread_sleeper, asyncio_sleeper, trio_sleeper]
    log = []
    with mockstatus.activate(time="virtual") as router:
        began = time.monotonic()
        in_threads([kinds[name % 3](name, plan, log) for name, plan in enumerate(plans)])
        elapsed = router.clock.elapsed

    check(log, began, elapsed, plans)


def test_sleepers_that_work_in_between_keep_their_order():
    plans = [[(7 * name + 13 * turn) % 50 + 1 for turn in range(5)] for name in range(12)]
    log = []

    def working(name, plan):
        chance = random.Random(name)

        def sleep():
            for number, tenths in enumerate(plan):
                time.sleep(tenths / 10)
                log.append((time.monotonic(), name, number))
                sum(i * i for i in range(chance.randint(100, 60_000)))

        return sleep

    with mockstatus.activate(time="virtual") as router:
        began = time.monotonic()
        in_threads([working(name, plan) for name, plan in enumerate(plans)])
        elapsed = router.clock.elapsed

    check(log, began, elapsed, plans)


def test_sleepers_that_contend_for_a_lock_sleep_one_after_another():
    lock, order = threading.Lock(), []

    def sleep():
        with lock:
            began = time.monotonic()
            time.sleep(10)
            order.append((began, time.monotonic()))

    with mockstatus.activate(time="virtual") as router:
        in_threads([sleep] * 6)
        elapsed = router.clock.elapsed

    assert elapsed == pytest.approx(60)
    assert all(ended - began == pytest.approx(10) for began, ended in order)


def test_a_hundred_runs_are_one_and_the_same():
    plans = [[3, 40, 5], [20, 20], [7, 1, 1, 30], [11, 90]]
    kinds = [thread_sleeper, asyncio_sleeper, thread_sleeper, trio_sleeper]

    def run(clock):
        log, began = [], clock.elapsed
        in_threads([kind(name, plan, log) for name, (kind, plan) in enumerate(zip(kinds, plans, strict=True))])
        return [(name, number) for _, name, number in log], round(clock.elapsed - began, 6)

    with mockstatus.activate(time="virtual") as router:
        first = run(router.clock)
        assert first[1] == 10.1
        for _ in range(99):
            assert run(router.clock) == first


def test_two_hundred_threads_sleep_at_once():
    log = []
    with mockstatus.activate(time="virtual") as router:
        in_threads([lambda tenths=tenths: (time.sleep(tenths), log.append(tenths)) for tenths in range(200, 0, -1)])
        elapsed = router.clock.elapsed

    assert log == sorted(log)
    assert elapsed == 200
