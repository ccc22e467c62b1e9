"""``time="virtual"`` in trio: every run, a guest of another loop, one that is under way; and when it is over."""

from __future__ import annotations

import asyncio
import queue
import threading
import time

import httpx
import pytest
import trio
import trio.testing

import mockstatus

pytestmark = pytest.mark.timeout(30)


def run_as_guest(function):
    """Run a function of trio's as the guest of a queue of callbacks; what it returned."""
    todo, outcomes = queue.SimpleQueue(), []
    trio.lowlevel.start_guest_run(
        function, run_sync_soon_threadsafe=todo.put, done_callback=outcomes.append, host_uses_signal_set_wakeup_fd=True
    )
    while not outcomes:
        todo.get()()
    return outcomes[0].unwrap()


async def run_as_guest_of_asyncio(function):
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    outcomes = []
    trio.lowlevel.start_guest_run(
        function,
        run_sync_soon_threadsafe=loop.call_soon_threadsafe,
        done_callback=lambda outcome: (outcomes.append(outcome), done.set()),
        host_uses_signal_set_wakeup_fd=True,
    )
    await done.wait()
    return outcomes[0].unwrap()


RUNNERS = {
    "run": trio.run,
    "guest": run_as_guest,
    "guest of asyncio": lambda function: asyncio.run(run_as_guest_of_asyncio(function)),
}


@pytest.fixture(params=RUNNERS.values(), ids=RUNNERS)
def run(request):
    return request.param


def test_trio_sleeps_on_the_clock(run):
    async def main():
        began = trio.current_time()
        await trio.sleep(3600)
        return trio.current_time() - began

    with mockstatus.activate(time="virtual") as router:
        assert run(main) == pytest.approx(3600)
        assert router.clock.elapsed == pytest.approx(3600)


def test_a_run_that_is_under_way_is_caught(run):
    async def main():
        await trio.sleep(0.001)
        with mockstatus.activate(time="virtual") as router:
            await trio.sleep(3600)
            elapsed = router.clock.elapsed
        began = time.monotonic()
        await trio.sleep(0.02)
        return elapsed, time.monotonic() - began

    slept, really = run(main)

    assert slept == pytest.approx(3600)
    assert really >= 0.02


def test_deadlines_end_where_they_would(run):
    async def main():
        with mockstatus.activate(time="virtual") as router:
            with trio.move_on_after(5) as scope:
                await trio.sleep_forever()
            assert scope.cancelled_caught
            assert router.clock.elapsed == pytest.approx(5)
            with pytest.raises(trio.TooSlowError), trio.fail_after(7):
                await trio.sleep(100)
            return router.clock.elapsed

    assert run(main) == pytest.approx(12)


def test_tasks_wake_in_the_order_of_their_times(run):
    order = []

    async def nap(seconds):
        await trio.sleep(seconds)
        order.append(seconds)

    async def main():
        async with trio.open_nursery() as nursery:
            for seconds in (30, 10, 50, 20, 40):
                nursery.start_soon(nap, seconds)

    with mockstatus.activate(time="virtual") as router:
        run(main)
        assert order == [10, 20, 30, 40, 50]
        assert router.clock.elapsed == pytest.approx(50)


def test_a_thread_that_sleeps_and_a_task_that_sleeps_keep_their_order(run):
    order = []

    def in_thread():
        time.sleep(20)
        order.append("thread")

    async def nap(seconds):
        await trio.sleep(seconds)
        order.append(seconds)

    async def main():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(nap, 10)
            nursery.start_soon(trio.to_thread.run_sync, in_thread)
            nursery.start_soon(nap, 30)

    with mockstatus.activate(time="virtual"):
        run(main)

    assert order == [10, "thread", 30]


def test_a_run_waits_for_what_a_thread_is_at(run):
    def work():
        until = time.clock_gettime(time.CLOCK_MONOTONIC) + 0.4
        while time.clock_gettime(time.CLOCK_MONOTONIC) < until:
            sum(range(1000))
        return "done"

    async def main():
        with trio.fail_after(60):
            return await trio.to_thread.run_sync(work)

    with mockstatus.activate(time="virtual") as router:
        assert run(main) == "done"
        assert router.clock.elapsed < 60


def test_a_delayed_answer_is_waited_for_on_the_clock(run):
    async def main():
        async with httpx.AsyncClient(timeout=60) as client:
            return (await client.get("https://mock.local/delay/50")).status_code

    with mockstatus.activate(time="virtual") as router:
        assert run(main) == 200
        assert router.clock.elapsed == pytest.approx(50)


def test_a_run_with_a_clock_of_its_own_keeps_it():
    async def main():
        began = trio.current_time()
        await trio.sleep(3600)
        return trio.current_time() - began

    with mockstatus.activate(time="virtual") as router:
        slept = trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))

        assert slept == pytest.approx(3600)
        assert router.clock.elapsed == 0


def test_runs_in_several_threads_share_the_clock():
    order = []
    together = threading.Barrier(3)

    async def nap(seconds):
        await trio.sleep(seconds)
        order.append(seconds)

    def run(seconds):
        together.wait()
        trio.run(nap, seconds)

    with mockstatus.activate(time="virtual") as router:
        threads = [threading.Thread(target=run, args=(seconds,)) for seconds in (30, 10, 20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert order == [10, 20, 30]
    assert router.clock.elapsed == pytest.approx(30, abs=1)


def test_no_instrument_stays_in_a_run_when_it_is_over():
    async def main():
        with mockstatus.activate(time="virtual"):
            await trio.sleep(5)
        return len(trio._core._run.GLOBAL_RUN_CONTEXT.runner.instruments["_all"])

    assert trio.run(main) == 0
